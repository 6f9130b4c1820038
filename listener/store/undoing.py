"""Taking back what an automatic rule did, wherever nobody has changed it since."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.errors import Conflict, InputError
from listener.store.cases import Cases, back
from listener.store.journal import Journal, new_batch

if TYPE_CHECKING:
    from listener.store.connection import Connection, Store

AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of an undo that leaves alone what people have decided since."""

    batch: str
    changed: tuple[int, ...]
    kept: tuple[int, ...]
    """Mentions that somebody has changed since, which stay as they are."""


def undo_rule(store: Store, operator: str, rule: str, since: int = 0) -> Undone:
    """Take back everything that a rule did since a time, newest first. Raises InputError: it did nothing that could be undone."""
    statement = "SELECT id FROM journal WHERE rule = ? AND at >= ? AND undone_by = '' AND subject = 'mention' AND action <> 'rule.dry' ORDER BY id DESC"
    lines = [row[0] for row in store.read().execute(statement, (rule, since))]
    if not lines:
        raise InputError(f"The rule {rule!r} has done nothing that could be undone.", hint="`listener history --rule NAME` shows what it did.")
    reverse, changed, kept = new_batch(), list[int](), list[int]()
    for start in range(0, len(lines), AT_ONCE):
        part = lines[start : start + AT_ONCE]
        done, left = store.write(lambda connection, part=part: _undo_lines(connection, store, operator, part, reverse))  # type: ignore[misc]
        changed += done
        kept += left
    return Undone(reverse, tuple(dict.fromkeys(changed)), tuple(dict.fromkeys(kept)))


def _undo_lines(connection: Connection, store: Store, operator: str, ids: list[int], reverse: str) -> tuple[list[int], list[int]]:
    cases, journal = Cases(store), Journal(store)
    changed, kept = [], []
    for id_ in ids:
        subject, action, before, after = connection.execute("SELECT subject_id, action, before, after FROM journal WHERE id = ?", (id_,)).fetchone()
        was, now = json.loads(before), json.loads(after)
        try:
            if action == "note":
                connection.execute("UPDATE note SET removed = 1 WHERE id = ?", (now["note"],))
                journal.record(connection, operator, "undo", "mention", subject, before=now, batch=reverse)
            elif action != "rule.notify":
                cases.change_in(connection, [subject], operator, "undo", back(was, now, subject), batch=reverse)
        except (Conflict, InputError):
            kept.append(subject)
            continue
        connection.execute("UPDATE journal SET undone_by = ? WHERE id = ?", (reverse, id_))
        changed.append(subject)
    return changed, kept
