"""Is this hour far from the hours of the last week? The mean and standard deviation of a moving window, in whole numbers."""

from __future__ import annotations

from math import sqrt


class Deviation:
    """Mean and spread of the last `window` values; sums are integers, so that they never drift."""

    __slots__ = ("_n", "_squares", "_sum", "window")

    def __init__(self, window: int) -> None:
        self.window = window
        self._n = self._sum = self._squares = 0

    def learn(self, value: int, leaving: int) -> None:
        """Take in a value; `leaving` is the one that came `window` values earlier (ignored until there are as many)."""
        self._sum += value
        self._squares += value * value
        self._n += 1
        if self._n > self.window:
            self._n -= 1
            self._sum -= leaving
            self._squares -= leaving * leaving

    def of(self, value: int) -> float:
        """How many standard deviations above the mean; the spread is never taken for less than 1 mention."""
        if not self._n:
            return 0.0
        spread = self._squares / self._n - self.mean * self.mean
        return (value - self.mean) / sqrt(max(spread, 1.0))

    @property
    def mean(self) -> float:
        return self._sum / self._n if self._n else 0.0

    @property
    def seen(self) -> int:
        return self._n

    def dump(self) -> list[int]:
        return [self._n, self._sum, self._squares]

    def load(self, state: list[int]) -> None:
        self._n, self._sum, self._squares = state
