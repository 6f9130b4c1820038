"""How rows are printed: JSON for scripts, lines for people. Text of others is cleaned for the terminal, never in JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.domain.incident import Incident
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


def incident_row(incident: Incident) -> dict[str, Any]:
    """An incident as scripts get it. Keys are only ever added."""
    return {
        "id": incident.id,
        "topic": incident.topic,
        "severity": str(incident.severity) or None,
        "state": incident.state.value,
        "opened_at": iso(incident.opened_at),
        "why": incident.why,
        "signals": [{"name": s.name, "value": s.value, "threshold": s.threshold, "points": s.points, "text": s.text} for s in incident.signals],
        "family": incident.family,
        "points": incident.points,
        "count": incident.count,
        "owner": incident.owner or None,
        "updated_at": iso(incident.updated_at),
        "acknowledged_at": iso(incident.acknowledged_at),
        "resolved_at": iso(incident.resolved_at),
        "terms": list(incident.terms),
        "first_mention": incident.first_mention,
        "cause": incident.cause or None,
        "real": incident.real,
    }


def echo_json(rows: Iterable[dict[str, Any]]) -> None:
    """A JSON array, one object a line, written as it comes."""
    first = True
    click.echo("[", nl=False)
    for row in rows:
        click.echo(("\n" if first else ",\n") + json.dumps(row, ensure_ascii=False), nl=False)
        first = False
    click.echo("]" if first else "\n]")


def line(mention: Entry, now: int) -> str:
    """One mention as one line for people."""
    from tui.format import one_line

    return f"{facts(mention, now)}  {one_line(f'{mention.title} — {mention.text}' if mention.title else mention.text, 160)}"


def facts(mention: Entry, now: int) -> str:
    """All of that line but the text."""
    from tui.format import age, clean, short

    reach = f" ({short(mention.author.followers)})" if mention.author.followers is not None else ""
    sign = {"negative": "▼", "neutral": "●", "positive": "▲", "unscored": "–"}[mention.sentiment.label]
    tags = "".join(f" #{tag}" for tag in mention.tags)
    fold = f" ×{mention.duplicates + 1}" if mention.duplicates else ""
    work = f" → {clean(mention.assignee, 40)}" if mention.assignee else ""
    start = f"{mention.id:>7} {mention.severity!s:4} {mention.state.value:8} {age(mention.created_at, now):>5} {mention.lang or '??':2} {sign}"
    return f"{start} {clean(mention.source, 40)} @{clean(mention.author.handle, 40)}{reach}{fold}{work}{tags}"
