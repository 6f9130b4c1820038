"""Completion in the filter bar: what is offered, and which characters it replaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.query import parse
from listener.domain.query.completion import MOST, complete

KNOWN = {
    "tag": ["sales-lead", "lost bag", "ζημιά"],
    "author": ["nora@mastodon.example"],
    "#": ["auroraair"],
    "@": ["auroraair", "borealis"],
}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("la", "lang:"),
        ("aurora sen", "aurora sentiment:"),
        ("aurora -la", "aurora -lang:"),
        ("(la", "(lang:"),
        ("lang:e", "lang:en"),
        ("is:qu", "is:question"),
        ("tag:sa", "tag:sales-lead"),
        ("tag:lo", 'tag:"lost bag"'),
        ('tag:"lost b', 'tag:"lost bag"'),
        ("tag:ΖΗΜ", "tag:ζημιά"),
        ("author:no", "author:nora@mastodon.example"),
        ("#au", "#auroraair"),
        ("hey @bor", "hey @borealis"),
        ('"a phrase" sta', '"a phrase" state:'),
        ("a NE", "a NEAR/5"),
    ],
)
def test_the_first_offer_completes_the_word_at_the_cursor(text: str, after: str) -> None:
    """Tab takes the first one."""
    first = complete(text, len(text), KNOWN)[0]
    assert text[: first.start] + first.text + text[first.end :] == after


def test_what_follows_the_cursor_stays() -> None:
    """Completing in the middle must not eat the rest of the query."""
    first = complete("la NOT late", 2)[0]
    assert (first.text, first.start, first.end) == ("lang:", 0, 2)


def test_an_empty_bar_shows_the_fields_and_an_open_phrase_shows_nothing() -> None:
    """Discovery for the newcomer; quiet inside quotes."""
    assert len(complete("", 0)) == MOST
    assert complete('"lan', 4) == []


@given(st.text(max_size=20), st.integers(0, 20))
def test_any_text_may_be_completed(text: str, cursor: int) -> None:
    """It runs on every key."""
    cursor = min(cursor, len(text))
    assert all(0 <= one.start <= one.end == cursor for one in complete(text, cursor, KNOWN))


def test_offered_values_can_be_read() -> None:
    """No offer leads into an error."""
    for field in ("tag", "author", "lang", "is", "has", "state", "severity", "since", "sentiment", "outside", "kind"):
        for one in complete(f"{field}:", len(field) + 1, KNOWN):
            parse(one.text)
