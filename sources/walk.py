"""Reading a newest-first list gap-free: back from the newest until what is already known, in as many pages as it takes.

The cursor carries the walk, so that a crash in its middle goes on where it was. `done` moves only when the walk has closed
the gap; a network that hands out items late is caught by the overlap, and the store drops what it already has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sources.fields import integer, mapping, string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.source import Cursor


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands; positions are UTC ms or ascending ids, as the network sorts."""

    done: int
    """Everything up to here has been read."""
    top: int = 0
    """The newest position seen in this walk; 0 between walks."""
    token: str = ""
    """Where the walk goes on: page number, page token, id; empty between walks."""

    @classmethod
    def read(cls, cursor: Cursor, *, start: int) -> Walk:
        """The walk that a cursor describes; from `start` when there is none or it belongs to something else."""
        try:
            state = mapping(json.loads(cursor) if cursor else None)
        except ValueError:
            state = {}
        done = integer(state, "done")
        return cls(done, integer(state, "top") or 0, string(state, "token")) if done is not None else cls(start)

    def cursor(self) -> Cursor:
        return json.dumps({"done": self.done, "top": self.top, "token": self.token}, separators=(",", ":"))

    def step(self, positions: Iterable[int], token: str, *, overlap: int = 0) -> Walk:
        """The walk after a page.

        Args:  positions: of every item on the page, refused ones too where they have one.
               token: where the next page is; empty when this was the last one.
               overlap: how far behind `done` the walk looks again.
        """
        seen = list(positions)
        top = max([self.top, *seen])
        if token and seen and min(seen) > self.done - overlap:
            return Walk(self.done, top, token)
        return Walk(max(self.done, top))

    @property
    def more(self) -> bool:
        return bool(self.token)
