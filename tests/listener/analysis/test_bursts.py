"""Words that come out of nowhere."""

from __future__ import annotations

import json

from listener.analysis.bursts import Burst, BurstWatch
from listener.domain.volume import PER_DAY, PER_HOUR, Uses


def warm(days: int = 2, per_bucket: int = 4) -> BurstWatch:
    """Two days in which `flight` is in every other mention."""
    watch = BurstWatch()
    for index in range(days * PER_DAY):
        watch.push(per_bucket, {"flight": Uses(per_bucket // 2, frozenset({index % 97}))})
    return watch


def people(first: int, n: int) -> frozenset[int]:
    return frozenset(range(first, first + n))


def test_a_new_word_of_many_people_bursts() -> None:
    """`#recall` was never said; now nine people say it."""
    (burst,) = warm().push(12, {"#recall": Uses(9, people(500, 9)), "flight": Uses(3, people(600, 3))})
    assert (burst.term, burst.n, burst.authors) == ("#recall", 9, 9)
    assert burst.p < 1e-6


def test_one_person_who_repeats_himself_does_not() -> None:
    """Five distinct authors, or it is somebody's hobby."""
    watch = warm()
    assert watch.push(40, {"#recall": Uses(40, frozenset({1}))}) == ()
    assert watch.push(4, {"#recall": Uses(4, people(1, 4))}) == ()
    assert [burst.term for burst in watch.push(1, {"#recall": Uses(1, frozenset({9}))})] == ["#recall"], "the fifth within two hours"


def test_everyday_words_of_a_storm_do_not() -> None:
    """When everything is said twenty times as often, `flight` is no news; `smoke` is."""
    bursts = warm().push(80, {"flight": Uses(40, people(0, 40)), "smoke": Uses(30, people(100, 30))})
    assert [burst.term for burst in bursts] == ["smoke"]


def test_two_hours_later_it_is_the_past() -> None:
    """A word that stays is no burst any more."""
    watch = warm()
    said = [watch.push(4, {"#strike": Uses(2, frozenset({index * 2, index * 2 + 1}))}) for index in range(3 * PER_DAY)]
    assert any(said[: 2 * PER_HOUR])
    assert not any(said[2 * PER_DAY :])


def test_nothing_bursts_on_the_first_day() -> None:
    """Everything is new then."""
    watch = BurstWatch()
    assert not any(watch.push(9, {f"word{index}": Uses(9, people(index, 9))}) for index in range(PER_DAY - 1))


def test_memory_is_bounded() -> None:
    """A topic meets a new word with every misspelling, for ever."""
    watch = BurstWatch(most=50)
    for index in range(5 * PER_DAY):
        watch.push(3, {f"typo{index}": Uses(1, frozenset({1})), "flight": Uses(2, people(0, 2))})
        assert len(watch._past) <= 100
    assert "flight" in watch._past


def test_a_saved_watch_goes_on_alike() -> None:
    """Through JSON, as it is stored."""
    watch, again = warm(), BurstWatch()
    watch.push(5, {"#recall": Uses(4, people(0, 4))})
    again.load(json.loads(json.dumps(watch.dump())))
    rows = [(5, {"#recall": Uses(3, people(index, 3)), "flight": Uses(2, people(50, 2))}) for index in range(PER_DAY)]
    expected: list[tuple[Burst, ...]] = [watch.push(*row) for row in rows]
    assert any(expected)
    assert [again.push(*row) for row in rows] == expected
