"""What was done about each mention, as the journal tells it: first answer, last resolve, pauses, the customer's further word.

`fact` holds nothing that does not follow from the journal's lines and from what never changes about a mention. It is brought up to date
from where it last stopped; `Facts.recount` makes it anew, and a property test holds the two together. Lines that were undone, and
the undo's own, never happened.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from listener.store.connection import Connection, Store

CHUNK = 2_000
MARK = "facts"
"""The setting that holds how far the journal and the mentions were read."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One mention's story. Times are UTC ms, None for what did not happen."""

    mention_id: int
    topic_id: int
    source_id: int
    created_at: int
    received_at: int
    folded: int
    """1 for a near-duplicate inside another row: its case is that row's."""
    own: int
    severity: int
    """1 (SEV1) … 4, 0 for none, as it was last set."""
    task_kind: str
    replied_at: int | None = None
    """When the first answer of a person went out; automatic ones never count."""
    replied_by: str = ""
    later: int = 0
    """1 when the customer wrote it after a person had answered in the same conversation: no first response any more."""
    resolved_at: int | None = None
    """The last resolve, while it stands."""
    resolved_by: str = ""
    reopened: int = 0
    follow_at: int | None = None
    """The customer's first further message in the conversation after our first answer."""
    pauses: str = "[]"
    """JSON of [from, until] of every snooze; until is null while it lasts."""


COLUMNS = tuple(field.name for field in fields(Fact))
_PUT = f"INSERT OR REPLACE INTO fact ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_LINES = "SELECT j.at, j.operator, j.rule, j.before, j.after FROM journal j WHERE j.subject = 'mention' AND j.subject_id = ? AND j.undone_by = '' AND j.action NOT IN ('undo', 'note', 'erase') ORDER BY j.id"
_SENT = (
    "SELECT j.at, j.operator, j.after FROM outbox o JOIN journal j ON j.subject = 'reply' AND j.subject_id = o.id AND j.action = 'reply.sent' WHERE o.mention_id = ? ORDER BY j.id"
)
_SAME = (
    "x.author_id = m.author_id AND x.source_id = m.source_id AND x.own = 0 AND x.id <> m.id AND ((CASE WHEN x.thread_id = '' THEN x.native_id ELSE x.thread_id END) = "
    "(CASE WHEN m.thread_id = '' THEN m.native_id ELSE m.thread_id END) OR {link})"
)
_FOLLOW = (
    "SELECT min(x.created_at) FROM mention m JOIN mention x ON "
    + _SAME.format(link="x.parent_id = m.native_id OR (x.parent_id <> '' AND x.parent_id IN (SELECT o.remote_id FROM outbox o WHERE o.mention_id = m.id AND o.state = 'sent'))")
    + " WHERE m.id = ? AND x.created_at > ?"
)
_LATER = (
    "SELECT 1 FROM mention m JOIN mention x ON "
    + _SAME.format(link="m.parent_id = x.native_id OR (m.parent_id <> '' AND m.parent_id IN (SELECT o.remote_id FROM outbox o WHERE o.mention_id = x.id AND o.state = 'sent'))")
    + " JOIN fact f ON f.mention_id = x.id WHERE m.id = ? AND f.replied_at < m.created_at LIMIT 1"
)


