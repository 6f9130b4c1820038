"""One public post that matched: as a source hands it over, and as the store gives it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from listener.domain.author import Author
    from listener.domain.case import Severity, State, TaskKind
    from listener.domain.sentiment import Sentiment

Visibility = Literal["public", "unlisted", "followers", "direct"]


@dataclass(frozen=True, slots=True)
class Engagement:
    """What others did with a post; None where the network does not tell."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A post as an adapter hands it over. Its key is `(source, native_id)`."""

    source: str
    """The name of the configured source that received it, e.g. `mastodon` or `mastodon:social.example`."""
    native_id: str
    text: str
    """Plain text: HTML, entities and escapes resolved; never cleaned for the screen, which the display does."""
    created_at: int
    """When it was written, UTC, milliseconds since 1970; the earlier of the network's times where they disagree."""
    author: Author
    url: str = ""
    """The permalink that a person can open; http(s) or empty."""
    title: str = ""
    lang: str = ""
    """ISO 639-1 code as the network reports it: a prior, not a fact. Empty where it says nothing."""
    parent_id: str = ""
    """native_id of the post that this one answers."""
    thread_id: str = ""
    """native_id of the first post of the conversation; empty when this is it or the network does not tell."""
    visibility: Visibility = "public"
    engagement: Engagement = field(default_factory=Engagement)
    edited_at: int | None = None
    canonical_url: str = ""
    """Where the post was born when it came by federation, bridge or feed: two mentions with the same one are one."""
    reply_ref: str = ""
    """Whatever the adapter needs in order to answer this post, as JSON of its own making."""
    own: bool = False
    """Written by the account that the desk replies with."""
    payload: bytes = b""
    """The post as it came over the wire, for later questions; may be empty."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A mention as the store gives it back: the post, what the machine thinks of it, and the work on it."""

    id: int
    source: str
    native_id: str
    text: str
    created_at: int
    received_at: int
    author_id: int
    author: Author
    url: str
    title: str
    lang: str
    lang_confidence: float
    parent_id: str
    thread_id: str
    visibility: Visibility
    engagement: Engagement
    edited_at: int | None
    deleted_at: int | None
    reply_ref: str
    own: bool
    topic: str
    """The topic that it is filed under."""
    topics: tuple[str, ...]
    """Every topic that matched, the filed one first; more than one of different roles is *contested*."""
    sentiment: Sentiment
    """What counts: the operator's override where there is one, else the machine's."""
    machine: Sentiment
    """The machine's own score, kept beside an override."""
    kinds: tuple[tuple[str, float], ...]
    """Suggested kinds of message with their confidence 0–1, the most confident first."""
    tags: tuple[str, ...]
    state: State
    severity: Severity
    assignee: str
    task_kind: TaskKind | None
    due_at: int | None
    snoozed_until: int | None
    duplicates: int
    """How many near-duplicates are folded into this row, itself not counted."""
    leader_id: int | None
    """The row that this one is folded into; None when it stands for itself."""
    permalinks: tuple[str, ...]
    version: int
    """Grows by one with each change of the work on it."""
    segments: tuple[str, ...] = ()
    """What its author's history says about them: see `domain.segments`."""

    @property
    def contested(self) -> bool:
        return len(self.topics) > 1


@dataclass(frozen=True, slots=True)
class Filing:
    """A mention that was matched, read and scored: ready to be stored."""

    mention: Mention
    topics: tuple[str, ...]
    """Names of the topics that matched, the one to file it under first; at least one."""
    lang: str
    lang_confidence: float
    sentiment: Sentiment
    kinds: tuple[tuple[str, float], ...] = ()
    leader: str = ""
    """native_id of the post that this one nearly repeats; empty when it stands for itself."""
    leader_id: int | None = None
    """The row that it nearly repeats, when that row is stored already."""
    leader_source: str = ""
    """The source of `leader`; empty means this one's own."""
