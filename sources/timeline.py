"""Where reading stands in a timeline with `min_id`: gap-free forwards, with an overlap for what arrives late by federation.

Ids are opaque text: they are never compared, never counted with. So the overlap is kept as marks, (time, id) pairs met on the way: every
ten minutes, when a reading has caught up, the next one starts at the newest mark that is older than the overlap; otherwise at the newest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from listener.source import Cursor
from sources.fields import integer, items, mapping, string

OVERLAP_MS: Final = 30 * 60_000
EVERY_MS: Final = 10 * 60_000
"""How often the overlap is read again: with each poll, a busy hashtag would be read many times over."""
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
    again: int = 0
    """When the overlap was last read again, UTC ms."""

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
        return cls(host, string(state, "after"), tuple(marks), integer(state, "again") or 0)

    def cursor(self) -> Cursor:
        marks = [{"at": at, "id": name} for at, name in self.marks]
        return json.dumps({"host": self.host, "after": self.after, "marks": marks, "again": self.again}, separators=(",", ":"))

    def step(self, page: Sequence[tuple[int, str]], newest: str, now: int, *, overlap: int = OVERLAP_MS) -> tuple[Timeline, bool]:
        """The place after a page, and whether another page may wait.

        Args:  page: (UTC ms, id) of its items, in any order; empty when the timeline has been read to its end.
               newest: the id to go on after, as the server names it.
               overlap: 0 for a timeline whose ids are given in the order of arrival.
        """
        marks = tuple(sorted({*self.marks, min(page), max(page)})) if page else self.marks
        if page and self.after and newest != self.after:
            return Timeline(self.host, newest, marks[-MARKS:], self.again), True
        if not marks:
            return Timeline(self.host, self.after, (), self.again), False
        since = marks[-1][0] - overlap
        start = next((mark for mark in reversed(marks) if mark[0] <= since), marks[0])
        kept = tuple(mark for mark in marks if mark >= start)[-MARKS:]
        if overlap and now - self.again < EVERY_MS:
            return Timeline(self.host, marks[-1][1], kept, self.again), False
        return Timeline(self.host, start[1], kept, now), False
