"""From posts to buckets."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from listener.analysis.tally import Post, tally, terms_of
from listener.analysis.vocabulary import Vocabularies
from listener.domain.volume import STEP, Voice

WORDS = Vocabularies()
MONDAY = 1_767_571_200_000
POSTS = [
    Post(MONDAY + 10, "Another #Outage at @aurora https://x.example/outage", "en", "negative", True, 1, "a", 50),
    Post(MONDAY + 20, "an outage again, and the plane was on fire", "en", "negative", True, 2, "b", 90_000),
    Post(MONDAY + STEP - 1, "lovely crew", "en", "positive", False, 1, "a", 50),
    Post(MONDAY + STEP, "ok", "", "unscored", False, 3, "c"),
]


def test_posts_are_counted_into_their_bucket() -> None:
    """Everything that a watch asks for, in one pass."""
    first, second = tally(POSTS, WORDS)
    assert (first.start, first.n, first.negative, first.positive, first.complaints, first.understood) == (MONDAY, 3, 2, 1, 2, 3)
    assert first.authors == {1, 2}
    assert first.loudest == Voice(90_000, "b")
    assert first.families["operational"].n == 2
    assert first.families["safety"].loudest == Voice(90_000, "b")
    assert first.terms["outage"].n == 1
    assert first.terms["#outage"].authors == {1}
    assert (second.start, second.n, second.unscored, second.understood) == (MONDAY + STEP, 1, 1, 0)


@given(st.randoms())
def test_the_order_of_arrival_is_irrelevant(dice: random.Random) -> None:
    """Pages come as they come."""
    shuffled = POSTS.copy()
    dice.shuffle(shuffled)
    assert tally(shuffled, WORDS) == tally(POSTS, WORDS)


def test_links_handles_and_short_words_are_no_terms() -> None:
    """They would burst all the time and label nothing."""
    assert terms_of("RT @aurora: see https://t.example/abc or www.example.org/d NO 12345 Größe #día") == {"see", "grosse", "#dia"}


def test_a_wall_of_hashtags_is_cut() -> None:
    """One post cannot fill the memory of terms."""
    assert len(terms_of(" ".join(f"#tag{index}x" for index in range(500)))) == 60
