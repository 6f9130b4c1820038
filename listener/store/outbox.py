"""Replies on their way out. Every change of state is checked, versioned, fenced and journalled, in one durable transaction.

The journal's lines have the subject `reply`; their `after` names the mention, so that metrics and the handover need nothing else.
Drafts live here too: their text may change until it is frozen, and autosaving it is no change of state.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from listener.domain.case import State
from listener.domain.reply import Reply, ReplyState, check_move, digest_of
from listener.errors import Conflict, InputError, StoreError
from listener.store.cases import Cases
from listener.store.connection import in_words
from listener.store.journal import Journal
from listener.store.names import Names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from listener.domain.operator import Change
    from listener.domain.reply import Purpose
    from listener.store.cases import Work
    from listener.store.connection import Store

_COLUMNS = (
    "id, mention_id, source_id, text, digest, key, state, author, approver, created_at, not_before, attempts, fence, sending_since, sent_at, remote_id, permalink, "
    "error, automatic, version, frozen_at, updated_at, parent_kept, purpose, note, visibility, first_attempt, look_at, reads"
)
_SELECT = f"SELECT {_COLUMNS} FROM outbox"


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a reply that is published."""

    remote_id: str
    permalink: str = ""
    parent_kept: bool = True


class Outbox:
    """The table of replies."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = Journal(store)
        self._sources = Names(store, "source")
        self._cases = Cases(store)

    # -- reading

    def get(self, id_: int) -> Reply:
        """Raises InputError: no such reply."""
        return self._get(self._store.read(), id_)

    def find(
        self, states: Collection[ReplyState] = (), *, mention_id: int | None = None, author: str = "", since: int | None = None, limit: int = 500
    ) -> list[Reply]:
        """Replies, the last changed first; empty drafts are nobody's business."""
        where, values = ["NOT (state = 'draft' AND text = '')"], list[Any]()
        if states:
            where.append(f"state IN ({', '.join('?' * len(states))})")
            values += [state.value for state in states]
        for condition, value in (("mention_id = ?", mention_id), ("author = ?", author or None), ("updated_at >= ?", since)):
            if value is not None:
                where.append(condition)
                values.append(value)
        return self._rows(f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY updated_at DESC, id DESC LIMIT ?", (*values, limit))

    def counts(self) -> dict[ReplyState, int]:
        """How many replies stand in each state that has any."""
        rows = self._store.read().execute("SELECT state, count(*) FROM outbox WHERE NOT (state = 'draft' AND text = '') GROUP BY state")
        return {ReplyState(state): n for state, n in rows}

    def draft_of(self, mention_id: int, operator: str) -> Reply | None:
        """The draft that an operator last wrote on."""
        rows = self._rows(f"{_SELECT} WHERE mention_id = ? AND author = ? AND state = 'draft' ORDER BY updated_at DESC LIMIT 1", (mention_id, operator))
        return rows[0] if rows else None

    def due(self, now: int, *, limit: int = 200) -> list[Reply]:
        """What may go out, the longest waiting first."""
        return self._rows(f"{_SELECT} WHERE state = 'queued' AND not_before <= ? ORDER BY not_before, id LIMIT ?", (now, limit))

    def to_read(self, now: int, *, limit: int = 100) -> list[Reply]:
        """Unknown ones whose thread is to be read back now."""
        return self._rows(f"{_SELECT} WHERE state = 'unknown' AND look_at <= ? ORDER BY look_at, id LIMIT ?", (now, limit))

    def by_remote(self, source: str, remote_id: str) -> Reply | None:
        """The reply that a network knows under that id: what a customer's answer answers."""
        source_id = self._sources.id(source)
        rows = self._rows(f"{_SELECT} WHERE source_id = ? AND remote_id = ? AND remote_id <> ''", (source_id, remote_id)) if source_id else []
        return rows[0] if rows else None

    def said(self, mention_id: int, since: int, *, limit: int = 500) -> list[Reply]:
        """What was sent or is on its way: to this author at any time, and to anybody since then."""
        live = "state IN ('approval', 'queued', 'sending', 'sent', 'unknown')"
        mine = f"{_SELECT} WHERE {live} AND mention_id IN (SELECT id FROM mention WHERE author_id = (SELECT author_id FROM mention WHERE id = ?)) ORDER BY id DESC LIMIT 100"
        others = f"{_SELECT} WHERE {live} AND updated_at >= ? ORDER BY id DESC LIMIT ?"
        found = {one.id: one for one in (*self._rows(mine, (mention_id,)), *self._rows(others, (since, limit)))}
        return list(found.values())

    def automatic_in(self, connection: sqlite3.Connection, mention_id: int, author_id: int, hour: int, per_author: int) -> tuple[int, int, int]:
        """(acknowledgements since `hour`, those to this author since `per_author`, replies of any sort to this mention), inside a transaction."""
        told = "purpose = 'acknowledgement' AND state NOT IN ('cancelled', 'failed', 'draft')"
        lately = connection.execute(f"SELECT count(*) FROM outbox WHERE {told} AND created_at >= ?", (hour,)).fetchone()[0]
        theirs = f"SELECT count(*) FROM outbox WHERE {told} AND created_at >= ? AND mention_id IN (SELECT id FROM mention WHERE author_id = ?)"
        answered = "SELECT count(*) FROM outbox WHERE mention_id = ? AND state NOT IN ('cancelled', 'draft')"
        return lately, connection.execute(theirs, (per_author, author_id)).fetchone()[0], connection.execute(answered, (mention_id,)).fetchone()[0]

    # -- drafts

    def open(self, mention_id: int, author: str, *, purpose: Purpose = "reply", automatic: bool = False) -> Reply:
        """The author's draft for a mention, made when there is none. Raises InputError: no such mention."""
        return self._store.write(lambda connection: self.open_in(connection, mention_id, author, purpose=purpose, automatic=automatic))

    def open_in(self, connection: sqlite3.Connection, mention_id: int, author: str, *, purpose: Purpose = "reply", automatic: bool = False, fresh: bool = False) -> Reply:
        """The same inside the caller's transaction; `fresh` leaves an earlier draft alone."""
        statement = "SELECT id FROM outbox WHERE mention_id = ? AND author = ? AND state = 'draft' ORDER BY updated_at DESC LIMIT 1"
        row = None if automatic or fresh else connection.execute(statement, (mention_id, author)).fetchone()
        if row is not None:
            return self._get(connection, row[0])
        mention = connection.execute("SELECT source_id FROM mention WHERE id = ?", (mention_id,)).fetchone()
        if mention is None:
            raise InputError(f"There is no mention {mention_id}.", hint="`listener list` shows the ids.")
        now = self._store.clock()
        id_ = connection.execute(
            "INSERT INTO outbox (mention_id, source_id, text, digest, key, state, author, created_at, updated_at, purpose, automatic) VALUES (?, ?, '', '', ?, 'draft', ?, ?, ?, ?, ?)",
            (mention_id, mention[0], secrets.token_hex(16), author, now, now, purpose, int(automatic)),
        ).lastrowid
        return self._get(connection, id_ or 0)

    def save(self, id_: int, text: str, *, visibility: str | None = None, expect: int | None = None) -> Reply:
        """Keep a draft's text. Raises InputError: it is no draft any more. Conflict: another desk wrote on it since."""

        def work(connection: sqlite3.Connection) -> Reply:
            reply = self._get(connection, id_)
            _expected(reply, expect)
            if reply.state is not ReplyState.DRAFT:
                raise InputError(f"Reply {id_} is {reply.state.value}: its text is frozen.", hint="Take it back first.")
            now = self._store.clock()
            shown = reply.visibility if visibility is None else visibility
            connection.execute("UPDATE outbox SET text = ?, visibility = ?, updated_at = ?, version = version + 1 WHERE id = ?", (_storable(text), shown, now, id_))
            return self._get(connection, id_)

        return self._store.write(work)

    def drop_empty(self, id_: int) -> bool:
        """Forget a draft on which nothing was ever written. Whether there was one."""
        statement = "DELETE FROM outbox WHERE id = ? AND state = 'draft' AND text = '' AND NOT EXISTS (SELECT 1 FROM journal WHERE subject = 'reply' AND subject_id = outbox.id)"
        return self._store.write(lambda connection: connection.execute(statement, (id_,)).rowcount) > 0

    # -- changes of state by people and rules

    def freeze(
        self, id_: int, to: ReplyState, operator: str, not_before: int, *, text: str | None = None, approver: str = "", rule: str = "", expect: int | None = None
    ) -> Reply:
        """Freeze the text and queue it, or lay it before somebody who may approve.

        The key belongs to a text that was tried: another text after an attempt gets another key, so that nothing published is overwritten.
        """
        return self._store.write(lambda connection: self.freeze_in(connection, id_, to, operator, not_before, text=text, approver=approver, rule=rule, expect=expect))

    def freeze_in(
        self, connection: sqlite3.Connection, id_: int, to: ReplyState, operator: str, not_before: int, *,
        text: str | None = None, approver: str = "", rule: str = "", expect: int | None = None,
    ) -> Reply:  # fmt: skip
        reply = self._get(connection, id_)
        _expected(reply, expect)
        final = reply.text if text is None else _storable(text)
        digest, now = digest_of(final), self._store.clock()
        tried_same = reply.first_attempt is not None and reply.digest == digest
        columns: dict[str, Any] = {"text": final, "digest": digest, "not_before": not_before, "error": "", "approver": approver, "look_at": None, "reads": 0}
        if not tried_same:
            columns |= {"frozen_at": now, "first_attempt": None, "attempts": 0}
            columns |= {"key": secrets.token_hex(16)} if reply.first_attempt is not None else {}
        told: dict[str, Any] = {"text": final}
        return self.move_in(connection, reply, to, operator, columns, told=told, rule=rule)

    def move(self, id_: int, to: ReplyState, operator: str, *, expect: int | None = None, **columns: Any) -> Reply:
        """Another state, with other columns. Raises InputError: it may not follow. Conflict: it moved on since `expect`."""

        def work(connection: sqlite3.Connection) -> Reply:
            reply = self._get(connection, id_)
            _expected(reply, expect)
            return self.move_in(connection, reply, to, operator, columns)

        return self._store.write(work)

    def move_in(
        self, connection: sqlite3.Connection, reply: Reply, to: ReplyState, operator: str, columns: dict[str, Any], *, told: dict[str, Any] | None = None, rule: str = ""
    ) -> Reply:
        """The same inside the caller's transaction, from the row as it was read there."""
        check_move(reply.state, to)
        columns = {"state": to.value, "updated_at": self._store.clock(), **columns}
        sets = ", ".join(f"{name} = ?" for name in columns)
        connection.execute(f"UPDATE outbox SET {sets}, version = version + 1 WHERE id = ?", (*columns.values(), reply.id))
        after = {"state": to.value, "mention": reply.mention_id, "author": reply.author, "automatic": reply.automatic, "purpose": reply.purpose}
        after |= {name: columns[name] for name in ("error", "note", "approver", "remote_id", "permalink") if columns.get(name)} | (told or {})
        self._journal.record(connection, operator, f"reply.{to.value}", "reply", reply.id, before={"state": reply.state.value}, after=after, rule=rule)
        return self._get(connection, reply.id)

    def published(self, id_: int, operator: str, sent: Sent, sent_at: int, *, fence: int | None = None, expect: int | None = None) -> Reply:
        """It is out: with its case pending, and a line that says whether it was the first word of a person to this mention."""

        def work(connection: sqlite3.Connection) -> Reply:
            reply = self._get(connection, id_)
            _expected(reply, expect)
            _fenced(reply, fence)
            earlier = "SELECT 1 FROM outbox WHERE mention_id = ? AND state = 'sent' AND automatic = 0 LIMIT 1"
            first = not reply.automatic and connection.execute(earlier, (reply.mention_id,)).fetchone() is None
            columns = {
                "remote_id": sent.remote_id, "permalink": sent.permalink, "parent_kept": int(sent.parent_kept), "sent_at": sent_at, "look_at": None,
                "error": "" if sent.parent_kept else "The server published it outside the thread: the customer may not see it.",
            }  # fmt: skip
            moved = self.move_in(connection, reply, ReplyState.SENT, operator, columns, told={"first": first, "sent_at": sent_at, "parent_kept": sent.parent_kept})
            if reply.purpose == "reply" and not reply.automatic:
                self._cases.change_in(connection, [reply.mention_id], reply.author, "pending", _answered, rule="reply sent")
            connection.execute("INSERT INTO follow (mention_id, next_at) VALUES (?, ?) ON CONFLICT (mention_id) DO UPDATE SET next_at = excluded.next_at, reads = 0", (reply.mention_id, self._store.clock()))
            return moved

        return self._store.write(work)

    def look(self, id_: int) -> Reply:
        """Have the thread of one in doubt read back at once."""
        return self._touch(id_, ReplyState.UNKNOWN, "look_at = ?, reads = 0")

    def hasten(self, id_: int) -> Reply:
        """Have one that waits go out at once."""
        return self._touch(id_, ReplyState.QUEUED, "not_before = ?")

    def _touch(self, id_: int, state: ReplyState, sets: str) -> Reply:
        def work(connection: sqlite3.Connection) -> Reply:
            reply, now = self._get(connection, id_), self._store.clock()
            if reply.state is not state:
                raise InputError(f"Reply {id_} is {reply.state.value} by now.", hint="Look at it again, then repeat.")
            connection.execute(f"UPDATE outbox SET {sets}, updated_at = ?, version = version + 1 WHERE id = ?", (now, now, id_))
            return self._get(connection, id_)

        return self._store.write(work)

    # -- changes of state by the sender

    def begin(self, id_: int, fence: int, lease: str) -> Reply | None:
        """Committed before a byte goes out. None: it was taken back or is somebody else's. Raises StoreError: the lease is lost."""

        def work(connection: sqlite3.Connection) -> Reply | None:
            if not _holds(connection, lease, fence):
                raise StoreError("Another collector has taken over.", hint="This one sends nothing more.")
            reply, now = self._get(connection, id_), self._store.clock()
            if reply.state is not ReplyState.QUEUED or reply.not_before > now:
                return None
            columns = {"fence": fence, "sending_since": now, "attempts": reply.attempts + 1, "first_attempt": reply.first_attempt or now, "error": ""}
            return self.move_in(connection, reply, ReplyState.SENDING, "desk", columns, told={"attempt": reply.attempts + 1})

        return self._store.write(work)

    def end(self, id_: int, fence: int, to: ReplyState, error: str, *, not_before: int | None = None, look_at: int | None = None) -> Reply:
        """How an attempt ended, when it did not end with a receipt. Raises Conflict: another collector has adopted the row."""

        def work(connection: sqlite3.Connection) -> Reply:
            reply = self._get(connection, id_)
            _fenced(reply, fence)
            columns: dict[str, Any] = {"error": error, "look_at": look_at}
            if to is ReplyState.UNKNOWN:
                columns["reads"] = 0
            if not_before is not None:
                columns["not_before"] = not_before
            return self.move_in(connection, reply, to, "desk", columns)

        return self._store.write(work)

    def adopt(self, fence: int, lease: str, active: Collection[int], look_at: int) -> list[Reply]:
        """Rows that somebody died over while sending become unknown, to be read back. `active`: those that are really being sent."""

        def work(connection: sqlite3.Connection) -> list[Reply]:
            if not _holds(connection, lease, fence):
                raise StoreError("Another collector has taken over.", hint="This one sends nothing more.")
            left = [reply for reply in self._read(connection, f"{_SELECT} WHERE state = 'sending'", ()) if reply.fence != fence or reply.id not in active]
            columns = {"error": "The collector ended while this was being sent.", "look_at": look_at, "reads": 0, "fence": fence}
            return [self.move_in(connection, reply, ReplyState.UNKNOWN, "desk", columns) for reply in left]

        return self._store.write(work)

    def absent(self, id_: int, version: int, look_at: int | None, error: str) -> Reply:
        """The thread was read and the reply is not there (yet). Raises Conflict."""

        def work(connection: sqlite3.Connection) -> Reply:
            reply = self._get(connection, id_)
            _expected(reply, version)
            values = (look_at, error, self._store.clock(), id_)
            connection.execute("UPDATE outbox SET reads = reads + 1, look_at = ?, error = ?, updated_at = ?, version = version + 1 WHERE id = ?", values)
            return self._get(connection, id_)

        return self._store.write(work)

    def unread(self, id_: int, version: int, look_at: int | None, error: str) -> Reply:
        """The thread could not be read; nothing was learnt. Raises Conflict."""

        def work(connection: sqlite3.Connection) -> Reply:
            _expected(self._get(connection, id_), version)
            connection.execute("UPDATE outbox SET look_at = ?, error = ?, version = version + 1 WHERE id = ?", (look_at, error, id_))
            return self._get(connection, id_)

        return self._store.write(work)

    def story(self, id_: int) -> list[Change]:
        """All that happened to a reply, oldest first: attempts, refusals, approvals with the words that were approved."""
        return self._journal.of("reply", id_, limit=1_000)

    def last_wording(self, id_: int) -> str | None:
        """The words that were last laid before somebody, or queued; None when they never were."""
        import json

        texts = [json.loads(line.after).get("text") for line in self.story(id_)]
        return next((str(text) for text in reversed(texts) if text is not None), None)

    # -- threads to read again

    def to_follow(self, now: int, *, limit: int = 20) -> list[tuple[int, int]]:
        """(mention, how often it was read) of threads that are to be read again."""
        return self._store.read().execute("SELECT mention_id, reads FROM follow WHERE next_at <= ? ORDER BY next_at LIMIT ?", (now, limit)).fetchall()

    def followed(self, mention_id: int, next_at: int | None) -> None:
        """It was read; None ends the following."""

        def work(connection: sqlite3.Connection) -> None:
            if next_at is None:
                connection.execute("DELETE FROM follow WHERE mention_id = ?", (mention_id,))
            else:
                connection.execute("UPDATE follow SET next_at = ?, reads = reads + 1 WHERE mention_id = ?", (next_at, mention_id))

        self._store.write(work, durable=False)

    # -- inside

    def _get(self, connection: sqlite3.Connection, id_: int) -> Reply:
        found = self._read(connection, f"{_SELECT} WHERE id = ?", (id_,))
        if not found:
            raise InputError(f"There is no reply {id_}.", hint="`listener outbox` shows the ids.")
        return found[0]

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Reply]:
        with in_words(self._store.path):
            return self._read(self._store.read(), statement, values)

    def _read(self, connection: sqlite3.Connection, statement: str, values: Sequence[Any]) -> list[Reply]:
        return [self._reply(list(row)) for row in connection.execute(statement, values).fetchall()]

    def _reply(self, row: list[Any]) -> Reply:
        row[2], row[6], row[18], row[22] = self._sources.name(row[2]), ReplyState(row[6]), bool(row[18]), bool(row[22])
        return Reply(*row)


def _answered(work: Work) -> Work:
    return replace(work, state=State.PENDING.value, snoozed_until=None) if work.state in (State.OPEN, State.SNOOZED) else work


def _holds(connection: sqlite3.Connection, lease: str, fence: int) -> bool:
    row = connection.execute("SELECT fence FROM lease WHERE name = ?", (lease,)).fetchone()
    return row is not None and row[0] == fence


def _expected(reply: Reply, version: int | None) -> None:
    if version is not None and reply.version != version:
        raise Conflict(f"Reply {reply.id} is {reply.state.value} by now.", hint="Look at it again, then repeat.")


def _fenced(reply: Reply, fence: int | None) -> None:
    if fence is not None and (reply.fence != fence or reply.state is not ReplyState.SENDING):
        raise Conflict(f"Reply {reply.id} was adopted by another collector.", hint="It reads the thread back.")


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
