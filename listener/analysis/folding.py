"""One spelling for what people spell in many ways: lower case, no accents on Latin, Greek and Cyrillic letters, plain apostrophes."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f\u0483-\u0487\u0640\u064b-\u0652\u200b-\u200f\u2060\ufe0e\ufe0f\ud800-\udfff]+")
"""Combining accents, Arabic vowel signs and stretching, marks without a width, halves of surrogate pairs."""
_ALIKE = str.maketrans({"’": "'", "‘": "'", "ʻ": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "…": "...", "ı": "i", "ς": "σ", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ك": "ك"})  # fmt: skip


def fold(text: str) -> str:
    """A text in its plainest spelling; scripts whose marks are letters (Thai, Devanagari, …) keep them."""
    text = text.lower()
    if text.isascii():
        return text.replace("`", "'")
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_ALIKE)))
