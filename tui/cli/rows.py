"""How rows are printed: JSON for scripts, lines for people. Text of others is cleaned for the terminal, never in JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from listener.domain.plain import iso, mention_row, sentiment_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.domain.incident import Incident
    from listener.domain.mention import Entry


__all__ = ["echo_json", "incident_row", "iso", "line", "mention_row", "sentiment_row"]


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
