"""Who is on call at an instant, and who is asked next. Pure: the configuration says who, the caller says when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from listener.domain.hours import MINUTES, Week, parse_hours, weekday
from listener.errors import InputError

ON_CALL = "on-call"
"""In an escalation chain: whoever the rota names at that instant."""
EVERYBODY = "everybody"
"""In an escalation chain: every operator of the desk."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the on-call rota: who, during which hours, taking turns or all together."""

    name: str = ""
    """A name for messages: "night"."""
    people: tuple[str, ...] = ()
    """Operators, in the order in which they take turns."""
    team: str = ""
    """A team whose members come after `people`."""
    hours: str = "24/7"
    """When this line counts: opening hours in its own time zone; a shift over midnight belongs to the day on which it begins."""
    time_zone: str = ""
    """IANA name; empty means the desk's."""
    rotation: Literal["weekly", "daily", "none"] = "weekly"
    """One person at a time for a week or a day, or with "none" all of them together."""
    handover: str = "mon 00:00"
    """When a turn ends: day and time for a weekly rotation, of which a daily one uses the time. Never in the middle of a shift."""
    since: str = "2024-01-01"
    """The date on or before which the first person's turn began; move it to shift the order."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Somebody stands in for somebody else."""

    person: str
    """Who is away."""
    instead: str
    """Who stands in."""
    start: int
    """UTC ms, the first instant."""
    end: int
    """UTC ms, the first instant after."""


def on_call(rota: Sequence[Turn], at: int, *, zone: str = "UTC", teams: Mapping[str, Sequence[str]] | None = None, swaps: Sequence[Swap] = ()) -> tuple[str, ...]:
    """The people on call at `at` (UTC ms), in the order of the rota, each once; empty when no line counts.

    Raises:  InputError: a line whose hours, handover or date cannot be read.
    """
    people: list[str] = []
    for turn in rota:
        for person in _of(turn, at, zone, teams or {}):
            people += [_stand_in(person, at, swaps)]
    return tuple(dict.fromkeys(people))


def chain(
    steps: Sequence[str],
    at: int,
    rota: Sequence[Turn],
    *,
    zone: str = "UTC",
    teams: Mapping[str, Sequence[str]] | None = None,
    operators: Sequence[str] = (),
    swaps: Sequence[Swap] = (),
) -> tuple[tuple[str, ...], ...]:
    """An escalation chain with its names filled in for an instant: for each step the people to tell.

    A step is `on-call`, `everybody`, a team or an operator. Somebody told at an earlier step is not told again at a
    later one, and a step that adds nobody is left out, so that no time is lost on it.
    """
    known = teams or {}
    told: set[str] = set()
    result: list[tuple[str, ...]] = []
    for step in steps:
        if step == ON_CALL:
            names: Sequence[str] = on_call(rota, at, zone=zone, teams=known, swaps=swaps)
        elif step == EVERYBODY:
            names = operators or tuple(name for members in known.values() for name in members)
        else:
            names = known.get(step, (step,))
        fresh = tuple(dict.fromkeys(name for name in names if name not in told))
        if fresh:
            told.update(fresh)
            result.append(fresh)
    return tuple(result)


def check(turn: Turn) -> None:
    """Raises InputError when a line of the rota cannot be read."""
    _week(turn.hours)
    _handover(turn.handover)
    _date(turn.since)
    if not turn.people and not turn.team:
        raise InputError("This line of the rota names neither people nor a team.")


def _of(turn: Turn, at: int, zone: str, teams: Mapping[str, Sequence[str]]) -> Sequence[str]:
    from zoneinfo import ZoneInfo

    people = tuple(dict.fromkeys((*turn.people, *teams.get(turn.team, ()))))
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(turn.time_zone or zone)).replace(tzinfo=None)
    began = _shift_start(_week(turn.hours), local)
    if began is None or not people:
        return ()
    if turn.rotation == "none":
        return people
    # Whole days round the clock have no shift to protect: there the turn may change at its handover.
    reference = local if turn.hours in {"24/7", "always"} else began
    return (people[_turns(turn, reference) % len(people)],)


def _turns(turn: Turn, local: datetime) -> int:
    """How many turns have ended between the anchor and a wall-clock time. Wall clock, so that DST moves no handover."""
    day, minute = _handover(turn.handover)
    anchor = datetime.combine(_date(turn.since), datetime.min.time()) + timedelta(minutes=minute)
    if turn.rotation == "daily":
        return (local - anchor) // timedelta(days=1)
    anchor -= timedelta(days=(anchor.weekday() - day) % 7)
    return (local - anchor) // timedelta(days=7)


def _shift_start(week: Week, local: datetime) -> datetime | None:
    """When the shift began in which a wall-clock time falls; None when it falls into none."""
    minute = local.hour * 60 + local.minute
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        for shift in week[day.weekday()]:
            if shift.start <= minute + back * MINUTES < shift.end:
                return datetime.combine(day, datetime.min.time()) + timedelta(minutes=shift.start)
    return None


def _stand_in(person: str, at: int, swaps: Sequence[Swap]) -> str:
    for swap in swaps:
        if swap.person == person and swap.start <= at < swap.end:
            return swap.instead
    return person


@lru_cache(maxsize=64)
def _week(text: str) -> Week:
    return parse_hours(text)


@lru_cache(maxsize=64)
def _handover(text: str) -> tuple[int, int]:
    name, _, clock = text.strip().rpartition(" ")
    hour, _, minute = clock.partition(":")
    if not (hour.isdigit() and (minute or "0").isdigit() and int(hour) < 24 and int(minute or 0) < 60):
        raise InputError(f"{text!r} is not a handover.", hint='Write a day and a time: "mon 09:00".')
    return weekday(name) if name else 0, int(hour) * 60 + int(minute or 0)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date.", hint='Write "2026-12-24".') from None
