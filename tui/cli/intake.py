"""`import`: mentions from CSV and JSONL files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from listener.errors import InputError
from tui.cli.desk import Desk


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "mapping", metavar="FIELD=COLUMN,…", default="", help="Which column holds what: id=tweet_id,text=text,created_at=tweet_created,topic=airline, "
              "also author, url, followers, lang, title, source, parent. Columns of the same name need no mapping.")  # fmt: skip
@click.option("--topic", metavar="NAME", default="", help="File everything under this topic.")
@click.option("--source", metavar="NAME", default="import", show_default=True, help="What the mentions are said to come from.")
@click.option("--time-zone", metavar="ZONE", default="", help="Of times without an offset; otherwise the desk's.")
@click.option("--reject", "reject", type=click.Path(dir_okay=False, path_type=Path), help="Where rows that cannot be read go, with the reason; otherwise FILE.rejected.csv.")
@click.option("--restart", is_flag=True, help="Begin anew where an earlier import of this file was interrupted.")
@click.option("--no-score", is_flag=True, help="Leave scoring to `listener rescore`.")
@click.pass_obj
def import_command(desk: Desk, file: Path, mapping: str, topic: str, source: str, time_zone: str, reject: Path | None, restart: bool, no_score: bool) -> None:
    """Bring in mentions from a CSV or JSONL file.

    Rows that are there already are skipped, an interrupted import goes on where it stopped, and a row that cannot be read goes to a file
    with its reason: nothing is lost. The file's first line names the columns of a CSV.
    """
    from listener.engine.folding import Copies
    from listener.engine.ingest import Ingest
    from listener.engine.intake import FileImport, parse_mapping
    from listener.store.mentions import Mentions
    from listener.store.people import People
    from tui.cli.collecting import reader_of, watch_over

    columns = parse_mapping(mapping)
    reader = None if no_score else reader_of(desk.config)
    job = FileImport(
        desk.store, Ingest(desk.store, desk.config.topics, reader, Copies(desk.store)), file, columns, topic=topic, source=source, zone=time_zone or desk.config.desk.time_zone,
        reject=reject or file.with_name(f"{file.name}.rejected.csv"),
    )  # fmt: skip
    newest = Mentions(desk.store).newest_id()
    if not topic and "topic" not in columns and not desk.config.topics and not job.names("topic"):
        raise InputError("Which topic do these mentions belong to?", hint="Say --topic NAME, or map a column: --map topic=COLUMN.")
    with click.progressbar(length=job.size, label=f"Importing {file.name}", file=sys.stderr, width=30) as bar:
        result = job.run(restart=restart, progress=lambda done: bar.update(done - bar.pos))
    People(desk.store).refresh_newer(newest)
    moved = watch_over(desk.config, desk.store)
    click.echo(
        f"{result.rows} rows read: {result.new} new, {result.known} known already"
        + (f", {result.merged} were second permalinks" if result.merged else "")
        + (f", {result.edited} edited" if result.edited else "")
        + (f", {result.strangers} matched no topic" if result.strangers else "")
        + (f", {result.rejected} rejected (see {job.reject})" if result.rejected else "")
        + "."
    )
    if moved:
        click.echo(f"{moved} incidents found in them: `listener incidents` lists them.")
    if result.resumed:
        click.echo(f"An earlier import had stopped after row {result.resumed}; it went on from there.")
