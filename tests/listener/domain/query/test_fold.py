"""One spelling for all: the laws of folding, over the whole of Unicode."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from listener.domain.query.fold import fold, offsets, plain


def test_folding_twice_changes_nothing() -> None:
    """A folded term is compared with folded text: both must have arrived."""
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    assert [char for char in characters if fold(fold(char)) != fold(char)] == []
    assert [char for char in characters if plain(plain(char)) != plain(char)] == []
    assert [char for char in characters if fold(plain(char)) != fold(char)] == []


@given(
    st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("aé\u0301\u0327ｶﾞ각ᄀ\u1161\u11a8שָ👍🏽\u200d✈️ß")))
)
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    """Highlights are drawn on the original text."""
    places = offsets(text)
    assert len(places) == len(fold(text)) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)
