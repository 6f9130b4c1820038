"""The life of an incident as the sum of what happened to it: what the watch saw and what people did, in one order.

Nothing about an incident is stored that does not follow from its events. So a restart changes nothing, posts that arrive late may rewrite
what was seen without touching what people said, and a merge can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from listener.domain.incident import IncidentState, Signal

Kind = Literal["opened", "again", "quiet", "heard", "withdrawn", "ack", "resolve", "reopen", "severity"]
SEEN: tuple[Kind, ...] = ("opened", "again", "quiet", "heard", "withdrawn")
"""Events of the watch; the others are people's."""
MILD = 2
"""Urgency (SEV3) up to which an incident resolves by itself once it has been quiet for long."""
BY_ITSELF = "quiet for long enough; resolved by itself"
HISTORIC = "historic: found in the archive after it was over"
WITHDRAWN = "withdrawn: posts that arrived later explain it"
HEARD = "heard from again"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an incident."""

    kind: Kind
    at: int
    """UTC ms: for what the watch saw, the end of the bucket, when it could be known."""
    bucket: int | None = None
    """Start of the bucket, UTC ms; None for people's."""
    family: str = ""
    began: int | None = None
    """Start of the bucket in which this wave opened: with the family it names the wave."""
    urgency: int = 0
    points: int = 0
    why: str = ""
    signals: tuple[Signal, ...] = ()
    terms: tuple[str, ...] = ()
    n: int = 0
    """Mentions of the last hour."""
    bar: float = 0.0
    """Mentions an hour that would be a record."""
    pages: bool = False
    operator: str = ""
    after: int | None = None
    """For people's: `at` of the newest thing of the watch that could be seen when it was done."""
    text: str = ""
    real: bool | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an incident stands."""

    state: IncidentState = IncidentState.OPEN
    opened_at: int = 0
    updated_at: int = 0
    urgency: int = 0
    points: int = 0
    why: str = ""
    signals: tuple[Signal, ...] = ()
    terms: tuple[str, ...] = ()
    pages: bool = False
    count: int = 0
    acknowledged_at: int | None = None
    resolved_at: int | None = None
    cause: str = ""
    real: bool | None = None
    machine: int = field(default=0)
    """Urgency by the watch alone, whatever a person said."""
    noticed: int = 0
    """Urgency that whoever acknowledged it has seen."""


def in_order(events: Iterable[Event]) -> list[Event]:
    """What the watch saw by time; what a person did, directly behind the newest thing that could be seen then."""
    return sorted(events, key=lambda event: (event.at if event.after is None else event.after, event.kind not in SEEN, event.at, event.id, event.family))


def standing(events: Iterable[Event], *, historic: bool = False) -> Standing | None:
    """The sum; None when the watch has seen nothing. `historic`: it was over when it was found, so quiet resolves whatever its severity."""
    now: Standing | None = None
    for event in in_order(events):
        if now is None:
            if event.kind == "opened" or event.kind == "again":
                now = _again(Standing(opened_at=event.at), event)
            continue
        now = _after(now, event, historic)
    return now


def _after(now: Standing, event: Event, historic: bool) -> Standing:
    resolved = now.state is IncidentState.RESOLVED
    match event.kind:
        case "opened" | "again":
            return _again(now, event)
        case "quiet":
            if resolved or (now.urgency > MILD and not historic):
                return now
            return _resolved(now, event, HISTORIC if historic else BY_ITSELF)
        case "heard" | "withdrawn":
            return now if resolved else _resolved(now, event, HEARD if event.kind == "heard" else WITHDRAWN)
        case "ack":
            if resolved or now.state is IncidentState.ACKNOWLEDGED:
                return now
            return replace(now, state=IncidentState.ACKNOWLEDGED, acknowledged_at=now.acknowledged_at or event.at, noticed=now.urgency, updated_at=event.at)
        case "resolve":
            return replace(_resolved(now, event, event.text), real=event.real)
        case "reopen":
            return replace(now, state=IncidentState.OPEN, resolved_at=None, cause="", real=None, updated_at=event.at) if resolved else now
        case "severity":
            return replace(now, urgency=event.urgency or now.machine, noticed=max(now.noticed, event.urgency), updated_at=event.at)


def _resolved(now: Standing, event: Event, cause: str) -> Standing:
    return replace(now, state=IncidentState.RESOLVED, resolved_at=event.at, cause=cause, updated_at=event.at)


def _again(now: Standing, event: Event) -> Standing:
    """It is seen again: worse than it was acknowledged, it is open once more; after a resolve it has regressed, and is judged anew."""
    state, fresh = now.state, now.count == 0
    back = state is IncidentState.RESOLVED
    if back:
        state = IncidentState.REGRESSED
    elif state is IncidentState.ACKNOWLEDGED and event.urgency > now.noticed:
        state = IncidentState.OPEN
    worse = back or fresh or event.urgency >= now.machine
    told = replace(now, why=event.why, signals=event.signals, points=event.points) if worse else now
    return replace(
        told,
        state=state,
        machine=event.urgency if worse else now.machine,
        urgency=event.urgency if back or fresh else max(now.urgency, event.urgency) if event.urgency > now.machine else now.urgency,
        pages=event.pages or (now.pages and not back),
        terms=tuple(dict.fromkeys((*event.terms, *now.terms)))[:10],
        count=now.count + 1,
        resolved_at=None,
        cause="",
        real=None,
        updated_at=max(now.updated_at, event.at),
    )
