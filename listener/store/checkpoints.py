"""Where each source stands: cursors, health, leases."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.errors import StoreError
from listener.store.names import Names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from listener.source import Budget
    from listener.store.connection import Store


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A channel's cursor and when to look again."""

    source: str
    channel: str
    cursor: str
    next_check: int
    errors: int
    error: str
    note: str
    last_success: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is doing, apart from how much it brings."""

    source: str
    kind: str
    paused: bool
    last_success: int | None
    last_error: int | None
    error: str
    note: str
    failures: int
    next_poll: int | None
    newest: int | None
    """created_at of the newest mention received: the lag is measured from it."""
    received: int
    budgets: tuple[dict[str, Any], ...]


class Checkpoints:
    """Cursors and health. A cursor is written in the transaction of the mentions that it covers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sources = Names(store, "source")

    def all(self) -> list[Checkpoint]:
        rows = self._store.read().execute("SELECT s.name, c.channel, c.cursor, c.next_check, c.errors, c.error, c.note, c.last_success FROM checkpoint c JOIN source s ON s.id = c.source_id")
        return [Checkpoint(*row) for row in rows]

    def get(self, source: str, channel: str) -> Checkpoint | None:
        row = self._store.read().execute(
            "SELECT s.name, c.channel, c.cursor, c.next_check, c.errors, c.error, c.note, c.last_success FROM checkpoint c JOIN source s ON s.id = c.source_id WHERE s.name = ? AND c.channel = ?",
            (source, channel),
        ).fetchone()
        return Checkpoint(*row) if row else None

    def advance(self, connection: sqlite3.Connection, source: str, channel: str, cursor: str, next_check: int, *, note: str = "", fence: int = 0) -> None:
        """Move a cursor, inside the transaction of its mentions. Raises StoreError: another collector has taken over since."""
        self._guard(connection, source, channel, fence)
        connection.execute(
            "INSERT INTO checkpoint (source_id, channel, cursor, next_check, errors, error, note, last_success, fence) VALUES (?, ?, ?, ?, 0, '', ?, ?, ?) "
            "ON CONFLICT (source_id, channel) DO UPDATE SET cursor = excluded.cursor, next_check = excluded.next_check, errors = 0, error = '', note = excluded.note, "
            "last_success = excluded.last_success, fence = excluded.fence",
            (self._sources.take(connection, source), channel, cursor, next_check, note, self._store.clock(), fence),
        )

    def failed(self, source: str, channel: str, error: str, next_check: int, *, fence: int = 0) -> None:
        """Remember a failure; the cursor stays where it is."""

        def work(connection: sqlite3.Connection) -> None:
            self._guard(connection, source, channel, fence)
            connection.execute(
                "INSERT INTO checkpoint (source_id, channel, next_check, errors, error, fence) VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT (source_id, channel) "
                "DO UPDATE SET next_check = excluded.next_check, errors = checkpoint.errors + 1, error = excluded.error, fence = excluded.fence",
                (self._sources.take(connection, source), channel, next_check, error, fence),
            )

        self._store.write(work, durable=False)

    def due_now(self, source: str = "") -> None:
        """Poll now: all channels, or one source's."""
        where, values = (" WHERE source_id = (SELECT id FROM source WHERE name = ?)", (source,)) if source else ("", ())
        self._store.write(lambda connection: connection.execute(f"UPDATE checkpoint SET next_check = 0{where}", values) and None)

    def _guard(self, connection: sqlite3.Connection, source: str, channel: str, fence: int) -> None:
        row = connection.execute("SELECT max(fence) FROM checkpoint WHERE source_id = (SELECT id FROM source WHERE name = ?) AND channel = ?", (source, channel)).fetchone()
        if row[0] is not None and row[0] > fence:
            raise StoreError("Another collector has taken over.", hint="This one stops.")

    # -- health

    def describe(self, sources: Sequence[tuple[str, str]]) -> None:
        """Take over the configured sources as (name, kind)."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT INTO source (name, kind) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind", sources)

        known = set(self._store.read().execute("SELECT name, kind FROM source"))
        if not set(sources) <= known:
            self._store.write(work, durable=False)

    def healthy(self, connection: sqlite3.Connection, source: str, *, newest: int | None, received: int, next_poll: int, budgets: Sequence[Budget] = (), note: str = "") -> None:
        packed = json.dumps([{"name": b.name, "left": b.left, "limit": b.limit, "resets_at": b.resets_at} for b in budgets])
        connection.execute(
            "UPDATE source SET last_success = ?, failures = 0, error = '', note = ?, newest = max(coalesce(newest, 0), coalesce(?, newest, 0)), received = received + ?, "
            "next_poll = ?, budgets = ? WHERE name = ?",
            (self._store.clock(), note, newest, received, next_poll, packed, source),
        )

    def unhealthy(self, source: str, error: str, next_poll: int) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE source SET last_error = ?, failures = failures + 1, error = ?, next_poll = ? WHERE name = ?", (self._store.clock(), error, next_poll, source))

        self._store.write(work, durable=False)

    def pause(self, source: str, paused: bool = True) -> None:
        self._store.write(lambda connection: connection.execute("UPDATE source SET paused = ? WHERE name = ?", (int(paused), source)) and None)

    def health(self) -> list[Health]:
        """Every source, by name."""
        rows = self._store.read().execute(
            "SELECT name, kind, paused, last_success, last_error, error, note, failures, next_poll, nullif(newest, 0), received, budgets FROM source ORDER BY name"
        )
        return [Health(row[0], row[1], bool(row[2]), row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10], tuple(json.loads(row[11]))) for row in rows]


class Leases:
    """Who may collect and send. The fence grows with every change of holder, and every write of a holder carries it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, name: str, holder: str, ttl_ms: int) -> int | None:
        """Take or renew a lease: its fence, or None while somebody else holds it."""

        def work(connection: sqlite3.Connection) -> int | None:
            now = self._store.clock()
            row = connection.execute("SELECT holder, fence, expires_at, pid FROM lease WHERE name = ?", (name,)).fetchone()
            if row is not None and row[0] != holder and row[2] > now and _alive(row[3]):
                return None
            fence = 1 if row is None else int(row[1]) if row[0] == holder else int(row[1]) + 1
            connection.execute(
                "INSERT INTO lease (name, holder, fence, expires_at, pid) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "
                "fence = excluded.fence, expires_at = excluded.expires_at, pid = excluded.pid",
                (name, holder, fence, now + ttl_ms, os.getpid()),
            )
            return fence

        return self._store.write(work, durable=False)

    def holder(self, name: str) -> tuple[str, int] | None:
        """(holder, fence) while the lease is held by a living process."""
        row = self._store.read().execute("SELECT holder, fence, expires_at, pid FROM lease WHERE name = ?", (name,)).fetchone()
        return (row[0], row[1]) if row and row[2] > self._store.clock() and _alive(row[3]) else None

    def release(self, name: str, holder: str) -> None:
        self._store.write(lambda connection: connection.execute("UPDATE lease SET expires_at = 0 WHERE name = ? AND holder = ?", (name, holder)) and None, durable=False)


def _alive(pid: int) -> bool:
    """Whether a process of this machine runs. A pid that was reused only costs the wait for the lease to expire."""
    if pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class Settings:
    """Small facts that the desk remembers, as text."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str, default: str = "") -> str:
        row = self._store.read().execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def put(self, name: str, value: str) -> None:
        statement = "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        self._store.write(lambda connection: connection.execute(statement, (name, value)) and None, durable=False)

    def drop(self, name: str) -> None:
        self._store.write(lambda connection: connection.execute("DELETE FROM setting WHERE name = ?", (name,)) and None, durable=False)

    def starting(self, prefix: str) -> dict[str, str]:
        """All facts whose names begin so, by the rest of the name."""
        rows = self._store.read().execute("SELECT name, value FROM setting WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))
        return {name[len(prefix) :]: value for name, value in rows}
