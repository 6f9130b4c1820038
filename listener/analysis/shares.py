"""Do people complain more than they used to? The newest mentions' share of complaints against the earlier share.

What counts as a complaint is for a classifier to say: a lexicon of sentiment found one of eight real alarms on airline tweets.
Works on whole buckets, so that the order of arrival inside one cannot matter.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from listener.analysis.chance import binomial_tail
from listener.domain.volume import PER_DAY, STEP

CHANCE = 1e-4
"""A share counts as raised below this chance."""


@dataclass(frozen=True, slots=True)
class Share:
    """The share of complaints lately, the one before, and the chance of such a difference."""

    hits: int
    n: int
    before: float
    p: float

    @property
    def now(self) -> float:
        return self.hits / self.n if self.n else 0.0


QUIET = Share(0, 0, 0.0, 1.0)


class ShareWatch:
    """Follows one share: of complaints, of a crisis family, of anything that a mention either is or is not."""

    __slots__ = ("_before", "_hits", "_keep", "_n", "_window", "least", "longest", "past", "span")

    def __init__(self, span: int = 50, longest: int = PER_DAY, least: int = 10, past: int = 100, half_life: float = 28 * PER_DAY) -> None:
        """span: mentions in the window. longest: buckets that it may reach back. least: mentions below which nothing is said.
        past: mentions that must have come before. half_life: of the earlier share, in buckets."""
        self.span, self.longest, self.least, self.past = span, longest, least, past
        self._keep = 0.5 ** (1 / half_life)
        self._window: deque[tuple[int, int, int]] = deque()
        self._hits = self._n = 0
        self._before = [0.0, 0.0]

    def push(self, start: int, hits: int, n: int) -> Share:
        """Take in a bucket: `hits` of `n` mentions. The answer is QUIET unless this bucket brought a hit."""
        before = self._before
        before[0] *= self._keep
        before[1] *= self._keep
        if n:
            self._window.append((start, hits, n))
            self._hits += hits
            self._n += n
        while self._window and (self._n - self._window[0][2] >= self.span or self._window[0][0] <= start - self.longest * STEP):
            _, old_hits, old_n = self._window.popleft()
            self._hits -= old_hits
            self._n -= old_n
            before[0] += old_hits
            before[1] += old_n
        if not hits or self._n < self.least or before[1] < self.past:
            return QUIET
        usual = (before[0] + 1) / (before[1] + 2)
        return Share(self._hits, self._n, usual, binomial_tail(self._hits, self._n, usual))

    @property
    def since(self) -> int:
        """Start of the oldest bucket in the window, UTC ms; 0 when it is empty."""
        return self._window[0][0] if self._window else 0

    def dump(self) -> tuple[list[float], list[tuple[int, int, int]]]:
        return self._before, list(self._window)

    def load(self, state: tuple[list[float], list[tuple[int, int, int]]]) -> None:
        before, window = state
        self._before = list(before)
        self._window = deque(window)
        self._hits = sum(row[1] for row in self._window)
        self._n = sum(row[2] for row in self._window)
