"""Where reading stands in a timeline with `min_id`: gap-free forwards, with an overlap for what arrives late by federation.

Ids are opaque text: they are never compared, never counted with. So the overlap is kept as marks, (time, id) pairs met on the way: when
a reading has caught up, the next one starts at the newest mark that is older than the overlap.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from listener.source import Cursor
from sources.fields import integer, items, mapping, string

OVERLAP_MS: Final = 30 * 60_000
MARKS: Final = 24


@dataclass(frozen=True, slots=True)
class Timeline:
    """A place in one server's timeline."""

    host: str
    """A cursor of another server silently gives nothing, so it is recognised and dropped."""
    after: str = ""
    """The `min_id` to ask with; empty before the first reading."""
    marks: tuple[tuple[int, str], ...] = ()
    """(UTC ms, id), oldest first."""

    @classmethod
    def read(cls, cursor: Cursor, host: str) -> Timeline:
        try:
            state = mapping(json.loads(cursor) if cursor else None)
        except ValueError:
            state = {}
        if string(state, "host") != host:
            return cls(host)
        marks = [
            (at, name)
            for mark in items(state, "marks")
            if (at := integer(mapping(mark), "at")) is not None and (name := string(mapping(mark), "id"))
        ]
        return cls(host, string(state, "after"), tuple(marks))

    def cursor(self) -> Cursor:
        marks = [{"at": at, "id": name} for at, name in self.marks]
        return json.dumps({"host": self.host, "after": self.after, "marks": marks}, separators=(",", ":"))

    def step(self, page: Sequence[tuple[int, str]], newest: str, *, overlap: int = OVERLAP_MS) -> tuple[Timeline, bool]:
        """The place after a page, and whether another page may wait.

        Args:  page: (UTC ms, id) of its items, in any order; empty when the timeline has been read to its end.
               newest: the id to go on after, as the server names it.
        """
        marks = self.marks
        if page:
            ends = sorted({min(page), max(page)})
            marks = tuple(sorted({*marks, *ends}))
        going_on = bool(page) and bool(self.after) and newest != self.after
        if going_on:
            return Timeline(self.host, newest, _thinned(marks)), True
        if not marks:
            return Timeline(self.host, self.after, ()), False
        limit = marks[-1][0] - overlap
        older = [mark for mark in marks if mark[0] <= limit]
        start = older[-1] if older else marks[0]
        return Timeline(self.host, start[1], tuple(mark for mark in marks if mark >= start)[-MARKS:]), False


def _thinned(marks: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    """At most `MARKS`, the newest all kept, so that the overlap can always be reached from them."""
    return marks[-MARKS:]
