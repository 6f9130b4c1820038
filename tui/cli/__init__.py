"""The command line. One file per group of commands, loaded only when it is called: `listener list` pays for `list`.

Exit codes: 0 done · 1 it failed, and the message says why · 2 the command line, the configuration or a query is wrong ·
3 nothing was found or there was nothing to do, for those commands that say so · 130 interrupted.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from listener.errors import ConfigError, InputError, ListenerError, QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: dict[str, tuple[str, str]] = {
    "watch": ("collect", "listen for a brand at once, without any configuration"),
    "init": ("setup", "write a commented configuration"),
    "demo": ("demo", "open the desk on the sandbox: no account, no network"),
    "tour": ("demo", "learn the desk in five minutes, on the sandbox"),
    "poll": ("collect", "collect, score, watch and send, without a screen"),
    "list": ("read", "list mentions"),
    "show": ("read", "show single mentions with thread, notes and journal"),
    "search": ("read", "find mentions by their words, newest first"),
    "tag": ("work", "tag mentions"),
    "untag": ("work", "take tags away"),
    "assign": ("work", "give mentions to a person or a team"),
    "note": ("work", "leave a note on a mention"),
    "close": ("work", "resolve mentions"),
    "reopen": ("work", "open resolved mentions again"),
    "snooze": ("work", "hide mentions until a time"),
    "severity": ("work", "set how urgent mentions are"),
    "sentiment": ("work", "say yourself how mentions feel"),
    "language": ("work", "correct the language of mentions"),
    "erase": ("work", "erase posts on request, for good"),
    "reply": ("replies", "answer a mention: queued, and gone after a moment in which it can be taken back"),
    "drafts": ("replies", "replies that are not sent yet"),
    "approve": ("replies", "let a colleague's reply go out"),
    "reject": ("replies", "give a colleague's reply back with a note"),
    "csat": ("replies", "what customers answered to the question after a resolved case"),
    "outbox": ("replies", "replies on their way: queued, sent, failed, in doubt"),
    "undo": ("history", "take back your last action, a named one, or what a rule did"),
    "history": ("history", "what was done, newest first, and by which rule"),
    "streams": ("streams", "saved queries with their counts: list, add, change, remove"),
    "author": ("author", "everything about a person on every network; which accounts are one"),
    "macro": ("macro", "the same steps again: list, add, run, remove"),
    "pipe": ("macro", "give mentions as JSON to a command of yours, without a shell"),
    "playbook": ("playbook", "what a tag means and what to do next: list, show, tick, lint"),
    "rules": ("automation", "automatic rules: list, try, run"),
    "import": ("intake", "bring in mentions from CSV or JSONL"),
    "export": ("export", "mentions as CSV or JSONL"),
    "compare": ("compare", "the brand beside its competitors"),
    "report": ("report", "figures and comparison of a period as a page"),
    "handover": ("handover", "the brief of the shift, and signing on"),
    "metrics": ("metrics", "how fast the desk answers, how much is said, how it stands"),
    "sources": ("sources", "what is polled, how it does, and whether its credentials work"),
    "explain": ("understand", "say why a mention or a text got its score"),
    "lexicon": ("understand", "the desk's own words and their valences"),
    "rescore": ("understand", "score the archive again; undoable"),
    "drill": ("drill", "rehearse a crisis on the sandbox, and be scored"),
    "notify": ("notify", "how people are told of incidents; `notify test` tries it"),
    "incidents": ("incidents", "what is going wrong, and why: list, show, acknowledge, resolve, …"),
    "score": ("understand", "score one text a line"),
    "query": ("query", "try a query out against the archive"),
    "doctor": ("doctor", "look the installation and the database over"),
}
"""Name → (module below `tui.cli`, help). The attribute is the name, with `_command` where Python keeps the word for itself."""


class Lazy(click.Group):
    """A group whose commands are imported when they are called; their help line stands in COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tui.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            raise click.UsageError(f"There is no command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else " `listener --help` lists them."))
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"listener {version('listener-desk')}")
        except PackageNotFoundError:
            click.echo("listener (not installed)")
        ctx.exit()


@click.group(cls=Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--db", metavar="FILE", type=click.Path(dir_okay=False), help="The database; otherwise the configuration's, otherwise the platform's own place.")
@click.option("--config", metavar="FILE", type=click.Path(dir_okay=False), help="The configuration; otherwise the platform's own place.")
@click.option("--operator", metavar="NAME", envvar="LISTENER_OPERATOR", help="Who you are in the journal; otherwise $LISTENER_OPERATOR, otherwise your login.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say which version this is.")
@click.pass_context
def root(ctx: click.Context, db: str | None, config: str | None, operator: str | None) -> None:
    """Listener: a social listening desk that lives in the terminal.

    Without a command it opens the desk. A first look without any account: `listener demo`. Every command that prints rows has --json.
    """
    from tui.cli.desk import Desk

    ctx.obj = ctx.with_resource(Desk(db, config, operator))
    if ctx.invoked_subcommand is None:
        from tui.cli.terminal import open_terminal

        open_terminal(ctx.obj)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; what goes wrong becomes a line in words and an exit code."""
    os.umask(0o077)
    try:
        result: Any = root.main(args=list(arguments) if arguments is not None else None, prog_name="listener", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except QueryError as error:
        click.echo(f"listener: {error}" + (f"\n  {error.caret().replace(chr(10), chr(10) + '  ')}" if error.text else ""), err=True)
        return 2
    except ListenerError as error:
        click.echo(f"listener: {error}", err=True)
        return 2 if isinstance(error, ConfigError | InputError) else 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OverflowError as error:
        if "SQLite" not in str(error):
            raise
        click.echo("listener: A number is larger than any id that there is.", err=True)
        return 2
    except Exception as error:
        words = _in_words(error)
        if words is None:
            raise
        with contextlib.suppress(OSError, ValueError):
            click.echo(f"listener: {words}", err=True)
        return 1


def _in_words(error: Exception) -> str | None:
    """What went wrong with files, bytes or the database where no command had words of its own; None for a fault of the program."""
    if isinstance(error, OSError):
        if error.filename is None and error.errno is None:
            return None
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    if isinstance(error, UnicodeEncodeError):
        return "The command line holds bytes that are no text in UTF-8."
    from listener.store.connection import in_plain_words

    known = in_plain_words(error, "The database")
    return str(known) if known else None
