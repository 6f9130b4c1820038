"""`compare`: the brand beside its competitors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tui.cli.desk import Desk
from tui.cli.metrics import period

if TYPE_CHECKING:
    from listener.reports.compare import Comparison


@click.command("compare")
@click.option("--since", metavar="WHEN", help="30d, today, 2026-11-01.  [default: 30d]")
@click.option("--until", metavar="WHEN", help="Itself not in it, but a day's name takes the day in.  [default: now]")
@click.option("--period", "named", metavar="PERIOD", help="Instead of both: last-week, this-month, 2026-11.")
@click.option("--topic", "topics", metavar="NAME", multiple=True, help="Only these.  [default: every brand and competitor]")
@click.option("--source", "sources", metavar="NAME", multiple=True, help="Only these of the sources that all are asked of.")
@click.option("--as-of", "when", metavar="WHEN", help="As it stood then.")
@click.option("--json", "as_json", is_flag=True, help="One object; lengths of time in ms.")
@click.pass_obj
def compare_command(desk: Desk, since: str | None, until: str | None, named: str | None, topics: tuple[str, ...], sources: tuple[str, ...], when: str | None, as_json: bool) -> None:
    """Brand and competitors over the same period and the same sources.

    Share of voice, volume, net sentiment with the scored share, kinds, reach, response time where it can be seen, what is said of one and
    not of the others, and strengths, weaknesses, opportunities and threats, each with its count and the query that opens its mentions.
    """
    from listener.reports.compare import compare, document

    desk.rewind(when)
    first, last = period(desk, named, since, until, "30d")
    found = compare(desk.existing_store, desk.config, first, last, topics=topics, sources=sources)
    if as_json:
        click.echo(json.dumps(document(found), ensure_ascii=False, indent=2))
        return
    _print(found)


def _print(found: Comparison) -> None:
    from listener.reports.documents import number, percent, span, stamp
    from tui.format import clean

    left = f" · left out, since they are asked about some only: {', '.join(found.left_out)}" if found.left_out else ""
    click.echo(clean(f"{stamp(found.since)} – {stamp(found.until)} · {len(found.sources)} sources{left}", 400) + "\n")
    click.echo(f"{'':<22} {'mentions':>10} {'voice':>8} {'net':>7} {'scored':>8} {'reach':>13} {'answers':>8}")
    for one in found.rivals:
        click.echo(f"{clean(one.name, 22):<22} {number(one.voice.n):>10} {percent(one.share_of_voice):>8} {percent(one.net.value, sign=True):>7} {percent(one.net.scored_share):>8} "
                   f"{number(one.reach):>13} {span(one.response.clock.median):>8}")  # fmt: skip
    for one in found.rivals:
        kinds = " · ".join(f"{kind} {number(n)}" for kind, n in sorted(one.kinds.items(), key=lambda item: -item[1]))
        more = ", ".join(clean(theme.term, 40) for theme in one.rising)
        click.echo(f"\n{clean(one.name, 40)}: {kinds or 'no kinds'}" + (f"\n  said more of it: {more} (from {one.sampled} texts)" if more else ""))
    for sort, title in (("strength", "Strengths"), ("weakness", "Weaknesses"), ("opportunity", "Opportunities"), ("threat", "Threats")):
        lines = [claim for claim in found.claims if claim.sort == sort]
        if lines:
            click.echo(f"\n{title}")
        for claim in lines:
            click.echo(f"  {clean(claim.text, 120)}\n      listener list --state all -q {_quoted(clean(claim.query, 300))}")


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
