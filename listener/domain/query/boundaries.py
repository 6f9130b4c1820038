"""Where words begin and end, in scripts that put spaces between them and in those that do not."""

from __future__ import annotations

import re
import unicodedata

UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, Tai, Javanese, kana, Han: the inside of a character class."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_WORDS = re.compile(rf"[{UNSPACED}]{{1,2}}|(?:(?![{UNSPACED}])[^\W_])+")
_ARABIC_BEFORE = frozenset(["و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "فلل", "وب", "ول", "وك", "فب", "فل"])
"""And, so, with, to, like, the: written as one with the word that follows."""
_KOREAN_AFTER = frozenset(
    [
        "은",
        "는",
        "이",
        "가",
        "을",
        "를",
        "의",
        "에",
        "에서",
        "에게",
        "에게서",
        "께",
        "께서",
        "도",
        "로",
        "으로",
        "와",
        "과",
        "랑",
        "이랑",
        "만",
        "나",
        "이나",
        "부터",
        "까지",
        "보다",
        "처럼",
        "한테",
        "라",
        "이라",
        "라고",
        "이라고",
        "야",
        "이야",
        "요",
        "이요",
        "에는",
        "에도",
        "에서는",
        "에서도",
        "들",
        "들이",
        "들은",
        "들을",
    ]
)
"""Particles, written as one with the noun before them."""


def is_unspaced(char: str) -> bool:
    return _UNSPACED.match(char) is not None


def is_mark(char: str) -> bool:
    """A sign that belongs to the character before it: vowel signs, joiners, skin tones."""
    return not char.isascii() and (char == "\u200d" or "\U0001f3fb" <= char <= "\U0001f3ff" or unicodedata.category(char)[0] == "M")


def is_word(char: str) -> bool:
    return char.isalnum() or is_mark(char)


def joined(before: str, after: str) -> bool:
    """Whether two neighbouring characters belong to one word."""
    if before.isascii() and after.isascii():
        return before.isalnum() and after.isalnum()
    if is_mark(after) or before == "\u200d":
        return True
    return is_word(before) and after.isalnum() and not is_unspaced(before) and not is_unspaced(after)


def starts(text: str, at: int, *, loose: bool = False) -> bool:
    """Whether a word may begin here. `loose`: also behind an Arabic particle that is written as one with it."""
    if at == 0:
        return True
    if _is_flag(text[at]):
        return _flags_before(text, at) % 2 == 0
    if not joined(text[at - 1], text[at]):
        return True
    if not loose or not "\u0600" <= text[at] <= "\u06ff":
        return False
    begin = at
    while begin and at - begin < 4 and joined(text[begin - 1], text[begin]):
        begin -= 1
    return text[begin:at] in _ARABIC_BEFORE


def ends(text: str, at: int, *, loose: bool = False) -> bool:
    """Whether a word may end here. `loose`: also before a Korean particle."""
    if at == len(text) or not joined(text[at - 1], text[at]):
        return True
    return loose and "\uac00" <= text[at] <= "\ud7a3" and text[at : end_of_word(text, at)] in _KOREAN_AFTER


def end_of_word(text: str, at: int) -> int:
    """Where the word goes on to that has begun before `at`."""
    while 0 < at < len(text) and joined(text[at - 1], text[at]):
        at += 1
    return at


def word_starts(text: str) -> list[int]:
    """Where each word begins; where there are no spaces, two characters count as one word."""
    return [match.start() for match in _WORDS.finditer(text)]


def gap(before: str, after: str) -> str:
    """A pattern for what may stand between two words of a phrase: anything but words, and nothing at all where no space is needed.

    NUL stands between a title and a text, and no phrase reaches across it.
    """
    return r"(?:[^\w\x00]|_)" + ("+" if joined(before, after) else "*")


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, at: int) -> int:
    """How many halves of flags stand right before: an odd number means that a pair is being cut."""
    begin = at
    while begin and _is_flag(text[begin - 1]):
        begin -= 1
    return at - begin
