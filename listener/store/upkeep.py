"""Keeping a database in order: what is too old goes, a checked copy is made each day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.store.erasure import bury

if TYPE_CHECKING:
    from pathlib import Path

    from listener.store.connection import Connection, Store

EXPIRED = "[expired]"
CHUNK = 250
_WORKED_ON = (
    "(m.tags <> '' OR m.assignee <> '' OR EXISTS (SELECT 1 FROM note n WHERE n.mention_id = m.id) OR EXISTS (SELECT 1 FROM outbox o WHERE o.mention_id = m.id))"
)


class Upkeep:
    """Retention and backups."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def expire(self, before: int, *, worked_on: bool) -> int:
        """Take the words out of mentions written before a time; rows, counts and journal stay. How many.

        Args:    worked_on: those that somebody tagged, assigned, noted or answered; otherwise all others.
        """
        done, condition = 0, _WORKED_ON if worked_on else f"NOT {_WORKED_ON}"
        statement = f"SELECT m.id FROM mention m WHERE m.created_at < ? AND m.deleted_at IS NULL AND {condition} ORDER BY m.created_at LIMIT {CHUNK}"
        while ids := [row[0] for row in self._store.read().execute(statement, (before,))]:
            self._store.write(lambda connection, ids=ids: bury(connection, ids, self._store.clock(), EXPIRED), durable=False)  # type: ignore[misc]
            done += len(ids)
        return done

    def drop_payloads(self, before: int) -> int:
        """Forget how posts looked on the wire. How many."""

        def work(connection: Connection) -> int:
            return connection.execute("DELETE FROM payload WHERE mention_id IN (SELECT id FROM mention WHERE received_at < ? LIMIT 5000)", (before,)).rowcount

        done = 0
        while (n := self._store.write(work, durable=False)) > 0:
            done += n
        return done

    def back_up(self, folder: Path, day: str, keep: int) -> Path | None:
        """A checked copy named after the day, unless there is one already; the oldest beyond `keep` go. None when nothing was made. Raises StoreError."""
        stem = self._store.path.stem
        target = folder / f"{stem}-{day}.db"
        if keep <= 0 or target.exists():
            return None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_suffix(".part")
        self._store.backup(part)
        part.replace(target)
        for old in sorted(folder.glob(f"{stem}-????-??-??.db"))[:-keep]:
            old.unlink()
        return target
