"""Who is listened to: an author over 10 000 followers, or among the hundredth of a topic's authors with the most."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.domain.volume import Voice

LOUD = 10_000


def bar(followers: Iterable[int], *, loud: int = LOUD, least: int = 1_000, enough: int = 200) -> int:
    """Followers from which an author of this topic counts as having reach.

    Args:    followers: of each distinct author of the topic, where known.
             loud: followers that are reach anywhere.
             least: the top hundredth of a small circle is no reach; never below this.
             enough: with fewer authors a hundredth says nothing, and `loud` it is.
    """
    ranked = sorted(followers)
    if len(ranked) < enough:
        return loud
    return min(loud, max(least, ranked[-max(1, len(ranked) // 100)]))


def text(voice: Voice) -> str:
    """`@nora 48 k followers`."""
    return f"@{voice.handle} {short(voice.followers)} followers"


def short(count: float) -> str:
    """A count as people say it: 950, 9.6 k, 48 k, 1.2 M."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if count >= size:
            scaled = count / size
            return (f"{scaled:.1f}".removesuffix(".0") if scaled < 10 else f"{scaled:.0f}") + unit
    return f"{count:.0f}"
