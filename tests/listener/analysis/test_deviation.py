"""Mean and spread of a moving window."""

from __future__ import annotations

from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.analysis.deviation import Deviation


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.integers(0, 10**6))
def test_it_is_the_deviation_of_the_last_values(values: list[int], now: int) -> None:
    """Sums that run for years must not drift."""
    watch = Deviation(window=20)
    for index, value in enumerate(values):
        watch.learn(value, values[index - 20] if index >= 20 else -1)
    last = values[-20:]
    assert watch.mean == pytest.approx(fmean(last))
    assert watch.of(now) == pytest.approx((now - fmean(last)) / max(pstdev(last), 1.0), rel=1e-4, abs=1e-4)


def test_nothing_is_said_before_anything_was_learned() -> None:
    """And constant counts do not divide by zero."""
    assert Deviation(5).of(100) == 0.0
    watch = Deviation(5)
    watch.learn(3, 0)
    assert watch.of(5) == 2.0
