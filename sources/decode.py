"""The one place where bytes from a network become values: JSON of any quality, and text in any charset.

`decode` never raises anything but `Malformed`: nesting, 5 000-digit integers, NaN, lone surrogates, NULs, foreign charsets and truncation
all end there. What it returns holds only text that can be stored as UTF-8.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from listener.errors import Malformed

DEPTH: Final = 400
"""Deeper JSON than this is an attack, not an answer."""
CHARSETS: Final = frozenset(
    [
        "utf-8",
        "utf8",
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "latin-1",
        "latin1",
        "iso-8859-2",
        "iso-8859-5",
        "iso-8859-7",
        "iso-8859-9",
        "iso-8859-15",
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "windows-1253",
        "windows-1254",
        "windows-1255",
        "windows-1256",
        "windows-1257",
        "windows-1258",
        "cp1251",
        "cp1252",
        "cp1253",
        "koi8-r",
        "koi8-u",
        "utf-16",
        "utf-16le",
        "utf-16be",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "shift_jis",
        "shift-jis",
        "euc-jp",
        "iso-2022-jp",
        "gb2312",
        "gbk",
        "gb18030",
        "big5",
        "euc-kr",
        "ks_c_5601-1987",
        "tis-620",
        "windows-874",
    ]
)
"""Charsets that a header may name. Python knows "charsets" that decompress or compile; those are not in it."""

_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})(?:\\u([0-9a-fA-F]{4}))?|.)", re.DOTALL)
_HUGE = re.compile(rb"(?<![\w.\"\\])-?\d{400,}(?:\.\d+)?(?:[eE][+-]?\d+)?")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HTML = re.compile(
    rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|center|h1|script|div|p|br)\b", re.IGNORECASE | re.DOTALL
)


def decode(body: bytes, content_type: str = "") -> object:
    """JSON in any state as plain values. Raises Malformed, and nothing else."""
    if not body.strip():
        raise Malformed("The answer is empty.")
    if looks_like_html(body):
        raise Malformed("The answer is a web page, not JSON.", hint="A login page, a block page or a proxy may stand before the network.")
    try:
        return _parse(body)
    except Malformed:
        pass
    return _parse(_repair(body, content_type))


def _parse(body: bytes) -> object:
    try:
        value: object = msgspec.json.decode(body)
    except RecursionError:
        raise Malformed("The answer is nested too deeply.") from None
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise Malformed(f"The answer is not JSON: {error}.") from None
    if _too_deep(value):
        raise Malformed("The answer is nested too deeply.")
    return value


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEPTH):
        level = [child for node in level if isinstance(node, (dict, list)) for child in (node.values() if isinstance(node, dict) else node)]
        if not level:
            return False
    return True


def _repair(body: bytes, content_type: str) -> bytes:
    """The same answer with what JSON forbids made harmless: byte-order marks, other charsets, halves of characters, endless numbers."""
    text = as_text(body, content_type).encode("utf-8", "replace")
    return _HUGE.sub(b"null", _ESCAPE.sub(_whole, text))


def _whole(match: re.Match[bytes]) -> bytes:
    """An escape with halves of surrogate pairs replaced; a pair, and every other escape, stays."""
    first, second = match.group(1), match.group(2)
    if first is None:
        return match.group(0)
    high, low = _surrogate(first), _surrogate(second) if second else ""
    if high == "high" and low == "low":
        return match.group(0)
    out = b"\\ufffd" if high else b"\\u" + first
    if second is None:
        return out
    return out + (b"\\ufffd" if low else b"\\u" + second)


def _surrogate(digits: bytes) -> str:
    code = int(digits, 16)
    return "high" if 0xD800 <= code < 0xDC00 else "low" if 0xDC00 <= code < 0xE000 else ""


def as_text(body: bytes, content_type: str = "") -> str:
    """Bytes as text: a byte-order mark wins, then UTF-8 if it fits, then the charset that the header names, then Windows-1252."""
    for mark, charset in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if body.startswith(mark):
            return _safe(body.decode(charset, "replace").removeprefix("\ufeff"))
    if b"\x00" in body[:4]:
        return _safe(body.decode("utf-16-be" if body[:1] == b"\x00" else "utf-16-le", "replace"))
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _safe(body.decode(charset_of(content_type) or "cp1252", "replace"))


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type names, when it is one that can be trusted; else empty."""
    found = _CHARSET.search(content_type)
    name = found.group(1).lower() if found else ""
    return name if name in CHARSETS else ""


def looks_like_html(body: bytes) -> bool:
    return _HTML.match(body[:2048]) is not None


def _safe(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
