"""Which words came out of nowhere? Two hours of a term against its own past, from enough different people.

A term bursts when its count is next to impossible both for its past rate and for its past share of the mentions: when everything
is said ten times as often, the everyday words are no news.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.analysis.chance import poisson_tail
from listener.domain.volume import PER_DAY, PER_HOUR, Uses

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Burst:
    """A term, or a family of crisis words, that is suddenly everywhere."""

    term: str
    n: int
    authors: int
    expected: float
    p: float


class BurstWatch:
    """Follows the terms of one topic; memory is bounded by `most` terms."""

    __slots__ = ("_gone", "_keep", "_mentions", "_now", "_past", "_seen", "_window", "authors", "chance", "most", "warm_up", "window")

    def __init__(
        self,
        window: int = 2 * PER_HOUR,
        chance: float = 1e-6,
        authors: int = 5,
        half_life: float = 14,
        most: int = 5_000,
        warm_up: int = PER_DAY,
    ) -> None:
        """window, warm_up: buckets. authors: distinct ones that a burst needs. half_life: of the past, in days. most: terms remembered."""
        self.window, self.chance, self.authors, self.most, self.warm_up = window, chance, authors, most, warm_up
        self._keep = 0.5 ** (1 / half_life)
        self._window: deque[tuple[int, Mapping[str, Uses]]] = deque()
        self._now: dict[str, int] = {}
        """Uses within the window."""
        self._past: dict[str, float] = {}
        self._gone = [0.0, 0.0]
        """Buckets and mentions that the past stands for."""
        self._mentions = 0
        """Within the window."""
        self._seen = 0

    def push(self, mentions: int, terms: Mapping[str, Uses]) -> tuple[Burst, ...]:
        """Take in a bucket; the bursting terms among its own, the least likely first."""
        self._enter(mentions, terms)
        self._seen += 1
        if len(self._window) > self.window:
            self._remember(*self._window.popleft())
        if self._seen % PER_DAY == 0:
            self._forget()
        if not terms or self._seen < self.warm_up:
            return ()
        found = [burst for term in terms if (burst := self._burst(term))]
        return tuple(sorted(found, key=lambda burst: (burst.p, -burst.n, burst.term)))

    def _enter(self, mentions: int, terms: Mapping[str, Uses]) -> None:
        self._window.append((mentions, terms))
        self._mentions += mentions
        for term, uses in terms.items():
            self._now[term] = self._now.get(term, 0) + uses.n

    def _remember(self, mentions: int, terms: Mapping[str, Uses]) -> None:
        self._mentions -= mentions
        self._gone[0] += 1
        self._gone[1] += mentions
        for term, uses in terms.items():
            self._past[term] = self._past.get(term, 0.0) + uses.n
            left = self._now.pop(term, 0) - uses.n
            if left > 0:
                self._now[term] = left
        if len(self._past) > 2 * self.most:
            self._trim()

    def _forget(self) -> None:
        """Once a day: age the past, and drop what is hardly in it."""
        self._gone = [value * self._keep for value in self._gone]
        self._past = {term: count * self._keep for term, count in self._past.items() if count * self._keep >= 0.05}
        self._trim()

    def _trim(self) -> None:
        """Keep the most frequent: a term that is dropped here may burst once more than it should, never less."""
        if len(self._past) > self.most:
            self._past = dict(sorted(self._past.items(), key=lambda item: (-item[1], item[0]))[: self.most])

    def _burst(self, term: str) -> Burst | None:
        n = self._now[term]
        if n < self.authors:
            return None
        buckets, mentions = self._gone
        past = self._past.get(term, 0.0) + 0.5
        by_time = past / max(buckets, 1.0) * len(self._window)
        by_share = past / max(mentions, 1.0) * self._mentions
        expected = max(by_time, by_share)
        p = poisson_tail(n, expected)
        if p >= self.chance:
            return None
        authors = len(frozenset().union(*(terms[term].authors for _, terms in self._window if term in terms)))
        return Burst(term, n, authors, expected, p) if authors >= self.authors else None

    def dump(self) -> dict[str, Any]:
        window = [[n, {term: [uses.n, sorted(uses.authors)] for term, uses in terms.items()}] for n, terms in self._window]
        return {"seen": self._seen, "gone": self._gone, "past": self._past, "window": window}

    def load(self, state: Mapping[str, Any]) -> None:
        self._seen, self._gone, self._past = state["seen"], list(state["gone"]), dict(state["past"])
        for n, terms in state["window"]:
            self._enter(n, {term: Uses(count, frozenset(authors)) for term, (count, authors) in terms.items()})
