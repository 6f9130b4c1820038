"""`rules`: what the desk does by itself, tried before it is let loose."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk
from tui.cli.rows import echo_json, line

if TYPE_CHECKING:
    from listener.config import RuleSetting
    from listener.domain.mention import Entry
    from listener.engine.rules import Deed

NOTHING = 3


def rule_row(rule: RuleSetting, done: int) -> dict[str, Any]:
    """A rule as scripts get it. Keys are only ever added."""
    from listener.config.edit import as_table

    return {"name": rule.name, "when": rule.when, "then": as_table(rule.then), "dry_run": rule.dry_run, "stop": rule.stop, "dealt_with": done}


def deed_row(deed: Deed) -> dict[str, Any]:
    """What a rule did to a mention, as scripts get it. Keys are only ever added."""
    return {
        "rule": deed.rule, "mention": deed.mention, "changes": dict(deed.changes), "note": deed.note or None, "notify": list(deed.notify),
        "acknowledge": deed.acknowledge, "dry": deed.dry,
    }  # fmt: skip


@click.group("rules", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_context
def rules_command(ctx: click.Context, as_json: bool) -> None:
    """Automatic rules, in the order in which they look at a mention."""
    if ctx.invoked_subcommand is None:
        _list(ctx.obj, as_json)


@rules_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def list_command(desk: Desk, as_json: bool) -> None:
    """The rules of the configuration, with how many mentions each has dealt with."""
    _list(desk, as_json)


def _list(desk: Desk, as_json: bool) -> None:
    from listener.config.edit import as_table
    from listener.store.rulings import Rulings
    from tui.format import clean

    counts = Rulings(desk.store).counts() if desk.db_path.exists() else {}
    rules = desk.config.rules
    if as_json:
        echo_json(rule_row(rule, counts.get(rule.name, 0)) for rule in rules)
        return
    for number, rule in enumerate(rules, 1):
        marks = "".join([" (dry run)" if rule.dry_run else "", " (stops here)" if rule.stop else ""])
        then = ", ".join(f"{key} {' '.join(map(str, value)) if isinstance(value, list) else value}" for key, value in as_table(rule.then).items())
        click.echo(f"{number}. {clean(rule.name, 80)}{marks}: {counts.get(rule.name, 0)} so far\n   when {clean(rule.when, 300) or 'always'}\n   then {clean(then, 300) or 'nothing'}")
    if not rules:
        click.echo("The configuration has no rules; docs/triage.md shows some.", err=True)


@rules_command.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--since", metavar="WHEN", default="7d", show_default=True, help="Mentions written since: 24h, 7d, today, 2026-11-22.")
@click.option("--rule", "only", metavar="NAME", default="", help="Only this rule.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def run_command(desk: Desk, dry_run: bool, since: str, only: str, as_json: bool) -> int:
    """Run the rules over what is stored and not resolved. What a rule has dealt with already stays as it is; the run is one undo.

    Exit code 3 when nothing fits.
    """
    from listener.engine.rules import Rules

    only = _rule(desk, only).name if only else ""
    rules = Rules(desk.existing_store, desk.config)
    deeds = rules.walk(desk.moment(since), only=only, dry_run=dry_run)
    if as_json:
        echo_json(deed_row(deed) for deed in deeds)
        return 0
    counts: dict[str, int] = {}
    for deed in deeds:
        counts[deed.rule] = counts.get(deed.rule, 0) + 1
        click.echo(f"{deed.mention:>7}  {deed.rule}: {deed}")
    for name, n in counts.items():
        click.echo(f"{name}: {n} mention{'s' if n != 1 else ''} {'would be dealt with' if dry_run else 'dealt with'}.", err=True)
    if not counts:
        click.echo("No rule fits anything new. `listener rules list` shows what they have dealt with.", err=True)
    return 0 if counts else NOTHING


@rules_command.command("test")
@click.argument("name")
@click.option("--since", metavar="WHEN", default="30d", show_default=True, help="Mentions written since.")
@click.option("--limit", "-n", type=click.IntRange(1), default=10, show_default=True, help="Mentions to show.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def test_command(desk: Desk, name: str, since: str, limit: int, as_json: bool) -> int:
    """How often a rule's condition fits what is stored, and the newest mentions that it fits. Exit code 3 when it fits none."""
    from listener.domain.query.ast import Field, Query
    from listener.engine.rules import Rules
    from listener.store.filters import Filter
    from tui.cli.rows import iso, mention_row

    number = list(desk.config.rules).index(_rule(desk, name))
    rules = Rules(desk.existing_store, desk.config)
    looked, n = 0, 0
    shown: list[Entry] = []
    for entry in desk.mentions.walk(Filter(Query(Field("since", iso(desk.moment(since)) or "")), "newest")):
        looked += 1
        if rules.fits(number, [entry]):
            n += 1
            shown += [entry] if len(shown) < limit else []
    if as_json:
        click.echo(json.dumps({"rule": name, "looked_at": looked, "fits": n, "newest": [mention_row(entry) for entry in shown]}, ensure_ascii=False))
    else:
        click.echo(f"{name}: fits {n} of {looked} mentions.")
        for entry in shown:
            click.echo(line(entry, desk.store.clock()))
    return 0 if n else NOTHING


def _rule(desk: Desk, name: str) -> RuleSetting:
    found = next((rule for rule in desk.config.rules if rule.name.casefold() == name.casefold()), None)
    if found is None:
        raise InputError(f"There is no rule {name!r}.", hint=f"Rules: {', '.join(rule.name for rule in desk.config.rules) or 'none'}.")
    return found
