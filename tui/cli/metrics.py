"""`metrics`: the desk's figures over a period."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.reports.metrics import By


def period(desk: Desk, name: str | None, since: str | None, until: str | None, default: str = "7d") -> tuple[int, int]:
    """[since, until) of the options, UTC ms, on the desk's clock. Raises InputError."""
    from listener.domain.period import parse_period, parse_since, parse_until

    now, zone = desk.existing_store.clock(), desk.config.desk.time_zone
    if name and (since or until):
        raise InputError("--period and --since or --until are two ways of saying the same.", hint="Leave one of them out.")
    if name:
        return parse_period(name, now, zone)
    first = parse_since(since or default, now, zone)
    last = parse_until(until, now, zone) if until else now
    if last <= first:
        raise InputError("The period ends before it begins.")
    return first, last


@click.command("metrics")
@click.option("--since", metavar="WHEN", help="7d, today, 2026-11-01.  [default: 7d]")
@click.option("--until", metavar="WHEN", help="Itself not in it, but a day's name takes the day in.  [default: now]")
@click.option("--period", "named", metavar="PERIOD", help="Instead of both: last-week, this-month, 2026-11, 2026-11-01..2026-11-15.")
@click.option("--by", type=click.Choice(["operator", "team", "tag", "network", "topic", "hour", "weekday"]), help="Also each group's own figures.")
@click.option("--topic", "topics", metavar="NAME", multiple=True, help="Only these topics.  [default: the brand's]")
@click.option("--source", "sources", metavar="NAME", multiple=True, help="Only these sources.")
@click.option("--tag", metavar="NAME", default="", help="Only mentions with this tag.")
@click.option("--operator", "who", metavar="NAME", default="", help="Only what this person answered and resolved.")
@click.option("--team", metavar="NAME", default="", help="Only what this team answered and resolved.")
@click.option("--rows", "figure", metavar="FIGURE", default="", help="The ids behind one figure instead, one a line: sla, first_response, …; `sla:missed` for a part.")
@click.option("--as-of", "when", metavar="WHEN", help="As it stood then; --until may not lie after it.")
@click.option("--json", "as_json", is_flag=True, help="One object; lengths of time in ms.")
@click.pass_obj
def metrics_command(
    desk: Desk, since: str | None, until: str | None, named: str | None, by: By | None, topics: tuple[str, ...], sources: tuple[str, ...], tag: str, who: str, team: str,
    figure: str, when: str | None, as_json: bool,
) -> None:  # fmt: skip
    """The desk's figures: response and resolution times, SLA, volume, sentiment, share of voice, engagement, reach.

    Times are told on the clock and in business hours, from the journal. docs/metrics.md has every formula.
    """
    from listener.reports.documents import document
    from listener.reports.metrics import Metrics

    desk.rewind(when)
    first, last = period(desk, named, since, until)
    metrics = Metrics(desk.existing_store, desk.config, first, last, topics=topics, sources=sources, tag=tag, operator=who, team=team)
    if figure:
        name, _, part = figure.partition(":")
        filter_, _ = metrics.rows(name, part)
        for id_ in desk.mentions.ids(filter_):
            click.echo(id_)
        return
    told = document(metrics, by)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _print(told)


def _print(told: dict[str, Any]) -> None:
    from listener.reports.documents import LABELS, sentences
    from tui.format import clean

    click.echo(f"{told['since']} – {told['until']} · {clean(', '.join(told['topics']), 200)} · business hours {told['hours']} {told['time_zone']}\n")
    for name, (value, rest) in sentences(told).items():
        click.echo(f"{LABELS[name]:<25} {value:>28}   {rest}")
    if "groups" in told:
        click.echo()
        _print_groups(told["by"], told["groups"])


def _print_groups(by: str, groups: list[dict[str, Any]]) -> None:
    from listener.reports.documents import number, percent, span
    from tui.format import clean

    click.echo(f"{by:<20} {'answers':>8} {'first':>9} {'business':>9} {'resolved':>9} {'FCR':>8} {'SLA':>8} {'mentions':>9} {'net':>7}")
    for row in groups:
        first = row["first_response"]
        cells = (
            number(row["average_response"]["n"]), span(first["clock"]["median_ms"]), span(first["business"]["median_ms"]), number(row["first_contact_resolution"]["resolved"]),
            percent(row["first_contact_resolution"]["value"]), percent(row["sla"]["value"]) if row["sla"] else "–", number(row["volume"]),
            percent(row["net_sentiment"]["value"], sign=True) if row["net_sentiment"] else "–",
        )  # fmt: skip
        click.echo(f"{clean(row['name'], 20):<20} " + " ".join(f"{cell:>{width}}" for cell, width in zip(cells, (8, 9, 9, 9, 8, 8, 9, 7), strict=True)))
