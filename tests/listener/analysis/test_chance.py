"""Upper tails against sums that nobody doubts."""

from __future__ import annotations

from math import comb, exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.analysis.chance import binomial_tail, poisson_tail


@given(n=st.integers(1, 60), hits=st.integers(0, 60), share=st.floats(0.01, 0.99))
def test_the_binomial_tail_is_the_sum_of_its_terms(n: int, hits: int, share: float) -> None:
    """Exact where it matters: above what is expected."""
    hits = min(hits, n)
    plain = sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(hits, n + 1))
    if hits > n * share:
        assert binomial_tail(hits, n, share) == pytest.approx(plain, rel=1e-6)
    else:
        assert binomial_tail(hits, n, share) == 1.0


@given(count=st.integers(0, 80), mean=st.floats(0.001, 40))
def test_the_poisson_tail_is_the_sum_of_its_terms(count: int, mean: float) -> None:
    """The far tail is where bursts are decided: no 1 − cdf, which ends at 1e-16."""
    if count > mean:
        plain = sum(exp(-mean) * mean**k / factorial(k) for k in range(count, count + 80))
        assert poisson_tail(count, mean) == pytest.approx(plain, rel=1e-6)
    else:
        assert poisson_tail(count, mean) == 1.0


def test_storms_of_any_size_are_answered() -> None:
    """A bucket with a million posts is no reason to fail: the chance is nil."""
    assert poisson_tail(10**6, 10.0) == 0.0
    assert binomial_tail(900_000, 10**6, 0.5) == 0.0
    assert binomial_tail(10**6, 10**6, 1.0) == 1.0
    assert poisson_tail(1, 0.0) == binomial_tail(1, 5, 0.0) == 0.0
