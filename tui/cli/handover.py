"""`handover`: the brief of a shift."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from listener.errors import InputError
from tui.cli.desk import Desk


@click.command("handover")
@click.option("--since", metavar="WHEN", help="Begin there instead of at the last sign-on.")
@click.option("--note", metavar="TEXT", help="Leave a word for whoever comes next; `-` reads it from standard input.")
@click.option("--sign-on", "signing", is_flag=True, help="Take the desk over, having read the brief: the journal says so.")
@click.option("--format", "kind", type=click.Choice(["md", "json"]), default="md", show_default=True, help="Markdown for the chat, JSON for scripts.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", "-o", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write it there instead, readable by its owner only.")
@click.pass_obj
def handover_command(desk: Desk, since: str | None, note: str | None, signing: bool, kind: str, as_json: bool, output: Path | None) -> None:
    """What the next shift must know: incidents, breaches, snoozes, drafts, leads, sources down, noise, the outgoing note.

    Since the last sign-on. The outgoing operator leaves a --note, the incoming one reads and signs on with --sign-on; the journal keeps both.
    """
    from listener.reports.handover import brief, sign_on, to_dict, to_markdown
    from listener.store.shifts import Shifts

    store = desk.existing_store
    if note is not None:
        text = (sys.stdin.read() if note == "-" else note).strip()
        if not text:
            raise InputError("The note is empty.")
        Shifts(store).leave_note(desk.operator, text)
    read = brief(store, desk.config, desk.moment(since) if since else None)
    told = json.dumps(to_dict(read), ensure_ascii=False, indent=2) + "\n" if as_json or kind == "json" else to_markdown(read)
    if output is not None:
        from listener.reports.export import whole_file

        with whole_file(output) as stream:
            stream.write(told)
    else:
        click.echo(told, nl=False)
    if signing:
        sign_on(store, desk.operator, read)
        click.echo(f"{desk.operator} has signed on.", err=True)
