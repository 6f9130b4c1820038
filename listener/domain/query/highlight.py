"""What of a text a query is about, for the screen to highlight."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from listener.domain.query.ast import Handle, Leaf, Node, Not, Query, Tag, Term, children
from listener.domain.query.fold import offsets
from listener.domain.query.needles import Haystack, Needle, Span, needle

if TYPE_CHECKING:
    from collections.abc import Iterator


def keywords(query: Query) -> tuple[Leaf, ...]:
    """The words, phrases, tags and handles that it looks for, each once; what it excludes is not among them."""
    return tuple(dict.fromkeys(_wanted(query.root)))


def spans(query: Query, text: str) -> list[Span]:
    """Where its keywords are: (from, to) in characters of `text`, ascending, never overlapping."""
    haystack = Haystack(text)
    found = sorted(span for one in _needles(query) for span in one.spans(haystack))
    if not found:
        return []
    places = offsets(text)
    merged: list[Span] = []
    for start, end in found:
        begin, stop = places[start], next((place for place in places[end:] if place > places[end - 1]), len(text))
        if merged and begin < merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        elif begin < stop:
            merged.append((begin, stop))
    return merged


@lru_cache(maxsize=64)
def _needles(query: Query) -> tuple[Needle, ...]:
    return tuple(map(needle, keywords(query)))


def _wanted(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Term | Tag | Handle):
        yield node
    elif not isinstance(node, Not):
        for child in children(node):
            yield from _wanted(child)
