"""What operators do to mentions: `tag`, `assign`, `note`, `close`, `reopen`, `snooze`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from listener.errors import InputError
from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.store.cases import Done


def read_ids(words: tuple[str, ...]) -> list[int]:
    """Ids from the command line; `-` reads them from standard input, one a line or as JSON rows of `list --json`. Raises InputError."""
    found: list[int] = []
    for word in words:
        if word == "-":
            found += _ids_from(sys.stdin.read())
        elif word.isdecimal():
            found.append(int(word))
        else:
            raise InputError(f"{word!r} is no id.", hint="Ids are numbers; `listener list` shows them.")
    if not found:
        raise InputError("Which mentions?", hint="Give ids, or `-` to read them from standard input.")
    return found


def _ids_from(text: str) -> list[int]:
    import json

    text = text.strip()
    if text.startswith("["):
        try:
            return [int(row["id"]) for row in json.loads(text)]
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"Standard input is no list of mentions ({error}).", hint="Pipe `listener list --json` into it.") from None
    return read_ids(tuple(text.split())) if text else []


def _say(done: Done, what: str) -> None:
    n = len(done.changed)
    click.echo(f"{what}: {n} mention{'s' if n != 1 else ''} changed" + (f", {len(done.unchanged)} so already" if done.unchanged else "") + ".")


@click.command("tag")
@click.argument("ids", nargs=-1, required=True, metavar="ID... NAME")
@click.pass_obj
def tag_command(desk: Desk, ids: tuple[str, ...]) -> None:
    """Tag mentions; a tag that is new comes into being."""
    *which, name = ids
    _say(desk.triage.tag(read_ids(tuple(which)), name), f"Tagged {name}")


@click.command("untag")
@click.argument("ids", nargs=-1, required=True, metavar="ID... NAME")
@click.pass_obj
def untag_command(desk: Desk, ids: tuple[str, ...]) -> None:
    """Take a tag away from mentions."""
    *which, name = ids
    _say(desk.triage.untag(read_ids(tuple(which)), name), f"Tag {name} removed")


@click.command("assign")
@click.argument("ids", nargs=-1, required=True, metavar="ID... WHO")
@click.option("--task", "task_kind", type=click.Choice(["support", "question", "feedback", "lead", "crisis"]), help="What sort of work it is.")
@click.pass_obj
def assign_command(desk: Desk, ids: tuple[str, ...], task_kind: str | None) -> None:
    """Give mentions to a person or a team; `none` takes them back, `me` is you."""
    *which, who = ids
    name = {"none": "", "me": desk.operator}.get(who, who)
    _say(desk.triage.assign(read_ids(tuple(which)), name, task_kind=task_kind), f"Assigned to {name or 'nobody'}")


@click.command("note")
@click.argument("id_", metavar="ID", type=int)
@click.argument("text", nargs=-1, required=True)
@click.pass_obj
def note_command(desk: Desk, id_: int, text: tuple[str, ...]) -> None:
    """Leave a note on a mention; `-` reads it from standard input."""
    desk.triage.note(id_, sys.stdin.read() if text == ("-",) else " ".join(text))
    click.echo(f"Noted on mention {id_}.")


@click.command("close")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def close_command(desk: Desk, ids: tuple[str, ...]) -> None:
    """Resolve mentions."""
    _say(desk.triage.close(read_ids(ids)), "Closed")


@click.command("reopen")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def reopen_command(desk: Desk, ids: tuple[str, ...]) -> None:
    """Open mentions again."""
    _say(desk.triage.reopen(read_ids(ids)), "Reopened")


@click.command("snooze")
@click.argument("ids", nargs=-1, required=True, metavar="ID... WHEN")
@click.pass_obj
def snooze_command(desk: Desk, ids: tuple[str, ...]) -> None:
    """Hide mentions until a time: "tomorrow 9", "mon 08:30", "in 2h", "next opening"."""
    from listener.domain.when import describe, parse_when

    *which, when = ids
    now = desk.existing_store.clock()
    until = parse_when(when, now, desk.calendar)
    _say(desk.triage.snooze(read_ids(tuple(which)), until), f"Snoozed until {describe(until, now, desk.calendar.zone)}")


@click.command("sentiment")
@click.argument("ids", nargs=-1, required=True, metavar="ID... LABEL")
@click.option("--topic", default="", metavar="NAME", help="Only for this further topic of a contested mention.")
@click.pass_obj
def sentiment_command(desk: Desk, ids: tuple[str, ...], topic: str) -> None:
    """Say yourself how mentions feel: negative, neutral, positive, unscored; `machine` takes your word back."""
    *which, label = ids
    verdict = "" if label == "machine" else label
    chosen = read_ids(tuple(which))
    if not topic:
        _say(desk.triage.sentiment(chosen, verdict), f"Sentiment {label}")
        return
    from listener.store.polarity import Polarities

    for id_ in chosen:
        Polarities(desk.existing_store).put(id_, topic, verdict, desk.operator)
    click.echo(f"Sentiment {label} for {topic}: {len(chosen)} mentions.")


@click.command("language")
@click.argument("ids", nargs=-1, required=True, metavar="ID... CODE")
@click.pass_obj
def language_command(desk: Desk, ids: tuple[str, ...]) -> None:
    """Correct the language of mentions: en, el, ro, …; `none` for unknown. `listener rescore` reads them anew."""
    *which, code = ids
    _say(desk.triage.language(read_ids(tuple(which)), "" if code == "none" else code), f"Language {code}")


@click.command("severity")
@click.argument("ids", nargs=-1, required=True, metavar="ID... SEV")
@click.pass_obj
def severity_command(desk: Desk, ids: tuple[str, ...]) -> None:
    """Set the severity of mentions: sev1 (worst) to sev4, or none."""
    from listener.domain.case import Severity

    *which, name = ids
    level = {"none": 0, "sev1": 1, "sev2": 2, "sev3": 3, "sev4": 4}.get(name.casefold())
    if level is None:
        raise InputError(f"{name!r} is no severity.", hint="sev1 (worst) to sev4, or none.")
    _say(desk.triage.severity(read_ids(tuple(which)), Severity(level)), f"Severity {name}")


@click.command("erase")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase_command(desk: Desk, ids: tuple[str, ...], yes: bool) -> None:
    """Erase posts on request: words, author and copies go for good, and the next poll does not bring them back. Cannot be undone."""
    from listener.store.erasure import erase

    chosen = read_ids(ids)
    if not yes:
        click.confirm(f"Erase {len(chosen)} mentions for good? This cannot be undone", abort=True)
    click.echo(f"Erased {erase(desk.existing_store, chosen, desk.operator)} mentions. Backups and exports made before still hold them.")
