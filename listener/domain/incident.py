"""Something is happening around a topic: how bad, why, and what has been done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from listener.domain.case import Severity


class IncidentState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REGRESSED = "regressed"
    """Was resolved, and the same thing came back within a day."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One input to a severity: what was measured, against what, and what it was worth."""

    name: str
    """`record60`, `complaint-share`, `burst:operational`, `reach`, …"""
    value: float
    threshold: float
    points: int
    text: str
    """As a colleague would say it: "412 mentions in 1 h, peak of 14 days 260"."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as the board shows it."""

    id: int
    topic: str
    family: str
    """Signal family: `volume`, `complaints`, `safety`, `privacy`, `collector`, …"""
    key: str
    """topic + family + cluster: the same key again raises `count`, it opens nothing new."""
    severity: Severity
    points: int
    state: IncidentState
    opened_at: int
    updated_at: int
    acknowledged_at: int | None
    resolved_at: int | None
    owner: str
    count: int
    why: str
    signals: tuple[Signal, ...]
    first_mention: int | None
    terms: tuple[str, ...]
    cause: str
    real: bool | None
    """The answer to "was it real?", asked at the close; None until then."""
    version: int
    pages: bool = False
    """Whether it may wake people."""
    historic: bool = False
    """It was over when it was found, in an archive or after a long gap: nobody was told."""
    linked: int | None = None
    """The incident of the same key before this one."""
    merged_into: int | None = None
    muted_until: int | None = None
    """UTC ms; None is not muted, 0 is muted until it escalates."""
    evidence: int = 0
    """Mentions that belong to it."""
    role: str = "brand"
    """Of its topic; empty for the collector's own."""

    @property
    def active(self) -> bool:
        return self.state is not IncidentState.RESOLVED

    def muted(self, now: int) -> bool:
        """Whether it is hidden at `now`, UTC ms; nothing of it is dropped."""
        return self.muted_until is not None and (self.muted_until == 0 or now < self.muted_until)
