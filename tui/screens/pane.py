"""One list of mentions with all that is laid over its stream: views in passing, a topic, a filter, an order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from listener.domain.query.ast import Field, Query
from listener.errors import ListenerError
from listener.store.filters import Filter, Order, narrowed
from tui import format as shown
from tui.screens.paging import StreamPager

if TYPE_CHECKING:
    from collections.abc import Callable

    from listener.engine.streams import Stream
    from tui.screens.session import Session
    from tui.widgets.mention_list import MentionList

ORDERS: dict[Order, str] = {
    "urgency": "most urgent first", "newest": "newest first", "oldest": "oldest first", "due": "due next", "reach": "widest reach first",
    "engagement": "most reactions first", "sentiment": "most negative first",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What a list shows: a stream, or something looked up in passing, from which `back` returns."""

    title: str
    filter: Filter
    stream: str = ""
    nothing: str = "Nothing is found. esc goes back."


class Pane:
    """A list and what it shows.

    Args:  failed: told when the store cannot be read; what was shown stays.
    """

    def __init__(self, session: Session, listing: MentionList, stream: Stream, failed: Callable[[ListenerError], None]) -> None:
        self.session, self.listing, self._failed = session, listing, failed
        self.views = [view_of(stream)]
        self.topic = ""
        self.narrow = Query()
        self.order: Order | None = None
        self._pager: StreamPager | None = None

    @property
    def view(self) -> View:
        return self.views[-1]

    @property
    def filter(self) -> Filter:
        """What the list shows, with everything that is laid over the stream."""
        found = in_topic(self.view.filter, self.topic)
        if self.narrow:
            found = narrowed(found, self.narrow.root)
        return replace(found, order=self.order) if self.order else found

    def show(self, *, at_top: bool = False, elsewhere: bool = False) -> None:
        """Open it afresh, with all that has arrived. `elsewhere`: it is another list than before, maybe in another order."""
        try:
            pager = StreamPager(self.session.mentions, self.filter)
        except ListenerError as error:
            self._failed(error)
            return
        self.listing.fresh = 0
        self._put(pager, at_top=at_top, elsewhere=elsewhere)

    def reload(self) -> None:
        """Show it as it stands now, without what has arrived since it was opened."""
        if self._pager:
            self._put(self._pager.again())

    def changed(self, *, worked: bool) -> None:
        """The database has changed: take in what others did, and count what is new. The past does not change."""
        if self._pager is None or self.session.past is not None:
            return
        try:
            if worked:
                self._put(self._pager.again())
            if not self.listing.count:
                self.show(at_top=True)
            else:
                self.listing.fresh = self._pager.fresh().n
        except ListenerError as error:
            self._failed(error)

    def open(self, view: View) -> None:
        """Show something in passing."""
        self.views.append(view)
        self.show(at_top=True)

    def open_stream(self, stream: Stream) -> None:
        """Show a stream from its top."""
        self.views, self.order = [view_of(stream)], None
        self.show(at_top=True)

    def back(self) -> bool:
        """Take the last thing away that was laid over the stream. False when there is none."""
        if len(self.views) > 1:
            self.views.pop()
        elif self.narrow or self.topic:
            self.narrow, self.topic = Query(), ""
        else:
            return False
        self.show(elsewhere=True)
        return True

    def entitle(self) -> None:
        """Say above the list what it shows."""
        parts = [self.view.title]
        if self.topic:
            parts.append(self.topic)
        if self.narrow:
            parts.append(self.narrow.text or str(self.narrow))
        if self.order and self.order != self.view.filter.order:
            parts.append(ORDERS[self.order])
        self.listing.heading = " · ".join(parts) + f" · {shown.full(self.listing.count)}"

    def _put(self, pager: StreamPager, *, at_top: bool = False, elsewhere: bool = False) -> None:
        """The cursor follows its mention to wherever a change of severity has moved it: what is under it is what keys act on."""
        self._pager = pager
        self.listing.nothing = self._said_when_empty(pager)
        under = None if at_top else self.listing.entry
        try:
            key = pager.key(under.id) if under else None
        except ListenerError as error:
            self._failed(error)
            return
        self.listing.show(pager, at_top=at_top or (elsewhere and key is None), key=key)
        self.entitle()

    def _said_when_empty(self, pager: StreamPager) -> str:
        if self.session.past is not None and pager.empty:
            return "No mention was stored yet at that time.\nesc comes back to the present."
        if pager.empty:
            if not self.session.config.topics:
                return "No brand to listen for yet.\n`listener init` writes a configuration, `listener demo` shows a desk at work."
            return "No mention yet: the networks are being asked.\nF9 shows how each of them does."
        if self.narrow or self.topic:
            return "Nothing fits here.\nesc shows all of the stream again."
        return self.view.nothing


def view_of(stream: Stream) -> View:
    """A stream as what a list shows."""
    return View(stream.name, stream.filter, stream.name, stream.nothing)


def in_topic(filter_: Filter, topic: str) -> Filter:
    """The same, for one topic only; for all when it is empty."""
    return narrowed(filter_, Field("topic", topic)) if topic else filter_
