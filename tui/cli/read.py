"""`list`, `search`, `show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.desk import Desk
from tui.cli.rows import echo_json, facts, iso, line, mention_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from listener.domain.mention import Entry
    from listener.store.filters import Filter, Order

ORDERS = ("urgency", "newest", "oldest", "due", "reach", "engagement", "sentiment")


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which mentions are chosen: the same for every command that takes many."""
    for option in (
        click.option("--query", "-q", "query", metavar="QUERY", default="", help="In the query language: docs/queries.md."),
        click.option("--topic", metavar="NAME", help="Only this topic."),
        click.option("--tag", "tags", metavar="NAME", multiple=True, help="Only with this tag; more than one: with all of them."),
        click.option("--state", type=click.Choice(["open", "pending", "snoozed", "resolved", "all"]), help="Where the work stands."),
        click.option("--assignee", metavar="NAME", help="Only theirs; `me`, `none`."),
        click.option("--since", metavar="WHEN", help="Written since: 24h, 7d, today, 2026-11-22."),
        click.option("--until", metavar="WHEN", help="Written until."),
    ):
        command = option(command)
    return command


def build_filter(
    desk: Desk, order: Order, *, query: str = "", topic: str | None = None, tags: tuple[str, ...] = (), state: str | None = None, assignee: str | None = None,
    since: str | None = None, until: str | None = None, folded: bool = True,
) -> Filter:  # fmt: skip
    """The filter that the options ask for. Raises QueryError, InputError."""
    from listener.domain.case import tag_name
    from listener.domain.query.ast import Field, Node, Query, all_of
    from listener.store.filters import Filter

    parsed = Query()
    if query:
        from listener.domain.query.parse import parse

        parsed = parse(query)
    nodes: list[Node] = [parsed.root]
    nodes += [Field("topic", topic)] if topic else []
    nodes += [Field("tag", tag_name(tag)) for tag in tags]
    nodes += [Field("state", state)] if state and state != "all" else []
    nodes += [Field("assignee", assignee)] if assignee else []
    nodes += [Field("since", iso(desk.moment(since)) or "")] if since else []
    nodes += [Field("until", iso(desk.moment(until, end=True)) or "")] if until else []
    return Filter(Query(all_of(nodes), query), order, desk.operator, folded=folded)


def _rows(desk: Desk, filter_: Filter, limit: int) -> Iterator[Entry]:
    for number, mention in enumerate(desk.mentions.walk(filter_, batch=min(limit, 1_000) if limit else 1_000)):
        if limit and number >= limit:
            return
        yield mention


def _print(desk: Desk, filter_: Filter, limit: int, as_json: bool) -> None:
    desk.mentions.page(filter_, limit=1)  # a query that cannot be answered fails before anything is printed
    if as_json:
        echo_json(mention_row(mention) for mention in _rows(desk, filter_, limit))
        return
    shown = 0
    for mention in _rows(desk, filter_, limit):
        click.echo(line(mention, desk.store.clock()))
        shown += 1
    total = desk.mentions.count(filter_)
    if not shown:
        click.echo("Nothing here. `listener list --state all` shows everything that is stored.", err=True)
    elif total.n > shown:
        click.echo(f"{shown} of {total}; --limit 0 shows all.", err=True)


@click.command("list")
@filters
@click.option("--order", type=click.Choice(ORDERS), default="urgency", show_default=True)
@click.option("--folded/--all-copies", default=True, help="Whether near-duplicates stay inside the row that they repeat.")
@click.option("--limit", "-n", type=click.IntRange(0), default=50, show_default=True, help="Rows at most; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.option("--as-of", "when", metavar="WHEN", help="As it was then: yesterday, 2026-11-22T03:00.")
@click.pass_obj
def list_command(desk: Desk, /, order: Order, folded: bool, limit: int, as_json: bool, state: str | None, when: str | None, **options: Any) -> None:
    """List mentions, the most urgent open ones first."""
    desk.rewind(when)
    _print(desk, build_filter(desk, order, state=state or "open", folded=folded, **options), limit, as_json)


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@filters
@click.option("--limit", "-n", type=click.IntRange(0), default=50, show_default=True, help="Rows at most; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.option("--as-of", "when", metavar="WHEN", help="As it was then: yesterday, 2026-11-22T03:00.")
@click.pass_obj
def search_command(desk: Desk, /, words: tuple[str, ...], limit: int, as_json: bool, query: str, when: str | None, **options: Any) -> None:
    """Find mentions by their words, in every state, newest first."""
    desk.rewind(when)
    _print(desk, build_filter(desk, "newest", query=" ".join([*words, f"({query})" if query else ""]).strip(), folded=False, **options), limit, as_json)


@click.command("show")
@click.argument("ids", nargs=-1, required=True, type=int)
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line, with thread, notes and journal.")
@click.option("--as-of", "when", metavar="WHEN", help="As it was then: yesterday, 2026-11-22T03:00.")
@click.pass_obj
def show_command(desk: Desk, ids: tuple[int, ...], as_json: bool, when: str | None) -> None:
    """Show mentions whole: text, thread, notes, journal."""
    desk.rewind(when)
    found = [desk.mentions.get(id_) for id_ in ids]
    if as_json:
        echo_json(_whole(desk, mention) for mention in found)
        return
    for mention in found:
        _show(desk, mention)


def _whole(desk: Desk, mention: Entry) -> dict[str, Any]:
    from listener.store.journal import Journal
    from listener.store.outbox import Outbox
    from tui.cli.replies import reply_row

    return mention_row(mention) | {
        "permalinks": list(mention.permalinks),
        "thread": [{"id": m.id, "author": m.author.handle, "text": m.text, "created_at": iso(m.created_at), "own": m.own} for m in desk.mentions.thread(mention)],
        "replies": [reply_row(reply) for reply in Outbox(desk.store).find(mention_id=mention.id)],
        "notes": [{"at": iso(note.at), "operator": note.operator, "text": note.text} for note in desk.mentions.notes(mention.id)],
        "revisions": [{"until": iso(at), "text": text} for at, text in desk.mentions.revisions(mention.id)],
        "journal": [
            {"at": iso(c.at), "operator": c.operator, "action": c.action, "before": c.before, "after": c.after, "rule": c.rule or None}
            for c in Journal(desk.store).of("mention", mention.id)
        ],
    }


def _show(desk: Desk, mention: Entry) -> None:
    from listener.store.journal import Journal
    from listener.store.outbox import Outbox
    from tui.format import clean

    click.echo(facts(mention, desk.store.clock()))
    click.echo(clean(mention.text, 20_000, lines=True))
    if mention.url:
        click.echo(clean(mention.url, 500))
    for other in desk.mentions.thread(mention):
        if other.id != mention.id:
            click.echo(f"  {'→' if other.own else '·'} {line(other, desk.store.clock())}")
    for reply in Outbox(desk.store).find(mention_id=mention.id):
        click.echo(f"  reply {reply.id} {reply.state.value} {clean(reply.author, 40)}: {clean(reply.text, 2_000)}")
    for note in desk.mentions.notes(mention.id):
        click.echo(f"  note {iso(note.at)} {clean(note.operator, 40)}: {clean(note.text, 2_000)}")
    for change in Journal(desk.store).of("mention", mention.id):
        click.echo(f"  {iso(change.at)} {clean(change.operator, 40)} {change.action} {clean(change.before, 300)} → {clean(change.after, 300)}")
    click.echo()
