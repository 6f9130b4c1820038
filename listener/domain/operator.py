"""The people on the desk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who works on the desk."""

    name: str
    """As it stands in the journal and in `LISTENER_OPERATOR`."""
    teams: tuple[str, ...] = ()
    """Teams that this person belongs to, beside those that list the name."""
    can_approve: bool = False
    """May approve the replies of others."""
    needs_approval: bool = False
    """Own replies wait for somebody who may approve them."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes that this person answers in; empty means any."""
    capacity: int = 0
    """Open cases that a round robin gives at most; 0 means no limit."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal: who changed what, when, from what to what."""

    id: int
    at: int
    operator: str
    action: str
    """`assign`, `tag`, `close`, `reply.sent`, `incident.ack`, …"""
    subject: str
    """`mention`, `incident`, `reply`, `source`, `desk`, …"""
    subject_id: int
    before: str
    """JSON of the fields that changed."""
    after: str
    batch: str
    """Changes made by one keystroke share it, and are undone together."""
    rule: str = ""
    """The name of the automatic rule that did it, if one did."""
