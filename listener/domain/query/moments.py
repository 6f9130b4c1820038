"""When `since:` and `until:` are: instants from the words of a query."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_AGO = re.compile(r"(\d{1,5})(m|h|d|w)", re.ASCII)
_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def moment(value: str, now: int, *, end: bool = False, zone: tzinfo = UTC) -> int:
    """The instant that a value names, UTC ms.

    Args:    value: as `fields.read_value` leaves it: `2026-11-22`, `2026-11-22T08:30`, `24h`, `7d`, `today`, `yesterday`, `now`.
             now: UTC ms.
             end: the end of a day rather than its beginning; an instant stays what it is.
             zone: whose days are meant.
    """
    text = value.strip().casefold()
    if match := _AGO.fullmatch(text):
        return now - int(match[1]) * _MINUTES[match[2]] * 60_000
    here = datetime.fromtimestamp(now / 1000, zone)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    if text == "now":
        return now
    if text in ("today", "yesterday"):
        day = midnight - timedelta(days=1) if text == "yesterday" else midnight
        return _ms(day + timedelta(days=1) if end else day)
    when = datetime.fromisoformat(value.strip().upper())
    when = when if when.tzinfo else when.replace(tzinfo=zone)
    return _ms(when + timedelta(days=1) if end and _DAY.fullmatch(text) else when)


def _ms(when: datetime) -> int:
    return round(when.timestamp() * 1000)
