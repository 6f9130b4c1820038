"""The log of what people were told, by which channel, and whether it arrived; and what is still to be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.domain.escalation import FLAPPING_WITHIN, Told

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from listener.store.connection import Store

TERMINAL = ("bell", "osc")
"""Kinds that a terminal delivers: a desk that is open takes them."""
_COLUMNS = "id, incident_id, channel, kind, reason, people, urgency, title, text, state, made_at, next_at, attempts, sent_at, error"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people are told by one channel."""

    id: int
    incident_id: int | None
    channel: str
    kind: str
    reason: str
    people: tuple[str, ...]
    urgency: int
    title: str
    text: str
    state: str
    """`waiting`, `sent`, `failed`, `dropped` (it was acknowledged or over before it went out), `missed` (no terminal was open)."""
    made_at: int
    next_at: int
    attempts: int
    sent_at: int | None
    error: str


class Notices:
    """Notices and how far each incident has been told."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self, connection: sqlite3.Connection, channel: str, kind: str, reason: str, title: str, text: str, *,
        at: int, incident_id: int | None = None, people: Sequence[str] = (), urgency: int = 0,
    ) -> None:  # fmt: skip
        """Something to tell, not before `at` (UTC ms)."""
        connection.execute(
            "INSERT INTO notice (incident_id, channel, kind, reason, people, urgency, title, text, made_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (incident_id, channel, kind, reason, json.dumps(people, ensure_ascii=False), urgency, title, text, self._store.clock(), at),
        )

    def waiting(self, now: int, *, kinds: Sequence[str] = ()) -> list[Notice]:
        """What is due, by channel and then by age."""
        where = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        return self._many(f"state = 'waiting' AND next_at <= ?{where} ORDER BY channel, id", now, *kinds)

    def log(self, *, incident_id: int | None = None, limit: int = 200) -> list[Notice]:
        """The newest first."""
        if incident_id is not None:
            return self._many("incident_id = ? ORDER BY id DESC LIMIT ?", incident_id, limit)
        return self._many("1 ORDER BY id DESC LIMIT ?", limit)

    def troubles(self, since: int) -> list[Notice]:
        """What could not be delivered: failed since a moment, or tried in vain and still trying."""
        return self._many("(state IN ('failed', 'missed') AND made_at >= ?) OR (state = 'waiting' AND attempts > 0) ORDER BY id DESC LIMIT 100", since)

    def settle(self, connection: sqlite3.Connection, ids: Sequence[int], state: str, *, error: str = "") -> None:
        now = self._store.clock()
        connection.executemany(
            "UPDATE notice SET state = ?, sent_at = ?, error = ?, attempts = attempts + ? WHERE id = ? AND state = 'waiting'",
            [(state, now if state == "sent" else None, error, int(state in ("sent", "failed")), id_) for id_ in ids],
        )

    def retry(self, connection: sqlite3.Connection, id_: int, at: int, error: str) -> None:
        connection.execute("UPDATE notice SET attempts = attempts + 1, next_at = ?, error = ? WHERE id = ?", (at, error, id_))

    # -- how far an incident has been told

    def told(self, incident_id: int) -> Told:
        row = self._store.read().execute("SELECT told_urgency, told_at, told_step FROM incident WHERE id = ?", (incident_id,)).fetchone()
        return Told(*row) if row else Told()

    def tell(self, connection: sqlite3.Connection, incident_id: int, told: Told) -> None:
        connection.execute("UPDATE incident SET told_urgency = ?, told_at = ?, told_step = ? WHERE id = ?", (told.urgency, told.at, told.step, incident_id))

    def forget(self, connection: sqlite3.Connection, incident_ids: Sequence[int], now: int) -> None:
        """What is over counts as untold, so that it is told when it comes back."""
        connection.executemany("UPDATE incident SET told_urgency = 0, told_at = ?, told_step = 0 WHERE id = ?", [(now, id_) for id_ in incident_ids])

    def over(self) -> list[int]:
        """Resolved incidents that people were told of: if they come back, they are told anew."""
        return [row[0] for row in self._store.read().execute("SELECT id FROM incident WHERE state = 'resolved' AND told_urgency > 0")]

    def changes(self, incident_id: int, now: int) -> int:
        """Changes of severity or state within the time that counts as flapping."""
        row = self._store.read().execute(
            "SELECT count(*) FROM journal WHERE subject = 'incident' AND subject_id = ? AND at > ? AND action IN ('incident.worse', 'incident.resolved', 'incident.regressed', 'incident.reopened')",
            (incident_id, now - FLAPPING_WITHIN),
        ).fetchone()  # fmt: skip
        return int(row[0])

    def _many(self, where: str, *values: Any) -> list[Notice]:
        rows: list[list[Any]] = [list(row) for row in self._store.read().execute(f"SELECT {_COLUMNS} FROM notice WHERE {where}", values)]
        for row in rows:
            row[5] = tuple(json.loads(row[5]))
        return [Notice(*row) for row in rows]
