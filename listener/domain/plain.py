"""Mentions as plain values: the JSON that scripts and piped commands get. Keys are only ever added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.sentiment import Sentiment


def iso(at: int | None) -> str | None:
    """UTC, ISO 8601, to the second where there is no more to say."""
    if at is None:
        return None
    when = datetime.fromtimestamp(at / 1000, UTC)
    return when.isoformat(timespec="milliseconds" if at % 1000 else "seconds").replace("+00:00", "Z")


def sentiment_row(sentiment: Sentiment) -> dict[str, Any]:
    return {"label": sentiment.label, "compound": sentiment.compound, "confidence": sentiment.confidence, "scorer": sentiment.scorer}


def mention_row(mention: Entry) -> dict[str, Any]:
    """A mention as scripts get it. Keys are only ever added."""
    kinds = [(name, confidence) for name, confidence in mention.kinds if not name.startswith("journey/")]
    return {
        "id": mention.id,
        "topic": mention.topic,
        "source": mention.source,
        "author": mention.author.handle,
        "text": mention.text,
        "created_at": iso(mention.created_at),
        "lang": mention.lang,
        "sentiment": sentiment_row(mention.sentiment),
        "kinds": [name for name, _ in kinds],
        "tags": list(mention.tags),
        "assignee": mention.assignee or None,
        "state": mention.state.value,
        "severity": str(mention.severity) or None,
        "url": mention.url or None,
        "title": mention.title or None,
        "author_name": mention.author.name or None,
        "followers": mention.author.followers,
        "topics": list(mention.topics),
        "native_id": mention.native_id,
        "kind_confidence": dict(kinds),
        "journey": next((name.removeprefix("journey/") for name, _ in mention.kinds if name.startswith("journey/")), None),
        "machine_sentiment": sentiment_row(mention.machine) if mention.machine != mention.sentiment else None,
        "duplicates": mention.duplicates,
        "task_kind": mention.task_kind.value if mention.task_kind else None,
        "due_at": iso(mention.due_at),
        "snoozed_until": iso(mention.snoozed_until),
        "version": mention.version,
        "author_id": mention.author_id,
        "segments": list(mention.segments),
    }
