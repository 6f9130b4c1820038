"""Texts as hashed pieces: character 1- to 5-grams, words, word pairs. The feature half of the shipped models.

Whole batches are hashed at once with 64-bit integer arithmetic that wraps, so that the pieces of a text are the same on every
machine. Every substring's hash comes out of one prefix sum: hash(a, b) = (S[b] − S[a]) · P^(−a).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from listener.analysis.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

LONGEST = 5
_ADDRESS = re.compile(r"https?\S*|www\.\S+|\b(?:pic|bit|t)\.[a-z]{2,7}/\S+|<url>", re.ASCII)
_HANDLE = re.compile(r"@\w+|<\|?(?:person|user)\|?>|\[name\]")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|#\d+);")
_DIGITS = re.compile(r"\d+")
_REPEAT = re.compile(r"(.)\1{3,}")
_MARKS = re.compile(r"([^\w\s'\ue000-\ue0ff\u0900-\u109f\u1780-\u17ff]+)")
_BASE = 0x9E3779B97F4A7C15
_BASE_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = 0xD6E8FEB86659FD93
_PAIR = 0xA24BAED4963EE407


def normal(text: str) -> str:
    """A text as it is cut into pieces: folded, addresses and handles as one mark each, digits as 0, floods cut to three."""
    text = fold(text)
    if "http" in text or "www." in text or "/" in text or "<" in text:
        text = _ADDRESS.sub(" \ue000 ", text)
    if "@" in text or "<" in text or "[" in text:
        text = _HANDLE.sub(" \ue001 ", text)
    if "&" in text:
        text = _ENTITY.sub(" ", text)
    text = _REPEAT.sub(r"\1\1\1", _DIGITS.sub("0", text))
    words = _MARKS.sub(r" \1 ", text).split()
    return f" {' '.join(words)} "


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of a batch, those of one text side by side."""

    ids: NDArray[np.uint32]
    """Bucket of each piece; shape (pieces,)."""
    rows: NDArray[np.intp]
    """Which text each piece belongs to; shape (pieces,), not sorted."""
    counts: NDArray[np.intp]
    """Pieces per text; shape (texts,)."""
    starts: NDArray[np.intp]
    """Where each piece begins in its own normal text, in characters."""
    ends: NDArray[np.intp]


@cache
def _powers(size: int) -> tuple[Any, Any]:
    import numpy as np

    base = np.full(size, _BASE, dtype=np.uint64)
    inverse = np.full(size, _BASE_INVERSE, dtype=np.uint64)
    base[0] = inverse[0] = 1
    return np.multiply.accumulate(base), np.multiply.accumulate(inverse)


def salt_of(lang: str) -> int:
    """A language's own number: the same word in two languages is two pieces."""
    return int.from_bytes(lang.encode()[:4], "big")


def cut(texts: Sequence[str], bits: int, langs: Sequence[str] = (), shortest: int = 1) -> Pieces:
    """Cut normal texts into pieces and hash each into one of 2**bits buckets.

    Args:  texts: as `normal` makes them, together at most a million characters or so.
           langs: the language of each text, so that its words are told from another's; empty for none.
           shortest: characters of the shortest character gram.
    """
    import numpy as np

    joined = "".join(texts)
    letters = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    total = len(letters)
    lengths = np.fromiter((len(text) for text in texts), dtype=np.intp, count=len(texts))
    owner = np.repeat(np.arange(len(texts), dtype=np.intp), lengths)
    size = 1 << max(10, (total + 1).bit_length())
    powers, inverses = (table[: total + 1] for table in _powers(size))
    sums = np.zeros(total + 1, dtype=np.uint64)
    np.cumsum((letters + np.uint64(1)) * powers[:total], out=sums[1:])
    shift = np.uint64(64 - bits)
    salts = (
        np.fromiter((salt_of(lang) for lang in langs), dtype=np.uint64, count=len(langs))
        if langs
        else np.zeros(len(texts), dtype=np.uint64)
    )
    salts *= np.uint64(_MIX)
    ids, rows, starts, ends = [], [], [], []

    def keep(hashes: Any, salt: int, begin: Any, end: Any) -> None:
        mixed = (hashes ^ np.uint64(salt * _PAIR & 0xFFFFFFFFFFFFFFFF)) * np.uint64(_MIX)
        mixed ^= mixed >> np.uint64(32)
        ids.append(((mixed * np.uint64(_MIX)) >> shift).astype(np.uint32))
        rows.append(owner[begin])
        starts.append(begin)
        ends.append(end)

    for size in range(shortest, LONGEST + 1):
        if total < size:
            break
        begin = np.arange(total - size + 1, dtype=np.intp)
        begin = begin[owner[begin] == owner[begin + size - 1]]
        end = begin + size
        keep((sums[end] - sums[begin]) * inverses[begin], size, begin, end)
    if total:
        spaces = np.flatnonzero(letters == 32).astype(np.intp)
        begin, end = spaces[:-1] + 1, spaces[1:]
        real = (end > begin) & (owner[spaces[:-1]] == owner[spaces[1:]])
        begin, end = begin[real], end[real]
        hashes = (sums[end] - sums[begin]) * inverses[begin] ^ salts[owner[begin]]
        keep(hashes, 11, begin, end)
        together = owner[begin[:-1]] == owner[begin[1:]]
        keep((hashes[:-1] * np.uint64(_PAIR) + hashes[1:])[together], 12, begin[:-1][together], end[1:][together])
    offsets = np.cumsum(lengths) - lengths
    row = np.concatenate(rows) if rows else np.zeros(0, dtype=np.intp)
    return Pieces(
        np.concatenate(ids) if ids else np.zeros(0, dtype=np.uint32),
        row,
        np.bincount(row, minlength=len(texts)),
        np.concatenate(starts) - offsets[row] if starts else row,
        np.concatenate(ends) - offsets[row] if ends else row,
    )
