"""The streams that every desk has, and those of its configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.domain.query.ast import Field, Node, Query, all_of
from listener.store.filters import Filter, Order

if TYPE_CHECKING:
    from listener.config import Config


@dataclass(frozen=True, slots=True)
class Stream:
    """A saved query as the screen knows it."""

    name: str
    filter: Filter
    own: bool = False
    """From the configuration, not built in."""
    key: str = ""
    nothing: str = "Nothing waits for you here."
    """What an empty one says."""


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
    ("Approvals", (Field("has", "draft"),), "newest", "No draft waits for anybody."),
    ("Done", (Field("state", "resolved"),), "newest", "Nothing has been closed yet."),
    ("Everything", (), "newest", "No mention is stored yet."),
)


def streams(config: Config, operator: str) -> list[Stream]:
    """All streams, the built-in ones first; one of the configuration takes the place of one that has its name. Raises QueryError: one of the configuration cannot be read."""
    from listener.domain.query.parse import parse

    built = [Stream(name, Filter(Query(all_of(nodes)), order, operator), nothing=nothing) for name, nodes, order, nothing in _BUILT_IN]
    own = [Stream(one.name, Filter(parse(one.query) if one.query else Query(), one.order, operator), True, one.key) for one in config.streams]
    named = {one.name for one in own}
    return [*(one for one in built if one.name not in named), *own]


def of_topic(filter_: Filter, topic: str) -> Filter:
    """The same, for one topic."""
    from listener.store.filters import narrowed

    return narrowed(filter_, Field("topic", topic)) if topic else filter_

