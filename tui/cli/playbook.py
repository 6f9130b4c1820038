"""`playbook`: what a tag means and what to do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk
from tui.cli.rows import echo_json, iso

if TYPE_CHECKING:
    from listener.domain.playbook import Playbook
    from listener.engine.playbooks import Box
    from listener.store.steps import Subject


def playbook_row(book: Playbook) -> dict[str, Any]:
    """A playbook as scripts get it. Keys are only ever added."""
    return {
        "name": book.name, "tags": list(book.tags), "title": book.title, "owner": book.owner or None, "severity": str(book.severity) or None,
        "naming": book.naming or None, "meaning": book.meaning, "steps": list(book.steps), "replies": list(book.replies),
    }  # fmt: skip


@click.group("playbook", invoke_without_command=True)
@click.pass_context
def playbook_command(ctx: click.Context) -> None:
    """What each tag means, whose it is, and what to do next: a folder of Markdown, to be kept in git."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command)


@playbook_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def list_command(desk: Desk, as_json: bool = False) -> None:
    """All playbooks."""
    from tui.format import clean

    books = desk.playbooks.all()
    if as_json:
        echo_json(playbook_row(book) for book in books)
        return
    for book in books:
        click.echo(clean(f"{book.name:20} {' '.join(f'#{tag}' for tag in book.tags):24} {str(book.severity) or '    '} {book.owner or '–':12} {len(book.steps):2} steps  {book.title}", 400))
    if not books:
        click.echo(f"There are none in {desk.playbooks.folder}; docs/triage.md says how to write one.", err=True)


@playbook_command.command("show")
@click.argument("name")
@click.option("--mention", type=int, help="With the boxes as they stand for this mention.")
@click.option("--incident", type=int, help="With the boxes as they stand for this incident.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show_command(desk: Desk, name: str, mention: int | None, incident: int | None, as_json: bool) -> None:
    """A playbook by its name or its tag."""
    from listener.engine.playbooks import Box, boxes

    book = desk.playbooks.get(name)
    subject = _subject(mention, incident)
    state = boxes(desk.existing_store, *subject, book) if subject else [Box(step, None) for step in book.steps]
    if as_json:
        done = [{"step": box.step, "done": box.done is not None, "by": box.done.operator if box.done else None, "at": iso(box.done.at) if box.done else None} for box in state]
        click.echo(json.dumps(playbook_row(book) | {"boxes": done}, ensure_ascii=False))
    else:
        _show(book, state)


def _show(book: Playbook, state: list[Box]) -> None:
    from tui.format import clean

    click.echo(clean(f"{book.title}  {' '.join(f'#{tag}' for tag in book.tags)}  {book.severity}  owner: {book.owner or 'nobody'}", 400))
    for label, text in (("", book.meaning), ("Naming: ", book.naming)):
        if text:
            click.echo(f"{label}{clean(text, 10_000, lines=True)}")
    for number, box in enumerate(state, 1):
        click.echo(f"{number:>3}. [{'x' if box.done else ' '}] {clean(box.step, 400)}{f' ({clean(box.done.operator, 40)})' if box.done else ''}")
    if book.replies:
        click.echo(f"Saved replies: {clean(', '.join(book.replies), 400)}")
    if book.after:
        click.echo(clean(book.after, 10_000, lines=True))


@playbook_command.command("tick")
@click.argument("name")
@click.argument("step", type=int)
@click.option("--mention", type=int)
@click.option("--incident", type=int)
@click.option("--undo", is_flag=True, help="Take the tick away.")
@click.pass_obj
def tick_command(desk: Desk, name: str, step: int, mention: int | None, incident: int | None, undo: bool) -> None:
    """Tick a step, by its number, for a mention or an incident."""
    from listener.engine.playbooks import tick

    subject = _subject(mention, incident)
    if subject is None:
        raise InputError("For which mention or incident?", hint="Say --mention ID or --incident ID.")
    if subject[0] == "mention":
        desk.mentions.get(subject[1])
    box = tick(desk.existing_store, *subject, desk.playbooks.get(name), step, desk.operator, not undo)
    click.echo(f"[{'x' if box.done else ' '}] {box.step}")


@playbook_command.command("lint")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def lint_command(desk: Desk, as_json: bool) -> int:
    """What is wrong with the playbooks, and which tags of the desk no playbook explains. Exit code 1 when something is."""
    from tui.format import clean

    used = [name for name, n in desk.mentions.tags() if n] if desk.db_path.exists() else []
    problems = desk.playbooks.problems(used=used)
    if as_json:
        echo_json({"playbook": name or None, "problem": text} for name, text in problems)
    else:
        for name, text in problems:
            click.echo(clean(f"{name}: {text}" if name else text, 400))
        if not problems:
            click.echo(f"{len(desk.playbooks.all())} playbooks, nothing to complain about.")
    return 1 if problems else 0


def _subject(mention: int | None, incident: int | None) -> tuple[Subject, int] | None:
    if mention is not None and incident is not None:
        raise InputError("One of --mention and --incident, not both.")
    return ("mention", mention) if mention is not None else ("incident", incident) if incident is not None else None
