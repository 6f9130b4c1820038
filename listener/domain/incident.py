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
