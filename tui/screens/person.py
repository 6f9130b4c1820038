"""A person's page: who it is on every network, how they felt, what we said; and saying who is who."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from listener.store.filters import Filter
from tui import format as shown
from tui.widgets.prompt import Choice, Choose

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.engine.people import Person
    from tui.screens.listing import Listing


async def show_person(screen: Listing, entry: Entry) -> None:
    """What is known of an author, then what they wrote, or a link to another account."""
    from listener.engine.people import person

    session = screen.session
    found = await asyncio.to_thread(person, session.store, entry.author_id)
    choices = [Choice("mentions", f"All {shown.plural(found.total, 'mention')}", ", ".join(found.segments) or "no segment")]
    choices += [Choice(f"unlink {one.author_id}", f"@{one.handle} on {one.source}", _about(found, number)) for number, one in enumerate(found.identities)]
    choices += [Choice(f"month {month.month}", month.month, f"▼{month.negative} ■{month.neutral} ▲{month.positive} –{month.unscored}") for month in reversed(found.months[-6:])]
    choices += [Choice("tags", "Tags", " ".join(f"#{tag} {n}" for tag, n in found.tags[:8]))] if found.tags else []
    choices += [Choice(f"note {number}", f"Note by {operator}", f"{shown.age(at, session.clock())} · {text}") for number, (_, at, operator, text) in enumerate(found.notes[:5])]
    choices += [Choice(f"reply {reply.id}", f"Reply by {reply.author}", f"{reply.state.value} · {reply.text}") for reply in found.replies[:5]]
    choices += [Choice(f"link {guess.identity.author_id}", f"May be @{guess.identity.handle} on {guess.identity.source}", guess.why) for guess in found.guesses[:5]]
    chosen = await screen.ask(Choose(f"Person {shown.one_line(entry.author.handle or entry.author.name, 40)}", choices))
    if chosen:
        await _go(screen, entry, found, chosen[0])


def _about(found: Person, number: int) -> str:
    one = found.identities[number]
    reach = f"{shown.short(one.followers)} followers" if one.followers is not None else "reach unknown"
    return f"{reach}, {shown.plural(one.mentions, 'mention')}" + (" · ⏎ unlinks" if len(found.identities) > 1 else "")


async def _go(screen: Listing, entry: Entry, found: Person, chosen: str) -> None:
    from listener.store.people import People

    what, _, which = chosen.partition(" ")
    people, operator = People(screen.session.store), screen.session.operator
    if what == "link" and await screen.sure("One person?", [f"@{entry.author.handle} on {entry.source}", *(f"{g.why}" for g in found.guesses if str(g.identity.author_id) == which)]):
        await asyncio.to_thread(people.link, entry.author_id, int(which), operator)
        screen.say("One person now; undo takes it back.")
    elif what == "unlink" and len(found.identities) > 1 and await screen.sure("Somebody else?", ["This account becomes a person of its own."]):
        await asyncio.to_thread(people.unlink, int(which), operator)
        screen.say("Two people now; undo takes it back.")
    elif what not in ("link", "unlink") or len(found.identities) == 1:
        ids = await asyncio.to_thread(people.mention_ids, list(found.author_ids), limit=5_000)
        name = shown.one_line(entry.author.handle or entry.author.name, 40)
        screen.open_view(f"Person {name}", Filter(order="newest", operator=operator, folded=False, ids=tuple(ids)))
