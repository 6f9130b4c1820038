"""A window against its own decaying peak."""

from __future__ import annotations

from math import log

import pytest

from listener.analysis.record import Record


def test_a_tenth_beyond_the_peak_is_a_tenth() -> None:
    """The unit in which the threshold is written."""
    record = Record(half_life=100)
    record.push(0, 99)
    assert record.push(109, 0) == pytest.approx(log(110 / (99 * 0.5 ** (1 / 100) + 1)))


def test_the_peak_halves_and_rises_at_once() -> None:
    """Last month's storm must not hide this month's."""
    record = Record(half_life=10)
    record.push(0, 64)
    for _ in range(20):
        record.push(0, 0)
    assert record.peak == pytest.approx(16)
    record.push(0, 40)
    assert record.peak == 40


def test_what_happens_now_is_not_its_own_yardstick() -> None:
    """Only a sum that has left the lag raises the peak."""
    record = Record(half_life=10)
    assert record.push(1_000, 0) == record.push(1_000, 0) == pytest.approx(log(1_001))
