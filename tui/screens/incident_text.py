"""Incidents in words: a row of the board, and everything that is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui import format as shown
from tui.widgets.volume_chart import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.incident import Incident
    from listener.engine.incidents import Curve, Line
    from listener.store.incident_facts import Facts

STATES = {
    "open": ("● open", "bold $notice"), "acknowledged": ("◔ seen", "$accent"), "resolved": ("✓ over", "$muted"), "regressed": ("● came back", "bold $bad"),
}  # fmt: skip
MARKS = {"opened": "▲", "again": "△", "worse": "▲", "ack": "◔", "resolve": "✓", "resolved": "✓", "reopen": "▲"}


def row(incident: Incident, now: int) -> Content:
    """Two lines of the board."""
    state, tone = STATES[incident.state.value]
    facts = [shown.one_line(incident.topic or "the desk", 30), shown.one_line(incident.family, 20)]
    facts.append(shown.one_line(incident.owner, 20) if incident.owner else "nobody on it" if incident.active else "")
    facts += [shown.plural(incident.evidence, "post")] if incident.evidence else []
    facts += [f"×{incident.count}"] if incident.count > 1 else []
    facts += ["muted"] if incident.muted(now) else []
    facts += ["from the archive"] if incident.historic else []
    head = Content.assemble(
        (f" {str(incident.severity) or '····'} ", f"bold $severity-{incident.severity.value or 4}" + (" reverse" if incident.severity == 1 and incident.active else "")),
        (f" {state:<12}", tone),
        (f"{shown.age(incident.opened_at, now):>5}  ", "$muted"),
        (facts[0], "bold $title"),
        (" · " + " · ".join(fact for fact in facts[1:] if fact), "$muted"),
    )
    return Content("\n").join([head, Content("       " + shown.one_line(reasons(incident), 300))])


def reasons(incident: Incident) -> str:
    """Why, without the severity that stands beside it anyway."""
    head, _, rest = incident.why.partition("): ")
    return rest if rest and head.startswith("SEV") else incident.why


def whole(incident: Incident, facts: Facts, timeline: Sequence[Line], now: int) -> Content:
    """Why, since when, who, and what was done: to read from top to bottom."""
    state, tone = STATES[incident.state.value]
    lines = [
        Content.assemble(
            (f" {str(incident.severity) or 'no severity'} ", f"bold reverse $severity-{incident.severity.value or 4}"), ("  ", ""), (state, tone),
            (f"  {shown.one_line(incident.topic or 'the desk', 60)} · {shown.one_line(incident.family, 30)}", "bold $title"),
        ),
        Content.styled(f"opened {shown.ago(incident.opened_at, now)} · {'on it: ' + shown.one_line(incident.owner, 40) if incident.owner else 'nobody is on it'}", "$muted"),
        Content(""),
        Content(shown.clean(reasons(incident), 2000, lines=True)),
    ]  # fmt: skip
    if incident.cause:
        real = {True: "it was real", False: "it was not real", None: ""}[incident.real]
        lines += [Content(""), Content.styled(f"Cause: {shown.one_line(incident.cause, 400)}" + (f" ({real})" if real else ""), "$notice")]
    if incident.signals:
        lines += [Content(""), Content.styled(f"── What was measured: {incident.points} points ", "bold $muted")]
        lines += [_signal(signal.points, signal.name, signal.text) for signal in incident.signals if signal.points]
        others = ", ".join(signal.text for signal in incident.signals if not signal.points)
        lines += [Content.styled(f"    {shown.one_line(others, 600)}", "$muted")] if others else []
    if facts.mentions:
        lines += [Content(""), Content.styled("── Who and where ", "bold $muted"), *_facts(facts)]
    if incident.terms:
        lines += [Content.assemble(("new words  ", "$muted"), (shown.one_line(", ".join(incident.terms[:12]), 300), "$tag"))]
    lines += [Content(""), Content.styled("── Timeline ", "bold $muted")]
    lines += [
        Content.assemble((f"{shown.age(told.at, now):>5} ", "$muted"), (shown.one_line(told.who, 24), "bold"), ("  ", ""), shown.one_line(told.text, 300))
        for told in reversed(timeline)
    ]
    return Content("\n").join(lines)


def _signal(points: int, name: str, text: str) -> Content:
    worth = f"{points:+d}".replace("-", "−") if points else " ·"
    return Content.assemble((f"{worth:>3} ", "bold $notice" if points else "$muted"), (f"{shown.one_line(name, 24):<18} ", "$muted"), shown.one_line(text, 200))


def _facts(facts: Facts) -> list[Content]:
    said = f"{shown.plural(facts.mentions, 'post')} by {shown.plural(facts.authors, 'person', 'people')}, reach about {shown.short(facts.reach)} (an estimate)"
    rows = (
        ("loudest", ", ".join(f"@{handle} {shown.short(followers)}" for handle, followers, _ in facts.loudest)),
        ("languages", ", ".join(f"{lang or 'unknown'} {n}" for lang, n in facts.languages)),
        ("networks", ", ".join(f"{source} {n}" for source, n in facts.sources)),
        ("copies", ", ".join(f"×{n}" for _, n in facts.copies)),
    )
    return [Content(said), *(Content.assemble((f"{name:<10} ", "$muted"), shown.one_line(text, 300)) for name, text in rows if text)]


def buckets(curve: Curve) -> list[Bucket]:
    """The running hour at each five minutes, with what was negative of it, and where something happened."""
    marks = {(at - curve.start) // 300_000: MARKS.get(kind, "") for at, kind in curve.marks}
    negative = curve.negative
    return [Bucket(count, min(sum(negative[max(at - 11, 0) : at + 1]), count), marks.get(at, "")) for at, count in enumerate(curve.hourly)]
