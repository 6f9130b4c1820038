"""What a query means, as values. `parse` makes them, `render` prints them, everything else walks them.

Normal form, which `parse` and the builders `all_of`, `any_of`, `negate` keep: an And or an Or holds at least two items and no
item of its own class, there is no Not of a Not, and Everything stands only at the root.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Operator = Literal["=", ">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty query: matches all there is."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase."""

    text: str
    """As typed; the words of a phrase are one space apart."""
    prefix: bool = False
    """Matches every word that begins with it; never together with `quoted`."""
    quoted: bool = False
    """Accents count, and there may be several words."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag inside the text; `name` without the `#`."""

    name: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Handle:
    """An account named inside the text; `name` without the first `@`, perhaps with a domain."""

    name: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A condition on something other than the words; `fields.FIELDS` says which there are and what `value` holds."""

    name: str
    value: str | int | float
    op: Operator = "="
    column: int = field(default=0, compare=False, repr=False)
    """Where it stands in the text it came from, counted from 1; 0 when it came from nowhere."""


@dataclass(frozen=True, slots=True)
class Near:
    """Two things with at most `distance` words between them, in either order."""

    left: Positional
    right: Positional
    distance: int


@dataclass(frozen=True, slots=True)
class Not:
    item: Node


@dataclass(frozen=True, slots=True)
class And:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple[Node, ...]


Leaf = Term | Tag | Handle
Positional = Leaf | Near | Or
"""What has a place in the text. An Or counts when all of its items do: see `is_positional`."""
Node = Everything | Leaf | Field | Near | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; equal to another when both mean the same tree, however they were spelled."""

    root: Node = Everything()
    text: str = field(default="", compare=False, repr=False)
    """As it was typed."""

    def __str__(self) -> str:
        from listener.domain.query.render import to_text

        return to_text(self)

    def __bool__(self) -> bool:
        """False for the query that matches everything."""
        return not isinstance(self.root, Everything)

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that it asks about."""
        return frozenset(node.name for node in walk(self.root) if isinstance(node, Field))


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, left to right."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, And | Or):
        return node.items
    if isinstance(node, Near):
        return (node.left, node.right)
    return (node.item,) if isinstance(node, Not) else ()


def is_positional(node: Node) -> bool:
    """Whether it has a place in the text, so that NEAR can measure from it."""
    return all(is_positional(item) for item in node.items) if isinstance(node, Or) else isinstance(node, Term | Tag | Handle | Near)


def all_of(items: Iterable[Node]) -> Node:
    """The conjunction; Everything when there is nothing to hold."""
    flat = [leaf for item in items for leaf in (item.items if isinstance(item, And) else (item,)) if not isinstance(leaf, Everything)]
    if not flat:
        return Everything()
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(items: Iterable[Node]) -> Node:
    """The disjunction of at least one item; Everything as soon as one of them is."""
    flat = [leaf for item in items for leaf in (item.items if isinstance(item, Or) else (item,))]
    if not flat:
        raise ValueError("a disjunction of nothing")
    if any(isinstance(leaf, Everything) for leaf in flat):
        return Everything()
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def negate(node: Node) -> Node:
    return node.item if isinstance(node, Not) else Not(node)
