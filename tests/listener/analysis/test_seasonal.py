"""What is usual for a time of day, and how rare a difference is."""

from __future__ import annotations

import random
from math import isnan, log10

import pytest

from listener.analysis.seasonal import REACH, Profile, Surprise, Tail


def test_the_first_day_knows_nothing_and_the_second_the_first() -> None:
    """A slot is learned when half an hour has passed beyond it."""
    profile = Profile(slots=48, weight=0.5)
    first = [profile.push(slot, 10.0) for slot in range(48)]
    assert all(map(isnan, first))
    second = [profile.push(slot, 20.0) for slot in range(48)]
    assert second[REACH : 48 - REACH] == [10.0] * (48 - 2 * REACH)


def test_habits_are_learned_by_and_by() -> None:
    """Half of the way each day, with this weight."""
    profile = Profile(slots=48, weight=0.5)
    for level in (10.0, 20.0, 20.0):
        for slot in range(48):
            profile.push(slot, level)
    assert profile.push(20, 20.0) == 17.5


def test_what_is_usual_never_knows_today() -> None:
    """Causality within the day: a storm at noon does not raise what is usual at noon."""
    calm, storm = Profile(48, 0.15), Profile(48, 0.15)
    for slot in range(48):
        calm.push(slot, 1.0)
        storm.push(slot, 1.0)
    for slot in range(24):
        calm.push(slot, 1.0)
        storm.push(slot, 1.0)
    assert calm.push(24, 1.0) == storm.push(24, 9.0)


def test_a_surprise_is_measured_against_the_greatest_so_far() -> None:
    """A brand that jumps every day does not alarm by jumping."""
    surprise = Surprise(1e9, 1e9, lag=3, least=2.0)
    jumps = [surprise.push(5.0 if index % 10 == 0 else 0.0) for index in range(50)]
    assert jumps[0] == pytest.approx(5.0)
    assert jumps[40] == pytest.approx(1.0)
    assert surprise.push(10.0) == pytest.approx(2.0)


def test_the_tail_knows_how_rare_an_exponential_is() -> None:
    """Residuals with an exponential tail: the chance of a value is known, and must come out."""
    dice = random.Random(2)
    tail = Tail(window=4_000, share=0.02, lag=1, least=100)
    for _ in range(4_100):
        tail.push(dice.expovariate(2.0))
    true = -log10(2.718281828 ** (-2.0 * 5.0))
    assert tail.push(5.0) == pytest.approx(true, rel=0.15)
    assert tail.push(0.1) == 0.0


def test_the_tail_forgets_what_left_the_window() -> None:
    """And its ranks stay the ranks of the window."""
    dice = random.Random(3)
    tail = Tail(window=50, share=0.1, lag=4, least=10)
    for _ in range(300):
        tail.push(dice.random())
        assert tail._ranked == sorted(tail._window)
        assert len(tail._window) <= 50
