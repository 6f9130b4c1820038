"""Times as a tired person types them: "tomorrow 9", "mon 08:30", "in 2h", "next business day", "eod"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from listener.domain.calendar import BusinessCalendar, zone_of
from listener.domain.duration import about, parse_duration
from listener.domain.hours import weekday
from listener.errors import InputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

UNDERSTOOD = (
    'Understood are: "in 2h", "1h30m", "17:30", "9am", "today 17:30", "tonight", "tomorrow", "tomorrow 9", "mon 08:30", "next fri", '
    '"next week", "next business day", "next opening", "eod", "2026-12-01", "2026-12-01 08:30", "1 dec 9".'
)
MORNING, EVENING = time(9), time(20)
"""What a day means on which the desk does not open, and what "tonight" means."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"(?:at )?(\d{1,2})(?:[:.h](\d\d))?\s*(am|pm)?")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[t ]+(.+))?")
_DAY_MONTH = re.compile(r"(?:(\d{1,2})\.? ([a-z]{3,9})|([a-z]{3,9}) (\d{1,2})\.?)(?: (\d{4}))?(?:,? (.+))?")


def parse_when(text: str, now: int, calendar: BusinessCalendar) -> int:
    """The instant that a text means on the desk's clock, UTC ms, always after `now`.

    A day without a time means the desk's opening on it, or 09:00 when it stays closed. A time without a day means its next
    occurrence, a weekday its next one ("next fri" is never today).

    Raises:  InputError: not understood (the hint lists what is), or not in the future.
    """
    words = _words(text)
    at = _moment(words, now, calendar)
    if at is None:
        raise InputError(f"{text.strip()!r} is not a time." if words else "No time is given.", hint=UNDERSTOOD)
    if at <= now:
        raise InputError(f"{text.strip()!r} is not in the future: it would be {describe(at, now, calendar.zone)}.")
    return at


def understood(text: str, calendar: BusinessCalendar) -> bool:
    """Whether a text names a time at all, whenever it is said."""
    return _words(text) in _NAMED or _moment(_words(text), 0, calendar) is not None


def describe(at: int, now: int, zone: ZoneInfo | str) -> str:
    """For people: "Mon 23 Nov 08:30 (in 11 h)", with the year where it is another one."""
    where = zone_of(zone) if isinstance(zone, str) else zone
    then, today = (datetime.fromtimestamp(ms / 1000, where) for ms in (at, now))
    year = f" {then.year}" if then.year != today.year else ""
    day = f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[then.weekday()]} {then.day} {_MONTHS[then.month - 1].title()}{year}"
    distance = f"in {about(at - now)}" if at >= now else f"{about(now - at)} ago"
    return f"{day} {then:%H:%M} ({distance})"


def _words(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())


def _moment(words: str, now: int, calendar: BusinessCalendar) -> int | None:
    named = _NAMED.get(words)
    if named is not None:
        return named(now, calendar)
    for reader in (_length, _clock_only, _date, _relative_day):
        found = reader(words, now, calendar)
        if found is not None:
            return found
    return None


def _length(words: str, now: int, calendar: BusinessCalendar) -> int | None:
    try:
        return now + parse_duration(words.removeprefix("in ").removeprefix("+"))
    except InputError:
        return None


def _clock_only(words: str, now: int, calendar: BusinessCalendar) -> int | None:
    clock = _clock(words)
    if clock is None:
        return None
    today = calendar.local(now).date()
    at = calendar.instant(datetime.combine(today, clock))
    return at if at > now else calendar.instant(datetime.combine(today + timedelta(days=1), clock))


def _relative_day(words: str, now: int, calendar: BusinessCalendar) -> int | None:
    """ "today 17:30", "tomorrow", "mon 08:30", "next fri 9", "next business day 10". """
    today = calendar.local(now).date()
    for name, days in (("today", 0), ("tomorrow", 1), ("tmrw", 1)):
        if words == name or words.startswith(name + " "):
            return _on(today + timedelta(days=days), words[len(name) :], calendar)
    for name in ("next business day", "business day"):
        if words.startswith(name + " "):
            return _on(calendar.local(calendar.next_business_day(now)).date(), words[len(name) :], calendar)
    later = words.startswith("next ")
    name, _, rest = words.removeprefix("next ").removeprefix("on ").partition(" ")
    try:
        ahead = (weekday(name) - today.weekday()) % 7
    except InputError:
        return None
    at = _on(today + timedelta(days=ahead), rest, calendar)
    if at is not None and (at <= now or (later and ahead == 0)):
        at = _on(today + timedelta(days=ahead + 7), rest, calendar)
    return at


def _date(words: str, now: int, calendar: BusinessCalendar) -> int | None:
    iso = _ISO.fullmatch(words)
    try:
        if iso:
            rest = iso[2] or ""
            if re.search(r"(z|[+-]\d\d:?\d\d)$", rest):
                return round(datetime.fromisoformat(f"{iso[1]}T{rest.upper()}").timestamp() * 1000)
            return _on(date.fromisoformat(iso[1]), rest.removesuffix(":00") if rest.count(":") == 2 else rest, calendar)
        named = _DAY_MONTH.fullmatch(words)
        month = (named[2] or named[3] or "")[:3] if named else ""
        if not named or month not in _MONTHS:
            return None
        today = calendar.local(now).date()
        wanted = date(int(named[5] or today.year), _MONTHS.index(month) + 1, int(named[1] or named[4]))
        if not named[5] and wanted < today:
            wanted = wanted.replace(year=wanted.year + 1)
        return _on(wanted, named[6] or "", calendar)
    except ValueError:  # a date that no calendar has
        return None


def _on(day: date, clock_text: str, calendar: BusinessCalendar) -> int | None:
    """A day with the clock time that follows it; without one, when the desk opens."""
    if clock_text.strip():
        clock = _clock(clock_text.strip())
        return None if clock is None else calendar.instant(datetime.combine(day, clock))
    opening = calendar.opening_on(day)
    if opening is None or calendar.week[day.weekday()][0].start == 0:  # nobody means midnight
        return calendar.instant(datetime.combine(day, MORNING))
    return opening


def _clock(words: str) -> time | None:
    if words in ("noon", "midday"):
        return time(12)
    found = _CLOCK.fullmatch(words)
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _end_of_day(now: int, calendar: BusinessCalendar) -> int:
    """The end of today's last shift, or of the next business day's when that has passed."""
    closing = calendar.closing_on(calendar.local(now).date())
    if closing is None or closing <= now:
        closing = calendar.closing_on(calendar.local(calendar.next_business_day(now)).date())
    return closing or now


def _next_week(now: int, calendar: BusinessCalendar) -> int:
    today = calendar.local(now).date()
    sunday = today + timedelta(days=6 - today.weekday())
    return calendar.next_business_day(calendar.instant(datetime.combine(sunday, time(0))))


def _tonight(now: int, calendar: BusinessCalendar) -> int:
    return calendar.instant(datetime.combine(calendar.local(now).date(), EVENING))


_NAMED: dict[str, Callable[[int, BusinessCalendar], int]] = {
    "next business day": lambda now, calendar: calendar.next_business_day(now),
    "business day": lambda now, calendar: calendar.next_business_day(now),
    "next opening": lambda now, calendar: calendar.next_opening(now),
    "opening": lambda now, calendar: calendar.next_opening(now),
    "next closing": lambda now, calendar: calendar.next_closing(now),
    "closing": lambda now, calendar: calendar.next_closing(now),
    "eod": _end_of_day,
    "end of day": _end_of_day,
    "tonight": _tonight,
    "this evening": _tonight,
    "next week": _next_week,
}
