"""How likely a count is by chance alone: upper tails, summed term by term from the count on, so that tiny ones stay exact."""

from __future__ import annotations

from math import exp, lgamma, log, log1p


def poisson_tail(count: int, mean: float) -> float:
    """P(X ≥ count) for a Poisson variable; 1.0 where the count is no more than the mean."""
    if count <= mean:
        return 1.0
    if mean <= 0:
        return 0.0
    term = exp(count * log(mean) - mean - lgamma(count + 1))
    total, k = 0.0, count
    while term > total * 1e-12 and term > 0:
        total += term
        k += 1
        term *= mean / k
    return min(total, 1.0)


def binomial_tail(hits: int, n: int, share: float) -> float:
    """P(X ≥ hits) in n draws that each hit with probability `share`; 1.0 where the hits are no more than expected."""
    if hits <= n * share:
        return 1.0
    if share <= 0:
        return 0.0
    odds = share / (1 - share)
    term = exp(lgamma(n + 1) - lgamma(hits + 1) - lgamma(n - hits + 1) + hits * log(share) + (n - hits) * log1p(-share))
    total, k = 0.0, hits
    while k <= n and term > total * 1e-12 and term > 0:
        total += term
        term *= odds * (n - k) / (k + 1)
        k += 1
    return min(total, 1.0)
