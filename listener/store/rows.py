"""Rows of `mention` to domain values and back: the codes of the columns live here and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from listener.domain.author import Author
from listener.domain.case import Severity, State, TaskKind
from listener.domain.mention import Engagement, Entry
from listener.domain.segments import unpack as unpack_segments
from listener.domain.sentiment import UNSCORED, Label, Sentiment

if TYPE_CHECKING:
    from typing import Any

    from listener.store.names import Names

LABELS: tuple[Label, ...] = ("unscored", "negative", "neutral", "positive")
LABEL_CODES = {label: code for code, label in enumerate(LABELS)}
STATES = (State.OPEN, State.PENDING, State.SNOOZED, State.RESOLVED)
STATE_CODES = {state: code for code, state in enumerate(STATES)}
BUCKET_MS = 300_000
HOUR_MS = 3_600_000

COLUMNS = (
    "m.id, m.source_id, m.native_id, m.text, m.created_at, m.received_at, m.author_id, a.native_id, a.handle, a.name, a.url, a.followers, "
    "m.url, m.title, m.lang, m.lang_confidence, m.parent_id, m.thread_id, m.visibility, m.likes, m.reposts, m.replies, m.views, m.edited_at, m.deleted_at, "
    "m.reply_ref, m.own, m.topic_id, m.topics, m.label, m.compound, m.confidence, m.scorer_id, m.grade, m.raw, m.machine, m.kinds, m.tags, m.state, m.urgency, "
    "m.assignee, m.task_kind, m.due_at, m.snoozed_until, m.duplicates, m.leader_id, m.version, a.segments"
)
FROM = "mention m JOIN author a ON a.id = m.author_id"


def words(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(" ")) if joined else ()


def pack_kinds(kinds: tuple[tuple[str, float], ...]) -> str:
    return " ".join(f"{name}:{confidence:.2f}" for name, confidence in kinds)


def unpack_kinds(packed: str) -> tuple[tuple[str, float], ...]:
    pairs = (word.rpartition(":") for word in words(packed))
    return tuple((name, float(confidence)) for name, _, confidence in pairs)


def pack_sentiment(sentiment: Sentiment) -> str:
    return json.dumps([sentiment.label, sentiment.compound, sentiment.confidence, sentiment.scorer, sentiment.grade, sentiment.raw])


def unpack_sentiment(packed: str) -> Sentiment:
    return Sentiment(*json.loads(packed))


def entry(row: tuple[Any, ...], sources: Names, topics: Names, scorers: Names, permalinks: tuple[str, ...] = ()) -> Entry:
    """A row of COLUMNS as the domain knows it."""
    (
        id_, source_id, native_id, text, created_at, received_at, author_id, author_native, handle, name, author_url, followers,
        url, title, lang, lang_confidence, parent_id, thread_id, visibility, likes, reposts, replies, views, edited_at, deleted_at,
        reply_ref, own, topic_id, extra_topics, label, compound, confidence, scorer_id, grade, raw, machine, kinds, tags, state, urgency,
        assignee, task_kind, due_at, snoozed_until, duplicates, leader_id, version, segments,
    ) = row  # fmt: skip
    sentiment = Sentiment(LABELS[label], compound, confidence, scorers.name(scorer_id), grade, raw) if label else UNSCORED
    topic = topics.name(topic_id)
    return Entry(
        id=id_, source=sources.name(source_id), native_id=native_id, text=text, created_at=created_at, received_at=received_at,
        author_id=author_id, author=Author(author_native, handle, name, author_url, followers), url=url, title=title, lang=lang,
        lang_confidence=lang_confidence, parent_id=parent_id, thread_id=thread_id, visibility=visibility or "public",
        engagement=Engagement(likes, reposts, replies, views), edited_at=edited_at, deleted_at=deleted_at, reply_ref=reply_ref, own=bool(own),
        topic=topic, topics=(topic, *json.loads(extra_topics)) if extra_topics else (topic,), sentiment=sentiment,
        machine=unpack_sentiment(machine) if machine else sentiment, kinds=unpack_kinds(kinds), tags=words(tags), state=STATES[state],
        severity=Severity.from_urgency(urgency), assignee=assignee, task_kind=TaskKind(task_kind) if task_kind else None, due_at=due_at,
        snoozed_until=snoozed_until, duplicates=duplicates, leader_id=leader_id, permalinks=permalinks or ((url,) if url else ()), version=version,
        segments=unpack_segments(segments),
    )  # fmt: skip
