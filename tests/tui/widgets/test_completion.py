"""Tab goes on where the operator meant to go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.query import parse
from tui.widgets.completion import complete

WORDS = {"tag": ("refund", "sales lead", "safety"), "source": ("mastodon",), "topic": ("Aurora Air",)}


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ta", "tag:"),
        ("refund fol", "refund followers:"),
        ("tag:re", "tag:refund "),
        ("tag:lead", 'tag:"sales lead" '),
        ("-tag:sa", '-tag:"sales lead" '),
        ("sentiment:neg", "sentiment:negative "),
        ("(source:m", "(source:mastodon "),
        ("refund AN", "refund AND "),
        ('topic:"aur', 'topic:"Aurora Air" '),
    ],
)
def test_the_likeliest_comes_first(typed: str, first: str) -> None:
    """Fields, their values as the store knows them, quoted where they must be, and operators."""
    offers = complete(typed, len(typed), WORDS)
    assert offers[0].apply(typed, len(typed)) == (first, len(first))


def test_what_stands_after_the_cursor_stays() -> None:
    """One may go back and mend."""
    assert complete("ta AND x", 2, WORDS)[0].apply("ta AND x", 2) == ("tag: AND x", 4)


@given(st.text(max_size=40), st.integers(0, 40))
def test_no_text_breaks_it(typed: str, cursor: int) -> None:
    """It runs on every key."""
    for offer in complete(typed, min(cursor, len(typed)), WORDS):
        after, at = offer.apply(typed, min(cursor, len(typed)))
        assert after[:at].endswith(offer.text)


@pytest.mark.parametrize("typed", ["tag:lead", "topic:Au", "source:m", "state:o", "lang:e"])
def test_what_is_offered_can_be_read(typed: str) -> None:
    """A completion that is an error would be a trap."""
    for offer in complete(typed, len(typed), WORDS):
        parse(offer.apply(typed, len(typed))[0])
