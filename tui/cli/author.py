"""`author`: everything about a person, and which accounts are one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from tui.cli.desk import Desk
from tui.cli.rows import echo_json, iso

if TYPE_CHECKING:
    from listener.engine.people import Person
    from listener.store.people import Identity


def identity_row(one: Identity) -> dict[str, Any]:
    """An account as scripts get it. Keys are only ever added."""
    return {
        "id": one.author_id, "source": one.source, "handle": one.handle, "name": one.name or None, "url": one.url or None, "followers": one.followers,
        "first_seen": iso(one.first_seen), "mentions": one.mentions,
    }  # fmt: skip


def person_row(person: Person) -> dict[str, Any]:
    """A person as scripts get it. Keys are only ever added."""
    from tui.cli.replies import reply_row
    from tui.cli.rows import mention_row

    return {
        "identities": [identity_row(one) for one in person.identities],
        "segments": list(person.segments),
        "total": person.total,
        "months": [
            {"month": m.month, "n": m.n, "negative": m.negative, "neutral": m.neutral, "positive": m.positive, "unscored": m.unscored, "compound": m.compound} for m in person.months
        ],
        "tags": dict(person.tags),
        "notes": [{"mention": id_, "at": iso(at), "operator": operator, "text": text} for id_, at, operator, text in person.notes],
        "replies": [reply_row(reply) for reply in person.replies],
        "maybe": [{**identity_row(guess.identity), "why": guess.why} for guess in person.guesses],
        "mentions": [mention_row(mention) for mention in person.mentions],
    }


@click.group("author")
def author_command() -> None:
    """Everything about a person on every network, and which accounts are one person's.

    AUTHOR is a handle, `source:handle`, a name, or the number of an author.
    """


@author_command.command("show")
@click.argument("author")
@click.option("--limit", "-n", type=click.IntRange(1), default=50, show_default=True, help="Mentions to show.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show_command(desk: Desk, author: str, limit: int, as_json: bool) -> None:
    """All mentions, replies, notes and tags of a person, and how they felt over time."""
    from listener.engine.people import person, resolve

    found = person(desk.existing_store, resolve(desk.existing_store, author), limit=limit)
    if as_json:
        click.echo(json.dumps(person_row(found), ensure_ascii=False))
    else:
        _show(desk, found)


def _show(desk: Desk, person: Person) -> None:
    from tui.cli.rows import line
    from tui.format import clean, short

    now = desk.store.clock()
    for one in person.identities:
        reach = f"{short(one.followers)} followers" if one.followers is not None else "reach unknown"
        click.echo(clean(f"{one.author_id:>7}  @{one.handle} on {one.source}  {one.name}  {reach}, {one.mentions} mentions, since {(iso(one.first_seen) or '')[:10]}  {one.url}".rstrip(), 400))
    click.echo(f"Segments: {', '.join(person.segments) or 'none'}" + (f"   Tags: {clean(', '.join(f'{tag} {n}' for tag, n in person.tags), 300)}" if person.tags else ""))
    for month in person.months[-12:]:
        mood = f"{month.compound:+.2f}" if month.compound is not None else "  –  "
        click.echo(f"  {month.month}  {month.n:>4} mentions  mood {mood}  ▼{month.negative} ■{month.neutral} ▲{month.positive} –{month.unscored}")
    for id_, at, operator, text in person.notes:
        click.echo(f"  note {iso(at)} {clean(operator, 40)} on {id_}: {clean(text, 400)}")
    for reply in person.replies:
        click.echo(f"  reply {reply.id} {iso(reply.sent_at or reply.created_at)} {clean(reply.author, 40)} to {reply.mention_id}, {reply.state.value}: {clean(reply.text, 300)}")
    for mention in person.mentions:
        click.echo(line(mention, now))
    if person.total > len(person.mentions):
        click.echo(f"{len(person.mentions)} of {person.total} mentions; --limit shows more.", err=True)
    for guess in person.guesses:
        one = guess.identity
        click.echo(clean(f"May be the same: {one.author_id} @{one.handle} on {one.source}: {guess.why}. `listener author link {person.author_ids[0]} {one.author_id}`", 400), err=True)


@author_command.command("find")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def find_command(desk: Desk, text: str, as_json: bool) -> int:
    """Accounts by handle or name. Exit code 3 when there is none."""
    from listener.store.people import People
    from tui.format import clean

    people = People(desk.existing_store)
    found = people.identities(people.find(text))
    if as_json:
        echo_json(identity_row(one) for one in found)
    for one in found if not as_json else ():
        click.echo(clean(f"{one.author_id:>7}  @{one.handle} on {one.source}  {one.name}  {one.mentions} mentions", 300))
    return 0 if found else 3


@author_command.command("link")
@click.argument("author")
@click.argument("other")
@click.pass_obj
def link_command(desk: Desk, author: str, other: str) -> None:
    """Say that two accounts are one person; `listener undo` takes it back."""
    from listener.engine.people import resolve
    from listener.store.people import People

    store, people = desk.existing_store, People(desk.existing_store)
    one = resolve(store, author)
    people.link(one, resolve(store, other), desk.operator)
    click.echo(f"One person now: {', '.join(f'@{i.handle} on {i.source}' for i in people.identities(people.members(one)))}.")


@author_command.command("unlink")
@click.argument("author_id", type=int)
@click.pass_obj
def unlink_command(desk: Desk, author_id: int) -> None:
    """Say that an account is somebody else's; `listener undo` takes it back."""
    from listener.store.people import People

    People(desk.existing_store).unlink(author_id, desk.operator)
    click.echo(f"Author {author_id} is a person of its own now.")
