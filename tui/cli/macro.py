"""`macro` and `pipe`: the same work again, and the work of other programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from listener.errors import InputError
from tui.cli.desk import Desk
from tui.cli.rows import echo_json

if TYPE_CHECKING:
    from listener.engine.macros import Macros


@click.group("macro", invoke_without_command=True)
@click.pass_context
def macro_command(ctx: click.Context) -> None:
    """Steps under a name, done to many mentions as one action with one undo."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command)


def _macros(desk: Desk) -> Macros:
    from listener.engine.macros import Macros

    return Macros(desk.config_path.with_name("macros.json"))


@macro_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def list_command(desk: Desk, as_json: bool = False) -> None:
    """All macros with their steps."""
    from tui.format import clean

    macros = _macros(desk).all()
    if as_json:
        echo_json({"name": macro.name, "steps": [[step.action, *step.words] for step in macro.steps]} for macro in macros)
        return
    for macro in macros:
        click.echo(clean(f"{macro.name}: {macro}", 400))
    if not macros:
        click.echo('None yet. `listener macro add NAME "tag refund" "assign support" close-next`, or record one on the screen.', err=True)


@macro_command.command("add")
@click.argument("name")
@click.argument("steps", nargs=-1, required=True)
@click.pass_obj
def add_command(desk: Desk, name: str, steps: tuple[str, ...]) -> None:
    """Keep STEPS under a name, each an action with its words: "tag refund", "snooze tomorrow 9", close-next."""
    from listener.engine.macros import Macro, read_step

    _macros(desk).save(Macro(name, tuple(read_step(step) for step in steps)))
    click.echo(f"Macro {name!r} saved.")


@macro_command.command("remove")
@click.argument("name")
@click.pass_obj
def remove_command(desk: Desk, name: str) -> None:
    """Forget a macro."""
    _macros(desk).remove(name)
    click.echo(f"Macro {name!r} removed.")


@macro_command.command("run")
@click.argument("name")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--dry-run", is_flag=True, help="Only list what would become of each mention.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def run_command(desk: Desk, name: str, ids: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Do a macro's steps to mentions; `-` reads ids from standard input."""
    from listener.engine.macros import play, preview
    from tui.cli.work import read_ids

    macro, which, now = _macros(desk).get(name), read_ids(ids), desk.existing_store.clock()
    if dry_run:
        lines = preview(macro, desk.mentions.many(which), now, desk.calendar, desk.operator)
        if as_json:
            echo_json({"id": id_, "would": text} for id_, text in lines)
            return
        for id_, text in lines:
            click.echo(f"{id_:>7}  {text}")
        return
    done = play(desk.triage, which, macro, now, desk.calendar)
    if as_json:
        click.echo(json.dumps({"macro": macro.name, "batch": done.batch, "changed": list(done.changed), "unchanged": list(done.unchanged)}))
    else:
        click.echo(f"{macro.name}: {len(done.changed)} changed, {len(done.unchanged)} so already. `listener undo {done.batch}` takes it back.")


@click.command("pipe", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--ids", metavar="ID,ID", help="Which mentions; otherwise ids or JSON rows from standard input.")
@click.option("--timeout", type=click.FloatRange(0.1, 3600), default=30.0, show_default=True, help="Seconds, after which the command is ended.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_obj
def pipe_command(desk: Desk, ids: str | None, timeout: float, command: tuple[str, ...]) -> int:
    """Give mentions as JSON to a COMMAND of yours, without a shell: `listener pipe --ids 4,7 jq length`.

    Exit code: the command's own, 1 when it was ended or died.
    """
    from listener.engine.pipe import pipe
    from tui.cli.rows import mention_row
    from tui.cli.work import read_ids

    which = read_ids(tuple(ids.replace(",", " ").split()) if ids else ("-",))
    outcome = pipe(command, [mention_row(mention) for mention in desk.mentions.many(which)], timeout=timeout)
    click.echo(outcome.out, nl=False)
    click.echo(outcome.err, nl=False, err=True)
    if outcome.code is None:
        raise InputError(f"{command[0]!r} was ended after {timeout:g} s.", hint="--timeout gives it longer.")
    if outcome.cut:
        click.echo("Its answer was too long and is cut.", err=True)
    return outcome.code if 0 <= outcome.code < 256 else 1


