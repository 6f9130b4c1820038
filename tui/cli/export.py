"""`export`: mentions for spreadsheets and scripts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.cli.desk import Desk
from tui.cli.read import build_filter, filters


@click.command("export")
@filters
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), help="Otherwise by the file's name, otherwise csv.")
@click.option("--output", "-o", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-", help="Where to; `-` is standard output.")
@click.option("--columns", metavar="NAME,…", default="", help="Only these columns, in this order; docs/export.md lists them.")
@click.option("--bom", is_flag=True, help="Begin a CSV with a byte order mark, which Excel wants.")
@click.option("--unfolded/--folded", default=True, help="Whether near-duplicates get rows of their own.  [default: unfolded]")
@click.pass_obj
def export_command(desk: Desk, /, kind: str | None, output: Path, columns: str, bom: bool, unfolded: bool, state: str | None, **options: Any) -> None:
    """Export mentions, in every state unless --state says otherwise, oldest first.

    CSV is RFC 4180 in UTF-8, safe to open in a spreadsheet; JSONL is exact. Constant memory, however many there are.
    """
    from listener.reports.export import whole_file, write_csv, write_jsonl

    filter_ = build_filter(desk, "oldest", state=state, folded=not unfolded, **options)
    names = [name.strip() for name in columns.split(",") if name.strip()]
    chosen = kind or ("jsonl" if output.suffix in (".jsonl", ".ndjson") else "csv")
    expected = desk.mentions.count(filter_, cap=2_000_000).n

    def write(stream: Any, progress: Any) -> int:
        if chosen == "jsonl":
            return write_jsonl(desk.existing_store, filter_, stream, names, progress=progress)
        return write_csv(desk.existing_store, filter_, stream, names, bom=bom, progress=progress)

    if str(output) == "-":
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="")  # type: ignore[union-attr]
        write(sys.stdout, lambda _: None)
        return
    with whole_file(output) as stream, click.progressbar(length=expected, label=f"Exporting to {output.name}", file=sys.stderr, width=30) as bar:
        done = write(stream, lambda n: bar.update(n - bar.pos))
    click.echo(f"{done} mentions written to {output}.", err=True)
