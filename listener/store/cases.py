"""The work on mentions: every change of state, tags, assignee, … with its journal lines, counters and undo, in one transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from listener.domain.case import Severity, State, may_follow
from listener.domain.sentiment import Grade, Sentiment
from listener.errors import Conflict, InputError
from listener.store.journal import INSERT as JOURNAL_INSERT
from listener.store.journal import Journal, new_batch, pack
from listener.store.names import Names
from listener.store.people import People
from listener.store.rows import LABEL_CODES, LABELS, STATE_CODES, STATES, pack_sentiment, unpack_sentiment, words
from listener.store.tally import Counted, Tally

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from listener.store.connection import Store

CHUNK = 400


@dataclass(frozen=True, slots=True)
class Work:
    """What operators change about a mention; the journal's `before` and `after` hold the fields that differ."""

    state: str
    severity: int
    assignee: str
    tags: tuple[str, ...]
    task_kind: str
    due_at: int | None
    snoozed_until: int | None
    sentiment: str
    """The operator's own verdict; empty while the machine's counts."""
    lang: str
    topic: str


FIELDS = tuple(field.name for field in fields(Work))


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did."""

    batch: str
    changed: tuple[int, ...]
    unchanged: tuple[int, ...]
    """Rows that were so already."""


class Cases:
    """Changes to the work on mentions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = Journal(store)
        self._topics = Names(store, "topic")
        self._tags = Names(store, "tag")
        self._scorers = Names(store, "scorer")

    def change(
        self, ids: Sequence[int], operator: str, action: str, edit: Callable[[Work], Work], *,
        batch: str = "", rule: str = "", expect: dict[int, int] | None = None, with_folded: bool = False,
    ) -> Done:  # fmt: skip
        """Apply an edit to many mentions in one durable transaction.

        Args:    edit: from the work as it stands to the work as it shall be; must be pure.
                 expect: id → version that the operator saw; a row that moved on since raises.
                 with_folded: near-duplicates folded into these rows go along.
        Raises:  InputError: an id that does not exist, or a state that may not follow.
                 Conflict: somebody else was first.
        """
        return self._store.write(lambda connection: self.change_in(connection, ids, operator, action, edit, batch=batch, rule=rule, expect=expect, with_folded=with_folded))

    def change_in(
        self, connection: sqlite3.Connection, ids: Sequence[int], operator: str, action: str, edit: Callable[[Work], Work], *,
        batch: str = "", rule: str = "", expect: dict[int, int] | None = None, with_folded: bool = False,
    ) -> Done:  # fmt: skip
        """The same inside the caller's transaction."""
        batch = batch or new_batch()
        wanted = list(dict.fromkeys(ids))
        if with_folded:
            wanted = list(dict.fromkeys([*wanted, *_folded(connection, wanted)]))
        rows = _rows(connection, wanted)
        missing = [id_ for id_ in wanted if id_ not in rows]
        if missing:
            raise InputError(f"There is no mention {missing[0]}.", hint="`listener list` shows the ids.")
        ledger = _Ledger(self._store.clock(), operator, action, batch, rule)
        unchanged = []
        for id_ in wanted:
            row = rows[id_]
            if expect and expect.get(id_, row.version) != row.version:
                raise Conflict(f"Mention {id_} was changed by {self._last_operator(connection, id_)} meanwhile.", hint="Look at it again, then repeat.")
            before = self._work(row)
            after = edit(before)
            if after == before:
                unchanged.append(id_)
                continue
            if after.state != before.state and not may_follow(State(before.state), State(after.state)):
                raise InputError(f"Mention {id_} is {before.state}: it cannot become {after.state}.")
            self._apply(connection, row, before, after, ledger)
        ledger.write(connection)
        return Done(batch, tuple(ledger.ids), tuple(unchanged))

    def add_note(self, id_: int, operator: str, text: str, *, batch: str = "") -> Done:
        """Add a note. Raises InputError: no such mention."""
        return self._store.write(lambda connection: self.add_note_in(connection, id_, operator, text, batch=batch))

    def add_note_in(self, connection: sqlite3.Connection, id_: int, operator: str, text: str, *, batch: str = "", rule: str = "") -> Done:
        """The same inside the caller's transaction."""
        batch = batch or new_batch()
        if connection.execute("SELECT 1 FROM mention WHERE id = ?", (id_,)).fetchone() is None:
            raise InputError(f"There is no mention {id_}.", hint="`listener list` shows the ids.")
        note_id = connection.execute("INSERT INTO note (mention_id, at, operator, text) VALUES (?, ?, ?, ?)", (id_, self._store.clock(), operator, text)).lastrowid
        self._journal.record(connection, operator, "note", "mention", id_, after={"note": note_id, "text": text}, batch=batch, rule=rule)
        return Done(batch, (id_,), ())

    def undo(self, operator: str, batch: str = "") -> tuple[str, Done]:
        """Take back the operator's last action, or a named one. (the action's name, what changed back)

        Raises:  InputError: nothing to undo. Conflict: somebody else has changed one of the same fields since.
        """

        def work(connection: sqlite3.Connection) -> tuple[str, Done]:
            name = batch or self._journal.last_undoable(connection, operator)
            if not name:
                raise InputError(f"{operator} has done nothing that could be undone.")
            lines = self._journal.batch(connection, name)
            if not lines:
                raise InputError(f"The journal knows no batch {name}.")
            if connection.execute("SELECT 1 FROM journal WHERE batch = ? AND undone_by <> '' LIMIT 1", (name,)).fetchone():
                raise InputError("That was undone already.")
            reverse, changed = new_batch(), []
            for line in reversed(lines):
                before, after = json.loads(line.before), json.loads(line.after)
                if line.subject == "author":
                    People(self._store).undo_in(connection, before, after, operator, reverse, line.subject_id)
                    continue
                if line.subject != "mention":
                    continue
                if line.action == "note":
                    connection.execute("UPDATE note SET removed = 1 WHERE id = ?", (after["note"],))
                    self._journal.record(connection, operator, "undo", "mention", line.subject_id, before=after, batch=reverse)
                    changed.append(line.subject_id)
                    continue
                done = self.change_in(connection, [line.subject_id], operator, "undo", back(before, after, line.subject_id), batch=reverse)
                changed += done.changed
            self._journal.mark_undone(connection, name, reverse)
            return lines[0].action, Done(reverse, tuple(dict.fromkeys(changed)), ())

        return self._store.write(work)

    # -- one row

    def _last_operator(self, connection: sqlite3.Connection, id_: int) -> str:
        row = connection.execute("SELECT operator FROM journal WHERE subject = 'mention' AND subject_id = ? ORDER BY id DESC LIMIT 1", (id_,)).fetchone()
        return row[0] if row else "somebody"

    def _work(self, row: _Row) -> Work:
        return Work(
            STATES[row.state].value, Severity.from_urgency(row.urgency).value, row.assignee, words(row.tags), row.task_kind, row.due_at, row.snoozed_until,
            LABELS[row.label] if row.machine else "", row.lang, self._topics.name(row.topic_id),
        )  # fmt: skip

    def _apply(self, connection: sqlite3.Connection, row: _Row, before: Work, after: Work, ledger: _Ledger) -> None:
        state = STATE_CODES[State(after.state)]
        urgency = Severity(after.severity).urgency
        topic_id = row.topic_id if after.topic == before.topic else self._topics.take(connection, after.topic)
        columns: dict[str, Any] = {
            "state": state, "urgency": urgency, "assignee": after.assignee, "tags": " ".join(after.tags), "task_kind": after.task_kind,
            "due_at": after.due_at, "snoozed_until": after.snoozed_until if after.state == State.SNOOZED else None, "lang": after.lang, "topic_id": topic_id,
        }  # fmt: skip
        now = {name: getattr(row, name) for name in columns}
        if after.sentiment != before.sentiment:
            columns |= self._verdict(connection, row, after.sentiment)
            now |= {name: getattr(row, name) for name in ("label", "compound", "confidence", "scorer_id", "grade", "raw", "machine")}
        ledger.update(row.id, {name: value for name, value in columns.items() if value != now[name]})
        if row.leader_id is None:
            ledger.tally.place(row.topic_id, row.urgency, row.state, -1)
            ledger.tally.place(topic_id, urgency, state)
        label = columns.get("label", row.label)
        counted = (topic_id, label, columns.get("grade", row.grade), columns.get("compound", row.compound), after.lang)
        if not row.own and counted != (row.topic_id, row.label, row.grade, row.compound, row.lang):
            ledger.retally(row, *counted)
            for (other,) in connection.execute("SELECT topic_id FROM mention_topic WHERE mention_id = ? AND label IS NULL", (row.id,)):
                ledger.retally(replace(row, topic_id=other), other, label, columns.get("grade", row.grade), columns.get("compound", row.compound), after.lang)
        self._retag(connection, row, before, after, state, urgency)
        ledger.journal(row.id, before, after)

    def _verdict(self, connection: sqlite3.Connection, row: _Row, label: str) -> dict[str, Any]:
        """The columns of a human verdict, or those of the machine's when the verdict is taken back."""
        if not label:
            machine = unpack_sentiment(row.machine)
            return {
                "label": LABEL_CODES[machine.label], "compound": machine.compound, "confidence": machine.confidence, "grade": machine.grade, "raw": machine.raw,
                "scorer_id": self._scorers.take(connection, machine.scorer) if machine.scorer else None, "machine": None,
            }  # fmt: skip
        machine = Sentiment(LABELS[row.label], row.compound, row.confidence, self._scorers.name(row.scorer_id), row.grade, row.raw)
        compound = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}.get(label)
        return {
            "label": _label_code(label), "compound": compound, "confidence": 1.0, "grade": "A", "raw": row.raw,
            "scorer_id": self._scorers.take(connection, "operator"), "machine": row.machine or pack_sentiment(machine),
        }  # fmt: skip

    def _retag(self, connection: sqlite3.Connection, row: _Row, before: Work, after: Work, state: int, urgency: int) -> None:
        """Keep `mention_tag` and, for open rows, `inbox_tag` in step."""
        if not before.tags and not after.tags:
            return
        was_in = row.state == 0 and row.leader_id is None
        is_in = state == 0 and row.leader_id is None
        ids = {name: self._tags.take(connection, name) for name in {*before.tags, *after.tags}}
        if was_in:
            connection.executemany("DELETE FROM inbox_tag WHERE tag_id = ? AND urgency = ? AND created_at = ? AND mention_id = ?",
                                   [(ids[name], row.urgency, row.created_at, row.id) for name in before.tags])  # fmt: skip
        if is_in:
            connection.executemany("INSERT INTO inbox_tag (tag_id, urgency, created_at, mention_id) VALUES (?, ?, ?, ?)",
                                   [(ids[name], urgency, row.created_at, row.id) for name in after.tags])  # fmt: skip
        gone, come = set(before.tags) - set(after.tags), set(after.tags) - set(before.tags)
        connection.executemany("DELETE FROM mention_tag WHERE tag_id = ? AND created_at = ? AND mention_id = ?", [(ids[name], row.created_at, row.id) for name in gone])
        connection.executemany("INSERT INTO mention_tag (tag_id, created_at, mention_id) VALUES (?, ?, ?)", [(ids[name], row.created_at, row.id) for name in come])


