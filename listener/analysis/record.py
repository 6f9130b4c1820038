"""Is this the most that was ever said in so short a time? A window of volume against its own decaying record."""

from __future__ import annotations

from math import log


class Record:
    """The peak of a window's sums, halved every `half_life` buckets, and how far a new sum lies beyond it.

    The peak takes in a sum only when its window has ended a lag ago: a crisis must not be its own yardstick.
    """

    __slots__ = ("_keep", "peak")

    def __init__(self, half_life: float, peak: float = 0.0) -> None:
        self._keep = 0.5 ** (1 / half_life)
        self.peak = peak

    def push(self, now: int, before: int) -> float:
        """log((now + 1) / (peak + 1)): 0.10 is a tenth beyond the record.

        Args:    now: sum of the window that ends with this bucket.
                 before: sum of the same window a window and a lag ago.
        """
        self.peak = max(self.peak * self._keep, before)
        return log((now + 1) / (self.peak + 1))
