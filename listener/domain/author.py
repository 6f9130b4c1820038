"""Who wrote it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """An account on a network, as it was when the mention was read."""

    native_id: str
    """The network's own key; the handle where the network has no other."""
    handle: str
    """As people type it, without a leading `@`: `nora@mastodon.example`, `nora.bsky.example`."""
    name: str = ""
    url: str = ""
    followers: int | None = None
    """None where the network does not tell."""
