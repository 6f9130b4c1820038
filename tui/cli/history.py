"""`history`, `undo`: what was done, and taking any of it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from tui.cli.desk import Desk
from tui.cli.rows import echo_json, iso

if TYPE_CHECKING:
    from listener.engine.history import Stroke


def stroke_row(stroke: Stroke) -> dict[str, Any]:
    """What one keystroke or one run of a rule did, as scripts get it. Keys are only ever added."""
    return {
        "batch": stroke.batch,
        "at": iso(stroke.at),
        "operator": stroke.operator,
        "actions": list(stroke.actions),
        "rule": stroke.rule or None,
        "subject": stroke.subject,
        "ids": list(stroke.ids),
        "n": stroke.n,
        "after": json.loads(stroke.after),
        "undone": stroke.undone,
        "undoable": stroke.undoable,
    }


@click.command("history")
@click.option("--who", metavar="NAME", default="", help="Only what this operator did; `me` is you.")
@click.option("--rule", metavar="NAME", default="", help="Only what this rule did.")
@click.option("--mention", type=int, help="Only what was done to this mention.")
@click.option("--since", metavar="WHEN", help="Since: 24h, 7d, today, 2026-11-22.")
@click.option("--limit", "-n", type=click.IntRange(1), default=30, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def history_command(desk: Desk, who: str, rule: str, mention: int | None, since: str | None, limit: int, as_json: bool) -> None:
    """What was done, newest first: each line is one keystroke or one run of a rule, and `listener undo BATCH` takes it back."""
    from listener.engine.history import strokes
    from tui.format import age, clean, one_line

    found = strokes(
        desk.existing_store, operator=desk.operator if who == "me" else who, rule=rule, mention=mention or 0, since=desk.moment(since) if since else 0, limit=limit
    )
    if as_json:
        echo_json(stroke_row(stroke) for stroke in found)
        return
    for stroke in found:
        what = f"{stroke.n} {stroke.subject}{'s' if stroke.n != 1 else ''}" + (f" ({', '.join(map(str, stroke.ids[:5]))}{', …' if stroke.n > 5 else ''})" if stroke.ids else "")
        by = f"{clean(stroke.operator, 40)}{f' · rule {clean(stroke.rule, 60)!r}' if stroke.rule else ''}"
        sign = "undone" if stroke.undone else "" if stroke.undoable else "–"
        click.echo(f"{stroke.batch}  {age(stroke.at, desk.store.clock()):>5}  {by}  {' + '.join(stroke.actions)}  {what}  {one_line(stroke.after, 120)} {sign}".rstrip())
    if not found:
        click.echo("Nothing has been done.", err=True)


@click.command("undo")
@click.argument("batch", required=False, default="")
@click.option("--rule", metavar="NAME", help="Take back all that this rule did, but for what somebody has changed since.")
@click.option("--since", metavar="WHEN", help="With --rule: only what it did since then.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def undo_command(desk: Desk, batch: str, rule: str | None, since: str | None, as_json: bool) -> None:
    """Take back your last action, whole; or the one that BATCH names in `listener history`."""
    from listener.errors import InputError

    kept: tuple[int, ...] = ()
    if rule is None:
        if since:
            raise InputError("--since belongs to --rule.", hint="`listener history` shows the batches that can be undone one by one.")
        action, done = desk.triage.undo(batch)
        changed, what = done.changed, action
    else:
        from listener.store.undoing import undo_rule

        undone = undo_rule(desk.existing_store, desk.operator, rule, desk.moment(since) if since else 0)
        changed, kept, what = undone.changed, undone.kept, f"rule {rule!r}"
    if as_json:
        click.echo(json.dumps({"undone": what, "changed": list(changed), "kept": list(kept)}, ensure_ascii=False))
        return
    n = len(changed)
    click.echo(f"Undid {what}: {n} mention{'s' if n != 1 else ''} changed" + (f", {len(kept)} kept, since somebody has changed them" if kept else "") + ".")
