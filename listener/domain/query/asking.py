"""What to ask a network for, so that nothing a query matches stays behind.

A network understands less than the desk: whatever it cannot express is dropped so that it brings more, never less, and the
matcher filters the rest. The law: each mention that the query matches is found by at least one of the strings.

Networks disagree on whether AND or OR binds more tightly, and few know brackets. So a string is either a list of words that
must all be there, or a list of single things joined by OR; only a network that names `groups` gets brackets.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from listener.domain.query.ast import And, Everything, Handle, Leaf, Near, Node, Not, Or, Query, Tag, Term, all_of, any_of
from listener.domain.query.fold import fold, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 4
"""Alternatives that a conjunction may be multiplied into; beyond that one broader search is kinder to the network."""
Conjunction = tuple[Leaf | Not, ...]
"""Leaves that must all be there, then the exclusions."""
_UNSAFE = re.compile(r"[\"“”„«»()（）*:#@\\]|^-")


def pushdown(query: Query, search: frozenset[str], *, max_length: int | None = None) -> tuple[str, ...]:
    """The tightest searches that together miss nothing.

    Args:    search: what the network can express, as `Capabilities.search` names it, and `groups` for brackets.
             max_length: of one string, in characters.
    Returns: strings in the syntax that networks share: `two words`, `"a phrase"`, `a OR b`, `-not`, `prefix*`, `#tag`, `@handle`.
             Empty when the query cannot be asked for by its words: then only a whole timeline or feed will do.
    """
    if "groups" in search and {"and", "or"} <= search:
        whole = _relaxed(query.root, search)
        if isinstance(whole, Everything):
            return ()
        text = _print(whole)
        if max_length is None or len(text) <= max_length:
            return (text,)
    alternatives = _alternatives(query.root, search)
    if alternatives is None:
        return ()
    fitting = [_shortened(one, max_length) for one in alternatives]
    if not all(fitting):
        return ()
    return tuple(dict.fromkeys(_joined(_tightest([one for one in fitting if one]), search, max_length)))


def _relaxed(node: Node, search: frozenset[str]) -> Node:
    """The node without what the network cannot say; it matches all that the node matches."""
    match node:
        case Term() | Tag() | Handle():
            return all_of(_expressible(node, search))
        case Or(items):
            return any_of(_relaxed(item, search) for item in items)
        case And(items):
            kept = all_of(_relaxed(item, search) for item in items)
            return kept if isinstance(kept, Everything) else all_of([kept, *_exclusions(items, search)])
        case Near(left, right):
            return all_of([_relaxed(left, search), _relaxed(right, search)])
        case _:
            return Everything()


def _alternatives(node: Node, search: frozenset[str]) -> list[Conjunction] | None:
    """Conjunctions of which every match satisfies at least one; None when words cannot say it."""
    match node:
        case Term() | Tag() | Handle():
            parts = _expressible(node, search)
            return [tuple(parts)] if parts else None
        case Or(items):
            each = [_alternatives(item, search) for item in items]
            return None if None in each else [one for some in each for one in some or ()]
        case And(items):
            return _conjoined(items, _exclusions(items, search), search)
        case Near(left, right):
            return _conjoined((left, right), [], search)
        case _:
            return None


def _conjoined(items: Sequence[Node], exclusions: list[Not], search: frozenset[str]) -> list[Conjunction] | None:
    able = sorted(filter(None, (_alternatives(item, search) for item in items)), key=_breadth)
    if not able:
        return None
    found = able[0]
    for other in able[1:]:
        if "and" in search and len(found) * len(other) <= max(MOST, len(found)):
            found = [tuple(dict.fromkeys(one + two)) for one, two in product(found, other)]
    return [tuple(dict.fromkeys([*one, *exclusions])) for one in found]


def _breadth(alternatives: list[Conjunction]) -> tuple[int, int]:
    """Few alternatives with long words bring the least besides."""
    return len(alternatives), -min(max(len(_name(leaf)) for leaf in one if not isinstance(leaf, Not)) for one in alternatives)


def _exclusions(items: Iterable[Node], search: frozenset[str]) -> list[Not]:
    """What may be excluded over there as well: only what the network says exactly as we mean it."""
    if "not" not in search:
        return []
    refused: list[Node] = []
    for item in items:
        if isinstance(item, Not):
            refused.extend(item.item.items if isinstance(item.item, Or) else [item.item])
    return [Not(leaf) for leaf in refused if isinstance(leaf, Term | Tag | Handle) and _says(leaf, search)]


def _says(leaf: Leaf, search: frozenset[str]) -> bool:
    """Whether the network means the same by it: an accent that must be there may be ignored over there."""
    return _expressible(leaf, search) == [leaf] and not (isinstance(leaf, Term) and leaf.quoted and plain(leaf.text) != fold(leaf.text))


def _expressible(leaf: Leaf, search: frozenset[str]) -> list[Leaf]:
    """The leaf in the network's words, as things that must all be there; empty when it has none."""
    if isinstance(leaf, Tag) and "tags" in search and (not leaf.prefix or "prefix" in search):
        return [leaf]
    if isinstance(leaf, Handle) and "handles" in search and (not leaf.prefix or "prefix" in search):
        return [leaf]
    if isinstance(leaf, Term) and leaf.quoted:
        if "phrases" in search and '"' not in leaf.text and "\\" not in leaf.text:
            return [leaf]
        words = [word for word in fold(leaf.text).split() if _is_plain(word)] if "terms" in search else []
        return [Term(word) for word in words] if "and" in search else [Term(max(words, key=len))] if words else []
    text = leaf.text if isinstance(leaf, Term) else leaf.name.partition("@")[0]
    if "terms" not in search or (leaf.prefix and "prefix" not in search) or not (isinstance(leaf, Term) or _is_plain(text)):
        return []
    return [Term(text, prefix=leaf.prefix)]


