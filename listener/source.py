"""The port: what the desk asks of a network.

An adapter is stateless. The poller owns every cursor, and the store keeps it in the same transaction as the mentions that
it covers. An adapter raises only `SourceError`s; what is not one is a defect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.mention import Engagement, Entry, Mention
    from listener.domain.topic import Topic

Cursor = str
"""Where to go on reading: opaque JSON of the adapter's own making; empty before the first read."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One thing to poll at a source: a hashtag, a search, a feed, the notifications. The key of its checkpoint."""

    key: str
    """Stable across restarts, e.g. `tag:auroraair`, `search:"aurora air"`, `notifications`."""
    kind: str
    """The adapter's own word for what sort of channel it is."""
    text: str = ""
    """The hashtag, the pushed-down search, the address."""
    topic: str = ""
    """The topic it was made for; empty when what it brings is matched against all topics."""
    trusted: bool = False
    """True when all that it brings belongs to the topic: nothing is filtered locally (a hashtag, our own notifications)."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one call brought."""

    mentions: Sequence[Mention]
    cursor: Cursor
    """Covers exactly the mentions of this page and of those before it."""
    more: bool = False
    """True when another page waits right now."""
    next_check: float | None = None
    """Seconds until it is worth asking again, where the network says so (max-age, ttl, backoff)."""
    note: str = ""
    """What an operator should know although nothing failed: "search answers only your own posts here"."""
    refused: int = 0
    """Items that could not be read and were left out; their reasons are in `note`."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of an allowance is left."""

    name: str
    left: float
    limit: float
    resets_at: int | None = None
    """UTC ms; None where the network does not tell."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can do, so that the screen offers nothing else."""

    search: frozenset[str] = frozenset()
    """Query syntax that can be pushed down: any of `terms phrases and or not prefix tags handles`."""
    reply: bool = False
    idempotent_reply: Literal["no", "key", "record"] = "no"
    """`key`: an idempotency key that some servers ignore; `record`: the same record key can never be two posts."""
    edit: bool = False
    deletion_check: bool = False
    counts: bool = False
    thread: bool = False
    """The conversation can be read back: own replies are found again, customers' answers are seen."""
    length: int | None = None
    """The most units of text in a reply; None when unlimited or told by the server."""
    length_unit: Literal["characters", "graphemes", "weighted", "bytes"] = "characters"
    pace: float = 60.0
    """Seconds between two polls of a channel, unless configured."""
    keyless: bool = False
    """True when reading needs no account."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word that a reply is published."""

    remote_id: str
    permalink: str = ""
    parent_kept: bool = True
    """False when the server published it outside the thread."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `listener sources check`."""

    what: str
    """`reach`, `credentials`, `search`, `reply`, …"""
    state: Literal["ok", "warning", "failed", "skipped"]
    text: str
    """What was seen, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """What became of a post since it was read."""

    native_id: str
    deleted: bool = False
    engagement: Engagement | None = None
    edited: Mention | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as the sender hands it to an adapter."""

    text: str
    key: str
    """Made once per reply: idempotency key or record key."""
    created_at: int
    """UTC ms; fixed, so that a repeated record is identical to the letter."""
    options: dict[str, str] = field(default_factory=dict)


class Source(Protocol):
    """A network that can be read."""

    name: str
    """As configured; the `source` of every mention that it brings."""
    kind: str
    """The catalogue's word for the network."""
    capabilities: Capabilities

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """What to poll in order to see everything about these topics that the network can show."""

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        """The page after the cursor, oldest first where the network allows. Raises SourceError."""

    async def check(self) -> Sequence[Check]:
        """Try it for real: reach, credentials, search, reply. Never raises."""

    def budgets(self) -> Sequence[Budget]:
        """What is left of each allowance, as last told."""

    async def aclose(self) -> None: ...


@runtime_checkable
class Replier(Protocol):
    """A source through which one can answer."""

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        """Publish an answer.

        Raises:  Rejected, AuthFailed, RateLimited, Unsupported: certainly not published.
                 Unreachable: certainly not published, no connection could be made; worth another attempt later.
                 Ambiguous: everything else, a time-out first of all.
        """

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        """Read the thread back and look for our answer. None: the thread was read and it is not there. Raises SourceError."""

    def measure(self, text: str) -> tuple[int, int | None]:
        """(units used, units allowed) as the network counts; None when unlimited."""


@runtime_checkable
class ThreadReader(Protocol):
    """A source that can show a whole conversation."""

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        """The conversation around a mention, oldest first, our own answers included. Raises SourceError."""


@runtime_checkable
class Refresher(Protocol):
    """A source that can say what became of posts."""

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        """One answer for each mention that the network could speak of. Raises SourceError."""
