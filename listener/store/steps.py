"""Which steps of a playbook have been done, for a mention or an incident, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from listener.store.journal import Journal

if TYPE_CHECKING:
    from listener.store.connection import Connection, Store

Subject = Literal["mention", "incident"]


@dataclass(frozen=True, slots=True)
class Ticked:
    """A step that somebody has done."""

    step: str
    operator: str
    at: int


class Steps:
    """The boxes of playbooks. A step is known by its words, so that a file may be reordered while somebody works by it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = Journal(store)

    def of(self, subject: Subject, subject_id: int, playbook: str = "") -> dict[tuple[str, str], Ticked]:
        """(playbook, step) → who did it."""
        where, values = (" AND playbook = ?", [playbook]) if playbook else ("", [])
        rows = self._store.read().execute(f"SELECT playbook, step, operator, at FROM step WHERE subject = ? AND subject_id = ?{where}", (subject, subject_id, *values))
        return {(name, step): Ticked(step, operator, at) for name, step, operator, at in rows}

    def tick(self, subject: Subject, subject_id: int, playbook: str, step: str, operator: str, done: bool = True) -> bool:
        """Tick or untick a box; journalled. False when it was so already."""
        key = (subject, subject_id, playbook, step)

        def work(connection: Connection) -> bool:
            if done:
                statement = "INSERT INTO step (subject, subject_id, playbook, step, operator, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (subject, subject_id, playbook, step) DO NOTHING"
                changed = connection.execute(statement, (*key, operator, self._store.clock())).rowcount > 0
            else:
                changed = connection.execute("DELETE FROM step WHERE subject = ? AND subject_id = ? AND playbook = ? AND step = ?", key).rowcount > 0
            if changed:
                self._journal.record(connection, operator, "step.done" if done else "step.undone", subject, subject_id, after={"playbook": playbook, "step": step, "text": step})
            return changed

        return self._store.write(work)
