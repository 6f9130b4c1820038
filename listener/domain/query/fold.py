"""One spelling for everything that people write differently and mean alike.

Two strengths. `plain` unifies what no reader would tell apart: compatibility forms (NFKC), case, invisible characters,
apostrophes (Uzbek oʻ o' o‘), Romanian cedilla and comma, the Arabic tatweel, the dotless ı. `fold` also drops what a hurried
writer leaves out: accents, tashkeel, the hamza on an alef, skin tones. Vowel signs of Thai, Khmer, Hindi and the like are
letters and stay.
"""

from __future__ import annotations

import unicodedata

_APOSTROPHES = "ʻʼ‘’‛`´ʹʽ′＇ʾʿˈ"
_INVISIBLE = "\u00ad\u034f\u061c\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff\u0640"
_PLAIN = {"ı": "i", "ş": "ș", "ţ": "ț", "ς": "σ", "™": " ", "℠": " ", "®": " ", "©": " "}
_PLAIN |= dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_INVISIBLE, "")
_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ħ": "h",
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "þ": "th",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ة": "ه",
    "ٱ": "ا",
}
_KEPT = frozenset("й")
"""A letter of its own, not an accented и."""
_DROPPED = (
    (0x0300, 0x036F), (0x0591, 0x05BD), (0x05BF, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC),
    (0x06DF, 0x06E8), (0x06EA, 0x06ED), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20DC), (0xFE20, 0xFE2F), (0x1F3FB, 0x1F3FF),
)  # fmt: skip
"""Accents of Latin, Greek and Cyrillic, Hebrew points, Arabic tashkeel, skin tones."""


class _Table(dict[int, str]):
    """A translation table that works out a character's entry when it is first met."""

    def __init__(self, folding: bool) -> None:
        super().__init__()
        self.folding = folding

    def __missing__(self, code: int) -> str:
        char = chr(code)
        spelled = _PLAIN.get(char)
        if spelled is None:
            spelled = "".join(_PLAIN.get(part, part) for part in unicodedata.normalize("NFKC", char).casefold())
            spelled = unicodedata.normalize("NFKC", spelled.replace("i\u0307", "i"))
            if len(spelled) > 1 and spelled[0] == " ":  # an accent that stands alone is no letter, and marks none
                spelled = " "
        if self.folding:
            spelled = "".join(_bare(part) for part in spelled)
        self[code] = spelled
        return spelled


def _bare(char: str) -> str:
    if char in _KEPT:
        return char
    kept = "".join(part for part in unicodedata.normalize("NFD", char) if not any(low <= ord(part) <= high for low, high in _DROPPED))
    return "".join(_LETTERS.get(part, part) for part in unicodedata.normalize("NFC", kept))


_TO_PLAIN = _Table(folding=False)
_TO_FOLDED = _Table(folding=True)


def plain(text: str) -> str:
    """Case, encoding and invisible differences gone; accents kept."""
    return text.lower().replace("`", "'") if text.isascii() else _composed(text).translate(_TO_PLAIN)


def fold(text: str) -> str:
    """As `plain`, and accents gone too."""
    return text.lower().replace("`", "'") if text.isascii() else _composed(text).translate(_TO_FOLDED)


def offsets(text: str) -> list[int]:
    """For each character of `fold(text)`, and for its end, the place in `text` that it came from."""
    if text.isascii():
        return list(range(len(text) + 1))
    places: list[int] = []
    start = 0
    for stop in range(1, len(text) + 1):
        if stop == len(text) or not _leans(text[stop]):
            places.extend([start] * len(fold(text[start:stop])))
            start = stop
    return [*places, len(text)]


def _leans(char: str) -> bool:
    """Whether it may melt into the character before it."""
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff" or char in "ﾞﾟ"


def _composed(text: str) -> str:
    """Letters and their loose marks joined, so that each is one character for the tables."""
    if "ﾞ" in text or "ﾟ" in text:
        return unicodedata.normalize("NFKC", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
