"""Queries of every shape, as values."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from listener.domain.query import FIELDS, Field, Handle, Near, Node, Query, Tag, Term, all_of, any_of, negate
from listener.domain.query.fields import BadValue, read_value
from listener.domain.query.parse import is_searchable

WORDS = [
    "aurora",
    "air",
    "Borealis",
    "καφές",
    "ζημιά",
    "zbor",
    "întârziere",
    "oʻzbek",
    "ўзбек",
    "eroplano",
    "เที่ยวบิน",
    "航空",
    "طيران",
    "✈️",
    "👍🏽",
    "C++",
    "don't",
    "and",
]
bare = st.one_of(st.sampled_from(WORDS), st.text("abαşбéไ字'.ß7", min_size=1, max_size=6)).filter(
    lambda word: (
        bool(re.fullmatch(r"[^\s\"#@*()-][^\s\"*()]*", word))
        and any(char.isalnum() or not char.isascii() for char in word)
        and is_searchable(word)
    )
)
quotable = st.text(max_size=20).map(lambda text: " ".join(text.split())).filter(is_searchable)
value = st.text(min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)


def _field(name: str, op: str, raw: str) -> Field | None:
    try:
        return Field(name, read_value(FIELDS[name], op, raw), op)  # type: ignore[arg-type]
    except BadValue:
        return None


_raw = st.one_of(
    value,
    st.sampled_from(
        [
            "none",
            "me",
            "en",
            "el",
            "link",
            "note",
            "reply",
            "question",
            "hours",
            "open",
            "negative",
            "unscored",
            "2026-11-22",
            "2026-11-22T10:00Z",
            "24h",
            "today",
        ]
    ),
    st.integers(0, 10**9).map(str),
    st.floats(-1, 1).map(repr),
)
fields = st.builds(_field, st.sampled_from(sorted(FIELDS)), st.sampled_from(["=", ">", ">=", "<", "<="]), _raw).filter(
    lambda field: field is not None
)
leaves = st.one_of(
    st.builds(Term, bare, st.booleans()),
    st.builds(Term, quotable, st.just(False), st.just(True)),
    st.builds(Tag, bare.filter(lambda word: word[0].isalnum()), st.booleans()),
    st.builds(Handle, st.sampled_from(["auroraair", "nora@mastodon.example", "nora.bsky.example"]), st.booleans()),
)
positional = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Near, inner, inner, st.integers(0, 20)),
        st.lists(inner, min_size=2, max_size=3).map(any_of),
    ),
    max_leaves=4,
)


def _combined(basis: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.recursive(
        basis,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=4).map(all_of),
            st.lists(inner, min_size=2, max_size=4).map(any_of),
            inner.map(negate),
        ),
        max_leaves=10,
    )


nodes = _combined(st.one_of(leaves, fields, positional))
wordy = st.builds(lambda left, right: all_of([left, right]), positional, _combined(st.one_of(leaves, positional)))
"""Something that a search can be asked for, and more beside it."""
queries = st.one_of(st.just(Query()), nodes.map(Query))
