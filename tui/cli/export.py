"""`export`: mentions for spreadsheets and scripts."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk
from tui.cli.read import build_filter, filters

if TYPE_CHECKING:
    from listener.store.filters import Filter

SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "xlsx", ".parquet": "parquet"}
PROFILE = "export-profile:"
EVIDENCE = 30_000
"""Mentions of an incident that are exported at most."""


@click.command("export")
@filters
@click.option("--stream", "stream_name", metavar="NAME", help="Only what this stream shows.")
@click.option("--incident", metavar="ID", type=int, help="Only the mentions that belong to this incident.")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl", "xlsx", "parquet"]), help="Otherwise by the file's name, otherwise csv.")
@click.option("--output", "-o", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-", help="Where to; `-` is standard output.")
@click.option("--columns", metavar="NAME,…", default="", help="Only these columns, in this order; docs/export.md lists them.")
@click.option("--profile", metavar="NAME", default="", help="The columns that were saved under this name.")
@click.option("--save-profile", metavar="NAME", default="", help="Keep these --columns under a name.")
@click.option("--as-of", "when", metavar="WHEN", help="As it was then: an earlier export comes out byte for byte.")
@click.option("--bom", is_flag=True, help="Begin a CSV with a byte order mark, which Excel wants.")
@click.option("--unfolded/--folded", default=True, help="Whether near-duplicates get rows of their own.  [default: unfolded]")
@click.option("--include-folded", "unfolded", flag_value=True, hidden=True)
@click.pass_obj
def export_command(
    desk: Desk, /, stream_name: str | None, incident: int | None, kind: str | None, output: Path, columns: str, profile: str, save_profile: str, when: str | None, bom: bool,
    unfolded: bool, state: str | None, **options: Any,
) -> None:  # fmt: skip
    """Export mentions, in every state unless --state says otherwise, oldest first.

    CSV is RFC 4180 in UTF-8, safe to open in a spreadsheet; JSONL is exact; XLSX holds no formulas; Parquet has typed columns.
    Constant memory, however many there are.
    """
    from listener.reports.export import whole_file

    names = _columns(desk, columns, profile, save_profile)
    chosen = kind or SUFFIXES.get(output.suffix.casefold(), "csv")
    if str(output) == "-" and chosen in ("xlsx", "parquet") and sys.stdout.isatty():
        raise InputError(f"A terminal cannot show {chosen}.", hint="Name a file with -o.")
    desk.rewind(when)
    filter_ = build_filter(desk, "oldest", state=state, folded=not unfolded, **options)
    filter_ = _narrowed(desk, filter_, stream_name, incident)
    if str(output) == "-":
        if chosen in ("xlsx", "parquet"):
            _write(desk, filter_, chosen, sys.stdout.buffer, names, bom, lambda _: None)
            return
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="")  # type: ignore[union-attr]
        _write(desk, filter_, chosen, sys.stdout, names, bom, lambda _: None)
        return
    expected = desk.mentions.count(filter_, cap=2_000_000).n
    with whole_file(output, binary=chosen in ("xlsx", "parquet")) as stream, click.progressbar(length=expected, label=f"Exporting to {output.name}", file=sys.stderr, width=30) as bar:
        done = _write(desk, filter_, chosen, stream, names, bom, lambda n: bar.update(n - bar.pos))
    click.echo(f"{done} mentions written to {output}.", err=True)


def _write(desk: Desk, filter_: Filter, kind: str, stream: Any, names: list[str], bom: bool, progress: Any) -> int:
    store = desk.existing_store
    if kind == "csv":
        from listener.reports.export import write_csv

        return write_csv(store, filter_, stream, names, bom=bom, progress=progress)
    if kind == "jsonl":
        from listener.reports.export import write_jsonl

        return write_jsonl(store, filter_, stream, names, progress=progress)
    from listener.reports.sheets import write_parquet, write_xlsx

    return (write_xlsx if kind == "xlsx" else write_parquet)(store, filter_, stream, names, progress=progress)


def _columns(desk: Desk, columns: str, profile: str, save: str) -> list[str]:
    """The columns that are asked for; a profile is a list of them under a name."""
    from listener.store.checkpoints import Settings
    from listener.store.exporting import check_columns

    settings = Settings(desk.existing_store)
    names = check_columns([name.strip() for name in columns.split(",") if name.strip()])
    if profile and not names:
        kept = settings.get(PROFILE + profile)
        if not kept:
            known = ", ".join(sorted(settings.starting(PROFILE)))
            raise InputError(f"There is no profile {profile!r}.", hint=f"Profiles: {known}." if known else f"Make it: --columns text,author --save-profile {profile}")
        names = check_columns(json.loads(kept))
    if save:
        if not names:
            raise InputError("A profile needs --columns.", hint=f"--columns text,author,url --save-profile {save}")
        settings.put(PROFILE + save, json.dumps(names))
    return names


def _narrowed(desk: Desk, filter_: Filter, stream_name: str | None, incident: int | None) -> Filter:
    """The same, only inside a stream or an incident. Raises InputError."""
    from listener.store.filters import narrowed

    if stream_name:
        from listener.engine.streams import named

        filter_ = narrowed(filter_, named(desk.config, desk.operator, stream_name).filter.query.root)
    if incident is not None:
        from listener.store.incidents import IncidentStore

        rows = IncidentStore(desk.existing_store)
        rows.get(incident)
        filter_ = replace(filter_, ids=rows.evidence(incident, limit=EVIDENCE) or (-1,), folded=False)
    return filter_
