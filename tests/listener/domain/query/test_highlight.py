"""Highlights: the very characters that made a mention match."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.domain.query import Query, Term, keywords, parse, spans
from tests.listener.domain.query.strategies import queries


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("refund* -late", "Refunds! No refund, late", ["Refunds", "refund"]),
        ('"aurora air"', "the Aurora  Air app", ["Aurora  Air"]),
        ("cafe\u0301", "Cafe\u0301, CAFÉ", ["Cafe\u0301", "CAFÉ"]),
        ('"café"', "cafe Cafe\u0301 ﬁn café", ["Cafe\u0301", "café"]),
        ("fine", "ﬁne", ["ﬁne"]),
        ("strasse", "die Straße", ["Straße"]),
        ("航班", "今天的航班", ["航班"]),
        ("👍", "ok 👍🏽!", ["👍🏽"]),
        ("✈", "go ✈️ now", ["✈️"]),
        ("تأخير", "تأخـــير كبير", ["تأخـــير"]),
        ("aurora OR #aurora", "#aurora", ["#aurora"]),
        ("lang:en", "nothing", []),
    ],
)
def test_spans_are_in_the_original_text(query: str, text: str, marked: list[str]) -> None:
    """Folding changes lengths; the highlight must not slip."""
    assert [text[start:end] for start, end in spans(parse(query), text)] == marked


@given(queries, st.text())
@settings(max_examples=200, deadline=None)
def test_spans_are_ordered_inside_the_text_and_apart(query: Query, text: str) -> None:
    """The screen cuts the text at these places."""
    found = spans(query, text)
    flat = [place for span in found for place in span]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in found)


def test_keywords_leave_out_what_is_excluded() -> None:
    """Nobody wants the word highlighted that must not be there."""
    assert keywords(parse("a (b OR a) -c lang:en")) == (Term("a"), Term("b"))
