"""The inbox: streams, the list, the mention. Folds to two panes and to one."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, get_args

from textual.containers import Horizontal
from textual.css.query import NoMatches

from listener.domain.query.ast import Field, Query
from listener.errors import ListenerError
from listener.store.filters import Filter, Order, narrowed
from tui import commands
from tui import format as shown
from tui.screens.composing import Replying
from tui.screens.looking import dossier
from tui.screens.paging import StreamPager
from tui.screens.stream_list import StreamBar, StreamList
from tui.screens.stream_set import of_topic, streams
from tui.widgets.mention_card import MentionCard
from tui.widgets.mention_list import MentionList
from tui.widgets.prompt import Choice, Choose

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from listener.domain.mention import Entry
    from listener.store.mentions import Count
    from tui.screens.session import Session
    from tui.screens.stream_set import Stream
    from tui.widgets.card_text import Dossier
    from tui.widgets.filter_bar import FilterBar

READ_AFTER = 0.06
"""Seconds that the cursor rests on a mention before the rest of it is read: whoever holds the key down reads nothing."""
COUNT_EVERY = 2.0
"""Seconds between two counts of all streams while mentions pour in."""
CAP = 1_000
"""A stream that no counter knows is counted so far."""

ORDERS = {
    "urgency": "most urgent first", "newest": "newest first", "oldest": "oldest first", "due": "due next", "reach": "widest reach first",
    "engagement": "most reactions first", "sentiment": "most negative first",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What the list shows: a stream, or something looked up in passing, to which `back` returns."""

    title: str
    filter: Filter
    stream: str = ""
    nothing: str = "Nothing is found. esc goes back."


