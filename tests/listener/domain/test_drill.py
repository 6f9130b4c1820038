"""The score of a drill: times in proportion, the right verdict, and nobody woken for nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from listener.domain.case import Severity
from listener.domain.drill import Expected, Run, score, total

MINUTE = 60_000
REAL = Expected(True, 10 * MINUTE, 200 * MINUTE, Severity.SEV2, 300 * MINUTE, 15 * MINUTE)
ALARM = replace(REAL, real=False, severity=Severity.NONE)
GOOD = Run(20 * MINUTE, 25 * MINUTE, 40 * MINUTE, 230 * MINUTE, True, Severity.SEV2, 2, 0)
moments = st.none() | st.integers(10 * MINUTE, 300 * MINUTE)


def better(marks):
    return " ".join(mark.better for mark in marks if mark.better)


def test_a_good_run_has_all_points_and_nothing_to_mend():
    marks = score(REAL, GOOD)
    assert (total(marks), better(marks)) == (100, "")


def test_nothing_done_is_worth_almost_nothing_and_says_what_was_missing():
    marks = score(REAL, Run())
    assert total(marks) <= 10
    assert "never acknowledged" in better(marks)
    assert "Nobody was answered" in better(marks)


def test_a_false_alarm_that_was_looked_at_and_closed_as_not_real_is_perfect():
    assert total(score(ALARM, Run())) == 100
    assert total(score(ALARM, Run(20 * MINUTE, 25 * MINUTE, None, 40 * MINUTE, False, Severity.SEV4, 1, 0))) == 100
    panic = score(ALARM, Run(20 * MINUTE, 25 * MINUTE, 30 * MINUTE, None, None, Severity.SEV1, 3, 3))
    assert total(panic) < 20
    assert "makes it one" in better(panic)


def test_closing_before_it_is_over_is_told():
    assert "still going on" in better(score(REAL, replace(GOOD, resolved=100 * MINUTE)))


@given(st.builds(Run, moments, moments, moments, moments, st.none() | st.booleans(), st.sampled_from(Severity), st.integers(0, 9), st.integers(0, 9)), st.booleans())
def test_points_stay_within_their_bounds(run, real):
    marks = score(REAL if real else ALARM, run)
    assert sum(mark.most for mark in marks) == 100
    assert all(0 <= mark.points <= mark.most for mark in marks)


@given(st.integers(0, 200), st.integers(0, 200))
def test_sooner_is_never_worse(one, other):
    early, late = sorted((one, other))
    points = [total(score(REAL, replace(GOOD, detected=(10 + at) * MINUTE, acknowledged=(10 + at) * MINUTE, replied=(10 + at) * MINUTE))) for at in (early, late)]
    assert points[0] >= points[1]
