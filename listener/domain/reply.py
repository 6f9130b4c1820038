"""A reply on its way out. Never sent twice, never silently lost: see docs/outbox.md."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReplyState(StrEnum):
    """Where a reply stands."""

    DRAFT = "draft"
    APPROVAL = "approval"
    """Waits for somebody who may approve it."""
    QUEUED = "queued"
    """Committed; goes out when `not_before` has passed, until then it can be taken back."""
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """Nobody can say whether the network published it: a person decides."""
    FAILED = "failed"
    """Certainly not published."""
    CANCELLED = "cancelled"


NEXT: dict[ReplyState, frozenset[ReplyState]] = {
    ReplyState.DRAFT: frozenset({ReplyState.APPROVAL, ReplyState.QUEUED, ReplyState.CANCELLED}),
    ReplyState.APPROVAL: frozenset({ReplyState.DRAFT, ReplyState.QUEUED, ReplyState.CANCELLED}),
    ReplyState.QUEUED: frozenset({ReplyState.SENDING, ReplyState.CANCELLED, ReplyState.FAILED, ReplyState.DRAFT}),
    ReplyState.SENDING: frozenset({ReplyState.SENT, ReplyState.UNKNOWN, ReplyState.FAILED, ReplyState.QUEUED}),
    ReplyState.UNKNOWN: frozenset({ReplyState.SENT, ReplyState.QUEUED, ReplyState.CANCELLED}),
    ReplyState.FAILED: frozenset({ReplyState.QUEUED, ReplyState.DRAFT, ReplyState.CANCELLED}),
    ReplyState.SENT: frozenset(),
    ReplyState.CANCELLED: frozenset({ReplyState.DRAFT}),
}
"""Which state may follow which."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One row of the outbox."""

    id: int
    mention_id: int
    source: str
    text: str
    """Frozen, with `digest`, once it is queued."""
    digest: str
    """SHA-256 of the text, hex: what is sent is what was approved."""
    key: str
    """Made once per reply, never per attempt: idempotency key and record key."""
    state: ReplyState
    author: str
    """The operator who wrote it; `rule:<name>` for an automatic acknowledgement."""
    approver: str
    created_at: int
    not_before: int
    attempts: int
    fence: int
    sending_since: int | None
    sent_at: int | None
    remote_id: str
    permalink: str
    error: str
    automatic: bool
    version: int
