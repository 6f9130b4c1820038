"""Who looks at what, and who is replying: so that two people do not answer one customer. Kept as long as somebody says so."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from listener.errors import Conflict

if TYPE_CHECKING:
    import sqlite3

    from listener.store.connection import Store

LOOKING_MS = 60_000
"""Somebody who has not been heard of for this long is looking at something else."""
Doing = Literal["looking", "replying"]


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody at a mention."""

    mention_id: int
    operator: str
    doing: Doing
    since: int
    seen_at: int


def this_desk() -> str:
    """One terminal among several of the same operator."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Presence:
    """Presence and claims.

    Args:  claim_ms: how long a claim outlives its last sign of life.
    """

    def __init__(self, store: Store, claim_ms: int = 600_000) -> None:
        self._store = store
        self._claim_ms = claim_ms

    def look(self, mention_id: int, operator: str, desk: str = "") -> None:
        """This operator looks at that mention now, and at no other from this desk; a claim stays."""

        def work(connection: sqlite3.Connection) -> None:
            now, where = self._store.clock(), desk or this_desk()
            connection.execute("DELETE FROM presence WHERE operator = ? AND desk = ? AND doing = 'looking' AND mention_id <> ?", (operator, where, mention_id))
            connection.execute(
                "INSERT INTO presence (mention_id, operator, desk, doing, since, seen_at) VALUES (?, ?, ?, 'looking', ?, ?) "
                "ON CONFLICT (mention_id, operator, desk) DO UPDATE SET seen_at = excluded.seen_at",
                (mention_id, operator, where, now, now),
            )

        self._store.write(work, durable=False)

    def claim(self, mention_id: int, operator: str, desk: str = "", *, take: bool = False) -> None:
        """Say that this operator is replying, or still is.

        Args:    take: although somebody else is; their claim ends.
        Raises:  Conflict: somebody else is replying.
        """

        def work(connection: sqlite3.Connection) -> None:
            now, where = self._store.clock(), desk or this_desk()
            if take:
                connection.execute("DELETE FROM presence WHERE mention_id = ? AND operator <> ? AND doing = 'replying'", (mention_id, operator))
            other = self._claimed(connection, mention_id, operator, now)
            if other is not None:
                raise Conflict(f"{other.operator} has been replying to this for {max(now - other.since, 0) // 60_000} min.", hint="Ask them, or take the case over.")
            connection.execute(
                "INSERT INTO presence (mention_id, operator, desk, doing, since, seen_at) VALUES (?, ?, ?, 'replying', ?, ?) ON CONFLICT (mention_id, operator, desk) "
                "DO UPDATE SET seen_at = excluded.seen_at, since = CASE presence.doing WHEN 'replying' THEN presence.since ELSE excluded.since END, doing = 'replying'",
                (mention_id, operator, where, now, now),
            )
            connection.execute("DELETE FROM presence WHERE seen_at < ?", (now - max(self._claim_ms, LOOKING_MS) * 2,))

        self._store.write(work, durable=False)

    def renew(self, mention_id: int, operator: str, desk: str = "") -> bool:
        """Still replying. False when the claim went to somebody else meanwhile."""

        def work(connection: sqlite3.Connection) -> bool:
            now = self._store.clock()
            if self._claimed(connection, mention_id, operator, now) is not None:
                return False
            values = (now, mention_id, operator, desk or this_desk())
            return connection.execute("UPDATE presence SET seen_at = ? WHERE mention_id = ? AND operator = ? AND desk = ? AND doing = 'replying'", values).rowcount > 0

        return self._store.write(work, durable=False)

    def release(self, mention_id: int, operator: str, desk: str = "") -> None:
        """Done replying, or gone."""
        values = (mention_id, operator, desk or this_desk())
        self._store.write(lambda connection: connection.execute("DELETE FROM presence WHERE mention_id = ? AND operator = ? AND desk = ?", values) and None, durable=False)

    def leave(self, operator: str, desk: str = "") -> None:
        """This desk is closed."""
        values = (operator, desk or this_desk())
        self._store.write(lambda connection: connection.execute("DELETE FROM presence WHERE operator = ? AND desk = ?", values) and None, durable=False)

    def claimed_by(self, mention_id: int, but: str = "") -> Present | None:
        """Who else is replying."""
        return self._claimed(self._store.read(), mention_id, but, self._store.clock())

    def around(self, mention_id: int | None = None) -> list[Present]:
        """Everybody at a mention, or anywhere; who replies comes first."""
        now = self._store.clock()
        where, values = ("mention_id = ? AND ", [mention_id]) if mention_id is not None else ("", [])
        rows = self._store.read().execute(
            f"SELECT mention_id, operator, doing, min(since), max(seen_at) FROM presence WHERE {where}((doing = 'replying' AND seen_at > ?) OR (doing = 'looking' AND seen_at > ?)) "
            "GROUP BY mention_id, operator, doing ORDER BY doing DESC, min(since)",
            (*values, now - self._claim_ms, now - LOOKING_MS),
        )
        return [Present(*row) for row in rows]

    def _claimed(self, connection: sqlite3.Connection, mention_id: int, but: str, now: int) -> Present | None:
        row = connection.execute(
            "SELECT mention_id, operator, doing, since, seen_at FROM presence WHERE mention_id = ? AND operator <> ? AND doing = 'replying' AND seen_at > ? ORDER BY since LIMIT 1",
            (mention_id, but, now - self._claim_ms),
        ).fetchone()
        return Present(*row) if row else None
