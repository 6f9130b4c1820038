"""Length as X counts it.

Source: https://docs.x.com/fundamentals/counting-characters (configuration v3 of twitter-text)
"""

from __future__ import annotations

import re
import unicodedata

_URL = re.compile(r"(https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:/[^\s]*)?", re.IGNORECASE)


def weight(text: str) -> int:
    """The length as X counts it: an address 23, a character of the European scripts 1, any other one and a whole emoji 2."""
    import regex

    text = unicodedata.normalize("NFC", text)
    total, rest = 0, []
    for match in _URL.finditer(text):
        total += 23 if match.group(1) else max(23, len(match.group()))
    for cluster in regex.findall(r"\X", _URL.sub("", text)):
        rest.append(
            2 if regex.search(r"\p{Extended_Pictographic}|\p{RI}", cluster) and not cluster.isascii() else sum(map(_light, cluster))
        )
    return total + sum(rest)


def _light(char: str) -> int:
    code = ord(char)
    return 1 if code <= 4351 or 8192 <= code <= 8205 or 8208 <= code <= 8223 or 8242 <= code <= 8247 else 2
