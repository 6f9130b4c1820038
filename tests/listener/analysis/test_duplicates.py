"""Copies fold into the first of their kind; different posts never do."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.analysis.duplicates import DAY, Folder, coordinated, plain_text

NOW = 1_767_571_200_000
RUMOUR = "Aurora Air is hiding a fuel leak on its new jets, ask your crew before you board tonight"
OTHER = "Great flight with Aurora Air this morning, thank you to the crew for looking after my mother"


@pytest.mark.parametrize(
    "copy",
    [
        RUMOUR,
        RUMOUR.upper(),
        f"RT @someone: {RUMOUR}",
        f"{RUMOUR} https://short.example/x1",
        f"“{RUMOUR}” via @paper",
        RUMOUR.replace(",", " –").replace("is", "IS"),
        RUMOUR.replace("tonight", "tonight!!! #aurora"),
        RUMOUR.replace("hiding", "hidng"),
        RUMOUR[:70] + "…",
        "Wow. " + RUMOUR,
    ],
)
def test_a_copy_folds_whatever_was_done_to_it(copy: str) -> None:
    """People add a link, a name, shout, mistype, cut off."""
    folder: Folder[int] = Folder()
    assert folder.fold(1, RUMOUR, NOW) is None
    assert folder.fold(2, copy, NOW + 1) == 1


def test_different_posts_stay_apart() -> None:
    """A folded complaint is a customer who gets no answer."""
    folder: Folder[int] = Folder()
    assert folder.fold(1, RUMOUR, NOW) is None
    assert folder.fold(2, OTHER, NOW) is None
    assert folder.fold(3, "My bag is still in Athens, can somebody help please?", NOW) is None


def test_short_texts_fold_only_into_their_equal() -> None:
    """`thank you` and `thank you!!` are the same; `thank you so much` is another person."""
    folder: Folder[int] = Folder()
    folder.fold(1, "thank you", NOW)
    assert folder.fold(2, "Thank you!!", NOW) == 1
    assert folder.fold(3, "thank you all", NOW) is None


def test_a_short_post_does_not_swallow_long_ones() -> None:
    """Containment in the leader is no copy when the leader is one phrase of a long post."""
    folder: Folder[int] = Folder()
    folder.fold(1, "cancelled flights everywhere today", NOW)
    long = "cancelled flights everywhere today but the crew in Athens were so kind, they found us a hotel and a dinner, thank you Aurora"
    assert folder.fold(2, long, NOW) is None


def test_a_post_without_words_is_folded_into_nothing() -> None:
    """Two pictures without text are two posts."""
    folder: Folder[int] = Folder()
    assert folder.fold(1, "https://a.example/1.png", NOW) is None
    assert folder.fold(2, "https://b.example/2.png", NOW) is None


def test_clusters_do_not_creep() -> None:
    """Copies are compared with the leader: a chain of small changes does not join its two ends."""
    words = RUMOUR.split()
    folder: Folder[int] = Folder()
    folder.fold(0, RUMOUR, NOW)
    for step in range(1, len(words) + 1):
        changed = [f"other{index}" if index < step else word for index, word in enumerate(words)]
        leader = folder.fold(step, " ".join(changed), NOW + step)
    assert leader != 0


def test_the_same_post_read_twice_is_not_its_own_copy() -> None:
    """Overlapping reads bring posts again."""
    folder: Folder[str] = Folder()
    assert folder.fold("a", RUMOUR, NOW) is None
    assert folder.fold("a", RUMOUR, NOW) is None


def test_the_window_forgets_and_a_copy_keeps_the_leader() -> None:
    """Last month's rumour is a new one when it comes back; one that never stopped is the same."""
    folder: Folder[int] = Folder(window=DAY)
    folder.fold(1, RUMOUR, NOW)
    assert folder.fold(2, RUMOUR, NOW + DAY // 2) == 1
    assert folder.fold(3, RUMOUR, NOW + DAY + DAY // 4) == 1
    assert folder.fold(4, RUMOUR, NOW + 5 * DAY) is None
    assert len(folder) == 1


def test_memory_is_bounded() -> None:
    """A firehose must not fill the machine: leaders, exact hashes and bands all go with the oldest."""
    dice = random.Random(4)
    folder: Folder[int] = Folder(most=100)
    for key in range(1_000):
        folder.fold(key, " ".join(str(dice.randrange(10**6)) for _ in range(8)), NOW + key)
    assert len(folder) == 100
    assert len(folder._exact) <= 200
    assert sum(len(crowd) for table in folder._bands for crowd in table.values()) <= 100 * len(folder._bands)


def test_a_crowded_phrase_costs_no_more_than_its_cap() -> None:
    """A million posts with the same hashtag tail must not be compared with each other."""
    dice = random.Random(5)
    folder: Folder[int] = Folder(crowd=5)
    for key in range(200):
        folder.fold(key, f"{dice.randrange(10**9)} {RUMOUR[:30]}", NOW)
    assert max(len(crowd) for table in folder._bands for crowd in table.values()) <= 5


TEXTS = st.lists(st.sampled_from([RUMOUR, OTHER, RUMOUR.upper(), "thank you", f"{OTHER} https://x.example", "😀😀", "日本語の投稿です、飛行機が遅れています", ""]), max_size=20)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(texts=TEXTS, cut=st.integers(0, 20))
def test_a_restart_from_recent_texts_folds_alike(texts: list[str], cut: int) -> None:
    """The store keeps who leads; nothing else needs saving."""
    whole: Folder[int] = Folder()
    leaders = [whole.fold(key, text, NOW + key) for key, text in enumerate(texts)]
    again: Folder[int] = Folder()
    again.recall((key, text, NOW + key, leaders[key]) for key, text in enumerate(texts[:cut]))
    assert [again.fold(key, text, NOW + key) for key, text in list(enumerate(texts))[cut:]] == leaders[cut:]


@given(st.text(max_size=300))
def test_any_text_can_be_folded(text: str) -> None:
    """Posts are hostile."""
    folder: Folder[int] = Folder()
    assert folder.fold(1, text, NOW) is None
    second = folder.fold(2, text, NOW)
    assert second == (1 if plain_text(text) else None)


def test_coordination_needs_many_accounts_at_once() -> None:
    """One fan who posts ten times, or a joke that travels all day, is not a campaign."""
    minute = 60_000
    assert coordinated([(NOW + index * minute, index) for index in range(10)])
    assert not coordinated([(NOW + index * minute, 1) for index in range(10)])
    assert not coordinated([(NOW + index * 60 * minute, index) for index in range(10)])
    assert not coordinated([(NOW, index) for index in range(5)])
