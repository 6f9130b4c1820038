"""Streams: saved queries with an order, columns and a key. Those that every desk has, and those of its configuration; their counts, cheaply.

What a stream shows is a Filter of the store; nothing is kept for it, so that a stream costs nothing until somebody looks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from listener.domain.query.ast import Field, Node, Or, Query, all_of
from listener.store.filters import Filter, Order
from listener.store.mentions import Count, Mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from listener.config import Config
    from listener.store.connection import Store

CAP = 1_000
"""Counted up to here: beyond, a person reads "a lot"."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A saved query as a list of its own."""

    name: str
    filter: Filter
    columns: tuple[str, ...] = ()
    """Empty leaves the choice to the width of the screen."""
    key: str = ""
    group: str = ""
    """Streams of one group stand side by side."""
    own: bool = False
    """From the configuration, not built in."""
    nothing: str = "Nothing waits for you here."
    """What an empty one says."""

    @property
    def query(self) -> str:
        return str(self.filter.query)


_OPEN = Field("state", "open")
_BUILT_IN: tuple[tuple[str, tuple[Node, ...], Order, str], ...] = (
    ("All", (_OPEN,), "urgency", "All done. New mentions come in by themselves."),
    ("Mine", (_OPEN, Field("assignee", "me")), "urgency", "Nothing is assigned to you. Take something from Unassigned."),
    ("Unassigned", (_OPEN, Field("assignee", "none")), "urgency", "Everything has somebody who looks after it."),
    ("Breaching", (Field("is", "due"),), "due", "No answer is overdue."),
    ("Incidents", (_OPEN, Field("severity", 4, "<=")), "urgency", "Nothing of any severity is open. A quiet hour."),
    ("Leads", (_OPEN, Field("kind", "lead")), "newest", "No sales lead is open."),
    ("Competitors", (_OPEN, Field("role", "competitor")), "newest", "Nobody talks about a competitor, or none is configured."),
    ("Snoozed", (Field("state", "snoozed"),), "due", "Nothing is snoozed."),
    ("Waiting", (Field("state", "pending"),), "newest", "No answer of a customer is waited for."),
    ("Approvals", (Field("has", "approval"),), "newest", "No reply waits for anybody."),
    ("Done", (Field("state", "resolved"),), "newest", "Nothing has been closed yet."),
    ("Everything", (), "newest", "No mention is stored yet."),
)


def streams(config: Config, operator: str) -> list[Stream]:
    """All streams, the built-in ones first; one of the configuration takes the place of one that has its name.

    Raises:  QueryError: one of the configuration cannot be read.
    """
    built = [Stream(name, Filter(Query(all_of(nodes)), order, operator), nothing=nothing) for name, nodes, order, nothing in _BUILT_IN]
    teams = [team for team, members in config.teams().items() if operator in members]
    if teams:
        mine = tuple(Field("assignee", team) for team in teams)
        theirs = Filter(Query(all_of([_OPEN, Or(mine) if len(mine) > 1 else mine[0]])), "urgency", operator)
        built.insert(2, Stream("My team", theirs, nothing="Nothing waits for your team."))
    own = [_of_config(config, number, operator) for number in range(len(config.streams))]
    named = {one.name for one in own}
    return [*(one for one in built if one.name not in named), *own]


def named(config: Config, operator: str, name: str) -> Stream:
    """The stream of that name, in any case. Raises InputError, QueryError."""
    from listener.errors import InputError

    every = streams(config, operator)
    found = next((one for one in every if one.name.casefold() == name.casefold()), None)
    if found is None:
        raise InputError(f"There is no stream {name!r}.", hint=f"Streams: {', '.join(one.name for one in every)}.")
    return found


def groups(every: Iterable[Stream]) -> dict[str, list[Stream]]:
    """Group → its streams, side by side in their order; those without a group are left out."""
    found: dict[str, list[Stream]] = {}
    for one in every:
        if one.group:
            found.setdefault(one.group, []).append(one)
    return found


def _of_config(config: Config, number: int, operator: str) -> Stream:
    from listener.domain.query.parse import parse

    one = config.streams[number]
    filter_ = Filter(parse(one.query) if one.query.strip() else Query(), one.order, operator)
    return Stream(one.name, filter_, one.columns, one.key, one.group, own=True)


@dataclass(slots=True)
class _Kept:
    count: Count
    version: int
    at: float


@dataclass(slots=True)
class LiveCounts:
    """The counts of many streams, kept while the database stays as it is, and brought up to date within a budget.

    Not shared between threads: SQLite tells of changes by connection.
    """

    store: Store
    cap: int = CAP
    _kept: dict[str, _Kept] = field(default_factory=dict)

    def refresh(self, every: Sequence[Stream], *, budget_s: float = 0.05) -> dict[str, Count]:
        """Count what has changed, the one that was counted longest ago first, until the time is spent; the others as last seen.

        Every call makes progress, so that a few calls after a change everything is right. A stream never counted yet is missing.
        Raises:  QueryError, StoreError.
        """
        mentions, began = Mentions(self.store), time.perf_counter()
        version = self.store.data_version()
        stale = [one for one in every if (kept := self._kept.get(one.name)) is None or kept.version != version or _moves(one.filter.query)]
        for number, one in enumerate(sorted(stale, key=lambda one: self._kept[one.name].at if one.name in self._kept else -1.0)):
            if number and time.perf_counter() - began > budget_s:
                break
            self._kept[one.name] = _Kept(mentions.count(one.filter, cap=self.cap), version, time.perf_counter())
        return {one.name: self._kept[one.name].count for one in every if one.name in self._kept}


def _moves(query: Query) -> bool:
    """Whether time alone changes what it finds."""
    from listener.domain.query.ast import walk

    return any(isinstance(node, Field) and (node.name in ("since", "until") or (node.name, node.value) == ("is", "due")) for node in walk(query.root))
