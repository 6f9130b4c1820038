"""The share of complaints against its own past."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from listener.analysis.shares import CHANCE, QUIET, ShareWatch
from listener.domain.volume import PER_DAY, STEP


def fed(*rows: tuple[int, int], watch: ShareWatch | None = None) -> ShareWatch:
    watch = watch or ShareWatch()
    for index, (hits, n) in enumerate(rows):
        watch.push(index * STEP, hits, n)
    return watch


def test_a_share_that_doubles_is_raised() -> None:
    """Thirty per cent, then seventy."""
    watch = fed(*[(3, 10)] * 40)
    shares = [watch.push((40 + index) * STEP, 7, 10) for index in range(5)]
    assert shares[-1].p < CHANCE
    assert (shares[-1].hits, shares[-1].n) == (35, 50)
    assert 0.29 < shares[-1].before < 0.33


def test_the_same_share_never_is() -> None:
    """More mentions with the same share are a matter of volume."""
    watch = fed(*[(3, 10)] * 40)
    assert min(watch.push((40 + index) * STEP, 30, 100).p for index in range(20)) > 0.1


def test_nothing_is_said_without_a_past() -> None:
    """The first fifty mentions of a topic may all be complaints; that is how it is."""
    watch = ShareWatch()
    assert all(watch.push(index * STEP, 5, 5) is QUIET for index in range(20))


def test_a_few_mentions_are_enough_when_they_are_clear() -> None:
    """A small brand does not see fifty mentions in a day."""
    watch = fed(*[(0, 1)] * 150)
    late = (150 + PER_DAY) * STEP
    shares = [watch.push(late + index * STEP, 1, 1) for index in range(12)]
    assert shares[8] is QUIET
    assert shares[10].p < CHANCE


def test_the_window_reaches_back_a_day_at_most() -> None:
    """Ten complaints in two weeks are no wave."""
    watch = fed(*[(1, 10)] * 40)
    apart = [watch.push((40 + PER_DAY * (index + 1)) * STEP, 1, 1) for index in range(30)]
    assert all(share is QUIET for share in apart)


def test_only_a_bucket_with_a_hit_is_news() -> None:
    """Silence after a wave must not repeat the wave."""
    watch = fed(*[(3, 10)] * 40)
    assert watch.push(40 * STEP, 50, 50).p < CHANCE
    assert watch.push(41 * STEP, 0, 3) is QUIET
    assert watch.push(42 * STEP, 0, 0) is QUIET


@settings(max_examples=50)
@given(
    rows=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda row: (min(row), max(row))), min_size=1, max_size=120),
    cut=st.integers(0, 120),
)
def test_a_saved_watch_goes_on_alike(rows: list[tuple[int, int]], cut: int) -> None:
    """To the last digit: the past is aged bucket by bucket."""
    whole = ShareWatch()
    expected = [whole.push(index * STEP, hits, n) for index, (hits, n) in enumerate(rows)]
    watch, restored = fed(*rows[:cut]), ShareWatch()
    restored.load(watch.dump())
    assert [restored.push(index * STEP, hits, n) for index, (hits, n) in list(enumerate(rows))[cut:]] == expected[cut:]
