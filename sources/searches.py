"""From topics to searches: the few words, phrases, tags and handles that a network must be asked for so that nothing is missed.

A query may say more than a network understands. Each network is asked for *anchors*: a set of simple searches of which every matching post
satisfies at least one. What they bring beyond the query is filtered on the desk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from listener.domain.query import And, Handle, Near, Node, Or, Tag, Term, parse
from listener.domain.topic import Topic
from listener.source import Channel

MANY: Final = 50
"""Searches for one topic at one network; a topic that needs more is asked for the best of them, and the channel list says so by its length."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One thing to search for."""

    text: str
    """Without `#`, `@` or quotes."""
    kind: Literal["word", "phrase", "tag", "handle"]
    prefix: bool = False
    """Words that begin with it."""

    def __str__(self) -> str:
        """As most networks' search fields read it: `"two words"`, `#tag`, `@handle`."""
        match self.kind:
            case "phrase":
                return '"' + self.text.replace('"', " ") + '"'
            case "tag":
                return f"#{self.text}"
            case "handle":
                return f"@{self.text}"
            case _:
                return self.text


def anchors(topic: Topic, *, prefix: bool = False) -> Sequence[Anchor]:
    """What to search for so as to see all of a topic, its hashtags and handles included; empty when its queries name no word at all.

    Args:    prefix: whether the network finds `refund*`; where it does not, such words cannot be searched for.
    Raises:  QueryError
    """
    found: dict[tuple[str, str, bool], Anchor] = {}
    listed = [Anchor(name.lstrip("#"), "tag") for name in topic.hashtags] + [Anchor(name.lstrip("@"), "handle") for name in topic.handles]
    for query in topic.queries:
        listed += _of(parse(query).root, prefix) or ()
    for anchor in listed:
        if anchor.text.strip():
            found.setdefault((anchor.kind, anchor.text.casefold(), anchor.prefix), anchor)
    return list(found.values())[:MANY]


def _of(node: Node, prefix: bool) -> list[Anchor] | None:
    """Anchors that cover everything that the node matches; None when simple searches cannot."""
    match node:
        case Term(text, is_prefix):
            if is_prefix and not prefix:
                return None
            return [Anchor(text, "phrase" if len(text.split()) > 1 else "word", is_prefix)]
        case Tag(name, is_prefix):
            return None if is_prefix and not prefix else [Anchor(name, "tag", is_prefix)]
        case Handle(name, is_prefix):
            return None if is_prefix and not prefix else [Anchor(name, "handle", is_prefix)]
        case Or(items):
            parts = [_of(item, prefix) for item in items]
            return None if any(part is None for part in parts) else [anchor for part in parts for anchor in part or ()]
        case And(items):
            return _best(_of(item, prefix) for item in items)
        case Near(left, right):
            return _best((_of(left, prefix), _of(right, prefix)))
        case _:
            return None


def _best(parts: Iterable[list[Anchor] | None]) -> list[Anchor] | None:
    """The part that asks the least and brings the least besides: few anchors, and long ones."""
    able = [part for part in parts if part]
    return min(able, key=lambda part: (len(part), -min(len(anchor.text) for anchor in part)), default=None)


def joined(found: Sequence[Anchor], *, glue: str = " OR ", longest: int = 400, most: int = 20) -> list[str]:
    """Anchors packed into as few searches as a network that knows OR allows: each at most `longest` characters and `most` anchors."""
    packed: list[str] = []
    count = 0
    for anchor in map(str, found):
        if packed and count < most and len(packed[-1]) + len(glue) + len(anchor) <= longest:
            packed[-1] += glue + anchor
            count += 1
        else:
            packed.append(anchor)
            count = 1
    return packed


def merged(channels: Iterable[Channel]) -> list[Channel]:
    """One channel for each key. What two topics want alike is asked for once, and what it brings is matched against all topics."""
    by_key: dict[str, Channel] = {}
    for channel in channels:
        known = by_key.get(channel.key)
        if known is None:
            by_key[channel.key] = channel
        elif known.topic != channel.topic:
            by_key[channel.key] = Channel(known.key, known.kind, known.text, "", trusted=False)
    return list(by_key.values())
