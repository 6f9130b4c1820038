"""Reading an oldest-first list that can be asked for "since": time itself is the cursor, and there is no gap to close.

A page that is full goes on at the time of its last item; only when a whole page bears one single time are pages counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sources.fields import LATEST, integer, mapping

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.source import Cursor


@dataclass(frozen=True, slots=True)
class Onward:
    """Where to go on reading."""

    since: int
    """UTC ms; what was written at this very time is read again, and the store drops it."""
    page: int = 1
    newest: int = 0
    """The newest time ever received: an overlap reaches back from it."""
    more: bool = False

    @classmethod
    def read(cls, cursor: Cursor, *, start: int) -> Onward:
        """What a cursor describes; from `start` when there is none or it belongs to something else."""
        try:
            state = mapping(json.loads(cursor) if cursor else None)
        except ValueError:
            state = {}
        since = integer(state, "since")
        return cls(start) if since is None else cls(min(max(since, 0), LATEST), max(1, integer(state, "page") or 1), min(integer(state, "newest") or 0, LATEST))

    def cursor(self) -> Cursor:
        return json.dumps({"since": self.since, "page": self.page, "newest": self.newest}, separators=(",", ":"))

    def step(self, moments: Iterable[int], *, full: bool, overlap: int = 0) -> Onward:
        """Where to go on after a page.

        Args:  full: more waits behind this page.
               overlap: ms that the next read looks again once all is read, for networks that list late.
        """
        seen = list(moments)
        newest = max([self.newest, *seen])
        if full and seen:
            last = max(seen)
            return (
                Onward(last, 1, newest, more=True)
                if last // 1000 > self.since // 1000
                else Onward(self.since, self.page + 1, newest, more=True)
            )
        return Onward(max(self.since if not overlap else 0, newest - overlap) if newest else self.since, 1, newest)
