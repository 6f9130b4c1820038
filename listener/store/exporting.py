"""Mentions as flat rows, straight from SQL: what exports read, in constant memory and in one snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from listener.errors import InputError
from listener.store.connection import in_words
from listener.store.facts import Facts
from listener.store.filters import plan
from listener.store.rows import LABELS, STATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from listener.store.connection import Store
    from listener.store.filters import Filter

FETCH = 1_000


def _time(column: str) -> str:
    """ISO 8601 UTC with milliseconds, from a column of ms."""
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE strftime('%Y-%m-%dT%H:%M:%S', {column} / 1000, 'unixepoch') || printf('.%03dZ', {column} % 1000) END"


def _named(column: str, names: Sequence[str]) -> str:
    return "CASE " + column + " " + " ".join(f"WHEN {code} THEN '{name}'" for code, name in enumerate(names)) + " END"


_REPLY = "(SELECT {what} FROM outbox o WHERE o.mention_id = m.id AND o.state <> 'draft' ORDER BY o.id DESC LIMIT 1)"
_FACT = "(SELECT {what} FROM fact f WHERE f.mention_id = m.id)"
COLUMNS: dict[str, tuple[str, str]] = {
    "id": ("m.id", "number of the mention on this desk"),
    "topic": ("(SELECT name FROM topic WHERE id = m.topic_id)", "topic that it is filed under"),
    "topics": ("coalesce(m.topics, '[]')", "further topics that it matches, a JSON list"),
    "source": ("(SELECT name FROM source WHERE id = m.source_id)", "source that received it"),
    "native_id": ("m.native_id", "the network's own id"),
    "author": ("a.handle", "handle, without a leading @"),
    "author_id": ("a.native_id", "the network's own id of the author"),
    "author_name": ("a.name", "display name"),
    "followers": ("a.followers", "followers as last seen; empty where the network does not tell"),
    "text": ("m.text", "the text as it came"),
    "title": ("m.title", "title, where the network has one"),
    "created_at": (_time("m.created_at"), "when it was written, UTC"),
    "received_at": (_time("m.received_at"), "when the desk got it, UTC"),
    "lang": ("m.lang", "ISO 639-1; empty when unknown"),
    "lang_confidence": ("m.lang_confidence", "0–1"),
    "sentiment": (_named("m.label", LABELS), "what counts: the operator's verdict where there is one"),
    "compound": ("m.compound", "−1 to 1; empty when unscored"),
    "confidence": ("m.confidence", "0–1"),
    "scorer": ("coalesce((SELECT name FROM scorer WHERE id = m.scorer_id), '')", "who scored it, with version; `operator` for a verdict by hand"),
    "machine_sentiment": ("coalesce(json_extract(m.machine, '$[0]'), " + _named("m.label", LABELS) + ")", "the machine's verdict, kept beside an operator's"),
    "machine_compound": ("CASE WHEN m.machine IS NULL THEN m.compound ELSE json_extract(m.machine, '$[1]') END", "the machine's score"),
    "machine_scorer": ("CASE WHEN m.machine IS NULL THEN coalesce((SELECT name FROM scorer WHERE id = m.scorer_id), '') ELSE json_extract(m.machine, '$[3]') END", "the machine's scorer"),
    "kinds": ("m.kinds", "suggested kinds with confidence, `complaint:0.91 question:0.40`"),
    "tags": ("m.tags", "tags, separated by spaces"),
    "state": (_named("m.state", [state.value for state in STATES]), "open, pending, snoozed, resolved"),
    "severity": ("CASE WHEN m.urgency = 0 THEN '' ELSE 'SEV' || (5 - m.urgency) END", "SEV1 (worst) to SEV4, or empty"),
    "assignee": ("m.assignee", "person or team"),
    "task_kind": ("m.task_kind", "support, question, feedback, lead, crisis"),
    "due_at": (_time("m.due_at"), "when an answer is due, UTC"),
    "snoozed_until": (_time("m.snoozed_until"), "UTC"),
    "url": ("m.url", "permalink"),
    "parent": ("m.parent_id", "native_id of the post that it answers"),
    "thread": ("m.thread_id", "native_id of the first post of the conversation"),
    "visibility": ("CASE WHEN m.visibility = '' THEN 'public' ELSE m.visibility END", "public, unlisted, followers, direct"),
    "own": ("m.own", "1 when the desk's own account wrote it"),
    "likes": ("m.likes", "empty where the network does not tell"),
    "reposts": ("m.reposts", ""),
    "replies": ("m.replies", ""),
    "views": ("m.views", ""),
    "edited_at": (_time("m.edited_at"), "UTC"),
    "deleted_at": (_time("m.deleted_at"), "when the network deleted it, UTC; the text is gone then"),
    "duplicates": ("m.duplicates", "near-duplicates folded into this row"),
    "leader": ("m.leader_id", "id of the row that this one is folded into"),
    "reply_text": (_REPLY.format(what="o.text"), "our last reply"),
    "reply_state": (_REPLY.format(what="o.state"), "queued, sending, sent, unknown, failed, cancelled"),
    "reply_at": (_REPLY.format(what=_time("o.sent_at")), "when it was sent, UTC"),
    "reply_url": (_REPLY.format(what="o.permalink"), "permalink of our reply"),
    "first_reply_at": (_FACT.format(what=_time("f.replied_at")), "when a person first answered, UTC"),
    "replied_by": (_FACT.format(what="f.replied_by"), "who did"),
    "resolved_at": (_FACT.format(what=_time("f.resolved_at")), "the last resolve, while it stands, UTC"),
    "resolved_by": (_FACT.format(what="f.resolved_by"), "who did; `rule:` and its name when a rule did"),
    "reopened": (_FACT.format(what="f.reopened"), "how often the case was opened again"),
    "rules": (
        "(SELECT group_concat(rule, '|') FROM (SELECT DISTINCT j.rule AS rule FROM journal j WHERE j.subject = 'mention' AND j.subject_id = m.id AND j.rule <> '' AND j.undone_by = '' ORDER BY 1))",
        "rules that worked on it, separated by `|`",
    ),
    "grade": ("m.grade", "how well the scorer reads the language: A, B, C"),
}
"""Column → (SQL over `m` and `a`, what it holds). The order is a promise: new columns are added at the end."""

NUMBERS = frozenset({"id", "followers", "lang_confidence", "compound", "confidence", "machine_compound", "own", "likes", "reposts", "replies", "views", "duplicates", "leader", "reopened"})
"""Columns that hold numbers: never quoted against formulas."""


def check_columns(names: Sequence[str]) -> list[str]:
    """Raises InputError: an unknown column."""
    for name in names:
        if name not in COLUMNS:
            from difflib import get_close_matches

            near = get_close_matches(name, COLUMNS, 1)
            raise InputError(f"There is no column {name!r}.", hint=f"Did you mean {near[0]!r}?" if near else f"Columns: {', '.join(COLUMNS)}.")
    return list(names)


class Exports:
    """Reading whole lists as flat rows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def statement(self, filter_: Filter, columns: Sequence[str]) -> tuple[str, list[Any]]:
        """The SELECT of an export, oldest first, with its values. Raises QueryError."""
        connection = self._store.read()
        topics = {name.casefold(): id_ for id_, name in connection.execute("SELECT id, name FROM topic")}
        road = plan(filter_, connection, topics, self._store.clock())
        chosen = ", ".join(f"{COLUMNS[name][0]} AS {name}" for name in columns)
        where, values = str(road.where), list(road.where.values)
        if road.topic is not None:
            where += " AND (m.topic_id = ? OR m.id IN (SELECT mention_id FROM mention_topic WHERE topic_id = ?))"
            values += [road.topic, road.topic]
        return f"SELECT {chosen} FROM {road.table} WHERE {where} ORDER BY m.created_at, m.id", values

    def rows(self, filter_: Filter, columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
        """Rows in batches, oldest first, as they were at one instant. Raises QueryError, StoreError."""
        if any("fact f" in COLUMNS[name][0] for name in columns):
            Facts(self._store).catch_up()
        statement, values = self.statement(filter_, columns)
        with in_words(self._store.path), self._store.snapshot() as connection:
            cursor = connection.execute(statement, values)
            while batch := cursor.fetchmany(FETCH):
                yield batch
