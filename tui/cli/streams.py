"""`streams`: saved queries with their counts, and changing the set that the configuration holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.config import StreamSetting
    from listener.engine.streams import Stream
    from listener.store.mentions import Count

ORDERS = ("newest", "oldest", "urgency", "due", "reach", "engagement", "sentiment")


def stream_row(stream: Stream, count: Count | None) -> dict[str, Any]:
    """A stream as scripts get it. Keys are only ever added."""
    return {
        "name": stream.name,
        "query": stream.query,
        "order": stream.filter.order,
        "columns": list(stream.columns),
        "key": stream.key or None,
        "group": stream.group or None,
        "own": stream.own,
        "count": count.n if count else None,
        "exact": count.exact if count else None,
    }


@click.group("streams", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_context
def streams_command(ctx: click.Context, as_json: bool) -> None:
    """Saved queries with their counts: the built-in ones, then those of the configuration."""
    if ctx.invoked_subcommand is None:
        _list(ctx.obj, as_json)


@streams_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def list_command(desk: Desk, as_json: bool) -> None:
    """All streams with their counts."""
    _list(desk, as_json)


def _list(desk: Desk, as_json: bool) -> None:
    from listener.engine.streams import LiveCounts, streams
    from tui.cli.rows import echo_json
    from tui.format import clean

    every = streams(desk.config, desk.operator)
    counts = LiveCounts(desk.existing_store, cap=100_000).refresh(every, budget_s=60)
    if as_json:
        echo_json(stream_row(one, counts.get(one.name)) for one in every)
        return
    wide = max(len(one.name) for one in every)
    for one in every:
        more = "  ".join(filter(None, (f"[{one.key}]" if one.key else "", f"group {one.group}" if one.group else "")))
        click.echo(f"{counts[one.name]!s:>9}  {clean(one.name, 60):{min(wide, 40)}}  {one.filter.order:10} {clean(one.query, 160)}  {more}".rstrip())


@streams_command.command("add")
@click.argument("name")
@click.argument("query", default="")
@click.option("--order", type=click.Choice(ORDERS), default="newest", show_default=True)
@click.option("--columns", default="", help="Columns of the list, with commas between.")
@click.option("--key", default="", help="A key that opens it.")
@click.option("--group", default="", help="Streams of one group stand side by side.")
@click.pass_obj
def add_command(desk: Desk, name: str, query: str, order: Any, columns: str, key: str, group: str) -> None:
    """Save QUERY as a stream in the configuration, whose comments and order stay."""
    from listener.config import StreamSetting
    from listener.config.edit import add_stream

    if any(one.name.casefold() == name.strip().casefold() for one in desk.config.streams):
        raise InputError(f"There is a stream {name!r} already.", hint="`listener streams change` changes it.")
    add_stream(desk.config_path, _checked(desk, StreamSetting(name=name.strip(), query=query, order=order, columns=_words(columns), key=key, group=group)))
    click.echo(f"Stream {name!r} saved in {desk.config_path}.")


@streams_command.command("change")
@click.argument("name")
@click.option("--query")
@click.option("--rename", metavar="NAME")
@click.option("--order", type=click.Choice(ORDERS))
@click.option("--columns")
@click.option("--key")
@click.option("--group")
@click.pass_obj
def change_command(desk: Desk, /, name: str, rename: str | None, columns: str | None, **asked: Any) -> None:
    """Change a stream of the configuration."""
    from listener.config.edit import change

    setting = _setting(desk, name)
    values = {key: value for key, value in asked.items() if value is not None}
    values |= ({"name": rename.strip()} if rename else {}) | ({"columns": _words(columns)} if columns is not None else {})
    change(desk.config_path, "streams", setting.name, _checked(desk, setting.changed(**values)))
    click.echo(f"Stream {setting.name!r} changed.")


@streams_command.command("remove")
@click.argument("name")
@click.pass_obj
def remove_command(desk: Desk, name: str) -> None:
    """Take a stream out of the configuration; no mention is touched."""
    from listener.config.edit import remove

    setting = _setting(desk, name)
    remove(desk.config_path, "streams", setting.name)
    click.echo(f"Stream {setting.name!r} removed.")


@streams_command.command("show")
@click.argument("name")
@click.option("--limit", "-n", type=click.IntRange(1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def show_command(desk: Desk, name: str, limit: int, as_json: bool) -> None:
    """The first mentions of a stream, in its order."""
    from listener.engine.streams import named
    from tui.cli.rows import echo_json, line, mention_row

    rows = desk.mentions.page(named(desk.config, desk.operator, name).filter, limit=limit).entries
    if as_json:
        echo_json(mention_row(row) for row in rows)
        return
    for row in rows:
        click.echo(line(row, desk.store.clock()))


def _setting(desk: Desk, name: str) -> StreamSetting:
    found = next((one for one in desk.config.streams if one.name.casefold() == name.casefold()), None)
    if found is None:
        raise InputError(f"The configuration has no stream {name!r}.", hint=f"It has: {', '.join(one.name for one in desk.config.streams) or 'none'}.")
    return found


def _checked(desk: Desk, setting: StreamSetting) -> StreamSetting:
    """The query must be readable, and by a list. Raises QueryError."""
    from listener.domain.query.parse import parse
    from listener.store.filters import Filter

    query = parse(setting.query)
    if desk.db_path.exists():
        desk.mentions.page(Filter(query, setting.order, desk.operator), limit=1)
    return setting


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


