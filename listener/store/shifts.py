"""What a shift has done, for whoever comes next: counted from the journal and from what waits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.store.connection import in_words
from listener.store.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.connection import Connection, Store

SIGN_ON, NOTE = "shift.on", "shift.note"


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody took the desk over, or left a word for whoever will."""

    at: int
    operator: str
    note: str = ""


class Shifts:
    """Signatures, and the counts between two of them. All instants are UTC ms."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = Journal(store)

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with in_words(self._store.path):
            return self._store.read().execute(statement, values).fetchall()

    def sign_on(self, operator: str, since: int, brief: str) -> Signature:
        """The incoming operator has read the brief (its SHA-256) from `since` to now, and takes over from whoever signed before."""
        last = self.last_sign_on()

        def work(connection: Connection) -> Signature:
            after = {"since": since, "brief": brief, "from": last.operator if last else ""}
            self._journal.record(connection, operator, SIGN_ON, "desk", 0, after=after)
            return Signature(self._store.clock(), operator)

        return self._store.write(work)

    def leave_note(self, operator: str, text: str) -> None:
        """A word of the outgoing operator."""
        self._store.write(lambda connection: self._journal.record(connection, operator, NOTE, "desk", 0, after={"note": text}))

    def last_sign_on(self, before: int | None = None) -> Signature | None:
        rows = self._rows("SELECT at, operator FROM journal WHERE subject = 'desk' AND subject_id = 0 AND action = ? AND at < ? ORDER BY id DESC LIMIT 1", (SIGN_ON, before or 1 << 62))
        return Signature(*rows[0]) if rows else None

    def notes(self, since: int, until: int) -> list[Signature]:
        """Words that were left, oldest first."""
        rows = self._rows("SELECT at, operator, after FROM journal WHERE subject = 'desk' AND subject_id = 0 AND action = ? AND at >= ? AND at <= ? ORDER BY id", (NOTE, since, until))
        return [Signature(at, operator, str(json.loads(after).get("note", ""))) for at, operator, after in rows]

    def arrived(self, since: int, until: int) -> tuple[int, int]:
        """(mentions that reached the desk, how many of them were copies of others)."""
        first = self._rows("SELECT coalesce(max(id), 0) FROM mention")[0][0]
        low, high = 0, first  # ids grow with arrival: the first of the period is found by halves, since arrival has no index
        while low < high:
            middle = (low + high) // 2
            row = self._rows("SELECT received_at FROM mention WHERE id > ? ORDER BY id LIMIT 1", (middle,))
            if row and row[0][0] < since:
                low = middle + 1
            else:
                high = middle
        n, copies = self._rows("SELECT count(*), count(leader_id) FROM mention WHERE id > ? AND received_at >= ? AND received_at <= ? AND own = 0", (low, since, until))[0]
        return int(n), int(copies)

    def moved(self, since: int, until: int) -> dict[str, tuple[int, int]]:
        """State → (mentions that people brought there, that rules did); copies inside a row are not counted, nor what was undone."""
        found: dict[str, list[int]] = {}
        for after, rule in self._rows(
            "SELECT j.after, j.rule FROM journal j JOIN mention m ON m.id = j.subject_id WHERE j.at >= ? AND j.at <= ? AND j.subject = 'mention' AND j.undone_by = '' AND j.action <> 'undo' "
            "AND m.leader_id IS NULL AND j.after LIKE '%\"state\":%'",
            (since, until),
        ):
            state = json.loads(after).get("state")
            if state:
                found.setdefault(state, [0, 0])[bool(rule)] += 1
        return {state: (people, rules) for state, (people, rules) in found.items()}

    def sent(self, since: int, until: int) -> list[tuple[str, int]]:
        """(who, answers sent), the busiest first; the machine's own are `automatic`."""
        counts: dict[str, int] = {}
        for (after,) in self._rows("SELECT after FROM journal WHERE at >= ? AND at <= ? AND subject = 'reply' AND action = 'reply.sent'", (since, until)):
            told = json.loads(after)
            name = "automatic" if told.get("automatic") else str(told.get("author", ""))
            counts[name] = counts.get(name, 0) + 1
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def waking(self, since: int, until: int) -> list[tuple[int, int]]:
        """(mention, until when it is snoozed) of what comes back in a time, the soonest first."""
        return self._rows("SELECT id, snoozed_until FROM mention WHERE state = 2 AND snoozed_until >= ? AND snoozed_until < ? AND leader_id IS NULL ORDER BY snoozed_until, id", (since, until))

    def promised_by_hand(self, until: int) -> list[tuple[int, int]]:
        """(mention, due) of what people said would be done by then and is not, the soonest first."""
        return self._rows("SELECT id, due_at FROM mention WHERE due_at IS NOT NULL AND state <> 3 AND due_at < ? AND leader_id IS NULL ORDER BY due_at, id", (until,))
