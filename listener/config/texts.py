"""Settings that are texts of a certain shape: each is read by one function, which returns what the tree keeps or raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from listener.domain.duration import parse_duration
from listener.domain.hours import parse_hours
from listener.errors import ConfigError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def zone_named(name: str) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _zone_name(name: str) -> str:
    if name and zone_named(name) is None:
        from zoneinfo import available_timezones

        raise ConfigError(f"{name!r} is not a time zone{suggest(name, available_timezones())}", hint='Write an IANA name, such as "Europe/Athens".')
    return name


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigError(f"{text!r} is not a date", hint='Write "2026-12-24".') from None


def _country(text: str) -> str:
    if text and not re.fullmatch(r"[A-Z]{2,3}(-[A-Za-z0-9]{1,6})?", text):
        raise ConfigError(f"{text!r} is not a country code", hint='Write an ISO 3166 code: "GR", "US-CA".')
    return text


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ConfigError("is empty or holds characters that do not show")
    return text


TEXTS: dict[str, Callable[[str], Any]] = {
    "duration": parse_duration,
    "hours": _hours,
    "zone": _zone_name,
    "day": _day,
    "country": _country,
    "path": str,
    "name": _name,
}


def suggest(word: str, known: Collection[str]) -> str:
    """The end of a complaint about an unknown word: what it was meant to be, or all that there is."""
    from difflib import get_close_matches

    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}" if len(known) < 30 else ""
