"""The journal: every change, who made it, from what to what. Append-only, but for the mark that a change was undone."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from listener.domain.operator import Change

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from listener.store.connection import Store

_COLUMNS = "id, at, operator, action, subject, subject_id, before, after, batch, rule"
INSERT = "INSERT INTO journal (at, operator, action, subject, subject_id, before, after, batch, rule) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def new_batch() -> str:
    """A name for what one keystroke does."""
    return os.urandom(8).hex()


def pack(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Journal:
    """Reading the journal, and writing single lines into it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(
        self, connection: sqlite3.Connection, operator: str, action: str, subject: str, subject_id: int, *,
        before: dict[str, Any] | None = None, after: dict[str, Any] | None = None, batch: str = "", rule: str = "",
    ) -> None:  # fmt: skip
        """Add one line inside the caller's transaction."""
        connection.execute(INSERT, (self._store.clock(), operator, action, subject, subject_id, pack(before or {}), pack(after or {}), batch or new_batch(), rule))

    def note(self, operator: str, action: str, subject: str, subject_id: int = 0, **after: Any) -> None:
        """Add one line in a transaction of its own."""
        self._store.write(lambda connection: self.record(connection, operator, action, subject, subject_id, after=after))

    def of(self, subject: str, subject_id: int, *, limit: int = 200) -> list[Change]:
        """The story of one thing, oldest first."""
        statement = f"SELECT {_COLUMNS} FROM journal WHERE subject = ? AND subject_id = ? ORDER BY id DESC LIMIT ?"
        return _changes(self._store.read().execute(statement, (subject, subject_id, limit)))[::-1]

    def between(self, since: int, until: int, *, actions: Sequence[str] = (), limit: int = 1_000_000) -> list[Change]:
        """What happened in a time, oldest first."""
        where = f" AND action IN ({', '.join('?' * len(actions))})" if actions else ""
        statement = f"SELECT {_COLUMNS} FROM journal WHERE at >= ? AND at < ?{where} ORDER BY id LIMIT ?"
        return _changes(self._store.read().execute(statement, (since, until, *actions, limit)))

    def recent(self, *, operator: str = "", limit: int = 100) -> list[Change]:
        """The last changes, newest first."""
        where, values = ("WHERE operator = ?", [operator]) if operator else ("", [])
        return _changes(self._store.read().execute(f"SELECT {_COLUMNS} FROM journal {where} ORDER BY id DESC LIMIT ?", (*values, limit)))

    def newest_id(self) -> int:
        """Grows with every change that is journalled: whoever remembers it sees whether somebody has acted."""
        return int(self._store.read().execute("SELECT coalesce(max(id), 0) FROM journal").fetchone()[0])

    def batch(self, connection: sqlite3.Connection, name: str, *, limit: int = -1) -> list[Change]:
        """All that one keystroke changed, oldest first."""
        return _changes(connection.execute(f"SELECT {_COLUMNS} FROM journal WHERE batch = ? ORDER BY id LIMIT ?", (name, limit)))

    def batches(self, *, operator: str = "", rule: str = "", mention: int = 0, since: int = 0, limit: int = 50) -> list[str]:
        """The last keystrokes and runs of rules, newest first."""
        where, values = ["at >= ?"], list[Any]([since])
        for name, value in (("operator = ?", operator), ("rule = ?", rule), ("subject = 'mention' AND subject_id = ?", mention)):
            if value:
                where.append(name)
                values.append(value)
        statement = f"SELECT batch FROM journal WHERE {' AND '.join(where)} ORDER BY id DESC"
        found: dict[str, None] = {}
        for (name,) in self._store.read().execute(statement, values):
            found[name] = None
            if len(found) >= limit:
                break
        return list(found)

    def size(self, name: str) -> int:
        """Lines of a batch."""
        return int(self._store.read().execute("SELECT count(*) FROM journal WHERE batch = ?", (name,)).fetchone()[0])

    def undone(self, names: Sequence[str]) -> set[str]:
        """Those batches of which nothing is left to undo."""
        marks = ", ".join("?" * len(names))
        return {row[0] for row in self._store.read().execute(f"SELECT batch FROM journal WHERE batch IN ({marks}) GROUP BY batch HAVING min(undone_by) <> ''", list(names))}

    def last_undoable(self, connection: sqlite3.Connection, operator: str) -> str | None:
        """The batch that `undo` would take back: the operator's last that is neither undone nor an undo itself."""
        row = connection.execute(
            "SELECT batch FROM journal WHERE operator = ? AND undone_by = '' AND rule = '' AND action IN "
            "('tag', 'untag', 'assign', 'note', 'close', 'reopen', 'pending', 'snooze', 'severity', 'sentiment', 'language', 'topic', 'task', 'due', 'case', 'author.link', 'author.unlink') ORDER BY id DESC LIMIT 1",
            (operator,),
        ).fetchone()
        return str(row[0]) if row else None

    def mark_undone(self, connection: sqlite3.Connection, name: str, by: str) -> None:
        connection.execute("UPDATE journal SET undone_by = ? WHERE batch = ?", (by, name))


def _changes(rows: Iterable[tuple[Any, ...]]) -> list[Change]:
    return [Change(*row) for row in rows]
