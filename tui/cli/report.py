"""`report`: a period as a page."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.desk import Desk
from tui.cli.metrics import period


@click.command("report")
@click.option("--period", "named", metavar="PERIOD", default="last-week", show_default=True, help="last-week, this-month, 2026-11, 2026-11-01..2026-11-15.")
@click.option("--format", "kind", type=click.Choice(["md", "html", "json"]), default="md", show_default=True)
@click.option("--as-of", "when", metavar="WHEN", help="As it stood then.")
@click.option("--output", "-o", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Otherwise standard output.")
@click.pass_obj
def report_command(desk: Desk, named: str, kind: str, when: str | None, output: Path | None) -> None:
    """Figures and comparison of a period: Markdown, JSON, or one HTML page that needs no network."""
    from listener.reports.export import whole_file
    from listener.reports.report import report

    desk.rewind(when)
    told = report(desk.existing_store, desk.config, *period(desk, named, None, None), kind)
    if output is None:
        click.echo(told, nl=False)
        return
    with whole_file(output) as stream:
        stream.write(told)