class InboxScreen(Replying):
    """Mentions that wait for somebody."""

    ROOM: ClassVar[str] = "inbox"
    CSS_PATH = "inbox.tcss"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("desk", "list", "mention")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.streams = streams(session.config, session.operator)
        names = [stream.name for stream in self.streams]
        self.listing = MentionList(clock=session.clock)
        self.card = MentionCard(clock=session.clock)
        self._strips = (StreamBar(names), StreamList(names))
        self._counts: dict[str, Count] = {}
        self._counted_at = 0.0
        self._topic = ""
        self._narrow = Query()
        self._order: Order | None = None
        self._views = [self._stream_view(self.streams[0])]
        self._pager: StreamPager | None = None
        self._resting: Timer | None = None

    def compose(self) -> ComposeResult:
        bar, column = self._strips
        yield bar
        with Horizontal(id="panes"):
            yield column
            yield self.listing
            yield self.card
        yield from self.foot()

    def on_mount(self) -> None:
        self.listing.focus()
        self.show(at_top=True)
        self.set_interval(30, self.listing.tick)
        self.call_after_refresh(self._count)

    @property
    def view(self) -> View:
        return self._views[-1]

    def on_screen_resume(self) -> None:
        if self._pager:
            self.changed(worked=True)

    # Showing

    def show(self, *, at_top: bool = False) -> None:
        """Open the view afresh: with all that has arrived, the topic, the filter and the order."""
        filter_ = of_topic(self.view.filter, self._topic)
        if self._narrow:
            filter_ = narrowed(filter_, self._narrow.root)
        if self._order:
            filter_ = replace(filter_, order=self._order)
        try:
            pager = StreamPager(self.session.mentions, filter_)
        except ListenerError as error:
            self.fail(error)
            return
        self._pager = pager
        self.listing.fresh = 0
        self._put(pager, at_top=at_top)
        if not pager.filter.query and not self.listing.count:
            self.listing.nothing = self._nothing_stored()

    def reload(self) -> None:
        if self._pager:
            self._pager = self._pager.again()
            self._put(self._pager)
        self._count()

    def _put(self, pager: StreamPager, *, at_top: bool = False) -> None:
        self.listing.nothing = self._said_when_empty()
        self.listing.show(pager, at_top=at_top)
        self._entitle()
        self._show_streams()

    def _entitle(self) -> None:
        parts = [self.view.title]
        if self._topic:
            parts.append(self._topic)
        if self._narrow:
            parts.append(self._narrow.text or str(self._narrow))
        if self._order and self._order != self.view.filter.order:
            parts.append(ORDERS[self._order])
        self.listing.heading = " · ".join(parts) + f" · {shown.full(self.listing.count)}"

    def _said_when_empty(self) -> str:
        if self._narrow or self._topic:
            return "Nothing fits here.\nesc shows all of the stream again."
        return self.view.nothing

    def _nothing_stored(self) -> str:
        if not self.session.config.topics:
            return "No brand to listen for yet.\n`listener init` writes a configuration, `listener demo` shows a desk at work."
        return "No mention yet. The networks are being asked;\nF9 shows how each of them does."

    def _stream_view(self, stream: Stream) -> View:
        return View(stream.name, stream.filter, stream.name, stream.nothing)

    def _show_streams(self) -> None:
        for strip in self._strips:
            strip.show(self.view.stream or self.view.title, self._counts)

    def _count(self) -> None:
        """Count all streams beside the screen."""
        self._counted_at = time.monotonic()
        wanted = {stream.name: of_topic(stream.filter, self._topic) for stream in self.streams}

        def count() -> dict[str, Count]:
            found = {}
            for name, filter_ in wanted.items():
                found[name] = self.session.mentions.count(filter_, cap=CAP)
            return found

        def take(found: dict[str, Count]) -> None:
            self._counts = found
            self._show_streams()

        self.beside(count, take)

    def changed(self, *, worked: bool) -> None:
        if self._pager is None or not self.is_mounted:
            return
        try:
            if worked:
                self._pager = self._pager.again()
                self._put(self._pager)
            if not self.listing.count and not self.listing.fresh:
                self.show(at_top=True)
            else:
                self.listing.fresh = self._pager.fresh().n
        except ListenerError as error:
            self.fail(error)
        if worked or time.monotonic() - self._counted_at > COUNT_EVERY:
            self._count()

    # The list and the card

    def on_mention_list_highlighted(self, event: MentionList.Highlighted) -> None:
        self._show_card(event.entry)

    def on_mention_list_opened(self, event: MentionList.Opened) -> None:
        self.add_class("-reading")
        self._show_card(event.entry)
        self.card.focus()

    def on_mention_list_newest_wanted(self) -> None:
        self.action_newest()

    def on_mention_list_failed(self, event: MentionList.Failed) -> None:
        self.fail(event.error)

    def _show_card(self, entry: Entry | None) -> None:
        if not self.card.display:
            return
        self.card.show(entry)
        if self._resting:
            self._resting.stop()
        if entry:
            self._resting = self.set_timer(READ_AFTER, lambda: self._read(entry))

    def _read(self, entry: Entry) -> None:
        def take(found: Dossier) -> None:
            if self.entry and self.entry.id == found.entry.id:
                self.card.show(found)

        self.beside(lambda: dossier(self.session, entry), take)

    def on_resize(self) -> None:
        self.call_after_refresh(lambda: self._show_card(self.entry))

    def action_open(self) -> None:
        """From the card: nothing more to open."""

    def action_up(self) -> None:
        self.listing.action_up()

    def action_down(self) -> None:
        self.listing.action_down()

    def action_newest(self) -> None:
        self.show(at_top=True)
        self._count()

    def action_back(self) -> None:
        if self.has_class("-filtering"):
            self._close_filter()
        elif self.has_class("-reading") or self.card.has_focus:
            self.remove_class("-reading")
            self.listing.focus()
        elif len(self._views) > 1:
            self._views.pop()
            self.show()
        elif self.listing.marks:
            self.listing.action_unmark()
        elif self._narrow or self._topic:
            self._narrow, self._topic = Query(), ""
            self.show()
            self._count()
        elif not self.listing.has_focus:
            self.listing.focus()

    # Streams, topics, filters

    def on_stream_list_chosen(self, event: StreamList.Chosen) -> None:
        self.open_stream(event.name)

    def open_stream(self, name: str) -> None:
        """Show a stream from its top."""
        stream = next((stream for stream in self.streams if stream.name == name), None)
        if stream:
            self._views = [self._stream_view(stream)]
            self._order = None
            self.remove_class("-reading")
            self.show(at_top=True)
            self.listing.focus()

    def open_view(self, title: str, filter_: Filter) -> None:
        """Show something in passing; `back` returns to what was shown."""
        self._views.append(View(title, filter_))
        self.remove_class("-reading")
        self.show(at_top=True)
        self.listing.focus()

    def action_stream(self) -> None:
        async def choose() -> None:
            choices = [Choice(one.name, one.name, str(self._counts.get(one.name, "")), one.key) for one in self.streams]
            chosen = await self.ask(Choose("Stream", choices))
            if chosen:
                self.open_stream(chosen[0])

        self.talk(choose())

    def action_next_stream(self) -> None:
        self._step(1)

    def action_previous_stream(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        names = [stream.name for stream in self.streams]
        at = names.index(self._views[0].stream) if self._views[0].stream in names else 0
        self.open_stream(names[(at + by) % len(names)])

    def action_topic(self) -> None:
        async def choose() -> None:
            names = list(self.session.topics())
            chosen = await self.ask(Choose("Topic", [Choice("", "all topics"), *(Choice(name, name, role) for name, role in names)]))
            if chosen is not None:
                self._topic = chosen[0]
                self.show(at_top=True)
                self._count()

        self.talk(choose())

    def action_sort(self) -> None:
        async def choose() -> None:
            chosen = await self.ask(Choose("Sort", [Choice(order, ORDERS[order]) for order in get_args(Order)]))
            if chosen:
                self._order = next(order for order in get_args(Order) if order == chosen[0])
                self.show(at_top=True)

        self.talk(choose())

    def action_filter(self) -> None:
        self._open_filter(self._narrow.text)

    def action_search(self) -> None:
        """The filter bar over everything that is stored."""
        everything = next(stream for stream in self.streams if stream.name == "Everything")
        if self.view.stream != "Everything":
            self._views.append(replace(self._stream_view(everything), title="Search"))
        self._open_filter("")

    def _open_filter(self, text: str) -> None:
        from tui.widgets.filter_bar import FilterBar

        async def open_bar() -> None:
            try:
                bar = self.query_one(FilterBar)
            except NoMatches:
                bar = FilterBar()
                await self.mount(bar)
            bar.words = self._words()
            self.add_class("-filtering")
            bar.open(text)

        self.run_worker(open_bar())

    def _words(self) -> dict[str, list[str]]:
        """What the store knows, for completion."""
        session = self.session
        return {
            "tag": [name for name, _ in session.mentions.tags()],
            "topic": [name for name, _ in session.topics()],
            "assignee": ["me", "none", *(name for name, _ in session.people())],
            "source": [health.source for health in session.checkpoints.health()],
        }

    def on_filter_bar_applied(self, event: FilterBar.Applied) -> None:
        self._narrow = event.query
        self._close_filter()
        self.show(at_top=True)

    def on_filter_bar_cancelled(self) -> None:
        self._close_filter()

    def _close_filter(self) -> None:
        self.remove_class("-filtering")
        if self.view.title == "Search" and not self._narrow:
            self._views.pop()
            self._entitle()
        self.listing.focus()

    def action_density(self) -> None:
        self.listing.lines = 1 if self.listing.lines == 2 else 2

    # What belongs to a mention, as lists that can be worked on

    def action_person(self) -> None:
        if self.entry:
            author = self.entry.author
            name = shown.one_line(author.handle or author.name, 40)
            self.open_view(f"Person {name}", Filter(Query(Field("author", author.handle or author.name)), "newest", self.session.operator, folded=False))

    def action_thread(self) -> None:
        entry = self.entry
        if entry:
            self.beside(lambda: self.session.mentions.thread(entry), lambda posts: self._open_ids("Thread", [post.id for post in posts], "oldest"))

    def action_expand(self) -> None:
        entry = self.entry
        if entry and entry.duplicates:
            self.beside(
                lambda: self.session.mentions.folded(entry.id),
                lambda posts: self._open_ids(f"The same, {len(posts) + 1} times", [entry.id, *(post.id for post in posts)], "oldest"),
            )
        elif entry:
            self.say("This one has no near-duplicates.")

    def _open_ids(self, title: str, ids: list[int], order: Order) -> None:
        self.open_view(title, Filter(order=order, operator=self.session.operator, folded=False, ids=tuple(ids)))
