"""Time in the sandbox: as it is, or compressed so that a day unfolds while one watches."""

from __future__ import annotations

import time
from dataclasses import dataclass

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def wall() -> int:
    """Now, UTC ms."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Runs from `start` at `speed` times the pace of the clock on the wall; `anchor` is the wall's time at `start`."""

    start: int
    """UTC ms."""
    anchor: int
    """UTC ms."""
    speed: float = 1.0

    def __call__(self) -> int:
        return self.start + int((wall() - self.anchor) * self.speed)


@dataclass(slots=True)
class ManualClock:
    """Stands still until it is told to go on: for tests, and for a drill that is replayed without waiting."""

    at: int
    """UTC ms."""

    def __call__(self) -> int:
        return self.at

    def advance(self, *, minutes: float = 0, seconds: float = 0, hours: float = 0, days: float = 0) -> None:
        self.at += int(seconds * SECOND + minutes * MINUTE + hours * HOUR + days * DAY)
