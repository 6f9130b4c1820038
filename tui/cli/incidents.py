"""`incidents`: the board, one incident, and what people do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk
from tui.cli.incident_report import report_command
from tui.cli.rows import echo_json, incident_row, iso
from tui.cli.rules import backtest_command, rules_command

if TYPE_CHECKING:
    from listener.domain.incident import Incident
    from listener.engine.incidents import Curve, Incidents

STATES = ("open", "acknowledged", "resolved", "regressed", "active", "all")


def board_of(desk: Desk) -> Incidents:
    from listener.engine.incidents import Incidents

    return Incidents(desk.existing_store, desk.operator)


@click.group("incidents", invoke_without_command=True)
@click.option("--state", type=click.Choice(STATES), default="all", show_default=True, help="Only these; `active` is everything but resolved.")
@click.option("--since", metavar="WHEN", help="Only what changed since: 24h, 7d, today, 2026-11-22.")
@click.option("--topic", metavar="NAME", default="", help="Only this topic.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_context
def incidents_command(ctx: click.Context, state: str, since: str | None, topic: str, as_json: bool) -> int:
    """What is going wrong, and why: what needs a person now comes first.

    Without a command it lists; the commands below show and change single incidents.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    desk: Desk = ctx.obj
    states = () if state == "all" else ("open", "acknowledged", "regressed") if state == "active" else (state,)
    found = board_of(desk).board(states=states, since=desk.moment(since) if since else None, topic=topic)
    if as_json:
        echo_json(incident_row(incident) for incident in found)
        return 0
    for incident in found:
        click.echo(line(incident, desk.store.clock()))
    if not found:
        click.echo("No incidents." if not since and state == "all" else "No incidents like that.", err=True)
    return 0


def line(incident: Incident, now: int) -> str:
    """One incident as two lines for people."""
    from tui.format import ago, clean, one_line

    facts = [incident.state.value, f"opened {ago(incident.opened_at, now)}"]
    facts += [f"×{incident.count}"] if incident.count > 1 else []
    facts += [f"{incident.evidence} posts"] if incident.evidence else []
    facts += [f"owner {clean(incident.owner, 40)}"] if incident.owner else []
    facts += ["muted"] if incident.muted(now) else []
    facts += ["historic"] if incident.historic else []
    named = clean(incident.topic, 60) or "collector"
    return f"{incident.id:>5}  {str(incident.severity) or '    '}  {named} · {incident.family} · {' · '.join(facts)}\n       {one_line(incident.why, 400)}"


