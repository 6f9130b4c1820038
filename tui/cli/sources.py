"""`sources`: what is polled, how it does, whether its credentials work, and how to add one."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError, ListenerError
from tui.cli.desk import Desk
from tui.cli.rows import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.config import SourceSetting
    from listener.source import Check, Source

SIGNS = {"ok": "✓", "warning": "!", "failed": "✗", "skipped": "·"}


@click.group("sources", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def sources_command(ctx: click.Context, as_json: bool) -> None:
    """What is polled and how it does; without a command, a line for each source."""
    if ctx.invoked_subcommand is None:
        _list(ctx.obj, as_json)


@sources_command.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_command(desk: Desk, as_json: bool) -> None:
    """A line for each source: the same as without a command."""
    _list(desk, as_json)


def _list(desk: Desk, as_json: bool) -> None:
    from listener.store.checkpoints import Checkpoints
    from tui.format import age, clean

    health = {h.source: h for h in Checkpoints(desk.store).health()} if desk.db_path.exists() else {}
    rows: list[dict[str, Any]] = []
    for setting in desk.config.sources:
        name = setting.name or setting.kind
        h = health.get(name)
        rows.append({
            "name": name, "kind": setting.kind, "enabled": setting.enabled, "paused": bool(h and h.paused), "last_success": iso(h.last_success) if h else None,
            "error": h.error if h else "", "note": h.note if h else "", "failures": h.failures if h else 0, "next_poll": iso(h.next_poll) if h else None,
            "newest": iso(h.newest) if h else None, "received": h.received if h else 0, "budgets": list(h.budgets) if h else [],
        })  # fmt: skip
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not rows:
        click.echo("No sources are configured. `listener sources add` adds one; `listener sources kinds` lists the networks.", err=True)
        return
    now = desk.store.clock() if desk.db_path.exists() else 0
    for row in rows:
        h = health.get(row["name"])
        state = "off" if not row["enabled"] else "paused" if row["paused"] else f"failing ×{row['failures']}" if row["failures"] else "ok" if h and h.last_success else "never polled"
        last = f"last success: {age(h.last_success, now)}" if h and h.last_success else ""
        click.echo(f"{row['name']:24} {row['kind']:14} {state:14} {row['received']:>8} received  {last}  {clean(row['error'] or row['note'], 200)}".rstrip())


@sources_command.command("kinds")
@click.option("--json", "as_json", is_flag=True)
def kinds_command(as_json: bool) -> None:
    """The networks that can be polled."""
    from sources.catalogue import networks

    if as_json:
        click.echo(json.dumps([{"kind": n.kind, "title": n.title, "keyless": n.keyless} for n in networks().values()], ensure_ascii=False, indent=1))
        return
    for network in networks().values():
        click.echo(f"{network.kind:14} {network.title}{'' if network.keyless else '  (needs an account)'}")


@sources_command.command("check")
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def check_command(desk: Desk, names: tuple[str, ...], as_json: bool) -> int:
    """Test each source for real: reach, credentials, search, reply. Exit code 1 when anything failed."""
    from tui.cli.collecting import open_sources

    settings = _chosen(desk.config.sources, names)
    if not settings:
        raise InputError("No sources are configured.", hint="`listener sources add` adds one.")
    opened: list[Source] = []
    results: dict[str, Sequence[Check]] = {}
    broken: dict[str, str] = {}
    for setting in settings:
        try:
            opened += open_sources(desk.config.changed(sources=(setting.changed(enabled=True),)))
        except ListenerError as error:
            broken[setting.name or setting.kind] = str(error)
    results = asyncio.run(_check(opened))
    if as_json:
        rows = [{"source": name, "what": c.what, "state": c.state, "text": c.text} for name, checks in results.items() for c in checks]
        rows += [{"source": name, "what": "configuration", "state": "failed", "text": text} for name, text in broken.items()]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_checks(results, broken)
    return 1 if broken or any(c.state == "failed" for checks in results.values() for c in checks) else 0


def _print_checks(results: dict[str, Sequence[Check]], broken: dict[str, str]) -> None:
    from tui.format import clean

    for name, checks in results.items():
        click.echo(name)
        for check in checks:
            click.echo(f"  {SIGNS[check.state]} {check.what}: {clean(check.text, 500)}")
    for name, text in broken.items():
        click.echo(f"{name}\n  ✗ configuration: {clean(text, 500)}")


async def _check(opened: Sequence[Source]) -> dict[str, Sequence[Check]]:
    found = await asyncio.gather(*(source.check() for source in opened))
    for source in opened:
        await source.aclose()
    return {source.name: checks for source, checks in zip(opened, found, strict=True)}


def _chosen(settings: Sequence[SourceSetting], names: Sequence[str]) -> list[SourceSetting]:
    known = {setting.name or setting.kind: setting for setting in settings}
    for name in names:
        if name not in known:
            raise InputError(f"There is no source {name!r}.", hint=f"There are: {', '.join(known) or 'none'}.")
    return [known[name] for name in names] if names else list(settings)


@sources_command.command("add")
@click.argument("kind", required=False)
@click.option("--name", default="", help="What its mentions are filed under; otherwise the kind.")
@click.option("--set", "given", metavar="KEY=VALUE", multiple=True, help="A setting; what is not given is asked for. Secrets are asked for, never given here.")
@click.option("--yes", is_flag=True, help="Ask for nothing but secrets: take the defaults.")
@click.option("--no-check", is_flag=True, help="Do not try it out first.")
@click.pass_obj
def add_command(desk: Desk, kind: str | None, name: str, given: tuple[str, ...], yes: bool, no_check: bool) -> int:
    """Add a source step by step: its settings, its login, a live test. Tokens go to the keyring or a file of mode 0600, never into the configuration."""
    import msgspec

    from listener.config import SourceSetting
    from listener.config.edit import add_source
    from listener.config.secrets import is_secret_name, store_secret
    from sources.catalogue import networks

    known = networks()
    kind = kind or click.prompt("Which network", type=click.Choice(sorted(known)))
    if kind not in known:
        raise InputError(f"There is no network {kind!r}.", hint=f"There are: {', '.join(sorted(known))}.")
    values = dict(_pair(text) for text in given)
    name = name or kind
    taken = {setting.name or setting.kind for setting in desk.config.sources}
    if name in taken:
        raise InputError(f"There is a source {name!r} already.", hint="Give this one another --name.")
    options: dict[str, object] = {}
    for field in msgspec.structs.fields(known[kind].options()):
        key, help_ = field.encode_name, _description(field.type)
        if is_secret_name(key):
            if key in values:
                raise InputError(f"{key} is a secret and does not belong on a command line.", hint="Leave it out: it is asked for without an echo.")
            secret = click.prompt(f"{key} ({help_}; empty for none)", default="", hide_input=True, show_default=False)
            if secret:
                options[key] = store_secret(f"{name}-{key}", secret, desk.config_path.parent)
            continue
        if key in values:
            options[key] = _typed(values.pop(key), field.type)
        elif not yes or field.required:
            default = "" if field.default is msgspec.NODEFAULT else _shown(field.default)
            answer = click.prompt(f"{key} ({help_})", default=default, show_default=bool(default))
            if answer != default or field.required:
                options[key] = _typed(answer, field.type)
    if values:
        raise InputError(f"{kind} has no setting {next(iter(values))!r}.", hint=f"`listener sources add {kind}` asks for each in turn.")
    setting = SourceSetting(kind=kind, name=name, options=options)
    if not no_check and not _try_out(desk, setting):
        click.confirm("It does not work yet. Add it all the same?", abort=True)
    add_source(desk.config_path, setting)
    click.echo(f"{name} added to {desk.config_path}. A running collector takes it over when it is started again.")
    return 0


def _try_out(desk: Desk, setting: SourceSetting) -> bool:
    from tui.cli.collecting import open_sources

    try:
        opened = open_sources(desk.config.changed(sources=(setting,)))
    except ListenerError as error:
        _print_checks({}, {setting.name: str(error)})
        return False
    results = asyncio.run(_check(opened))
    _print_checks(results, {})
    return not any(c.state == "failed" for checks in results.values() for c in checks)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set {text!r} is not KEY=VALUE.")
    return key.strip(), value.strip()


def _description(annotated: Any) -> str:
    import msgspec

    for meta in getattr(annotated, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description.rstrip(".")
    return "see docs/sources.md"


def _shown(default: object) -> str:
    return ", ".join(map(str, default)) if isinstance(default, tuple | list) else "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)


def _typed(text: str, kind: Any) -> object:
    """A typed value from what somebody typed: lists by commas, tables as `name=value, name=value+value`, yes and no, numbers. Raises InputError."""
    import msgspec

    words = [part.strip() for part in text.split(",") if part.strip()]
    switch = {"yes": True, "true": True, "no": False, "false": False}.get(text.casefold(), text)
    table = dict(_pair(word) for word in words) if words and all("=" in word for word in words) else text
    lists = {name: value.split("+") for name, value in table.items()} if isinstance(table, dict) else text
    for candidate in (text, words, switch, table, lists):
        try:
            value: object = msgspec.convert(candidate, kind, strict=False)
        except (msgspec.ValidationError, TypeError):
            continue
        plain: object = msgspec.json.decode(msgspec.json.encode(value))
        return plain
    raise InputError(f"{text!r} does not fit.", hint="Lists are separated by commas, tables are name=value, switches are yes or no.")


@sources_command.command("remove")
@click.argument("name")
@click.pass_obj
def remove_command(desk: Desk, name: str) -> None:
    """Take a source out of the configuration; its mentions stay."""
    from listener.config.edit import remove

    _chosen(desk.config.sources, [name])
    remove(desk.config_path, "sources", name)
    click.echo(f"{name} removed; its mentions stay.")


@sources_command.command("pause")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def pause_command(desk: Desk, names: tuple[str, ...]) -> None:
    """Stop polling sources until they are resumed."""
    _switch(desk, names, paused=True)


@sources_command.command("resume")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def resume_command(desk: Desk, names: tuple[str, ...]) -> None:
    """Poll paused sources again."""
    _switch(desk, names, paused=False)


def _switch(desk: Desk, names: Sequence[str], *, paused: bool) -> None:
    from listener.store.checkpoints import Checkpoints

    points = Checkpoints(desk.store)
    settings = _chosen(desk.config.sources, names)
    points.describe([(setting.name or setting.kind, setting.kind) for setting in settings])
    for setting in settings:
        points.pause(setting.name or setting.kind, paused)
    click.echo(f"{', '.join(names)}: {'paused' if paused else 'resumed'}.")


@sources_command.command("poll")
@click.argument("names", nargs=-1)
@click.pass_obj
def poll_now_command(desk: Desk, names: tuple[str, ...]) -> None:
    """Let the running collector poll now, whatever is due."""
    from listener.store.checkpoints import Checkpoints

    for setting in _chosen(desk.config.sources, names):
        Checkpoints(desk.store).due_now(setting.name or setting.kind)
    click.echo("Every channel is due now; a running collector polls within a second, `listener poll --once` without one.")
