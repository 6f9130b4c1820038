"""What the sandbox's networks are made of: accounts and posts, whichever wire tells of them."""

from __future__ import annotations

from dataclasses import dataclass

NETWORKS = ("mastodon", "bluesky", "reddit", "hackernews", "press")
WRITABLE = frozenset({"mastodon", "bluesky"})


@dataclass(frozen=True, slots=True)
class Brand:
    """A company that people talk about."""

    key: str
    """`brand`, `rival1`, `rival2`."""
    name: str
    handle: str
    code: str
    """Two letters in front of a flight's number."""


BRANDS = (
    Brand("brand", "Aurora Air", "auroraair", "AX"),
    Brand("rival1", "Borealis Airways", "borealisair", "BQ"),
    Brand("rival2", "Zephyr Jet", "zephyrjet", "ZJ"),
)
OWN = BRANDS[0]


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody with an account; the same person has similar handles on several networks."""

    key: int
    handle: str
    """The bare name, the same on every network."""
    name: str
    followers: int
    lang: str
    home: str = ""
    """The Mastodon server that the account lives on; empty for the sandbox's own."""
    brand: str = ""
    """The key of the brand whose account this is; empty for people."""

    @property
    def own(self) -> bool:
        return self.brand == OWN.key


@dataclass(frozen=True, slots=True)
class Post:
    """One post. `uid` holds the time in its upper bits, so that sorting by it sorts by time; every network derives its ids from it."""

    network: str
    uid: int
    at: int
    """UTC ms."""
    author: Persona
    text: str
    lang: str
    kind: str
    """What it truly is: complaint, praise, question, lead, feature, technical, ugc, chatter, noise, safety, …"""
    topic: str
    """The key of the brand that it is about; empty for noise."""
    folded: str
    """`title` and `text` case-folded, for searches."""
    title: str = ""
    link: str = ""
    parent: int = 0
    root: int = 0
    likes: int = 0
    reposts: int = 0
    edit: tuple[int, str] | None = None
    """When it was edited (UTC ms), and into what."""
    deleted_at: int | None = None
    beat: str = ""
    """The name of the scripted beat that it comes from."""
    calm: float = 0.0
    """0: always written. Otherwise 0 … 1: how easily a word of the brand keeps it from being written."""
    rkey: str = ""
    """The record key that a Bluesky client chose."""

    def text_at(self, now: int) -> str:
        return self.edit[1] if self.edit and self.edit[0] <= now else self.text

    def grown(self, final: int, now: int) -> int:
        """What has come of an engagement that ends at `final`: half of it within three hours."""
        age = max(0, now - self.at)
        return int(final * age / (age + 10_800_000))


def uid_of(at: int, sequence: int) -> int:
    """A post's number: time, then a sequence below 65 536 that is unique within its hour."""
    return (at << 16) | sequence


def time_of(uid: int) -> int:
    """UTC ms."""
    return uid >> 16
