"""Which of many queries a mention answers, in one pass over its text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from listener.domain.query.ast import And, Everything, Field, Handle, Leaf, Near, Node, Not, Or, Query, Tag, Term, walk
from listener.domain.query.conditions import Context, condition
from listener.domain.query.fold import fold
from listener.domain.query.needles import Haystack, Needle, Span, needle

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

    from listener.domain.query.conditions import Document

Key = TypeVar("Key", bound=Hashable)


class Reading:
    """One mention while it is matched: what was seen in it, and what has been worked out since."""

    def __init__(self, document: Document, haystack: Haystack, needles: list[Needle]) -> None:
        self.document = document
        self.haystack = haystack
        self.needles = needles
        self.seen: dict[int, list[Span]] = {}
        """Needle to where its anchor stands."""
        self.found: dict[int, list[Span]] = {}

    def spans(self, number: int) -> list[Span]:
        """Where a needle is."""
        if number not in self.seen:
            return []
        if number not in self.found:
            self.found[number] = self.needles[number].judge(self.haystack, self.seen[number])
        return self.found[number]


Test = Callable[[Reading], bool]


class Matcher(Generic[Key]):
    """Queries compiled once, then asked about many mentions.

    An automaton finds every anchor of every query in one pass; only queries of which enough was seen are looked at.
    """

    def __init__(self, queries: Mapping[Key, Query], context: Context | None = None) -> None:
        self._keys = list(queries)
        self._needles: list[Needle] = []
        self._numbers: dict[Leaf, int] = {}
        self._context = context or Context()
        self._tests = [self._compile(query.root) for query in queries.values()]
        self._always: list[int] = []
        self._woken: list[list[int]] = [[] for _ in self._needles]
        """Needle to the queries that it gives a reason to look at."""
        for index, query in enumerate(queries.values()):
            triggers = self._triggers(query.root)
            if triggers is None:
                self._always.append(index)
            else:
                for number in triggers:
                    self._woken[number].append(index)
        self._by_anchor, self._strict, self._automaton = self._build()

    def match(self, document: Document) -> tuple[Key, ...]:
        """The keys of the queries that it answers, in the order of the queries."""
        title = document.title
        original = f"{title}\n\0\n{document.text}" if title else document.text
        text = fold(original)
        seen = self._automaton.find_matches_as_indexes(text, overlapping=True) if self._automaton else ()
        if not seen and not self._always:
            return ()
        reading = Reading(document, Haystack(original, text), self._needles)
        candidates = set(self._always)
        for anchor, start, end in seen:
            starts_word, ends_word = self._strict[anchor]
            if (ends_word and _sided(text[end : end + 1])) or (starts_word and start and _sided(text[start - 1])):
                continue
            for number in self._by_anchor[anchor]:
                reading.seen.setdefault(number, []).append((start, end))
                candidates.update(self._woken[number])
        if not candidates:
            return ()
        return tuple(self._keys[index] for index in sorted(candidates) if self._tests[index](reading))

    def match_many(self, documents: Iterable[Document]) -> list[tuple[Key, ...]]:
        """`match` for each. Joining texts into one pass was measured and is no faster."""
        return [self.match(document) for document in documents]

    def _build(self) -> tuple[list[list[int]], list[tuple[bool, bool]], AhoCorasick | None]:
        anchors: dict[str, list[int]] = {}
        for number, one in enumerate(self._needles):
            anchors.setdefault(one.anchor, []).append(number)
        strict = [
            (all(self._needles[number].starts_word for number in numbers), all(self._needles[number].ends_word for number in numbers))
            for numbers in anchors.values()
        ]
        if not anchors:
            return [], [], None
        from ahocorasick_rs import AhoCorasick

        return list(anchors.values()), strict, AhoCorasick(list(anchors))

    def _number(self, leaf: Leaf) -> int:
        if leaf not in self._numbers:
            self._numbers[leaf] = len(self._needles)
            self._needles.append(needle(leaf))
        return self._numbers[leaf]

    def _compile(self, node: Node) -> Test:
        match node:
            case Everything():
                return lambda reading: True
            case Term() | Tag() | Handle():
                number = self._number(node)
                return lambda reading: bool(reading.spans(number))
            case Field():
                test = condition(node, self._context)
                return lambda reading: test(reading.document)
            case Near():
                self._number_all(node)
                return lambda reading: bool(self._places(node, reading))
            case Not(item):
                inner = self._compile(item)
                return lambda reading: not inner(reading)
            case And(items):
                tests = [self._compile(item) for item in items]
                return lambda reading: all(test(reading) for test in tests)
            case Or(items):
                return self._either(items)

    def _either(self, items: tuple[Node, ...]) -> Test:
        """Thousands of alternatives are common, and most of them are plain words: those cost one look at what was seen."""
        numbers = frozenset(self._number(item) for item in items if isinstance(item, Term | Tag | Handle))
        tests = [self._compile(item) for item in items if not isinstance(item, Term | Tag | Handle)]
        return partial(_any_of, numbers, tests)

    def _number_all(self, node: Node) -> None:
        for leaf in walk(node):
            if isinstance(leaf, Term | Tag | Handle):
                self._number(leaf)

    def _places(self, node: Node, reading: Reading) -> list[Span]:
        """Where a positional node is."""
        if isinstance(node, Near):
            return near(self._places(node.left, reading), self._places(node.right, reading), node.distance, reading.haystack)
        if isinstance(node, Or):
            return [span for item in node.items for span in self._places(item, reading)]
        assert isinstance(node, Term | Tag | Handle)
        return reading.spans(self._numbers[node])

    def _triggers(self, node: Node) -> frozenset[int] | None:
        """Needles of which at least one must be there for the node to hold; None when it may hold without any."""
        match node:
            case Term() | Tag() | Handle():
                return frozenset({self._number(node)})
            case Near(left, right):
                return self._best([left, right])
            case And(items):
                return self._best(items)
            case Or(items):
                each = [self._triggers(item) for item in items]
                known = [one for one in each if one is not None]
                return frozenset().union(*known) if len(known) == len(each) else None
            case _:
                return None

    def _best(self, items: Iterable[Node]) -> frozenset[int] | None:
        """The triggers of the part that is rarest, as far as the length of its words can tell."""
        known = [triggers for triggers in map(self._triggers, items) if triggers is not None]
        return max(known, key=lambda one: min(len(self._needles[number].anchor) for number in one), default=None)


def _sided(char: str) -> bool:
    return char.isalnum() and char.isascii()


def _any_of(numbers: frozenset[int], tests: list[Test], reading: Reading) -> bool:
    return any(number in numbers and reading.spans(number) for number in list(reading.seen)) or any(test(reading) for test in tests)


MOST_STRETCHES = 2_000
"""Pairs found for one NEAR: a text of one word a thousand times must not take seconds."""


def near(left: list[Span], right: list[Span], distance: int, haystack: Haystack) -> list[Span]:
    """The stretches from a left to a right span, or from a right to a left one, with at most `distance` words between."""
    return [*_following(left, right, distance, haystack), *_following(right, left, distance, haystack)]


def _following(firsts: list[Span], seconds: list[Span], distance: int, haystack: Haystack) -> list[Span]:
    words, title_ends = haystack.words, haystack.folded.find("\0")
    seconds = sorted(seconds)
    found: list[Span] = []
    for start, end in firsts:
        word = bisect_left(words, end)
        for other, stop in seconds[bisect_left(seconds, (end, 0)) :]:
            if bisect_left(words, other) - word > distance or start < title_ends < other or len(found) > MOST_STRETCHES:
                break
            found.append((start, stop))
    return found
