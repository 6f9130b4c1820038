from __future__ import annotations

import pytest

from listener.domain.topic import Topic
from listener.source import Channel
from sources.searches import anchors, joined, merged

CASES = [
    ('"aurora air" OR @auroraair OR #auroraair NOT "aurora airport"', ['"aurora air"', "@auroraair", "#auroraair"]),
    ("borealis NEAR/5 (flight* OR airline OR crew)", ["borealis"]),
    ("apple iphone lang:en", ["iphone"]),
    ("(a1 OR b1) AND cedar", ["cedar"]),
    ("NOT airport", []),
    ("lang:en", []),
    ("", []),
    ("refund*", []),
    ("aurora OR refund*", []),
    ("refund* aurora", ["aurora"]),
]


@pytest.mark.parametrize(("query", "expected"), CASES)
def test_anchors_cover_the_query_with_the_fewest_searches(query: str, expected: list[str]) -> None:
    """A post that matches must be found by one of them, or it is missed for good."""
    assert [str(anchor) for anchor in anchors(Topic("t", queries=(query,)))] == expected


def test_hashtags_handles_and_repeats() -> None:
    """The lists of a topic are searched for as well, each thing once."""
    topic = Topic("t", queries=("#Aurora OR aurora", "AURORA"), handles=("@aurora",), hashtags=("aurora",))
    assert [str(anchor) for anchor in anchors(topic)] == ["#aurora", "@aurora", "aurora"]
    assert [anchor.prefix for anchor in anchors(Topic("t", queries=("refund*",)), prefix=True)] == [True]


def test_packing_keeps_to_the_limits() -> None:
    """Networks cut long searches off without a word."""
    found = anchors(Topic("t", hashtags=tuple(f"tag{number}" for number in range(30))))
    packed = joined(found, longest=40, most=3)
    assert all(len(search) <= 40 and search.count("#") <= 3 for search in packed)
    assert sum(search.count("#") for search in packed) == 30


def test_what_two_topics_want_is_asked_for_once() -> None:
    """A shared channel belongs to neither topic: it is matched against all."""
    both = merged(
        [
            Channel("tag:a", "tag", "a", "one", trusted=True),
            Channel("tag:a", "tag", "a", "two", trusted=True),
            Channel("tag:b", "tag", "b", "two"),
        ]
    )
    assert both == [Channel("tag:a", "tag", "a", "", trusted=False), Channel("tag:b", "tag", "b", "two")]
