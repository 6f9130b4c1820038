"""A week of opening hours as people write it: `mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from listener.errors import InputError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES = 24 * 60
_NAMED = {"daily": range(7), "everyday": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_GROUP = re.compile(r"\s*(?P<days>[a-z]+(?:\s*[-,]\s*[a-z]+)*)?\s*(?P<times>\d.*)?\s*")
_SHIFT = re.compile(r"\s*(\d{1,2})(?::(\d\d))?\s*-\s*(\d{1,2})(?::(\d\d))?\s*")
_HINT = 'Write for example "mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00", "22:00-06:00" or "24/7".'


@dataclass(frozen=True, slots=True)
class Shift:
    """One open window; it belongs to the day on which it begins."""

    start: int
    """Minutes after midnight, 0 … 1439."""
    end: int
    """Minutes after the same midnight; beyond 1440 when it ends on the next day."""


Week = tuple[tuple[Shift, ...], ...]
"""Seven days from Monday, each with its shifts, the earliest first."""

ALWAYS: Week = tuple((Shift(0, MINUTES),) for _ in DAYS)


def parse_hours(text: str) -> Week:
    """Read opening hours. Groups are split by `;`, shifts by `,`; a group without days counts for every day.

    A shift whose end is not after its start goes over midnight. Later groups replace nothing, they add.

    Raises:  InputError: a day or a time that cannot be read, or no shift at all.
    """
    lowered = text.strip().lower()
    if lowered in {"24/7", "always"}:
        return ALWAYS
    week: list[list[Shift]] = [[] for _ in DAYS]
    for group in filter(None, (part.strip() for part in lowered.split(";"))):
        found = _GROUP.fullmatch(group)
        if not found or not found["times"]:
            raise InputError(f"{group!r} is not a group of opening hours.", hint=_HINT)
        shifts = [_shift(part) for part in found["times"].split(",")]
        for day in _days(found["days"] or "daily"):
            week[day] += shifts
    if not any(week):
        raise InputError("The opening hours are empty.", hint=_HINT)
    return tuple(tuple(_merged(day)) for day in week)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        name = part.strip()
        if name in _NAMED:
            days += _NAMED[name]
            continue
        first, _, last = (piece.strip() for piece in name.partition("-"))
        start = weekday(first)
        end = weekday(last) if last else start
        days += [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]
    return sorted(set(days))


def weekday(name: str) -> int:
    """0 (Monday) … 6 for `mon`, `monday`, `Tues`, `wed` …"""
    lowered = name.strip().lower()
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for day, word in enumerate(full):
        if len(lowered) >= 3 and word.startswith(lowered):
            return day
    raise InputError(f"{name!r} is not a day of the week.", hint="Days are mon, tue, wed, thu, fri, sat, sun.")


def _shift(text: str) -> Shift:
    found = _SHIFT.fullmatch(text)
    if not found:
        raise InputError(f"{text.strip()!r} is not a span of time.", hint=_HINT)
    start, end = (int(found[hour]) * 60 + int(found[hour + 1] or 0) for hour in (1, 3))
    if start >= MINUTES or end > MINUTES or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
        raise InputError(f"{text.strip()!r} has a time that no clock shows.", hint="Times run from 00:00 to 24:00.")
    if start == end:
        raise InputError(f"{text.strip()!r} is empty.", hint='For the whole day write "00:00-24:00".')
    return Shift(start, end if end > start else end + MINUTES)


def _merged(shifts: list[Shift]) -> list[Shift]:
    merged: list[Shift] = []
    for shift in sorted(shifts, key=lambda one: one.start):
        if merged and shift.start <= merged[-1].end:
            merged[-1] = Shift(merged[-1].start, max(merged[-1].end, shift.end))
        else:
            merged.append(shift)
    return merged
