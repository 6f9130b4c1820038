"""Values as an operator reads them. Everything that comes from a network passes through `clean` before it is shown."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.domain.sentiment import Label

LIMIT = 20_000
"""Characters of one text that a screen shows; the store keeps the rest."""
MARKS = 3
"""Combining marks kept on one letter; stacks of more climb over the neighbouring lines."""

_SPACES = (0x2028, 0x2029)
_DROPPED = (
    (0x00AD, 0x00AD),  # soft hyphen: terminals disagree about its width
    (0x034F, 0x034F),
    (0x061C, 0x061C),  # bidi controls, here and below
    (0x115F, 0x1160),  # fillers: letters that paint nothing
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),  # variation selectors change a width that has been counted
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x13430, 0x1345F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags and supplementary variation selectors
)


def _table() -> dict[int, int | None]:
    table: dict[int, int | None] = {code: 0x2400 + code for code in range(0x20)}
    table[0x7F] = 0x2421
    table |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
    table |= dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
    table |= dict.fromkeys((0xFFFE, 0xFFFF), 0xFFFD)
    table |= dict.fromkeys(_SPACES, 0x20)
    for first, last in _DROPPED:
        table |= dict.fromkeys(range(first, last + 1))
    return table


_SHOWN = _table()
_SHOWN_IN_LINES: dict[int, int | None] = {**_SHOWN, 0x09: 0x20, 0x0A: 0x0A, 0x2028: 0x0A, 0x2029: 0x0A}


def clean(text: str, limit: int = LIMIT, *, lines: bool = False) -> str:
    """The text as it may be shown, at most `limit` characters long.

    C0 controls become their pictures (U+2400…), C1 controls and lone surrogates U+FFFD; bidi controls, zero-width and tag
    characters are dropped; a letter keeps three combining marks. With `lines`, line ends stay line ends and tabs become spaces.
    """
    if len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…" if limit else ""
    if text.isascii() and text.isprintable():
        return text
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _thin(text.translate(_SHOWN_IN_LINES if lines else _SHOWN))


def one_line(text: str, limit: int = LIMIT) -> str:
    """`clean`, with every run of white space as one space: for a row, a title, a toast."""
    if len(text) > 4 * limit:
        text = text[: 4 * limit]
    return clean(" ".join(text.split()), limit)


def _thin(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    category = unicodedata.category
    for character in text:
        run = run + 1 if character >= "\u0300" and category(character)[0] == "M" else 0
        if run <= MARKS:
            kept.append(character)
    return text if len(kept) == len(text) else "".join(kept)


def steady(text: str) -> bool:
    """True when every terminal gives these characters the same width and order, so that a column may follow them."""
    if text.isascii():
        return True
    return all(
        unicodedata.bidirectional(character) not in {"R", "AL", "AN"} and unicodedata.category(character)[0] not in "MSC"
        for character in text
    )


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be opened."""

    url: str
    """With the host in its ASCII form."""
    host: str
    disguised: bool
    """The host has letters beyond ASCII (punycode): show it and ask before opening."""


def safe_url(text: str) -> Link | None:
    """The address, if it is http(s) with a host and hides nothing: no user part, controls, spaces, backslashes or leading dash."""
    if not text.isprintable() or any(character in ' \\<>"' for character in text):
        return None
    from urllib.parse import urlsplit, urlunsplit  # not on the way to the first paint

    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode("ascii") if ":" not in (parts.hostname or "") else f"[{parts.hostname}]"
        port = f":{parts.port}" if parts.port is not None else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in {"http", "https"} or not host.strip(".") or host.startswith("-") or "@" in parts.netloc:
        return None
    url = urlunsplit((parts.scheme, host + port, parts.path, parts.query, parts.fragment))
    return Link(url, host, any(label.startswith("xn--") for label in host.split(".")))


def age(at: int, now: int) -> str:
    """The time since `at`, in its largest unit: `now`, `3 m`, `2 h`, `5 d`, `7 w`, `2 y`; both in UTC ms."""
    seconds = max(now - at, 0) // 1000
    for limit, size, unit in ((60, 0, ""), (3600, 60, "m"), (86_400, 3600, "h"), (14 * 86_400, 86_400, "d"), (365 * 86_400, 604_800, "w")):
        if seconds < limit:
            return f"{seconds // size} {unit}" if size else "now"
    return f"{seconds // (365 * 86_400)} y"


def ago(at: int, now: int) -> str:
    """`3 m ago`, `just now`; both in UTC ms."""
    since = age(at, now)
    return "just now" if since == "now" else f"{since} ago"


def until(at: int, now: int) -> str:
    """The time left until `at`, as `in 3 m`; `due` once it has come."""
    return "due" if at <= now else "in " + age(now, at).replace("now", "1 m")


def short(count: int | None) -> str:
    """A count in at most five characters: `950`, `4.8 k`, `48 k`, `1.2 M`; empty for None."""
    if count is None:
        return ""
    if count < 1000:
        return str(count)
    for size, unit in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        value = count / size
        if value < 9.95:
            return f"{value:.1f} {unit}".replace(".0", "")
        if value < 999.5 or unit == "G":
            return f"{value:.0f} {unit}"
    return str(count)


def full(count: int) -> str:
    """A count with its thousands apart: `1 234 567`."""
    return f"{count:,}".replace(",", " ")


def plural(count: int, one: str, many: str = "") -> str:
    """`1 mention`, `12 mentions`."""
    return f"{full(count)} {one if count == 1 else many or one + 's'}"


GLYPHS: dict[Label, str] = {"negative": "▼", "neutral": "●", "positive": "▲", "unscored": "·"}
"""A shape for each sentiment, so that colour is never the only sign."""

STATES = {"open": "○", "pending": "◔", "snoozed": "☾", "resolved": "✓"}
"""A sign for each state of a case."""


def compound(value: float | None) -> str:
    """A score with its sign: `−0.42`, `+0.10`; `unscored` for None."""
    return "unscored" if value is None else f"{value:+.2f}".replace("-", "−")


def per_cent(share: float) -> str:
    """A share of one as whole per cent: `37 %`."""
    return f"{share * 100:.0f} %"


def language(code: str) -> str:
    """The two letters of a language in capitals; `··` when unknown."""
    return code[:2].upper() if code[:2].isascii() and code[:2].isalpha() else "··"


def bar(share: float, width: int) -> str:
    """A horizontal bar of block eighths for a share of one, padded to `width` cells."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(width)


def sparkline(values: Iterable[float], top: float | None = None) -> str:
    """One block of eight heights for each value; `top` is the value of a full block, the largest when None."""
    series = list(values)
    ceiling = top if top is not None else max(series, default=0)
    if ceiling <= 0:
        return "▁" * len(series)
    return "".join("▁▂▃▄▅▆▇█"[min(int(max(value, 0) / ceiling * 7.999), 7)] for value in series)
