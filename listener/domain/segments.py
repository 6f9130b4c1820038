"""Segments: what somebody's history with us says about them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SEGMENTS: dict[str, str] = {
    "first-timer": "wrote about us for the first time",
    "regular": "at least 5 mentions on at least 3 days",
    "promoter": "at least 2 positive mentions, and three positive for each negative",
    "detractor": "at least 2 negative mentions, and three negative for each positive",
    "influencer": "at least 10 000 followers",
}
"""Name → what it means. The order is that of the bits in the store."""
LAST = 50
"""The last mentions that count: who came round is a promoter, whatever they said years ago."""
REGULAR, REGULAR_DAYS, CLEAR, LOUD = 5, 3, 3, 10_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class History:
    """Somebody's last mentions, over all of their identities."""

    at: Sequence[int] = ()
    """When they were written, UTC ms."""
    positive: int = 0
    negative: int = 0
    followers: int = 0
    """Of the identity with the most."""


def segments(history: History) -> tuple[str, ...]:
    """The segments that follow from a history, in the order of SEGMENTS."""
    n, days = len(history.at), len({at // DAY_MS for at in history.at})
    holds = (
        n == 1,
        n >= REGULAR and days >= REGULAR_DAYS,
        history.positive >= 2 and history.positive >= CLEAR * history.negative,
        history.negative >= 2 and history.negative >= CLEAR * history.positive,
        history.followers >= LOUD,
    )
    return tuple(name for name, so in zip(SEGMENTS, holds, strict=True) if so)


def pack(names: Sequence[str]) -> int:
    """As bits."""
    return sum(1 << number for number, name in enumerate(SEGMENTS) if name in names)


def unpack(bits: int | None) -> tuple[str, ...]:
    return tuple(name for number, name in enumerate(SEGMENTS) if bits and bits >> number & 1)
