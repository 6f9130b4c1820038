"""The same post again: copies and near-copies fold into the first of their kind, so that a storm is one row with a count.

Three sieves, each finer and dearer than the one before: an exact hash of the folded text; MinHash of its character 4-grams, 16 bands
of 4, which finds candidates with about half of their grams in common; and of those the one that shares at least four fifths of the
grams of the shorter text. A copy is compared with leaders only, so clusters do not creep from one meaning to another.
Source: Broder, "On the resemblance and containment of documents", 1997; Leskovec et al., "Mining of Massive Datasets", 3.4.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from listener.analysis.folding import fold

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence, Set

K = TypeVar("K", bound="Hashable")
GRAM = 4
BANDS, ROWS = 16, 4
SEED = 20_260_101
LIMIT = 2_000
"""Characters of a text that are looked at."""
DAY = 86_400_000

_LINK = re.compile(r"https?://\S+|www\.\S+")
_HANDLE = re.compile(r"@[\w.]+(?:@[\w.-]+)?")
_BETWEEN = re.compile(r"[\W_]+")
_ASCII_BETWEEN = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(slots=True)
class Leader(Generic[K]):
    """The first post of its kind."""

    key: K
    text: str
    at: int
    """When it or its latest copy was written, UTC ms."""
    bands: tuple[bytes, ...] = ()
    hashes: set[bytes] = field(default_factory=set)
    """Of the folded texts that are known to be copies; itself included."""


class Folder(Generic[K]):
    """Folds a stream of posts. Memory is bounded: leaders that had no copy for a window are forgotten, the oldest first."""

    def __init__(self, *, window: int = 3 * DAY, most: int = 20_000, crowd: int = 50, alike: float = 0.8, shortest: int = 24) -> None:
        """
        Args:  window: ms. most: leaders remembered. crowd: leaders per bucket of a band; a bucket that is full takes no more, since
               everybody shares that phrase. alike: containment from which it is a copy. shortest: folded characters; a shorter text
               is folded only into its exact equal ("thank you" says nothing about who copied whom).
        """
        self._window, self._most, self._crowd, self._alike, self._shortest = window, most, crowd, alike, shortest
        self._leaders: OrderedDict[K, Leader[K]] = OrderedDict()
        self._exact: dict[bytes, K] = {}
        self._bands: tuple[dict[bytes, list[K]], ...] = tuple({} for _ in range(BANDS))

    def __len__(self) -> int:
        return len(self._leaders)

    def fold(self, key: K, text: str, at: int) -> K | None:
        """The key of the post that this one repeats; None when it is the first of its kind and may lead others.

        Args:  key: tells posts apart. at: when it was written, UTC ms.
        """
        self._expire(at)
        plain = plain_text(text)
        digest = _digest(plain)
        leader = self._leaders.get(self._exact[digest]) if digest in self._exact else None
        bands: tuple[bytes, ...] = ()
        if leader is None and len(plain) >= self._shortest:
            grams = grams_of(plain)
            bands = _bands(grams)
            leader = self._nearest(grams, bands)
        if leader is None:
            if plain:
                self._lead(Leader(key, plain, at, bands, {digest}))
            return None
        if leader.key == key:
            return None
        self._join(leader, digest, at)
        return leader.key

    def recall(self, posts: Iterable[tuple[K, str, int, K | None]]) -> None:
        """Take up where an earlier process ended: (key, text, at, leader or None) of the window's posts, oldest first."""
        for key, text, at, leads in posts:
            leader = self._leaders.get(leads) if leads is not None else None
            if leader is not None:
                self._join(leader, _digest(plain_text(text)), at)
            elif leads is None:
                plain = plain_text(text)
                if plain and key not in self._leaders:
                    self._lead(Leader(key, plain, at, _bands(grams_of(plain)) if len(plain) >= self._shortest else (), {_digest(plain)}))

    def _nearest(self, grams: list[str], bands: tuple[bytes, ...]) -> Leader[K] | None:
        """The leader that shares most, if that is enough; of equals the one that was first."""
        seen: dict[K, None] = {}
        for table, band in zip(self._bands, bands, strict=True):
            if band in table:
                seen.update(dict.fromkeys(table[band]))
        best, most = None, self._alike
        own = frozenset(grams) if seen else frozenset()
        for key in seen:
            leader = self._leaders[key]
            shared = containment(own, frozenset(grams_of(leader.text)))
            if shared > most or (shared == most and best is None):
                best, most = leader, shared
        return best

    def _lead(self, leader: Leader[K]) -> None:
        self._leaders[leader.key] = leader
        for digest in leader.hashes:
            self._exact.setdefault(digest, leader.key)
        for table, band in zip(self._bands, leader.bands, strict=False):
            crowd = table.setdefault(band, [])
            if len(crowd) < self._crowd:
                crowd.append(leader.key)
        while len(self._leaders) > self._most:
            self._forget(next(iter(self._leaders)))

    def _join(self, leader: Leader[K], digest: bytes, at: int) -> None:
        leader.at = max(leader.at, at)
        self._leaders.move_to_end(leader.key)
        if digest not in self._exact and len(leader.hashes) < self._crowd:
            leader.hashes.add(digest)
            self._exact[digest] = leader.key

    def _expire(self, now: int) -> None:
        while self._leaders:
            key, leader = next(iter(self._leaders.items()))
            if now - leader.at <= self._window:
                return
            self._forget(key)

    def _forget(self, key: K) -> None:
        leader = self._leaders.pop(key)
        for digest in leader.hashes:
            if self._exact.get(digest) == key:
                del self._exact[digest]
        for table, band in zip(self._bands, leader.bands, strict=False):
            crowd = table.get(band)
            if crowd and key in crowd:
                crowd.remove(key)
                if not crowd:
                    del table[band]


