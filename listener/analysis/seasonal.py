"""Is this much for this time of day? Volume against the same slot on earlier days, and how rare the difference is.

Slots are counted in UTC. A change to daylight saving moves people's habits by an hour once; the profile reaches half an hour
to each side of a slot and follows within days, which is less harm than a slot that happens twice or not at all.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from itertools import islice
from math import isnan, log, nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

REACH = 6
"""Buckets to each side of a slot that count as the same time of day: half an hour."""


class Profile:
    """What is usual per slot of day: a moving average over days of the mean of the slot and half an hour around it."""

    __slots__ = ("_weight", "levels", "recent")

    def __init__(self, slots: int, weight: float) -> None:
        self._weight = weight
        self.levels = [nan] * slots
        self.recent: deque[float] = deque(maxlen=2 * REACH + 1)

    def push(self, slot: int, value: float) -> float:
        """The usual value of this slot before today, nan when it was never seen; then learns the new one."""
        usual = self.levels[slot]
        self.recent.append(value)
        if len(self.recent) == self.recent.maxlen:
            middle = slot - REACH  # a negative index is yesterday evening
            mean = sum(self.recent) / len(self.recent)
            level = self.levels[middle]
            self.levels[middle] = mean if isnan(level) else level + self._weight * (mean - level)
        return usual


class Surprise:
    """A residual in units of its usual size, divided by how far it ever went: beyond 1 it is a record for its time of day."""

    __slots__ = ("_floor", "_keep", "_learn", "_least", "_waiting", "most", "scale")

    def __init__(self, scale_half_life: float, most_half_life: float, lag: int, least: float) -> None:
        self._learn = 1 - 0.5 ** (1 / scale_half_life)
        self._keep = 0.5 ** (1 / most_half_life)
        self._least = least
        self._floor = 0.05
        self.scale = 0.5
        self.most = 0.0
        self._waiting: deque[float] = deque([0.0] * lag)

    def push(self, residual: float) -> float:
        score = residual / max(self.scale, self._floor)
        self.scale += self._learn * (min(abs(residual), 4 * self.scale) - self.scale)
        self._waiting.append(score)
        self.most = max(self.most * self._keep, self._waiting.popleft())
        return score / max(self._least, self.most)

    def dump(self) -> list[float]:
        return [self.scale, self.most, *self._waiting]

    def load(self, state: Sequence[float]) -> None:
        self.scale, self.most = state[0], state[1]
        self._waiting = deque(state[2:])


class Tail:
    """How improbable a residual is: peaks over threshold with an exponential tail, on the last weeks of residuals.

    Residuals are kept as whole thousandths, so that a saved state is small and exact.
    Source: Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017, with shape 0.
    """

    __slots__ = ("_least", "_ranked", "_share", "_waiting", "_window")

    def __init__(self, window: int, share: float, lag: int, least: int) -> None:
        self._share = share
        self._least = least
        self._window: deque[int] = deque(maxlen=window)
        self._waiting: deque[int] = deque(maxlen=lag)
        self._ranked: list[int] = []

    def push(self, residual: float) -> float:
        """−log10 of the chance of a residual at least this large; 0 below the tail and until there are enough of them."""
        value = round(residual * 1000)
        improbable = self._improbable(value)
        if len(self._waiting) == self._waiting.maxlen:
            self._learn(self._waiting.popleft())
        self._waiting.append(value)
        return improbable

    def _learn(self, value: int) -> None:
        if len(self._window) == self._window.maxlen:
            del self._ranked[bisect_left(self._ranked, self._window[0])]
        self._window.append(value)
        insort(self._ranked, value)

    def _improbable(self, value: int) -> float:
        ranked = self._ranked
        if len(ranked) < self._least:
            return 0.0
        beyond = max(1, int(len(ranked) * self._share))
        threshold = ranked[-beyond - 1]
        if value <= threshold:
            return 0.0
        mean_excess = sum(islice(reversed(ranked), beyond)) / beyond - threshold
        return (value - threshold) / max(mean_excess, 1.0) / log(10) - log(self._share, 10)

    def dump(self) -> list[list[int]]:
        return [list(self._window), list(self._waiting)]

    def load(self, state: Sequence[Sequence[int]]) -> None:
        self._window.extend(state[0])
        self._waiting.extend(state[1])
        self._ranked = sorted(self._window)
