"""Stretches of the past as reports name them: "30d", "last-week", "yesterday", "2026-11", "2026-11-01..2026-11-15"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from listener.domain.calendar import instant_of, zone_of
from listener.domain.duration import parse_duration
from listener.errors import InputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

UNDERSTOOD = (
    'Understood are: "30d", "24h", "today", "yesterday", "this-week", "last-week", "this-month", "last-month", "this-year", '
    '"last-year", "2026-11", "2026-11-01", "2026-11-01T09:00", "2026-11-01..2026-11-15".'
)


def parse_period(text: str, now: int, zone: ZoneInfo | str) -> tuple[int, int]:
    """The stretch [since, until) that a text names, UTC ms, in days of the zone's clock; weeks begin on Monday.

    "30d" (thirty times 24 hours) and "today" reach to `now`; "last-week" and "2026-11-01" are whole. `A..B` begins where A begins and ends where B ends.

    Raises:  InputError: not understood, or empty.
    """
    where = zone_of(zone) if isinstance(zone, str) else zone
    first, dots, last = text.strip().partition("..")
    since, until = _stretch(first, now, where)
    if dots:
        until = _stretch(last, now, where)[1] if last.strip() else now
    if until <= since:
        raise InputError(f"{text.strip()!r} ends before it begins.")
    return since, until


def parse_since(text: str, now: int, zone: ZoneInfo | str) -> int:
    """Where a stretch begins, UTC ms: for `--since`. Raises InputError."""
    where = zone_of(zone) if isinstance(zone, str) else zone
    return _stretch(text, now, where)[0]


def parse_until(text: str, now: int, zone: ZoneInfo | str) -> int:
    """Where a stretch ends, UTC ms, itself not in it: for `--until`, where "2026-11-15" takes that day in. A length ends so long ago."""
    where = zone_of(zone) if isinstance(zone, str) else zone
    try:
        return now - parse_duration(text)
    except InputError:
        return _stretch(text, now, where)[1]


def _stretch(text: str, now: int, zone: ZoneInfo) -> tuple[int, int]:
    words = text.strip().lower().replace(" ", "-").replace("_", "-").removesuffix("-ago")
    if words == "now":
        return now, now
    try:
        return now - parse_duration(words.removeprefix("last-")), now
    except InputError:
        pass
    today = datetime.fromtimestamp(now / 1000, zone).date()
    days = _named(words, today) or _whole(words)
    if days:
        until = _midnight(days[1], zone)
        return _midnight(days[0], zone), min(until, now) if days[0] <= today < days[1] else until
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text.strip()!r} is not a period.", hint=UNDERSTOOD) from None
    at = round(instant.timestamp() * 1000) if instant.tzinfo else instant_of(instant, zone)
    return at, at


def _named(words: str, today: date) -> tuple[date, date] | None:
    """First day, and first day after."""
    day = timedelta(days=1)
    monday, month = today - today.weekday() * day, today.replace(day=1)
    year = month.replace(month=1)
    return {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "this-week": (monday, monday + 7 * day),
        "last-week": (monday - 7 * day, monday),
        "this-month": (month, _next_month(month)),
        "last-month": ((month - day).replace(day=1), month),
        "this-year": (year, year.replace(year=year.year + 1)),
        "last-year": (year.replace(year=year.year - 1), year),
    }.get(words)


def _whole(words: str) -> tuple[date, date] | None:
    """A day, a month or a year of the calendar."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
            day = date.fromisoformat(words)
            return day, day + timedelta(days=1)
        if re.fullmatch(r"\d{4}-\d\d", words):
            month = date.fromisoformat(f"{words}-01")
            return month, _next_month(month)
        if re.fullmatch(r"(19|20|21)\d\d", words):
            return date(int(words), 1, 1), date(int(words) + 1, 1, 1)
    except ValueError:
        pass
    return None


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return instant_of(datetime.combine(day, datetime.min.time()), zone)
