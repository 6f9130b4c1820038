"""Which families of crisis words burst: suddenly many in two hours, or suddenly a large share of what is said.

The first hears a storm at once; the second hears a brand with few mentions, where five posts in a day are a storm.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from listener.analysis.bursts import Burst, BurstWatch
from listener.analysis.shares import CHANCE, ShareWatch
from listener.domain.severity import FAMILIES
from listener.domain.volume import Uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from listener.domain.volume import Bucket


class FamilyWatch:
    """Follows the crisis words of one topic."""

    def __init__(self, chance: float = 1e-6, authors: int = 5) -> None:
        """chance: of a burst within two hours. authors: distinct ones that a burst needs."""
        self._bursts = BurstWatch(chance=chance, authors=authors)
        self._shares = {family: ShareWatch() for family in FAMILIES}
        self._said: dict[str, deque[tuple[int, frozenset[int]]]] = {family: deque() for family in FAMILIES}
        """Who used words of a family, per bucket, as far back as a share's window reaches."""
        self._authors = authors

    def push(self, bucket: Bucket) -> tuple[Burst, ...]:
        """Take in a bucket: the families that burst, the least likely first; `term` is the family."""
        found = {burst.term: burst for burst in self._bursts.push(bucket.n, bucket.families)}
        for family, watch in self._shares.items():
            uses = bucket.families.get(family, Uses())
            share = watch.push(bucket.start, min(uses.n, bucket.n), bucket.n)
            if uses.n:
                self._said[family].append((bucket.start, uses.authors))
            if family not in found and share.p < CHANCE:
                authors = len(frozenset().union(*self._since(family, watch.since)))
                if authors >= self._authors:
                    found[family] = Burst(family, share.hits, authors, share.before * share.n, share.p)
        return tuple(sorted(found.values(), key=lambda burst: (burst.p, burst.term)))

    def _since(self, family: str, start: int) -> Iterable[frozenset[int]]:
        said = self._said[family]
        while said and said[0][0] < start:
            said.popleft()
        return [authors for _, authors in said]

    def dump(self) -> dict[str, Any]:
        return {
            "bursts": self._bursts.dump(),
            "shares": {family: watch.dump() for family, watch in self._shares.items()},
            "said": {family: [(start, sorted(authors)) for start, authors in self._recent(family)] for family in FAMILIES},
        }

    def _recent(self, family: str) -> Iterable[tuple[int, frozenset[int]]]:
        return [entry for entry in self._said[family] if entry[0] >= self._shares[family].since]

    def load(self, state: Mapping[str, Any]) -> None:
        self._bursts.load(state["bursts"])
        for family, watch in self._shares.items():
            watch.load(state["shares"][family])
            self._said[family] = deque((start, frozenset(authors)) for start, authors in state["said"][family])
