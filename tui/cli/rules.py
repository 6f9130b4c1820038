"""`incidents rules` and `incidents backtest`: what counts, and what it would have done to the past."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk
from tui.cli.rows import echo_json, iso

if TYPE_CHECKING:
    from listener.engine.backtest import Backtest, Fired

BLOCKS = " ▁▂▃▄▅▆▇█"


@click.command("rules")
@click.option("--topic", metavar="NAME", default="", help="As they count for this topic.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def rules_command(desk: Desk, topic: str, as_json: bool) -> None:
    """Every point and threshold by its name: as shipped, and as it counts here."""
    from listener.domain.severity import POINTS, SEVERITIES, THRESHOLDS
    from listener.engine.tuning import rules

    mine = rules(desk.config, topic)
    rows: list[dict[str, Any]] = [
        *({"table": "points", "name": name, "value": mine.points[name], "shipped": value, "meaning": text} for name, (value, text) in POINTS.items()),
        *({"table": "thresholds", "name": name, "value": mine.thresholds[name], "shipped": value, "meaning": text} for name, (value, text) in THRESHOLDS.items()),
        *({"table": "severities", "name": name, "value": mine.severities[name], "shipped": value, "meaning": "least points"} for name, value in SEVERITIES.items()),
    ]
    for row in rows:
        row["dry_run"] = row["name"] in mine.dry
    if as_json:
        echo_json(rows)
        return
    table = ""
    for row in rows:
        if row["table"] != table:
            table = row["table"]
            click.echo(f"[incidents.{table}]")
        changed = f"   (shipped {row['shipped']:g})" if row["value"] != row["shipped"] else ""
        click.echo(f"  {row['name']:24} {row['value']:>8g}  {row['meaning']}{changed}{'   dry run' if row['dry_run'] else ''}")
    click.echo("Change them in the configuration, for all topics or for one; `incidents backtest --rules FILE` tries a change out on the archive.")


@click.command("backtest")
@click.option("--since", metavar="WHEN", default="30d", show_default=True, help="A length counts back from the newest mention; or a day: 2026-11-01.")
@click.option("--until", metavar="WHEN", default="", help="Up to then; otherwise to the end of the archive.")
@click.option("--topic", metavar="NAME", default="", help="Only this topic.")
@click.option("--rules", "rules_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A TOML file with [points], [thresholds], [severities], dry_run to try.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--width", type=click.IntRange(20, 400), default=72, show_default=True, help="Columns of the curves.")
@click.pass_obj
def backtest_command(desk: Desk, since: str, until: str, topic: str, rules_file: Path | None, as_json: bool, width: int) -> None:
    """Replay the archive: what would have fired, when, why, and how much noise that is a week. Changes nothing."""
    from listener.domain.duration import parse_duration
    from listener.engine.backtest import backtest, stretch
    from listener.engine.tuning import with_rules

    store = desk.existing_store
    whole = stretch(store, topic=topic)
    if whole is None:
        raise InputError(f"There is nothing to replay{f' of {topic}' if topic else ''}.", hint="`listener import` brings an archive in.")
    try:
        first = whole[1] - parse_duration(since)
    except InputError:
        first = desk.moment(since)
    last = min(desk.moment(until, end=True), whole[1]) if until else whole[1]
    first = max(first, whole[0])
    if last <= first:
        raise InputError("There is nothing in that time.", hint=f"The archive reaches from {iso(whole[0])} to {iso(whole[1])}.")
    config = with_rules(rules_file, desk.config) if rules_file else desk.config
    found = backtest(store, config, first, last, topic=topic)
    before = backtest(store, desk.config, first, last, topic=topic) if rules_file else None
    if as_json:
        echo_json([_whole(found, before)])
    else:
        _print(found, before, width, desk.config.incidents.noise_budget)


def _whole(found: Backtest, before: Backtest | None) -> dict[str, Any]:
    row = {
        "since": iso(found.since), "until": iso(found.until), "weeks": round(found.weeks, 3), "openings_per_week_and_brand": round(found.a_week(), 3),
        "pages_per_week_and_brand": round(found.a_week(paging=True), 3), "not_real_per_week_and_brand": round(found.a_week(false=True), 3),
        "fired": [_fired(one) for one in found.fired], "daily": found.daily,
    }  # fmt: skip
    return row | ({"before": [_fired(one) for one in before.fired]} if before else {})


def _fired(one: Fired) -> dict[str, Any]:
    return {
        "topic": one.topic, "family": one.family, "opened_at": iso(one.opened_at), "severity": str(one.severity), "points": one.points, "pages": one.pages, "why": one.why,
        "terms": list(one.terms), "news": one.news, "real": one.real,
        "signals": [{"name": s.name, "value": s.value, "threshold": s.threshold, "points": s.points, "text": s.text} for s in one.signals],
    }  # fmt: skip


def _print(found: Backtest, before: Backtest | None, width: int, budget: float) -> None:
    from tui.format import clean, one_line

    for one in found.fired:
        answer = {True: "  (it was real)", False: "  (it was not real)", None: ""}[one.real]
        click.echo(f"{iso(one.opened_at)}  {one.severity}  {clean(one.topic, 60)} · {one.family}{' · pages' if one.pages else ''}{answer}\n    {one_line(one.why, 400)}")
    for name, days in found.daily.items():
        for text in curve(name, days, [one for one in found.fired if one.topic == name], found.since, width):
            click.echo(text)
    click.echo(
        f"{len(found.fired)} would have opened in {found.weeks:.1f} weeks: {found.a_week():.2f} a week and brand, {found.a_week(paging=True):.2f} of them paging. "
        f"Answered \"not real\": {found.a_week(false=True):.2f} a week and brand; the budget is {budget:g}."
    )
    if before is not None:
        keys = {(one.topic, one.family, one.opened_at): one for one in before.fired}
        new = {(one.topic, one.family, one.opened_at): one for one in found.fired}
        gone, come = [one for key, one in keys.items() if key not in new], [one for key, one in new.items() if key not in keys]
        milder = sum(one.severity > keys[key].severity for key, one in new.items() if key in keys)
        worse = sum(one.severity < keys[key].severity for key, one in new.items() if key in keys)
        click.echo(f"Under the rules of today {len(before.fired)} would have: {len(gone)} fall away, {len(come)} are new, {milder} become milder, {worse} worse.")


def curve(name: str, days: tuple[int, ...], fired: list[Fired], since: int, width: int) -> list[str]:
    """A topic's mentions a day in block characters, and below it a mark where something would have opened."""
    from tui.format import clean

    columns = min(width, len(days))
    parts = [days[index * len(days) // columns : max(index * len(days) // columns + 1, (index + 1) * len(days) // columns)] for index in range(columns)]
    values = [sum(part) / len(part) for part in parts]
    top = max([*values, 1])
    bars = "".join(BLOCKS[min(8, -(-int(value / top * 800) // 100))] for value in values)
    marks = [" "] * columns
    for one in fired:
        day = one.opened_at // 86_400_000 - since // 86_400_000
        index = min(columns - 1, day * columns // len(days))
        digit = str(one.severity)[-1]
        marks[index] = min(marks[index], digit) if marks[index] != " " else digit
    return [f"{clean(name, 24):24} {bars}  {top:.0f} a day", f"{'':24} {''.join(marks).rstrip()}"] if fired else [f"{clean(name, 24):24} {bars}  {top:.0f} a day"]
