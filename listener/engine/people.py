"""A person's page: everything that somebody said to us on every network, what we said, and how they felt over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from listener.domain.segments import History, segments
from listener.errors import InputError
from listener.store.mentions import Mentions
from listener.store.outbox import Outbox
from listener.store.people import People

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.mention import Entry
    from listener.domain.reply import Reply
    from listener.store.connection import Store
    from listener.store.people import Guess, Identity


@dataclass(frozen=True, slots=True)
class Month:
    """How somebody felt in a month, UTC."""

    month: str
    """`2026-11`."""
    n: int
    negative: int
    neutral: int
    positive: int
    unscored: int
    compound: float | None
    """Mean of the scored ones."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, over all of their identities."""

    identities: Sequence[Identity]
    """The one that was asked for first."""
    segments: tuple[str, ...]
    mentions: Sequence[Entry]
    """Newest first, up to the limit; `total` counts them all."""
    total: int
    months: Sequence[Month]
    """Oldest first, months without a word left out."""
    tags: Sequence[tuple[str, int]]
    notes: Sequence[tuple[int, int, str, str]]
    """(mention, when, operator, text), newest first."""
    replies: Sequence[Reply]
    """Newest first."""
    guesses: Sequence[Guess]
    """Who may be the same person."""

    @property
    def author_ids(self) -> tuple[int, ...]:
        return tuple(one.author_id for one in self.identities)


def resolve(store: Store, text: str) -> int:
    """The author that somebody means: a number, `@handle`, `source:handle` or a name. Raises InputError: nobody, or several people."""
    people = People(store)
    if text.isdecimal():
        return people.identities([int(text)])[0].author_id
    found = people.find(text)
    if not found and ":" in text:
        source, _, handle = text.rpartition(":")
        found = [one.author_id for one in people.identities(people.find(handle)) if one.source.casefold() == source.casefold()]
    if not found:
        raise InputError(f"Nobody here is called {text!r}.", hint="A handle as the network shows it, a name, or the number of an author.")
    if len({tuple(people.members(id_)) for id_ in found}) > 1:
        known = ", ".join(f"{one.author_id} (@{one.handle} on {one.source})" for one in people.identities(found[:6]))
        raise InputError(f"Several people are called {text!r}: {known}.", hint="Give the number of one.")
    return found[0]


def person(store: Store, author_id: int, *, limit: int = 200) -> Person:
    """Somebody's page. Raises InputError: no such author."""
    people, outbox = People(store), Outbox(store)
    group = [author_id, *(id_ for id_ in people.members(author_id) if id_ != author_id)]
    identities, moods = people.identities(group), people.moods(group)
    last = moods[-50:]
    history = History(
        [at for at, _, _ in last], sum(label == 3 for _, label, _ in last), sum(label == 1 for _, label, _ in last), max((one.followers or 0 for one in identities), default=0)
    )
    return Person(
        identities, segments(history), Mentions(store).many(people.mention_ids(group, limit=limit)), sum(one.mentions for one in identities), _months(moods),
        people.tags(group), people.notes(group), [outbox.get(id_) for id_, _ in people.reply_ids(group, limit=limit)], people.guesses(author_id),
    )  # fmt: skip


def _months(moods: Sequence[tuple[int, int, float | None]]) -> list[Month]:
    found: dict[str, list[tuple[int, float | None]]] = {}
    for at, label, compound in moods:
        found.setdefault(datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m"), []).append((label, compound))
    months = []
    for month, rows in found.items():
        labels = [label for label, _ in rows]
        scored = [compound for label, compound in rows if label and compound is not None]
        months.append(
            Month(month, len(rows), labels.count(1), labels.count(2), labels.count(3), labels.count(0), round(sum(scored) / len(scored), 3) if scored else None)
        )
    return months