def _is_plain(word: str) -> bool:
    return any(map(str.isalnum, word)) and not _UNSAFE.search(word)


def _shortened(conjunction: Conjunction, longest: int | None) -> Conjunction:
    """Without the last conditions, until it is short enough; empty when even one is too long."""
    while conjunction and longest is not None and len(_line(conjunction)) > longest:
        conjunction = conjunction[:-1]
    return conjunction


def _tightest(alternatives: list[Conjunction]) -> list[Conjunction]:
    """Without those that another, broader one brings anyway."""
    if len(alternatives) > 64:
        return alternatives
    sets = [frozenset(one) for one in alternatives]
    return [one for one, own in zip(alternatives, sets, strict=True) if not any(other < own for other in sets)]


def _joined(alternatives: list[Conjunction], search: frozenset[str], longest: int | None) -> list[str]:
    """Single things share a string where the network knows OR; an exclusion is given up for that."""
    if "or" not in search or len(alternatives) == 1:
        return [_line(one) for one in alternatives]
    positive = [tuple(leaf for leaf in one if not isinstance(leaf, Not)) for one in alternatives]
    lists: list[str] = []
    for leaf in dict.fromkeys(one[0] for one in positive if len(one) == 1):
        text = _print(leaf)
        if lists and (longest is None or len(lists[-1]) + len(" OR ") + len(text) <= longest):
            lists[-1] += f" OR {text}"
        else:
            lists.append(text)
    return lists + [_line(one) for one, kept in zip(alternatives, positive, strict=True) if len(kept) > 1]


def _line(conjunction: Conjunction) -> str:
    return " ".join(map(_print, conjunction))


def _name(leaf: Leaf) -> str:
    return leaf.text if isinstance(leaf, Term) else leaf.name


def _print(node: Node) -> str:
    match node:
        case Term(text, prefix, quoted):
            return f'"{text}"' if quoted else text + "*" * prefix
        case Tag(name, prefix):
            return f"#{name}{'*' * prefix}"
        case Handle(name, prefix):
            return f"@{name}{'*' * prefix}"
        case Not(item):
            return f"-{_print(item)}"
        case And(items):
            return " ".join(f"({_print(item)})" if isinstance(item, Or) else _print(item) for item in items)
        case Or(items):
            return " OR ".join(f"({_print(item)})" if isinstance(item, And) else _print(item) for item in items)
        case _:
            raise AssertionError(node)
