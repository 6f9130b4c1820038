"""What a network is asked for: never less than the query matches, and as little more as it can express."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.domain.author import Author
from listener.domain.mention import Mention
from listener.domain.query import Handle, Matcher, Query, Tag, Term, keywords, parse
from listener.domain.query.asking import pushdown
from tests.listener.domain.query.strategies import WORDS, nodes, wordy

WORDS_ONLY = frozenset({"terms"})
PLAIN = frozenset({"terms", "phrases", "and"})
RICH = frozenset({"terms", "phrases", "and", "or", "not", "prefix", "tags", "handles"})
ALL = RICH | {"groups"}
PRODUCT = '"aurora air" OR @auroraair OR #auroraair NOT "aurora airport"'


@pytest.mark.parametrize(
    ("query", "search", "asked"),
    [
        ("aurora", WORDS_ONLY, ("aurora",)),
        ("aurora late", WORDS_ONLY, ("aurora",)),
        ("aurora late", PLAIN, ("aurora late",)),
        ("aurora OR late", PLAIN, ("aurora", "late")),
        ("aurora OR late", RICH, ("aurora OR late",)),
        (PRODUCT, WORDS_ONLY, ("aurora", "auroraair")),
        (PRODUCT, PLAIN, ('"aurora air"', "auroraair")),
        (PRODUCT, RICH, ('"aurora air" OR @auroraair OR #auroraair',)),
        (PRODUCT, ALL, ('("aurora air" OR @auroraair OR #auroraair) -"aurora airport"',)),
        ("borealis NEAR/5 (flight* OR airline OR crew)", PLAIN, ("borealis",)),
        ("borealis NEAR/5 (flight* OR airline)", RICH, ("borealis flight*", "borealis airline")),
        ("borealis NEAR/5 (flight* OR airline)", ALL, ("borealis (flight* OR airline)",)),
        ("aurora lang:en followers:>10 -late", RICH, ("aurora -late",)),
        ('aurora NOT "café"', RICH, ("aurora",)),
        ("aurora NOT (late lang:en)", RICH, ("aurora",)),
        ("#aurora late", frozenset({"tags"}), ("#aurora",)),
        ("aurora", frozenset({"tags"}), ()),
        ("lang:en", ALL, ()),
        ("NOT aurora", ALL, ()),
        ("aurora OR lang:en", ALL, ()),
        ("", ALL, ()),
        ("aurora OR aurora late", PLAIN, ("aurora",)),
    ],
)
def test_each_network_is_asked_in_its_own_words(query: str, search: frozenset[str], asked: tuple[str, ...]) -> None:
    """The port names what can be pushed down; these are the networks' sorts."""
    assert pushdown(parse(query), search) == asked


def test_long_lists_are_split_where_addresses_are_short() -> None:
    """A query of a hundred names still goes out, in several requests."""
    query = parse(" OR ".join(f"name{number}" for number in range(100)))
    asked = pushdown(query, RICH, max_length=120)
    assert max(map(len, asked)) <= 120
    assert " OR ".join(asked) == str(query)
    assert pushdown(parse('"a long phrase" borealis'), ALL, max_length=18) == ('"a long phrase"',)
    assert pushdown(parse("incomprehensibilities"), ALL, max_length=5) == ()


capabilities = st.frozensets(st.sampled_from(sorted(ALL)))


@given(
    st.one_of(nodes, wordy).map(Query),
    st.one_of(capabilities, st.sampled_from([PLAIN, RICH, ALL])),
    st.one_of(st.none(), st.integers(5, 60)),
    st.lists(st.sampled_from(WORDS), max_size=4),
    st.randoms(),
)
@settings(max_examples=600, deadline=None)
def test_nothing_that_matches_stays_behind(
    query: Query, search: frozenset[str], longest: int | None, more: list[str], random: object
) -> None:
    """The law of pushing down, with our own matcher in the network's place."""
    marks = {Term: "", Tag: "#", Handle: "@"}
    words = [marks[type(leaf)] + (leaf.text if isinstance(leaf, Term) else leaf.name) for leaf in keywords(query)]
    random.shuffle(words)  # type: ignore[attr-defined]
    for text in (" ".join(words + more), " ".join(words[:2] + more)):
        mention = Mention("s", "1", text, 1_000, Author("1", "a"), lang="en")
        asked = pushdown(query, search, max_length=longest)
        assert longest is None or all(len(one) <= longest for one in asked)
        if asked and Matcher({0: query}).match(mention):
            assert Matcher({one: parse(one) for one in asked}).match(mention), asked


@given(nodes.map(Query), capabilities)
@settings(max_examples=300, deadline=None)
def test_only_what_the_network_can_express_is_asked(query: Query, search: frozenset[str]) -> None:
    """A server that does not know OR reads it as a word."""
    for one in pushdown(query, search):
        assert ("or" in search or " OR " not in one) and ("not" in search or not one.startswith("-"))
        for leaf in keywords(parse(one)):
            assert not isinstance(leaf, Tag) or "tags" in search
            assert not isinstance(leaf, Handle) or "handles" in search
            assert not leaf.prefix or "prefix" in search
            assert not isinstance(leaf, Term) or ("phrases" if leaf.quoted else "terms") in search
