"""When whom to tell of an incident. Pure: it is asked again and again, and answers the same for the same past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from listener.domain.case import Severity
from listener.domain.incident import IncidentState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from listener.domain.incident import Incident

Reason = Literal["opened", "worse", "came back", "nobody acknowledged", "still waiting"]
FLAPPING = 2
"""More changes than this within FLAPPING_WITHIN are damped."""
FLAPPING_WITHIN = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Told:
    """How far an incident has been told."""

    urgency: int = 0
    """0 when nobody was told since it last came up."""
    at: int | None = None
    """The last time, UTC ms."""
    step: int = 0
    """Of the escalation chain; 0 is its first."""


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody is to be told now."""

    reason: Reason
    step: int


def loudness(incident: Incident) -> Severity:
    """The severity that counts for telling: what may wake people counts as SEV2 at least."""
    if incident.pages and incident.severity.urgency < Severity.SEV2.urgency:
        return Severity.SEV2
    return incident.severity


def call(incident: Incident, told: Told, now: int, *, steps: int, within: Mapping[str, int], repeat: int, changes: int = 0) -> Call | None:
    """Whether to tell somebody now, and which step of the chain.

    Args:    now: UTC ms. steps: length of the chain. within: severity → ms until the next step; a severity that is not named is told once.
             repeat: ms after which what nobody acknowledged is told again. changes: of severity or state within FLAPPING_WITHIN.
    """
    if not incident.active or not incident.severity:
        return None
    urgency = incident.severity.urgency
    if urgency > told.urgency and not (told.urgency and incident.state is IncidentState.ACKNOWLEDGED):
        damped = changes > FLAPPING and told.at is not None and now - told.at < FLAPPING_WITHIN and incident.severity is not Severity.SEV1
        if damped:
            return None
        return Call("worse" if told.urgency else "came back" if told.at is not None else "opened", 0)
    if incident.state is IncidentState.ACKNOWLEDGED or told.at is None:
        return None
    wait = within.get(str(loudness(incident)))
    if wait is None:
        return None
    if told.step + 1 < steps:
        return Call("nobody acknowledged", told.step + 1) if now - told.at >= wait else None
    return Call("still waiting", max(steps - 1, 0)) if now - told.at >= repeat else None
