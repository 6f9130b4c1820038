"""`query test`: what a query finds, and what an edit of it would change, on the local archive."""

from __future__ import annotations

import json
from collections import deque

import click

from tui.cli.desk import Desk
from tui.cli.rows import iso


@click.group("query")
def query_command() -> None:
    """Try a query out."""


@query_command.command("test")
@click.argument("text")
@click.option("--against", metavar="QUERY", help="The query as it is now; otherwise that of --topic.")
@click.option("--topic", metavar="NAME", help="Compare with what this topic collects now.")
@click.option("--since", metavar="WHEN", default="30d", show_default=True, help="How far back.")
@click.option("--samples", type=click.IntRange(0, 100), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def test_command(desk: Desk, text: str, against: str | None, topic: str | None, since: str, samples: int, as_json: bool) -> None:
    """Replay a query over the archive: how many it finds, and against another one +new and −lost, with samples of each."""
    from listener.domain.query.match import Matcher
    from listener.domain.query.parse import parse
    from listener.engine.ingest import topic_queries
    from listener.errors import InputError
    from listener.store.filters import Filter
    from tui.format import one_line

    fresh = parse(text)
    queries = {("new", 0): fresh}
    if against:
        queries["old", 0] = parse(against)
    elif topic:
        found = [t for t in desk.config.topics if t.name.casefold() == topic.casefold()]
        if not found:
            raise InputError(f"The configuration has no topic {topic!r}.")
        queries |= {("old", number): query for number, query in enumerate(topic_queries(found).values())}
    matcher = Matcher(queries)
    counts = {"scanned": 0, "matches": 0, "new": 0, "lost": 0}
    kept: dict[str, deque[tuple[int, str, str]]] = {"new": deque(maxlen=samples or 1), "lost": deque(maxlen=samples or 1), "matches": deque(maxlen=samples or 1)}
    compares = len(queries) > 1
    window = Filter(parse(f"since:{iso(desk.moment(since))}"), "oldest", folded=False)
    for mention in desk.mentions.walk(window):
        sides = {side for side, _ in matcher.match(mention)}
        counts["scanned"] += 1
        names = ["matches"] if "new" in sides else []
        names += ["new"] if compares and sides == {"new"} else ["lost"] if sides == {"old"} else []
        for name in names:
            counts[name] += 1
            kept[name].append((mention.id, mention.author.handle, mention.text))
    if not counts["scanned"] and (newest := next(iter(desk.mentions.page(Filter(order="newest", folded=False), limit=1).entries), None)):
        click.echo(f"Nothing was written since {since}. The newest mention is of {iso(newest.created_at)}: --since {str(iso(newest.created_at))[:10]} or earlier finds some.", err=True)
    if as_json:
        rows = {name: [{"id": i, "author": author, "text": words} for i, author, words in list(items)[:samples]] for name, items in kept.items()}
        click.echo(json.dumps({"query": str(fresh), **counts, "samples": rows}, ensure_ascii=False))
        return
    click.echo(f"{fresh}")
    click.echo(f"{counts['matches']} of {counts['scanned']} mentions since {since}" + (f": +{counts['new']} new, −{counts['lost']} lost" if compares else ""))
    for sign, name in (("+", "new"), ("−", "lost")) if compares else ((" ", "matches"),):
        for id_, author, words in list(kept[name])[:samples]:
            click.echo(f" {sign} {id_:>7} @{one_line(author, 40)}  {one_line(words, 140)}")