@incidents_command.command("show")
@click.argument("id_", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: with timeline, facts, evidence and curve.")
@click.option("--width", type=click.IntRange(20, 400), default=72, show_default=True, help="Columns of the curve.")
@click.pass_obj
def show_command(desk: Desk, id_: int, as_json: bool, width: int) -> None:
    """Everything about one incident: why, the numbers, the curve, who, where, the timeline."""
    board = board_of(desk)
    incident = board.get(id_)
    if as_json:
        echo_json([whole(board, incident)])
        return
    from tui.format import clean, one_line, short

    facts = board.facts(id_)
    click.echo(line(incident, desk.store.clock()))
    for signal in incident.signals:
        mark = f"{signal.points:+d}" if signal.points else "  "
        click.echo(f"    {mark:>3}  {clean(signal.name, 30):18} {clean(signal.text, 200)}")
    for text in curve_lines(board.curve(id_), width):
        click.echo(f"  {text}")
    click.echo(f"  {facts.mentions} posts by {facts.authors} people, reach about {short(facts.reach)} (an estimate)")
    for name, pairs in (("loudest", [f"@{clean(h, 40)} {short(f)}" for h, f, _ in facts.loudest]), ("languages", [f"{lang or 'unknown'} {n}" for lang, n in facts.languages]),
                        ("networks", [f"{clean(s, 40)} {n}" for s, n in facts.sources]), ("new words", [clean(term, 40) for term in incident.terms])):  # fmt: skip
        if pairs:
            click.echo(f"  {name}: {', '.join(pairs[:8])}")
    if incident.first_mention is not None:
        first = desk.mentions.many([incident.first_mention])
        click.echo("".join(f"  first post: {one.id} @{clean(one.author.handle, 40)} {iso(one.created_at)}  {one_line(one.text, 120)}" for one in first))
    for told in board.timeline(id_):
        click.echo(f"  {iso(told.at)}  {clean(told.who, 40):8} {one_line(told.text, 300)}")


def whole(board: Incidents, incident: Incident) -> dict[str, Any]:
    facts, curve = board.facts(incident.id), board.curve(incident.id)
    return incident_row(incident) | {
        "merged": list(board.rows.family_of(incident.id)[1:]), "merged_into": incident.merged_into, "linked": incident.linked, "muted_until": incident.muted_until,
        "timeline": [{"at": iso(told.at), "operator": told.who, "action": told.action, "text": told.text} for told in board.timeline(incident.id)],
        "facts": {
            "mentions": facts.mentions, "authors": facts.authors, "reach": facts.reach, "loudest": [{"author": h, "followers": f, "posts": n} for h, f, n in facts.loudest],
            "languages": dict(facts.languages), "sources": dict(facts.sources), "copies": [{"mention": m, "copies": n} for m, n in facts.copies], "first_reply_at": iso(facts.replied),
        },
        "evidence_ids": list(board.evidence(incident.id)),
        "curve": {"start": iso(curve.start), "step_minutes": 5, "counts": curve.counts, "complaints": curve.complaints, "hourly": curve.hourly, "threshold_per_hour": curve.bar},
    }  # fmt: skip


def curve_lines(curve: Curve, width: int, height: int = 4) -> list[str]:
    """Hourly volume in block characters, oldest left, with the threshold as a line and a mark where it opened."""
    n = len(curve.hourly)
    columns = min(width, n)
    parts = [curve.hourly[index * n // columns : max(index * n // columns + 1, (index + 1) * n // columns)] for index in range(columns)]
    values = [max(part, default=0) for part in parts]
    top = max([*values, curve.bar, 1])
    blocks = " ▁▂▃▄▅▆▇█"
    bar_row = min(height - 1, int(curve.bar / top * height)) if curve.bar else -1
    rows = []
    for row in range(height - 1, -1, -1):
        cells = []
        for value in values:
            part = value / top * height - row
            glyph = blocks[max(0, min(8, round(part * 8)))]
            cells.append("╌" if glyph == " " and row == bar_row else glyph)
        label = f" {curve.bar:.0f} an hour would be a record" if row == bar_row else f" {top:.0f}" if row == height - 1 else ""
        rows.append("".join(cells) + label)
    opened = [at for at, kind in curve.marks if kind == "opened"]
    marks = [" "] * columns
    for at in opened:
        index = (at - curve.start) // 300_000 * columns // max(n, 1)
        if 0 <= index < columns:
            marks[index] = "▲"
    return [*rows, f"{''.join(marks).rstrip()} opened"] if opened else rows


def _say(incident: Incident, what: str) -> None:
    click.echo(f"Incident {incident.id} ({incident.severity or 'no severity'}, {incident.state.value}): {what}.")


@incidents_command.command("ack")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@click.pass_obj
def ack_command(desk: Desk, ids: tuple[int, ...]) -> None:
    """Acknowledge: I have seen it and I am on it. It opens again when it gets worse."""
    for id_ in ids:
        _say(board_of(desk).ack(id_), f"acknowledged by {desk.operator}")


@incidents_command.command("resolve")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@click.option("--cause", required=True, help="What it was, in a sentence.")
@click.option("--real/--not-real", "real", default=None, help="Was it an incident? The noise is measured by these answers.")
@click.pass_obj
def resolve_command(desk: Desk, ids: tuple[int, ...], cause: str, real: bool | None) -> None:
    """Resolve: it is over, and this was the cause."""
    for id_ in ids:
        _say(board_of(desk).resolve(id_, cause, real=real), "resolved")


@incidents_command.command("reopen")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=int)
@click.pass_obj
def reopen_command(desk: Desk, ids: tuple[int, ...]) -> None:
    """Open a resolved incident again."""
    for id_ in ids:
        _say(board_of(desk).reopen(id_), "reopened")


@incidents_command.command("assign")
@click.argument("id_", metavar="ID", type=int)
@click.argument("owner", metavar="WHO")
@click.pass_obj
def assign_command(desk: Desk, id_: int, owner: str) -> None:
    """Give it to somebody; `none` takes it back, `me` is you."""
    name = {"none": "", "me": desk.operator}.get(owner, owner)
    _say(board_of(desk).assign(id_, name), f"given to {name or 'nobody'}")


@incidents_command.command("severity")
@click.argument("id_", metavar="ID", type=int)
@click.argument("severity", type=click.Choice(["SEV1", "SEV2", "SEV3", "SEV4", "auto"], case_sensitive=False))
@click.pass_obj
def severity_command(desk: Desk, id_: int, severity: str) -> None:
    """Say yourself how bad it is; `auto` goes back to what the watch says."""
    from listener.domain.case import Severity

    chosen = Severity.NONE if severity.lower() == "auto" else Severity[severity.upper()]
    _say(board_of(desk).severity(id_, chosen), "severity set")


@incidents_command.command("note")
@click.argument("id_", metavar="ID", type=int)
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def note_command(desk: Desk, id_: int, text: tuple[str, ...]) -> None:
    """Write into its timeline; `-` reads the text from standard input."""
    import sys

    _say(board_of(desk).note(id_, sys.stdin.read() if text == ("-",) else " ".join(text)), "noted")


@incidents_command.command("mute")
@click.argument("id_", metavar="ID", type=int)
@click.option("--until", metavar="WHEN", default="", help="Such as \"in 2h\", \"tomorrow 9\"; without it, until its severity rises.")
@click.option("--off", is_flag=True, help="No longer.")
@click.pass_obj
def mute_command(desk: Desk, id_: int, until: str, off: bool) -> None:
    """Tell nobody about it until it gets worse, or until a time. Nothing of it is dropped."""
    from listener.domain.when import describe, parse_when

    if off:
        _say(board_of(desk).unmute(id_), "no longer muted")
        return
    now = desk.existing_store.clock()
    at = parse_when(until, now, desk.calendar) if until else 0
    _say(board_of(desk).mute(id_, at), f"muted until {describe(at, now, desk.calendar.zone)}" if at else "muted until it gets worse")


@incidents_command.command("merge")
@click.argument("into", metavar="ID", type=int)
@click.argument("others", metavar="OTHER...", nargs=-1, required=True, type=int)
@click.pass_obj
def merge_command(desk: Desk, into: int, others: tuple[int, ...]) -> None:
    """Make one incident of several: the others go into the first. `incidents split OTHER` takes one out again."""
    _say(board_of(desk).merge(into, others), f"holds {', '.join(map(str, others))} too")


@incidents_command.command("split")
@click.argument("id_", metavar="ID", type=int)
@click.argument("mentions", metavar="[MENTION...]", nargs=-1, type=int)
@click.option("--label", default="", help="What the part is about.")
@click.pass_obj
def split_command(desk: Desk, id_: int, mentions: tuple[int, ...], label: str) -> None:
    """Take an incident out of the one that it was merged into; or, with mentions, take these out of it into an incident of their own."""
    if not mentions:
        if board_of(desk).get(id_).merged_into is None:
            raise InputError(f"Incident {id_} is not merged into another one.", hint="Name the mentions that shall go into an incident of their own.")
        _say(board_of(desk).unmerge(id_), "stands for itself again")
        return
    _say(board_of(desk).split(id_, mentions, label), f"split from {id_}")


for _command in (rules_command, backtest_command, report_command):
    incidents_command.add_command(_command)