def plain_text(text: str) -> str:
    """What is left of a text when links, handles, case, accents and punctuation are gone: the words themselves."""
    folded = fold(text[:LIMIT])
    if "http" in folded or "www." in folded:
        folded = _LINK.sub(" ", folded)
    if "@" in folded:
        folded = _HANDLE.sub(" ", folded)
    spread = folded.translate(_ASCII_BETWEEN) if folded.isascii() else _BETWEEN.sub(" ", folded)
    words = spread.split()
    return " ".join([word for word in words if word not in ("rt", "via")])


def grams_of(plain: str) -> list[str]:
    """Its character 4-grams in order, repetitions included; a text that is shorter is its own."""
    return [plain[start : start + GRAM] for start in range(max(1, len(plain) - GRAM + 1))]


def containment(one: Set[str], two: Set[str]) -> float:
    """The part of the smaller set that the larger one holds."""
    return len(one & two) / (min(len(one), len(two)) or 1)


def coordinated(posts: Sequence[tuple[int, Hashable]], *, least: int = 8, authors: int = 5, within: int = 30 * 60_000) -> bool:
    """Whether the copies of one text look arranged: many, by many accounts, all at once. A tag for people to judge, never points.

    Args:  posts: (written at, UTC ms; author) of one cluster, leader included, without network reposts.
    """
    ranked = sorted(posts, key=lambda post: post[0])
    for first in range(len(ranked) - least + 1):
        together = [author for at, author in ranked[first:] if at - ranked[first][0] <= within]
        if len(together) >= least and len(set(together)) >= authors:
            return True
    return False


def _digest(plain: str) -> bytes:
    return blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _bands(grams: list[str]) -> tuple[bytes, ...]:
    import rensa

    sketch: Any = rensa.RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    sketch.update(grams)
    raw = array("I", sketch.digest()).tobytes()
    width = ROWS * 4
    return tuple(raw[band * width : (band + 1) * width] for band in range(BANDS))
