"""The laws of the volume detector."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.analysis.parameters import DEFAULTS
from listener.analysis.spikes import Detector, Verdict
from listener.domain.volume import PER_DAY, PER_HOUR, STEP
from listener.errors import InputError

MONDAY = 1_767_571_200_000
"""2026-01-05 00:00 UTC."""


def quiet_days(days: int, seed: int = 1, rate: int = 6) -> list[int]:
    """Counts of an ordinary brand: more by day than by night, never quite the same."""
    dice = random.Random(seed)
    return [dice.randint(0, rate) + (dice.randint(0, rate) if 96 < slot % PER_DAY < 240 else 0) for slot in range(days * PER_DAY)]


def run(counts: list[int], start: int = MONDAY, detector: Detector | None = None) -> list[Verdict]:
    detector = detector or Detector()
    return [detector.push(start + index * STEP, count) for index, count in enumerate(counts)]


def steps(verdicts: list[Verdict]) -> list[tuple[int, str, int]]:
    return [(verdict.start, verdict.step, verdict.agreeing) for verdict in verdicts if verdict.step]


def crisis(days: int = 6) -> list[int]:
    """Ordinary days, then an outage that everybody writes about for two hours."""
    counts = quiet_days(days)
    counts[-40:-16] = [60 + 5 * index for index in range(24)]
    return counts


def test_an_ordinary_week_stays_silent() -> None:
    """People switch a detector off that cries on an ordinary day."""
    assert steps(run(quiet_days(10))) == []


def test_a_crisis_opens_once_within_ten_minutes_and_is_told_again_as_it_grows() -> None:
    """One incident, not one alarm per bucket; and the whole point is to be early."""
    told = steps(run(crisis()))
    begins = MONDAY + (6 * PER_DAY - 40) * STEP
    assert [step for _, step, _ in told].count("opened") == 1
    assert begins <= told[0][0] <= begins + STEP
    assert all(step == "again" and agreeing >= 3 for _, step, agreeing in told[1:])
    assert len(told) <= 3


def test_nothing_opens_while_warming_up() -> None:
    """With two days of history everything is a record."""
    counts = quiet_days(2)
    counts[-5:] = [500] * 5
    verdicts = run(counts)
    assert not steps(verdicts)
    assert not verdicts[-1].armed
    assert max(verdict.agreeing for verdict in verdicts[-5:]) >= 2, "the signals themselves do fire"


def test_a_handful_of_posts_about_a_quiet_brand_is_no_incident() -> None:
    """One post is a record for a brand that nobody ever mentioned."""
    counts = [0] * (6 * PER_DAY)
    counts[-100], counts[-99] = 2, 1
    verdicts = run(counts)
    assert max(verdict.agreeing for verdict in verdicts) >= 2
    assert not steps(verdicts)


def test_a_silent_brand_with_a_sudden_storm_opens() -> None:
    """The floor on small counts must not swallow the real thing."""
    counts = [0] * (6 * PER_DAY)
    counts[-3:] = [4, 6, 9]
    assert next(step for _, step, _ in steps(run(counts))) == "opened"


def test_a_second_crisis_within_the_cool_down_does_not_open() -> None:
    """The cool-down matters more than the algorithm."""
    counts = quiet_days(9)
    for at in (6 * PER_DAY, 6 * PER_DAY + PER_DAY // 2, 8 * PER_DAY):
        counts[at : at + 6] = [150 + at // 10] * 6
    opened = [start for start, step, _ in steps(run(counts)) if step == "opened"]
    assert [(start - MONDAY) // STEP // PER_DAY for start in opened] == [6, 8]


def test_the_bar_is_where_the_record_of_the_hour_fires() -> None:
    """The line in the chart must be the line of the detector."""
    for verdict in run(crisis()):
        assert (verdict.counts[1] >= verdict.bar - 1e-6) == ("record60" in verdict.firing) or abs(verdict.counts[1] - verdict.bar) < 1e-6


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(800, 6 * PER_DAY - 1), future=st.lists(st.integers(0, 10_000), min_size=1, max_size=50))
def test_the_future_never_changes_the_past(cut: int, future: list[int]) -> None:
    """Causality: whatever comes later, what was said stays said."""
    counts = crisis()
    alone = run(counts[:cut])
    assert run(counts[:cut] + future)[:cut] == alone


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 6 * PER_DAY - 1), min_size=1, max_size=3))
def test_a_restart_at_any_bucket_changes_nothing(cuts: list[int]) -> None:
    """A collector that dies is replaced, and nobody must be able to tell."""
    counts = crisis()
    detector, verdicts, done = Detector(), [], 0
    for cut in [*sorted(set(cuts)), len(counts)]:
        verdicts += run(counts[done:cut], MONDAY + done * STEP, detector)
        detector, done = Detector.restore(detector.state()), cut
    assert verdicts == run(counts)


@settings(max_examples=30, deadline=None)
@given(dropped=st.lists(st.integers(1, 6 * PER_DAY - 2), max_size=200))
def test_gaps_count_as_nothing_said(dropped: list[int]) -> None:
    """A roll-up has no row for a bucket without mentions."""
    counts = crisis()
    for index in dropped:
        counts[index] = 0
    sparse = Detector()
    seen = {
        start: sparse.push(start, count)
        for index, count in enumerate(counts)
        if index not in set(dropped)
        for start in [MONDAY + index * STEP]
    }
    assert all(seen[verdict.start] == verdict for verdict in run(counts) if verdict.start in seen)


def test_a_late_bucket_is_left_out() -> None:
    """What was decided is not decided again."""
    detector = Detector()
    run(quiet_days(4), detector=detector)
    before = detector.state()
    assert detector.push(MONDAY + STEP, 10_000).late
    assert detector.push(MONDAY + (4 * PER_DAY - 1) * STEP, 10_000).late
    assert detector.state() == before


@pytest.mark.parametrize("jump", [10 * 365 * PER_DAY * STEP, 30 * PER_DAY * STEP])
def test_a_clock_set_far_ahead_and_put_right_does_no_harm(jump: int) -> None:
    """A virtual machine wakes up in another year: no storm of openings, no deafness afterwards."""
    counts = crisis()
    middle = 4 * PER_DAY
    detector = Detector()
    told = run(counts[:middle], MONDAY, detector)
    told += run(counts[middle : middle + 3], MONDAY + middle * STEP + jump, detector)
    told += run(counts[middle + 3 :], MONDAY + (middle + 3) * STEP, detector)
    begins = MONDAY + (6 * PER_DAY - 40) * STEP
    opened = [start for start, step, _ in steps(told) if step == "opened"]
    assert len(opened) == 1
    assert begins <= opened[0] <= begins + STEP


def test_buckets_do_not_know_daylight_saving() -> None:
    """The grid is UTC: across the change in Athens every bucket is five minutes and each comes once."""
    change = 1_774_746_000_000  # 2026-03-29 01:00 UTC
    counts = quiet_days(8)
    verdicts = run(counts, change - 5 * PER_DAY * STEP)
    assert not steps(verdicts)
    assert {later.start - earlier.start for earlier, later in itertools.pairwise(verdicts)} == {STEP}


def test_habits_that_shift_by_an_hour_raise_nothing() -> None:
    """On the morning after the change everybody is an hour early by UTC."""
    counts = quiet_days(14)
    shifted = counts[: 10 * PER_DAY] + counts[10 * PER_DAY + PER_HOUR :]
    assert steps(run(shifted)) == []


def test_an_unknown_stretch_freezes_the_baselines() -> None:
    """A source that is silent for a day must not teach the desk that silence is usual."""
    counts = quiet_days(6)
    detector = Detector()
    run(counts, detector=detector)
    before = detector._deviation.mean, [record.peak for record in detector._records], list(detector._profile.levels)
    at = MONDAY + len(counts) * STEP
    for index in range(PER_DAY):
        assert detector.push(at + index * STEP, None).agreeing == 0
    assert (detector._deviation.mean, [record.peak for record in detector._records], detector._profile.levels) == before
    assert detector.last == at + (PER_DAY - 1) * STEP
    back = run(quiet_days(1, seed=2), at + PER_DAY * STEP, detector)
    assert steps(back) == []


@pytest.mark.parametrize("state", [b"", b"x", b"\x78\x9c", Detector().state()[:-3]])
def test_a_damaged_state_is_refused_in_words(state: bytes) -> None:
    """The database may hand back anything; the engine then learns from the archive."""
    with pytest.raises(InputError, match="archive"):
        Detector.restore(state)


def test_a_state_learned_with_other_parameters_is_refused() -> None:
    """Half-lives and windows are in what was learned."""
    from dataclasses import replace

    with pytest.raises(InputError, match="parameters"):
        Detector.restore(Detector().state(), replace(DEFAULTS, lag=6))
