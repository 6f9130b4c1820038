"""A window on a list of any length: pages of rows, read by key where they are next to what is known.

The store reads by key, never by number: a page costs the same at the top and at the millionth row. A scroll bar asks by number.
So the window keeps the edges of every page that it has read. A page next to a known edge is read from it; a jump goes from the
nearest edge, the two ends of the list included, and skips the rows between inside the store's index. The longest skip is half
the list, once: 2.7 ms in a million rows where a page by key takes 0.2; each jump leaves edges that make the next one shorter.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)
Key = tuple[Any, ...]
"""Where a row stands in the order of its list; what the store reads on from."""

SIZE = 128
"""Rows of a page."""
KEPT = 64
"""Pages kept; the one that was looked at longest ago goes first."""


class Rows(Protocol[Row_co]):
    """A page, always in the order of the list."""

    @property
    def entries(self) -> Sequence[Row_co]: ...

    @property
    def keys(self) -> Sequence[Key]: ...


class Tally(Protocol):
    """How many rows there are, or at least how many."""

    @property
    def n(self) -> int: ...

    @property
    def exact(self) -> bool: ...


class Pager(Protocol[Row_co]):
    """A list that the store keeps: ordered, filtered, and closed against what arrives after it was opened."""

    def count(self) -> Tally:
        """How many rows there are; not exact where counting to the end would take too long."""

    def page(self, after: Key | None, *, backwards: bool = False, skip: int = 0, limit: int = SIZE) -> Rows[Row_co]:
        """At most `limit` rows after a key (before it when `backwards`), `skip` rows further on; None is beyond the end of the list."""

    def position(self, key: Key) -> Tally:
        """How many rows stand before this key, whether a row still stands there or not; not exact where that takes too long to count."""


@dataclass(frozen=True, slots=True)
class Joined(Generic[Row]):
    """A page put together from two."""

    entries: tuple[Row, ...]
    keys: tuple[Key, ...]


class Pages(Generic[Row]):
    """The rows of a pager by their number."""

    def __init__(self, pager: Pager[Row]) -> None:
        self.pager = pager
        tally = pager.count()
        self.count, self.exact = tally.n, tally.exact
        self._pages: OrderedDict[int, Rows[Row]] = OrderedDict()
        self._edges: dict[int, Key] = {}
        self._numbers: list[int] = []

    def row(self, number: int) -> Row | None:
        """The row of that number; None beyond the end, or where a row has gone since the rows were counted."""
        page, at = self._at(number)
        return page.entries[at] if page else None

    def key(self, number: int) -> Key | None:
        """The key of the row of that number."""
        page, at = self._at(number)
        return page.keys[at] if page else None

    def recount(self, n: int) -> None:
        """The exact number of rows, once it is known."""
        self.count, self.exact = n, True

    def find(self, key: Key, guess: int) -> int:
        """The number of a key.

        Deep in a long list, where counting takes too long, `guess` is taken for it, and the rows around the key are read from the
        key: what is on the screen stays what it was, and only the scroll bar may be off by what has come or gone above.
        """
        tally = self.pager.position(key)
        if tally.exact:
            return tally.n
        guess = max(min(guess, self.count - 1), 0)
        at = guess % SIZE
        above = self.pager.page(key, backwards=True, limit=at + 1)
        if len(above.keys) <= at:
            return len(above.keys)
        below = self.pager.page(above.keys[-1], limit=SIZE - at)
        page = Joined((*above.entries[1:], *below.entries), (*above.keys[1:], *below.keys))
        if page.keys:
            self._pages[guess // SIZE] = page
            self._learn(guess - at, page.keys[0])
            self._learn(guess - at + len(page.keys) - 1, page.keys[-1])
        return guess

    def held(self) -> int:
        """How many rows are at hand without asking the store."""
        return sum(len(page.entries) for page in self._pages.values())

    def _at(self, number: int) -> tuple[Rows[Row] | None, int]:
        if not 0 <= number < self.count:
            return None, 0
        page, at = self._page(number // SIZE), number % SIZE
        return (page, at) if at < len(page.entries) else (None, 0)

    def _page(self, wanted: int) -> Rows[Row]:
        page = self._pages.get(wanted)
        if page is not None:
            self._pages.move_to_end(wanted)
            return page
        page = self._pages[wanted] = self._read(wanted)
        if len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        return page

    def _read(self, wanted: int) -> Rows[Row]:
        first = wanted * SIZE
        limit = min(SIZE, self.count - first)
        before, after = self._around(first, first + limit)
        from_above, from_below = first - before - 1, after - first - limit
        if from_above <= from_below or (after == self.count and not self.exact):
            page = self.pager.page(self._edges.get(before), skip=from_above, limit=limit)
        else:
            page = self.pager.page(self._edges.get(after), backwards=True, skip=from_below, limit=limit)
        if page.keys:
            self._learn(first, page.keys[0])
            self._learn(first + len(page.keys) - 1, page.keys[-1])
        return page

    def _around(self, first: int, end: int) -> tuple[int, int]:
        """The numbers of the nearest known rows before `first` and from `end` on; −1 and `count` are the ends of the list."""
        at = bisect_left(self._numbers, first)
        before = self._numbers[at - 1] if at else -1
        at = bisect_left(self._numbers, end)
        after = self._numbers[at] if at < len(self._numbers) else self.count
        return before, after

    def _learn(self, number: int, key: Key) -> None:
        if number not in self._edges:
            insort(self._numbers, number)
        self._edges[number] = key
