"""Lengths of time as people write them: `2m`, `24h`, `1h30m`, `7d`."""

from __future__ import annotations

import re

from listener.errors import InputError

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_WORDS = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "day": "d", "days": "d", "wk": "w", "wks": "w", "week": "w", "weeks": "w",
}  # fmt: skip
_PIECE = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)\s*")
_LONGEST = 100 * 366 * DAY


def parse_duration(text: str) -> int:
    """A length of time in milliseconds, 0 or more.

    Raises:  InputError: no number with a unit, or longer than a century.
    """
    rest = text.strip().lower()
    total, at = 0.0, 0
    while piece := _PIECE.match(rest, at):
        unit = _WORDS.get(piece[2], piece[2])
        if unit not in UNITS:
            break
        total += float(piece[1]) * UNITS[unit]
        at = piece.end()
    if not rest or at < len(rest):
        raise InputError(f"{text!r} is not a length of time.", hint="Write a number and a unit: 90s, 2m, 24h, 1h30m, 7d, 2w.")
    if total > _LONGEST:
        raise InputError(f"{text!r} is longer than a century.")
    return round(total)


def format_duration(ms: int) -> str:
    """The shortest exact spelling that `parse_duration` reads back: `1h30m`, `2d`, `0s`."""
    if ms <= 0:
        return "0s"
    pieces = []
    for unit, size in sorted(UNITS.items(), key=lambda item: -item[1]):
        count, ms = divmod(ms, size)
        if count:
            pieces.append(f"{count}{unit}")
    return "".join(pieces)


def about(ms: int) -> str:
    """Roughly, for people: `40 s`, `5 min`, `11 h`, `3 days`."""
    ms = abs(ms)
    if ms < 90 * SECOND:
        return f"{round(ms / SECOND)} s"
    if ms < 90 * MINUTE:
        return f"{round(ms / MINUTE)} min"
    if ms < 36 * HOUR:
        return f"{round(ms / HOUR)} h"
    return f"{round(ms / DAY)} days"
