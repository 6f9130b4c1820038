"""The post-incident report: what happened, when who did what, how large it was, and what is to be learned. Markdown, or one HTML page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from listener.domain.duration import about

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from listener.domain.incident import Incident
    from listener.domain.mention import Entry
    from listener.store.incident_facts import Facts
    from listener.store.notices import Notice


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a report is made of."""

    incident: Incident
    facts: Facts
    timeline: Sequence[tuple[int, str, str]]
    """(UTC ms, who, what in words)."""
    first: Entry | None
    top: Sequence[Entry]
    notices: Sequence[Notice]
    start: int
    """Of the first bucket of the curve, UTC ms."""
    hourly: Sequence[int]
    """Mentions of the hour that ends with each five minutes."""
    bar: float
    steps: Sequence[tuple[str, str]] = ()
    """Steps of the playbook: (what, who did it; empty when nobody)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report, with how it comes about."""

    name: str
    value: str
    formula: str


def figures(story: Story) -> list[Figure]:
    """Times and sizes, each with its formula; what did not happen is a dash."""
    one, first = story.incident, story.first
    began = first.created_at if first else None
    peak = max(story.hourly, default=0)
    real = {True: "yes", False: "no", None: "not answered"}[one.real]
    told = min((notice.sent_at for notice in story.notices if notice.sent_at), default=None)
    return [
        Figure("Time to detect", _between(began, one.opened_at), "opened − first post of it"),
        Figure("Time to tell", _between(one.opened_at, told), "first notice delivered − opened"),
        Figure("Time to acknowledge", _between(one.opened_at, one.acknowledged_at), "acknowledged − opened"),
        Figure("Time to first reply", _between(one.opened_at, story.facts.replied), "first reply of a person to one of its posts − opened"),
        Figure("Time to resolve", _between(one.opened_at, one.resolved_at), "resolved − opened"),
        Figure("Peak", f"{peak} mentions in an hour" + (f" ({story.bar:.0f} would have been a record)" if story.bar else ""), "most mentions of the topic in sixty minutes"),
        Figure("Size", f"{story.facts.mentions} posts by {story.facts.authors} people", "posts that speak of it; copies counted"),
        Figure("Reach", f"{story.facts.reach} (an estimate)", "followers of its distinct authors, added up"),
        Figure("Was it real?", real, "answered at the close"),
    ]


def markdown(story: Story, zone: ZoneInfo) -> str:
    """The report as Markdown. Words of strangers are escaped: none of them can become markup or a link."""
    one = story.incident
    lines = [f"# {one.severity} {_md(one.topic or 'collector')}: {one.family}", "", f"> {_md(one.why)}", ""]
    lines += [f"Incident {one.id}, opened {_when(one.opened_at, zone)}, {one.state.value}." + (f" Owner: {_md(one.owner)}." if one.owner else ""), ""]
    if one.cause:
        lines += [f"**Cause:** {_md(one.cause)}", ""]
    lines += ["| | | how |", "|---|---|---|", *(f"| {f.name} | {_md(f.value)} | {f.formula} |" for f in figures(story)), ""]
    lines += ["## Why", "", "| signal | value | threshold | points | |", "|---|---|---|---|---|"]
    lines += [f"| {_md(s.name)} | {s.value:g} | {s.threshold:g} | {s.points:+d} | {_md(s.text)} |" for s in one.signals] + [""]
    lines += ["## Timeline", "", *(f"- {_when(at, zone)} **{_md(who)}** {_md(text)}" for at, who, text in story.timeline), ""]
    if story.steps:
        lines += ["## Playbook", "", *(f"- [{'x' if who else ' '}] {_md(step)}{f' ({_md(who)})' if who else ''}" for step, who in story.steps), ""]
    for name, pairs in _shares(story):
        lines += [f"**{name}:** {_md(pairs)}", ""]
    posts = ([("First post", story.first)] if story.first else []) + [("", entry) for entry in story.top]
    lines += ["## Posts", "", *(f"- {f'{label}: ' if label else ''}{_post(entry, zone)}" for label, entry in posts), ""]
    if story.notices:
        lines += ["## Notices", "", *(f"- {_when(n.made_at, zone)} {_md(n.channel)}: {_md(n.title)} ({n.state}{f', {_md(n.error)}' if n.error else ''})" for n in reversed(story.notices)), ""]
    return "\n".join(lines)


