"""The people on the desk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who works on the desk."""

    name: str
    teams: tuple[str, ...] = ()
    can_approve: bool = False
    needs_approval: bool = False


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