class Facts:
    """Keeping the table in step with the journal."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def catch_up(self) -> int:
        """Take in what the journal and the network said since last time; nothing on a read-only disk. How many mentions were looked at again."""
        if not self._store.writable:
            return 0
        journal, mentions = self._mark(self._store.read())
        read = self._store.read().execute
        newest_line, newest_mention = read("SELECT coalesce(max(id), 0) FROM journal").fetchone()[0], read("SELECT coalesce(max(id), 0) FROM mention").fetchone()[0]
        if (journal, mentions) == (newest_line, newest_mention):
            return 0
        touched = self._touched(journal, newest_line, mentions, newest_mention)
        for start in range(0, len(touched), CHUNK):
            part = touched[start : start + CHUNK]
            self._store.write(lambda connection, part=part: derive(connection, part), durable=False)  # type: ignore[misc]
        self._store.write(lambda connection: _put_mark(connection, newest_line, newest_mention), durable=False)
        return len(touched)

    def recount(self) -> None:
        """Throw everything away and read the whole journal again."""
        self._store.write(forget, durable=False)
        self.catch_up()

    def _mark(self, connection: Connection) -> tuple[int, int]:
        row = connection.execute("SELECT value FROM setting WHERE name = ?", (MARK,)).fetchone()
        journal, mentions = json.loads(row[0]) if row else (0, 0)
        return int(journal), int(mentions)

    def _touched(self, after: int, upto: int, after_mention: int, upto_mention: int) -> list[int]:
        """Mentions whose story may have changed, in the order in which they were written."""
        read = self._store.read().execute
        found = {row[0] for row in read("SELECT subject_id FROM journal WHERE id > ? AND id <= ? AND subject = 'mention'", (after, upto))}
        found |= {
            row[0]
            for row in read("SELECT o.mention_id FROM journal j JOIN outbox o ON o.id = j.subject_id WHERE j.id > ? AND j.id <= ? AND j.subject = 'reply' AND j.action = 'reply.sent'", (after, upto))
        }
        if after_mention < upto_mention:
            found |= {
                row[0]
                for row in read(
                    "SELECT f.mention_id FROM mention x CROSS JOIN mention m ON m.author_id = x.author_id CROSS JOIN fact f ON f.mention_id = m.id "
                    "WHERE x.id > ? AND x.id <= ? AND (x.parent_id <> '' OR x.thread_id <> '') AND x.own = 0 AND f.replied_at IS NOT NULL",
                    (after_mention, upto_mention),
                )
            }
        written: dict[int, int] = {}
        ids = sorted(found)
        for start in range(0, len(ids), 400):
            part = ids[start : start + 400]
            written.update(read(f"SELECT id, created_at FROM mention WHERE id IN ({', '.join('?' * len(part))})", part).fetchall())
        return sorted(written, key=lambda id_: (written[id_], id_))


def derive(connection: Connection, ids: Iterable[int]) -> None:
    """Tell the stories of mentions anew, inside the caller's transaction; `ids` in the order in which they were written."""
    for id_ in ids:
        fact = _fact(connection, id_)
        if fact is None:
            connection.execute("DELETE FROM fact WHERE mention_id = ?", (id_,))
        else:
            connection.execute(_PUT, astuple(fact))


def forget(connection: Connection) -> None:
    """Empty the table, so that the next catching up reads everything."""
    connection.execute("DELETE FROM fact")
    connection.execute("DELETE FROM setting WHERE name = ?", (MARK,))


def _put_mark(connection: Connection, journal: int, mentions: int) -> None:
    statement = "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    connection.execute(statement, (MARK, json.dumps([journal, mentions])))


def _fact(connection: Connection, id_: int) -> Fact | None:
    row = connection.execute("SELECT topic_id, source_id, created_at, received_at, leader_id IS NOT NULL, own FROM mention WHERE id = ?", (id_,)).fetchone()
    lines = connection.execute(_LINES, (id_,)).fetchall()
    sent = connection.execute(_SENT, (id_,)).fetchall()
    if row is None or not (lines or sent):
        return None
    told = _told(lines)
    replied_at, replied_by = _first_answer(sent)
    follow_at = connection.execute(_FOLLOW, (id_, replied_at)).fetchone()[0] if replied_at is not None else None
    later = int(connection.execute(_LATER, (id_,)).fetchone() is not None) if replied_at is not None else 0
    topic_id, source_id, created_at, received_at, folded, own = row
    return Fact(
        id_, topic_id, source_id, created_at, received_at, folded, own, told.severity, told.task_kind, replied_at, replied_by, later,
        told.resolved_at, told.resolved_by, told.reopened, follow_at, json.dumps(told.pauses),
    )  # fmt: skip


@dataclass(slots=True)
class _Told:
    """What the lines of one mention add up to."""

    severity: int
    task_kind: str
    resolved_at: int | None
    resolved_by: str
    reopened: int
    pauses: list[list[int | None]]


def _told(lines: Sequence[tuple[Any, ...]]) -> _Told:
    told = _Told(0, "", None, "", 0, [])
    for at, operator, rule, before, after in lines:
        now = json.loads(after)
        told.severity = now.get("severity", told.severity)
        told.task_kind = now.get("task_kind", told.task_kind)
        if "state" not in now:
            continue
        if told.pauses and told.pauses[-1][1] is None and now["state"] != "snoozed":
            told.pauses[-1][1] = at
        if now["state"] == "snoozed" and not (told.pauses and told.pauses[-1][1] is None):
            told.pauses.append([at, None])
        if now["state"] == "resolved":
            told.resolved_at, told.resolved_by = at, f"rule:{rule}" if rule else operator
        elif json.loads(before).get("state") == "resolved":
            told.resolved_at, told.resolved_by, told.reopened = None, "", told.reopened + 1
    return told


def _first_answer(sent: Sequence[tuple[Any, ...]]) -> tuple[int | None, str]:
    """(when, by whom) the first human answer went out; a survey question or an automatic acknowledgement is none."""
    answers = []
    for at, operator, after in sent:
        told = json.loads(after)
        if not told.get("automatic") and told.get("purpose", "reply") == "reply":
            answers.append((int(told.get("sent_at") or at), str(told.get("author") or operator)))
    return min(answers, default=(None, ""))
