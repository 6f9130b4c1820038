"""Survey answers: what people said when they were asked, and what was imported. NPS 0–10, CSAT and CES 1–5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from listener.errors import Conflict, InputError
from listener.store.journal import Journal
from listener.store.names import Names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from listener.store.connection import Store

Kind = Literal["nps", "csat", "ces"]
RANGES: dict[Kind, tuple[float, float]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 5)}
_COLUMNS = "id, kind, score, at, topic_id, mention_id, operator, source, text, sure, corrected_by, version"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a survey."""

    id: int
    kind: Kind
    score: float
    at: int
    topic: str
    mention_id: int | None
    """The case that was asked about."""
    operator: str
    """Who had answered that case."""
    source: str
    """`asked` for answers to our own question, else where it was imported from."""
    text: str
    sure: float
    """How sure the machine read the score, 0–1; 1 when a person or a file says it."""
    corrected_by: str
    version: int


class Surveys:
    """The table of answers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._topics = Names(store, "topic")
        self._journal = Journal(store)

    def add_in(
        self, connection: sqlite3.Connection, kind: Kind, score: float, at: int, *, topic: str = "", mention_id: int | None = None, operator: str = "",
        source: str = "asked", text: str = "", sure: float = 1.0, key: str | None = None,
    ) -> int | None:  # fmt: skip
        """Add an answer inside the caller's transaction; None when an answer with that key is there already. Raises InputError: a score out of range."""
        _check(kind, score)
        row = connection.execute(
            "INSERT INTO survey (kind, score, at, topic_id, mention_id, operator, source, text, sure, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id",
            (kind, float(score), at, self._topics.take(connection, topic) if topic else None, mention_id, operator, source, text, sure, key),
        ).fetchone()
        return int(row[0]) if row else None

    def correct(self, id_: int, score: float | None, operator: str, *, expect: int | None = None) -> Answer | None:
        """Put it right, or with None take it out: it was no answer. Journalled. Raises InputError, Conflict."""

        def work(connection: sqlite3.Connection) -> Answer | None:
            answer = next(iter(self._read(connection, "WHERE id = ?", (id_,))), None)
            if answer is None:
                raise InputError(f"There is no survey answer {id_}.")
            if expect is not None and answer.version != expect:
                raise Conflict(f"Survey answer {id_} was corrected by {answer.corrected_by or 'somebody'} meanwhile.")
            before = {"score": answer.score, "mention": answer.mention_id}
            if score is None:
                connection.execute("DELETE FROM survey WHERE id = ?", (id_,))
                self._journal.record(connection, operator, "survey.drop", "survey", id_, before=before)
                return None
            _check(answer.kind, score)
            connection.execute("UPDATE survey SET score = ?, sure = 1, corrected_by = ?, version = version + 1 WHERE id = ?", (float(score), operator, id_))
            self._journal.record(connection, operator, "survey.correct", "survey", id_, before=before, after={"score": score, "mention": answer.mention_id})
            return next(iter(self._read(connection, "WHERE id = ?", (id_,))))

        return self._store.write(work)

    def find(self, kind: Kind | None = None, *, since: int = 0, until: int | None = None, mention_id: int | None = None, limit: int = 100_000) -> list[Answer]:
        """Answers, the newest first."""
        where, values = ["at >= ?"], list[Any]([since])
        for condition, value in (("kind = ?", kind), ("at < ?", until), ("mention_id = ?", mention_id)):
            if value is not None:
                where.append(condition)
                values.append(value)
        return self._read(self._store.read(), f"WHERE {' AND '.join(where)} ORDER BY at DESC, id DESC LIMIT ?", (*values, limit))

    def to_ask(self, resolved_since: int, resolved_until: int, *, rest_since: int, limit: int = 200) -> list[int]:
        """Cases that a person answered, that were resolved in a time and still are, and whose author was not asked since `rest_since`."""
        rows = self._store.read().execute(
            "SELECT m.id, max(j.at) AS closed FROM journal j CROSS JOIN mention m CROSS JOIN outbox o WHERE j.at >= ? AND j.subject = 'mention' AND j.after LIKE '%\"state\":\"resolved\"%' "
            "AND m.id = j.subject_id AND m.state = 3 AND m.own = 0 AND m.deleted_at IS NULL AND o.mention_id = m.id AND o.state = 'sent' AND o.automatic = 0 "
            "AND NOT EXISTS (SELECT 1 FROM outbox q JOIN mention n ON n.id = q.mention_id WHERE n.author_id = m.author_id AND q.purpose = 'survey' AND q.created_at >= ?) "
            "GROUP BY m.id HAVING closed < ? ORDER BY closed LIMIT ?",
            (resolved_since, rest_since, resolved_until, limit),
        )
        return [row[0] for row in rows]

    def asked(self, author_id: int, since: int) -> tuple[int, int] | None:
        """(reply, mention) of the question that an author was last sent and has not answered."""
        row = self._store.read().execute(
            "SELECT o.id, o.mention_id FROM outbox o JOIN mention m ON m.id = o.mention_id WHERE m.author_id = ? AND o.purpose = 'survey' AND o.state IN ('sent', 'unknown') "
            "AND coalesce(o.sent_at, o.sending_since) >= ? AND NOT EXISTS (SELECT 1 FROM survey s WHERE s.key = 'csat:' || o.id) ORDER BY o.id DESC LIMIT 1",
            (author_id, since),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def _read(self, connection: sqlite3.Connection, tail: str, values: Iterable[Any]) -> list[Answer]:
        rows = [list(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM survey {tail}", tuple(values))]
        for row in rows:
            row[4] = self._topics.name(row[4])
        return [Answer(*row) for row in rows]


def _check(kind: Kind, score: float) -> None:
    if kind not in RANGES:
        raise InputError(f"{kind!r} is no kind of survey.", hint="One of nps, csat, ces.")
    low, high = RANGES[kind]
    if not low <= score <= high:
        raise InputError(f"{score:g} is no {kind.upper()} score.", hint=f"From {low:g} to {high:g}.")
