"""Crisis families: the storm in two hours, and the small brand's five posts in a day."""

from __future__ import annotations

import json

from listener.analysis.families import FamilyWatch
from listener.domain.volume import PER_DAY, STEP, Bucket, Uses


def days(n: int, every: int = 6) -> list[Bucket]:
    """One mention every half hour, one of twenty about trouble."""
    rows = []
    for index in range(n * PER_DAY):
        said = index % every == 0
        trouble = said and index % (every * 20) == 0
        authors = frozenset({index})
        rows.append(
            Bucket(
                index * STEP,
                int(said),
                authors=authors if said else frozenset(),
                families={"operational": Uses(1, authors)} if trouble else {},
            )
        )
    return rows


def grave(index: int, authors: frozenset[int], family: str = "safety") -> Bucket:
    return Bucket(index * STEP, len(authors), authors=authors, families={family: Uses(len(authors), authors)})


def test_a_storm_of_a_family_bursts() -> None:
    """Nine people write of fire within five minutes."""
    watch = FamilyWatch()
    assert not any(watch.push(row) for row in days(4))
    (burst,) = watch.push(grave(4 * PER_DAY, frozenset(range(9))))
    assert (burst.term, burst.authors) == ("safety", 9)


def test_a_slow_wave_bursts_by_its_share() -> None:
    """One post an hour is no storm, but six of the last twelve about hacked accounts are."""
    watch, found = FamilyWatch(), []
    for row in days(6):
        watch.push(row)
    for hour in range(14):
        start = 6 * PER_DAY + hour * 12
        found.append(watch.push(grave(start, frozenset({9_000 + hour}), "privacy")))
        watch.push(Bucket((start + 6) * STEP, 1, authors=frozenset({hour})))
    first = next(index for index, bursts in enumerate(found) if bursts)
    assert 4 <= first < 14
    assert found[first][0].term == "privacy"
    assert found[first][0].authors >= 5


def test_one_author_is_no_slow_wave() -> None:
    """Somebody with a grudge posts every hour."""
    watch = FamilyWatch()
    for row in days(6):
        watch.push(row)
    assert not any(watch.push(grave(6 * PER_DAY + hour * 12, frozenset({1}), "legal")) for hour in range(20))


def test_a_saved_watch_goes_on_alike() -> None:
    """Through JSON, in the middle of a slow wave."""
    watch, again = FamilyWatch(), FamilyWatch()
    for row in days(5):
        watch.push(row)
    wave = [grave(5 * PER_DAY + hour * 12, frozenset({hour}), "legal") for hour in range(16)]
    for row in wave[:5]:
        watch.push(row)
    again.load(json.loads(json.dumps(watch.dump())))
    expected = [watch.push(row) for row in wave[5:]]
    assert any(expected)
    assert [again.push(row) for row in wave[5:]] == expected
