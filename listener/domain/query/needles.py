"""How one word, phrase, hashtag or handle is found in a text.

Every needle has an anchor: a piece of folded text that must be there for the needle to be. The matcher looks for all anchors
in one pass and asks the needle to judge only where its anchor was seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from listener.domain.query.ast import Handle, Leaf, Tag
from listener.domain.query.boundaries import end_of_word, ends, gap, is_word, starts, word_starts
from listener.domain.query.fold import _TO_FOLDED, fold, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Span = tuple[int, int]
"""From and to, in the folded text."""


class Haystack:
    """A text to look into, folded once."""

    def __init__(self, text: str, folded: str | None = None) -> None:
        self.original = text
        self.folded = fold(text) if folded is None else folded

    @cached_property
    def plain(self) -> str:
        return self.folded if self.original.isascii() else plain(self.original)

    @cached_property
    def words(self) -> list[int]:
        """Where each word of the folded text begins."""
        return word_starts(self.folded)

    def from_plain(self, span: Span) -> Span:
        """Where a stretch of the plain text lies in the folded one."""
        if self.plain == self.folded:
            return span
        start = len(self.plain[: span[0]].translate(_TO_FOLDED))
        return start, start + len(self.plain[span[0] : span[1]].translate(_TO_FOLDED))


@dataclass(frozen=True, slots=True)
class Needle:
    """One thing to look for."""

    anchor: str
    judge: Callable[[Haystack, Sequence[Span]], list[Span]]
    """Where it is, given where its anchor was seen."""
    starts_word: bool
    ends_word: bool
    """An ASCII letter or digit right before, or after, the anchor always means no."""

    def spans(self, haystack: Haystack) -> list[Span]:
        """Where it is."""
        seen: list[Span] = []
        start = haystack.folded.find(self.anchor)
        while start >= 0:
            seen.append((start, start + len(self.anchor)))
            start = haystack.folded.find(self.anchor, start + 1)
        return self.judge(haystack, seen) if seen else []


def needle(leaf: Leaf) -> Needle:
    """How a leaf of a query is found."""
    if isinstance(leaf, Tag):
        return _tag(leaf)
    if isinstance(leaf, Handle):
        return _handle(leaf)
    words = fold(leaf.text).split()
    if leaf.quoted:
        return _phrase(plain(leaf.text).split(), max(words, key=len), exact=True)
    if len(words) > 1:
        return _phrase(words, max(words, key=len), exact=False)
    return _prefix(words[0]) if leaf.prefix else _word(words[0])


def _sided(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _word(word: str) -> Needle:
    def judge(haystack: Haystack, seen: Sequence[Span]) -> list[Span]:
        text = haystack.folded
        return [span for span in seen if starts(text, span[0], loose=True) and ends(text, span[1], loose=True)]

    return Needle(word, judge, _sided(word[0]), _sided(word[-1]))


def _prefix(word: str) -> Needle:
    def judge(haystack: Haystack, seen: Sequence[Span]) -> list[Span]:
        text = haystack.folded
        return [(start, end_of_word(text, end)) for start, end in seen if starts(text, start, loose=True)]

    return Needle(word, judge, _sided(word[0]), False)


def _phrase(words: list[str], anchor: str, *, exact: bool) -> Needle:
    pattern = re.escape(words[0])
    for before, after in pairwise(words):
        pattern += gap(before[-1], after[0]) + re.escape(after)

    @cache
    def compiled() -> re.Pattern[str]:
        """Not before the anchor was seen: ten thousand phrases must not take seconds to prepare."""
        return re.compile(f"(?=({pattern}))")

    def judge(haystack: Haystack, seen: Sequence[Span]) -> list[Span]:
        text = haystack.plain if exact else haystack.folded
        found = [match.span(1) for match in compiled().finditer(text)]
        whole = [span for span in found if starts(text, span[0]) and ends(text, span[1])]
        return [haystack.from_plain(span) for span in whole] if exact else whole

    return Needle(anchor, judge, _sided(anchor[0]), _sided(anchor[-1]))


def _tag(tag: Tag) -> Needle:
    def part(char: str) -> bool:
        return char == "_" or is_word(char)

    def judge(haystack: Haystack, seen: Sequence[Span]) -> list[Span]:
        text = haystack.folded
        found = []
        for start, end in seen:
            stop = end
            while stop < len(text) and part(text[stop]):
                stop += 1
            if (stop == end or tag.prefix) and not (start and (part(text[start - 1]) or text[start - 1] in "&/")):
                found.append((start, stop))
        return found

    return Needle("#" + fold(tag.name).strip(), judge, True, not tag.prefix)


def _handle(handle: Handle) -> Needle:
    name = fold(handle.name).strip()
    full = "." in name or "@" in name
    after = r"[\w.-]*" if handle.prefix else r"(?![\w]|-\w|\.\w)" if full else r"(?!\w|-\w)"

    @cache
    def compiled() -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)@{re.escape(name)}{after}")

    def judge(haystack: Haystack, seen: Sequence[Span]) -> list[Span]:
        found = (compiled().match(haystack.folded, start) for start, _ in seen)
        return [match.span() for match in found if match]

    return Needle("@" + name, judge, True, not handle.prefix)