def html(story: Story, zone: ZoneInfo) -> str:
    """The report as one page: no scripts, nothing from elsewhere; a policy in it forbids both."""
    one = story.incident
    title = f"{one.severity} {one.topic or 'collector'}: {one.family}"
    rows = "".join(f"<tr><th>{f.name}</th><td>{escape(f.value)}</td><td class=how>{escape(f.formula)}</td></tr>" for f in figures(story))
    signals = "".join(f"<tr><td>{escape(s.name)}</td><td>{s.value:g}</td><td>{s.threshold:g}</td><td>{s.points:+d}</td><td>{escape(s.text)}</td></tr>" for s in one.signals)
    timeline = "".join(f"<li><time>{_when(at, zone)}</time> <b>{escape(who)}</b> {escape(text)}</li>" for at, who, text in story.timeline)
    steps = "".join(f"<li>{'☑' if who else '☐'} {escape(step)} <i>{escape(who)}</i></li>" for step, who in story.steps)
    shares = "".join(f"<p><b>{name}:</b> {escape(pairs)}</p>" for name, pairs in _shares(story))
    posts = "".join(
        f"<li><time>{_when(entry.created_at, zone)}</time> <b>@{escape(_line(entry.author.handle))}</b> {escape(_line(entry.text))}</li>"
        for entry in ([story.first] if story.first else []) + list(story.top)
    )
    notices = "".join(f"<li><time>{_when(n.made_at, zone)}</time> {escape(n.channel)}: {escape(n.title)} ({n.state})</li>" for n in reversed(story.notices))
    parts = [
        f"<h1>{escape(title)}</h1><blockquote>{escape(one.why)}</blockquote>",
        f"<p>Incident {one.id}, opened {_when(one.opened_at, zone)}, {one.state.value}. {escape(one.cause)}</p>",
        f"<table>{rows}</table>{_svg(story)}<h2>Why</h2><table><tr><th>signal<th>value<th>threshold<th>points<th></tr>{signals}</table>",
        f"<h2>Timeline</h2><ul>{timeline}</ul>", f"<h2>Playbook</h2><ul>{steps}</ul>" if steps else "", shares, f"<h2>Posts</h2><ul>{posts}</ul>",
        f"<h2>Notices</h2><ul>{notices}</ul>" if notices else "",
    ]  # fmt: skip
    return f"{_HEAD.replace('@title@', escape(title))}{''.join(parts)}</main>\n"


_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>@title@</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1c1e21;background:#fff}
blockquote{border-left:4px solid #c33;margin:1rem 0;padding:.2rem 1rem;background:#faf4f3}table{border-collapse:collapse}th,td{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
.how,time{color:#667;font-size:.9em}svg{display:block;margin:1.5rem 0;max-width:100%}ul{padding-left:1.2rem}
@media (prefers-color-scheme:dark){body{background:#16181c;color:#e3e5e8}blockquote{background:#241c1c}.how,time{color:#99a}}</style><main>
"""


def _svg(story: Story, width: int = 720, height: int = 160) -> str:
    """The hourly volume with the threshold and the opening."""
    top = max([*story.hourly, story.bar, 1])
    n = max(len(story.hourly) - 1, 1)
    points = " ".join(f"{index * width / n:.1f},{height - value * height / top:.1f}" for index, value in enumerate(story.hourly))
    bar = height - story.bar * height / top
    opened = (story.incident.opened_at - story.start) / 300_000 * width / n
    line = f'<line x1="0" x2="{width}" y1="{bar:.1f}" y2="{bar:.1f}" stroke="#c33" stroke-dasharray="4 4"/>' if story.bar else ""
    label = f'<text x="4" y="{max(bar - 4, 10):.1f}" font-size="11" fill="#c33">{story.bar:.0f} an hour would be a record</text>' if story.bar else ""
    return (
        f'<svg viewBox="0 0 {width} {height + 4}" role="img" aria-label="mentions an hour"><polyline fill="none" stroke="#27c" stroke-width="1.5" points="{points}"/>{line}{label}'
        f'<line x1="{opened:.1f}" x2="{opened:.1f}" y1="0" y2="{height}" stroke="#c33"/></svg>'
    )


def _shares(story: Story) -> list[tuple[str, str]]:
    facts = story.facts
    pairs = {
        "New words": ", ".join(story.incident.terms), "Loudest": ", ".join(f"@{_line(h)} ({f} followers, {n} posts)" for h, f, n in facts.loudest),
        "Languages": ", ".join(f"{lang or 'unknown'} {n}" for lang, n in facts.languages), "Networks": ", ".join(f"{_line(s)} {n}" for s, n in facts.sources),
    }  # fmt: skip
    return [(name, text) for name, text in pairs.items() if text]


def _post(entry: Entry, zone: ZoneInfo) -> str:
    return f"{_when(entry.created_at, zone)} @{_md(_line(entry.author.handle))}: {_md(_line(entry.text))}"


_MARKUP = re.compile(r"([\\`*_{}\[\]#|<>~&])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def _line(text: str, limit: int = 400) -> str:
    """One line without control characters."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _md(text: str) -> str:
    """As Markdown would print it; a bare address is broken so that nothing links by itself."""
    return _MARKUP.sub(r"\\\1", _line(text, 2_000)).replace("://", ":\u200b//")


def _when(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def _between(start: int | None, end: int | None) -> str:
    if start is None or end is None:
        return "–"
    return about(end - start) if end >= start else f"{about(start - end)} before"
