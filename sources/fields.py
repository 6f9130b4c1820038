"""Careful readers for values of unknown shape: they take anything and never raise, except `need`, which refuses one item.

Networks break their own schemas: ids as numbers, `null` against missing, `false` where a time belongs, text where a list belongs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import msgspec

from listener.errors import Malformed

LONGEST: Final = 200_000
"""Characters of one field that are kept; no post on any network is longer."""
EARLIEST: Final = -62_135_596_800_000
LATEST: Final = 4_102_444_800_000
"""2100-01-01: a later time is a mistake."""
_MAX: Final = 2**63 - 1
_FRACTION = re.compile(r"(\.\d{6})\d+")
_NO_COLON = re.compile(r"([+-]\d{2})(\d{2})$")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?\Z", re.DOTALL)
_ISO_639_2: Final = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "rus": "ru", "jpn": "ja", "kor": "ko",
    "zho": "zh", "chi": "zh", "cmn": "zh", "ara": "ar", "ell": "el", "gre": "el", "ron": "ro", "rum": "ro", "uzb": "uz", "tgl": "tl", "fil": "tl",
    "tha": "th", "nld": "nl", "dut": "nl", "tur": "tr", "ukr": "uk", "pol": "pl", "hin": "hi", "ind": "id", "vie": "vi",
}  # fmt: skip

_NOTHING: Final[Mapping[str, object]] = {}
Item = TypeVar("Item")


def mapping(value: object, *path: str) -> Mapping[str, object]:
    """The object at `path` below `value`; an empty one where something else stands there."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else _NOTHING


def items(value: object, *path: str) -> Sequence[object]:
    """The list at `path` below `value`; an empty one where something else stands there."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else ()


def string(obj: Mapping[str, object], *keys: str) -> str:
    """The first of these fields that is a non-empty text, storable and bounded; else empty."""
    for key in keys:
        value = obj.get(key)
        if isinstance(value, str) and value:
            return storable(value[:LONGEST])
    return ""


def ident(obj: Mapping[str, object], *keys: str) -> str:
    """An id as text, whether it came as text or as a whole number; empty when it is neither."""
    for key in keys:
        value = obj.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value) if abs(value) <= 10**40 else ""
        if isinstance(value, str) and value.strip():
            return storable(value.strip()[:2000])
    return ""


def integer(obj: Mapping[str, object], *keys: str) -> int | None:
    """A count: a whole number, also as text or as a float; None for what is not one or does not fit 64 bits."""
    for key in keys:
        found = number(obj.get(key))
        if found is not None and abs(found) <= _MAX:
            value = obj.get(key)
            return value if isinstance(value, int) else int(found)
    return None


def number(value: object) -> float | None:
    """A finite number, also when it came as text; None for everything else, booleans too."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) > 40:
        return None
    if isinstance(value, (int, float, str)):
        try:
            found = float(value)
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None
    return None


def flag(obj: Mapping[str, object], key: str) -> bool:
    return obj.get(key) is True


def need(value: str, what: str) -> str:
    """The value, or Malformed naming what one item lacks, so that `read_each` refuses that item alone."""
    if not value:
        raise Malformed(f"no {what}")
    return value


def instant(value: object) -> int | None:
    """A time in UTC ms from ISO 8601, RFC 2822, or seconds or milliseconds since 1970 as number or text; None when it is none of them."""
    plain = number(value)
    if plain is not None:
        ms = plain if abs(plain) >= 1e11 else plain * 1000
        return int(ms) if EARLIEST <= ms <= LATEST else None
    if not isinstance(value, str) or not 8 <= len(value) <= 80:
        return None
    for read in (_iso, parsedate_to_datetime):
        try:
            moment = read(value.strip())
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            ms = moment.timestamp() * 1000
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
            continue
        return round(ms) if EARLIEST <= ms <= LATEST else None
    return None


def _iso(value: str) -> datetime:
    return datetime.fromisoformat(_NO_COLON.sub(r"\1:\2", _FRACTION.sub(r"\1", value)))


def need_instant(value: object, what: str = "time") -> int:
    found = instant(value)
    if found is None:
        raise Malformed(f"no readable {what}")
    return found


def language(value: object) -> str:
    """`en-GB`, `EN_us`, `eng` → `en`; empty for what is no language code."""
    found = _LANGUAGE.match(value) if isinstance(value, str) and len(value) <= 40 else None
    if not found:
        return ""
    code = found.group(1).lower()
    return code if len(code) == 2 else _ISO_639_2.get(code, "")


def storable(text: str) -> str:
    """The same text with lone halves of surrogate pairs replaced: it can be written as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def objects(value: object) -> Iterator[Mapping[str, object]]:
    """Every object at any depth, the outer ones first; without recursion."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting.extend(reversed(here.values()))
        elif isinstance(here, list):
            waiting.extend(reversed(here))


def payload(value: object) -> bytes:
    """An item as JSON, kept beside the mention; empty when it is too large to keep."""
    try:
        packed = msgspec.json.encode(value)
    except (msgspec.MsgspecError, UnicodeError, ValueError, TypeError, RecursionError):
        return b""
    return packed if len(packed) <= LONGEST else b""


def read_each(values: Iterable[object], parse: Callable[[Mapping[str, object]], Item | None]) -> tuple[list[Item], int, str]:
    """Parse item by item: one that is broken is refused alone.

    Returns: what could be read; how many were refused; the reasons in words, empty when there are none. `parse` returns None for an
             item that is fine but not a mention, which counts as neither.
    """
    read: list[Item] = []
    reasons: dict[str, int] = {}
    for value in values:
        try:
            if not isinstance(value, dict):
                raise Malformed("not an object")
            found = parse(value)
        except Malformed as error:
            reasons[error.message] = reasons.get(error.message, 0) + 1
        else:
            if found is not None:
                read.append(found)
    note = ", ".join(f"{count} × {reason}" for reason, count in reasons.items())
    return read, sum(reasons.values()), f"Left out: {note}." if note else ""
