"""What the desk listens for: a brand, a competitor, an industry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["brand", "competitor", "industry"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A named interest with its queries."""

    name: str
    """What it is called everywhere."""
    role: Role = "brand"
    """Our own brand, a competitor, or the industry around both."""
    queries: tuple[str, ...] = ()
    """In the query language; a mention that matches any of them belongs to the topic."""
    handles: tuple[str, ...] = ()
    """Its accounts, with or without `@`: who is spoken to, and whose own posts are not mentions."""
    hashtags: tuple[str, ...] = ()
    """Hashtags to follow where a network offers them, with or without `#`."""
    sources: tuple[str, ...] = ()
    """Names of the sources to ask; empty means all of them."""
    colour: str = ""
    """A colour name of the theme's palette; empty lets the desk choose."""