@dataclass(slots=True)
class _Row:
    """The columns that an action may touch, and those that it must know."""

    id: int
    version: int
    source_id: int
    topic_id: int
    created_at: int
    state: int
    urgency: int
    assignee: str
    tags: str
    task_kind: str
    due_at: int | None
    snoozed_until: int | None
    label: int
    compound: float | None
    confidence: float
    scorer_id: int | None
    grade: Grade
    raw: float | None
    machine: str
    lang: str
    leader_id: int | None
    own: int
    kinds: str
    likes: int | None
    reposts: int | None
    replies: int | None


_ROW = ", ".join("coalesce(machine, '')" if field.name == "machine" else field.name for field in fields(_Row))


def _rows(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, _Row]:
    found: dict[int, _Row] = {}
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        for row in connection.execute(f"SELECT {_ROW} FROM mention WHERE id IN ({', '.join('?' * len(part))})", part):
            found[row[0]] = _Row(*row)
    return found


def _folded(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterable[int]:
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        for (id_,) in connection.execute(f"SELECT id FROM mention WHERE leader_id IN ({', '.join('?' * len(part))})", part):
            yield id_


def back(before: dict[str, Any], after: dict[str, Any], id_: int) -> Callable[[Work], Work]:
    """The edit that undoes a journal line."""

    def edit(work: Work) -> Work:
        for name, value in after.items():
            now = getattr(work, name)
            if (list(now) if isinstance(now, tuple) else now) != value:
                raise Conflict(f"Mention {id_}: {name} has been changed again since.", hint="Undo would overwrite that; change it by hand.")
        values: dict[str, Any] = {name: tuple(value) if name == "tags" else value for name, value in before.items()}
        return replace(work, **values)

    return edit


def _label_code(label: str) -> int:
    if label not in LABELS:
        raise InputError(f"{label!r} is no sentiment.", hint=f"One of {', '.join(LABELS)}.")
    return LABELS.index(label)


class _Ledger:
    """What one action writes, gathered so that ten thousand rows are a few statements."""

    def __init__(self, at: int, operator: str, action: str, batch: str, rule: str) -> None:
        self._at, self._operator, self._action, self._batch, self._rule = at, operator, action, batch, rule
        self.ids: list[int] = []
        self.tally = Tally()
        self._updates: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        self._lines: list[tuple[Any, ...]] = []

    def update(self, id_: int, columns: dict[str, Any]) -> None:
        self.ids.append(id_)
        self._updates[tuple(columns)].append((*columns.values(), id_))

    def journal(self, id_: int, before: Work, after: Work) -> None:
        differ = [name for name in FIELDS if getattr(before, name) != getattr(after, name)]
        was, now = {name: getattr(before, name) for name in differ}, {name: getattr(after, name) for name in differ}
        self._lines.append((self._at, self._operator, self._action, "mention", id_, pack(was), pack(now), self._batch, self._rule))

    def retally(self, row: _Row, topic_id: int, label: int, grade: str, compound: float | None, lang: str) -> None:
        """Take a mention out of the count that it was in, and into the one that it belongs to now."""
        was = Counted(row.source_id, row.created_at, row.lang, row.label, row.grade, row.compound, row.kinds, row.likes, row.reposts, row.replies)
        self.tally.count(row.topic_id, was, -1)
        self.tally.count(topic_id, replace(was, lang=lang, label=label, grade=grade, compound=compound))

    def write(self, connection: sqlite3.Connection) -> None:
        for columns, rows in self._updates.items():
            sets = "".join(f"{name} = ?, " for name in columns)
            connection.executemany(f"UPDATE mention SET {sets}version = version + 1 WHERE id = ?", rows)
        connection.executemany(JOURNAL_INSERT, self._lines)
        self.tally.write(connection)
