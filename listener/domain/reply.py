"""A reply on its way out. Never sent twice, never silently lost: see docs/outbox.md."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from listener.errors import InputError


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


Purpose = Literal["reply", "acknowledgement", "survey"]
"""Why it goes out: an answer of a person's, an automatic first word, the question after a resolved case."""
LIVE = (ReplyState.APPROVAL, ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNKNOWN)
"""Somebody waits for something: these are never pruned, and the handover lists them."""


def check_move(before: ReplyState, after: ReplyState) -> None:
    """Raises InputError: this state may not follow that one."""
    if after not in NEXT[before]:
        raise InputError(f"A reply that is {before.value} cannot become {after.value}.", hint="`listener outbox` shows where each one stands.")


def digest_of(text: str) -> str:
    """SHA-256 of a text, hex."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """One row of the outbox."""

    id: int
    mention_id: int
    source: str
    text: str
    """Frozen, with `digest`, once it is queued."""
    digest: str
    """SHA-256 of the text as it was last frozen, hex: what is sent is what was approved. Empty before that."""
    key: str
    """Made once per text, never per attempt: idempotency key and record key."""
    state: ReplyState
    author: str
    """The operator who wrote it; `rule:<name>` when a rule did."""
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
    """Why it stands where it stands, in words; empty when there is nothing to say."""
    automatic: bool
    version: int
    frozen_at: int = 0
    """When the text was frozen: the time that the network is told, the same at every attempt. 0 before that."""
    updated_at: int = 0
    parent_kept: bool = True
    """False when the server published it outside the thread."""
    purpose: Purpose = "reply"
    note: str = ""
    """What an approver wrote when giving it back."""
    visibility: str = ""
    """Narrower than the parent's where its author asked for that; empty follows the parent."""
    first_attempt: int | None = None
    look_at: int | None = None
    """When the thread is read back next; None: not by itself any more."""
    reads: int = 0
    """How often the thread was read and the reply was not there."""
