"""`incidents report`: what happened, as Markdown or as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.domain.incident import Incident
    from listener.reports.incident import Story


@click.command("report")
@click.argument("id_", metavar="ID", type=int)
@click.option("--format", "form", type=click.Choice(["md", "html"]), default="md", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it there; otherwise to standard output.")
@click.pass_obj
def report_command(desk: Desk, id_: int, form: str, output: Path | None) -> None:
    """The post-incident report: times to detect, tell, acknowledge, reply and resolve, peak, reach, why, timeline, top posts, notices."""
    from zoneinfo import ZoneInfo

    from listener.reports import incident

    told = story(desk, id_)
    zone = ZoneInfo(desk.config.desk.time_zone)
    text = incident.html(told, zone) if form == "html" else incident.markdown(told, zone)
    if output is None:
        click.echo(text)
        return
    output.write_text(text, encoding="utf-8")
    click.echo(f"Incident {id_} reported to {output}.", err=True)


def _steps(desk: Desk, one: Incident) -> list[tuple[str, str]]:
    """The steps of its playbooks: (what, who did it)."""
    from listener.engine.playbooks import Playbooks, boxes

    return [(box.step, box.done.operator if box.done else "") for book in Playbooks(desk.config).for_incident(one) for box in boxes(desk.store, "incident", one.id, book)]


def story(desk: Desk, id_: int) -> Story:
    """What a report of an incident is made of."""
    from listener.engine.incidents import Incidents
    from listener.reports.incident import Story
    from listener.store.notices import Notices

    board = Incidents(desk.existing_store, desk.operator)
    one, facts, curve = board.get(id_), board.facts(id_), board.curve(id_)
    first = desk.mentions.many([one.first_mention]) if one.first_mention is not None else []
    return Story(
        one, facts, [(line.at, line.who, line.text) for line in board.timeline(id_)], first[0] if first else None, desk.mentions.many(list(facts.top)),
        Notices(desk.store).log(incident_id=id_), curve.start, curve.hourly, curve.bar, _steps(desk, one),
    )  # fmt: skip
