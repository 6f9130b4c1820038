"""How networks say "not so fast", in every dialect, and what we do about it.

Dialects: `Retry-After` as seconds, as a date, doubled, or absent; a reset header as ISO 8601 (Mastodon), as seconds since 1970 (GitHub, X,
Bluesky), as seconds left (Reddit, the IETF draft); a remainder as a float (Reddit) or as a percentage used (Meta); in the body (`backoff` of
Stack Exchange, `extras.wait_seconds` of Discourse, `json.ratelimit` of Reddit, `retry_after` of many).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from listener.source import Budget
from sources.decode import decode
from sources.fields import instant, mapping, number

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 86_400.0
"""No network may silence a source for more than a day by one header."""
_PREFIXES: Final = ("x-ratelimit", "ratelimit", "x-rate-limit", "rate-limit", "x-app-rate-limit")
_IETF = re.compile(r"(?:^|[;,\s])(limit|q|remaining|r|reset|t)\s*=\s*(\d{1,12})(?=$|[;,\s])")
_IETF_NAMES: Final = {"q": "limit", "r": "remaining", "t": "reset"}
_DATE = re.compile(
    r"(?:[A-Za-z]{3,9},\s*)?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4}\s+\d\d:\d\d:\d\d(?:\s+(?:GMT|UTC|[+-]\d{4}))?|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?"
)
_BODY: Final = (
    ("backoff",), ("retry_after",), ("retryAfter",), ("wait_seconds",), ("extras", "wait_seconds"), ("json", "ratelimit"), ("parameters", "retry_after"),
    ("error", "retry_after"), ("error", "retryAfter"), ("data", "retry_after"), ("rate_limit", "retry_after"),
)  # fmt: skip


def retry_after(headers: Mapping[str, str], body: object, now: float) -> float | None:
    """Seconds to wait, 0 … one day; None when nothing says how long.

    Args:  headers: with lower-case lookup; a doubled header arrives joined with `, `.
           body: the decoded answer, or its bytes, or None.
           now: seconds since 1970.
    """
    asked = _header_wait(headers.get("retry-after", ""), now)
    if asked is None:
        asked = _body_wait(body)
    if asked is None:
        asked = _reset_wait(headers, now)
    return None if asked is None else min(max(asked, 0.0), LONGEST)


def _header_wait(value: str, now: float) -> float | None:
    """The longest of the waits that the header names: a proxy may have added its own to the server's."""
    value = value[:500]
    waits = [instant_ms / 1000 - now for found in _DATE.findall(value) if (instant_ms := instant(found)) is not None]
    waits += [wait for part in _DATE.sub(",", value).split(",") if (wait := number(part.strip().rstrip("s") or None)) is not None]
    return max((wait if wait < 1e9 else wait - now for wait in waits), default=None)


def _body_wait(body: object) -> float | None:
    if isinstance(body, bytes):
        try:
            body = decode(body)
        except Exception:  # an error page in any shape has nothing to say about time
            return None
    for *path, last in _BODY:
        found = number(mapping(body, *path).get(last))
        if found is not None:
            return found
    return None


def _reset_wait(headers: Mapping[str, str], now: float) -> float | None:
    waits = [wait for name, value in _told(headers).items() if name == "reset" and (wait := _until(value, now)) is not None]
    return max(waits, default=None)


def _until(value: str, now: float) -> float | None:
    """Seconds until a reset that is told as a time, as seconds since 1970, or as seconds left."""
    value = value.strip()
    plain = number(value)
    if plain is not None:
        return plain / 1000 - now if plain > 1e11 else plain - now if plain > 1e8 else plain
    moment = instant(value)
    return None if moment is None else moment / 1000 - now


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    """`limit`, `remaining` and `reset` as the headers spell them, the network's own prefix first."""
    told: dict[str, str] = {}
    for prefix in _PREFIXES:
        for name in ("limit", "remaining", "reset"):
            value = headers.get(f"{prefix}-{name}")
            if value is not None:
                told.setdefault(name, value[:200].split(",")[0] if name != "reset" else value[:200])
        for name, value in _IETF.findall(headers.get(prefix, "")[:500]):
            told.setdefault(_IETF_NAMES.get(name, name), value)
    return told


def budget(headers: Mapping[str, str], now: float, name: str = "requests") -> Budget | None:
    """What is left of an allowance, as these headers tell; None when they tell nothing."""
    headers = {name: value for name, value in headers.items() if "rate" in name or "usage" in name}
    if not headers:
        return None
    usage = headers.get("x-app-usage") or headers.get("x-page-usage")
    if usage:
        return _percentage(usage, name)
    told = _told(headers)
    left, limit, wait = number(told.get("remaining")), number(told.get("limit")), _until(told.get("reset", ""), now)
    if left is None or left < 0:
        return None
    resets_at = None if wait is None else int((now + min(max(wait, 0.0), 40 * LONGEST)) * 1000)
    return Budget(headers.get("x-ratelimit-resource", "")[:40] or name, left, limit if limit and limit >= left else left, resets_at)


def _percentage(usage: str, name: str) -> Budget | None:
    try:
        used = [share for value in mapping(decode(usage[:2000].encode())).values() if (share := number(value)) is not None]
    except Exception:  # the header is decoration: whatever is wrong with it, the answer stands
        return None
    return Budget(name, max(0.0, 100 - max(used)), 100) if used else None


@dataclass(slots=True)
class _Record:
    failures: int = 0
    closed_until: float = -math.inf
    told_to_wait: bool = False


class Gates:
    """Who may be asked now: a pause that a network asked for, and a breaker on a host that keeps failing.

    Both speak in a monotonic clock's seconds. A key is whatever shares the fate: an origin, or an origin with an account.
    """

    PATIENCE: Final = 4
    """Failures in a row before a host is left alone."""
    FIRST_PAUSE: Final = 30.0
    LONGEST_PAUSE: Final = 900.0

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def closed_for(self, keys: Iterable[str], now: float) -> tuple[float, bool]:
        """Seconds until all of these may be asked again, 0 when they may; and whether the network itself asked for the pause."""
        longest, asked = 0.0, False
        for key in keys:
            record = self._records.get(key)
            if record and record.closed_until - now > longest:
                longest, asked = record.closed_until - now, record.told_to_wait
        return longest, asked

    def failed(self, key: str, now: float) -> None:
        record = self._records.setdefault(key, _Record())
        record.failures += 1
        if record.failures >= self.PATIENCE:
            pause = min(self.FIRST_PAUSE * 2.0 ** (record.failures - self.PATIENCE), self.LONGEST_PAUSE)
            record.closed_until, record.told_to_wait = now + pause, False

    def answered(self, key: str) -> None:
        """The host is well: forget its failures. A pause that it asked for stays."""
        record = self._records.get(key)
        if record and not record.told_to_wait:
            del self._records[key]

    def pause(self, key: str, seconds: float, now: float) -> None:
        self._records[key] = _Record(closed_until=now + min(seconds, LONGEST), told_to_wait=True)
