"""A stream of the store as a list can page it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.filters import Filter
    from listener.store.mentions import Count, Key, Mentions, Rows

COUNTED = 10_000
"""A list that no counter knows is counted so far while it opens."""

NEAR = 2_000
"""Rows from the top within which the number of a row is counted on every reload; beyond, it is an estimate."""


class StreamPager:
    """A filter, closed against what arrives after it was opened: that is `fresh`, and another pager takes it in."""

    def __init__(self, mentions: Mentions, filter_: Filter, *, newest: int | None = None) -> None:
        self._mentions, self._open = mentions, filter_
        self._newest = mentions.newest_id() if newest is None else newest
        self.filter = replace(filter_, up_to=self._newest)

    def again(self) -> StreamPager:
        """The same list as it stands now, still closed against what has arrived."""
        return StreamPager(self._mentions, self._open, newest=self._newest)

    @property
    def empty(self) -> bool:
        """Whether no mention at all was stored when it was opened."""
        return not self._newest

    def count(self) -> Count:
        """From the counters where they know, less what has arrived since; else counted, so far as `COUNTED`."""
        whole = self._mentions.count(self._open, cap=COUNTED)
        return replace(whole, n=max(whole.n - self.fresh().n, 0)) if whole.exact else whole

    def count_all(self) -> int:
        """The exact number; it may take a second on a million rows, so ask for it beside the screen."""
        return self._mentions.count(self.filter, cap=2**31).n

    def page(self, after: Key | None, *, backwards: bool = False, skip: int = 0, limit: int = 128) -> Rows:
        return self._mentions.page(self.filter, after=after, backwards=backwards, skip=skip, limit=limit)

    def key(self, id_: int) -> Key | None:
        """Where a mention stands in this list; None when it is not in it."""
        return self._mentions.key(self.filter, id_)

    def position(self, key: Key) -> Count:
        return self._mentions.position(self.filter, key, cap=NEAR)

    def ids(self, first: Key | None = None, last: Key | None = None) -> Sequence[int]:
        return self._mentions.ids(self.filter, first, last)

    def fresh(self) -> Count:
        """How many mentions of the stream have arrived since it was opened."""
        return self._mentions.arrived_since(self._newest, self._open)
