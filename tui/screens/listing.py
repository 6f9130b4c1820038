"""Finding one's way: what every screen with lists of mentions can do with the one that has the cursor."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.css.query import NoMatches

from listener.errors import InputError
from listener.store.filters import Filter
from tui.screens.composing import Replying
from tui.screens.pane import ORDERS, View, view_of
from tui.screens.person import show_person
from tui.widgets.prompt import Ask, Choice, Choose

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from listener.engine.streams import Stream
    from listener.store.filters import Order
    from listener.store.mentions import Count
    from tui.screens.pane import Pane
    from tui.screens.session import Session
    from tui.widgets.filter_bar import FilterBar
    from tui.widgets.mention_list import MentionList


QUARTER = 15 * 60_000


def _clock_time(text: str, now: int, session: Session) -> int | None:
    """The last time that the desk's clock stood at `03:00`; None when the text is no time of the day."""
    hours, colon, minutes = text.strip().partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        return None
    today = datetime.fromtimestamp(now / 1000, session.zone).replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0)
    at = int(today.timestamp() * 1000)
    return at if at < now else int((today - timedelta(days=1)).timestamp() * 1000)


class Listing(Replying):
    """A screen with lists of mentions."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.streams: Sequence[Stream] = session.streams()
        self.counts: dict[str, Count] = {}
        """Of the streams, as far as they are known."""

    @property
    @abstractmethod
    def pane(self) -> Pane:
        """The one that has the cursor."""

    def shown_anew(self) -> None:
        """The pane shows another list: whatever stands beside it follows."""

    def stream(self, name: str) -> Stream:
        """The stream of that name, or the first."""
        return next((one for one in self.streams if one.name == name), self.streams[0])

    def reload(self) -> None:
        self.pane.reload()
        self.shown_anew()

    def on_mention_list_newest_wanted(self) -> None:
        self.action_newest()

    def on_mention_list_failed(self, event: MentionList.Failed) -> None:
        self.fail(event.error)

    # Streams, topics, order

    def open_stream(self, name: str) -> None:
        """Show a stream from its top."""
        self.pane.open_stream(self.stream(name))
        self.shown_anew()
        self.listing.focus()

    def open_view(self, title: str, filter_: Filter) -> None:
        """Show something in passing; `back` returns to what was shown."""
        self.pane.open(View(title, filter_))
        self.shown_anew()
        self.listing.focus()

    def action_newest(self) -> None:
        self.pane.show(at_top=True)
        self.shown_anew()

    def action_stream(self) -> asyncio.Future[None] | None:
        async def choose() -> None:
            choices = [Choice(one.name, one.name, f"{self.counts.get(one.name, '')}  {one.query}", one.key) for one in self.streams]
            chosen = await self.ask(Choose("Stream", choices))
            if chosen:
                self.open_stream(chosen[0])

        return self.talk(choose())

    def action_next_stream(self) -> None:
        self._step(1)

    def action_previous_stream(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        names = [stream.name for stream in self.streams]
        here = self.pane.views[0].stream
        self.open_stream(names[((names.index(here) if here in names else 0) + by) % len(names)])

    def action_topic(self) -> asyncio.Future[None] | None:
        async def choose() -> None:
            topics = [Choice(name, name, role) for name, role in self.session.topics()]
            chosen = await self.ask(Choose("Topic", [Choice("", "all topics"), *topics]))
            if chosen is not None:
                self.pane.topic = chosen[0]
                self.pane.show(at_top=True)
                self.shown_anew()

        return self.talk(choose())

    def action_sort(self) -> asyncio.Future[None] | None:
        async def choose() -> None:
            chosen = await self.ask(Choose("Sort", [Choice(order, words) for order, words in ORDERS.items()]))
            if chosen:
                self.pane.order = next(order for order in ORDERS if order == chosen[0])
                self.pane.show(at_top=True)
                self.shown_anew()

        return self.talk(choose())

    def action_density(self) -> None:
        for listing in self.query("MentionList").results():
            listing.lines = 3 - listing.lines  # type: ignore[attr-defined]

    # The filter bar

    def action_filter(self) -> None:
        self._open_bar(self.pane.narrow.text)

    def action_search(self) -> None:
        """The filter bar over everything that is stored."""
        if self.pane.view.stream != "Everything":
            self.pane.views.append(replace(view_of(self.stream("Everything")), title="Search"))
        self._open_bar("")

    def _open_bar(self, text: str) -> None:
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
        self.pane.narrow = event.query
        self.close_bar()
        self.pane.show(at_top=True)
        self.shown_anew()

    def on_filter_bar_cancelled(self) -> None:
        self.close_bar()

    def close_bar(self) -> None:
        self.remove_class("-filtering")
        if self.pane.view.title == "Search" and not self.pane.narrow:
            self.pane.views.pop()
            self.pane.entitle()
        self.listing.focus()

    # What belongs to a mention, as lists that can be worked on

    def action_person(self) -> None:
        if self.entry:
            self.talk(show_person(self, self.entry))

    def action_thread(self) -> None:
        entry = self.entry
        if entry:
            self.beside(lambda: self.session.mentions.thread(entry), lambda posts: self._open_ids("Thread", [post.id for post in posts]))

    def action_expand(self) -> None:
        entry = self.entry
        if entry and entry.duplicates:
            self.beside(
                lambda: self.session.mentions.folded(entry.id),
                lambda posts: self._open_ids(f"The same, {len(posts) + 1} times", [entry.id, *(post.id for post in posts)]),
            )
        elif entry:
            self.say("This one has no near-duplicates.")

    def _open_ids(self, title: str, ids: list[int], order: Order = "oldest") -> None:
        self.open_view(title, Filter(order=order, operator=self.session.operator, folded=False, ids=tuple(ids)))

    # The past

    def action_as_of(self) -> asyncio.Future[None] | None:
        from listener.domain.query.moments import moment

        session = self.session

        def read(text: str) -> int:
            now = session.store.clock()
            at = next((found for found in (_clock_time(text, now, session), _moment(text, now, session)) if found is not None), None)
            if at is None or at >= now:
                raise InputError(f"{text!r} is no time in the past.", hint="Such as 03:00, 2h, yesterday, 2026-11-22T03:00.")
            return at

        def _moment(text: str, now: int, session: Session) -> int | None:
            try:
                return moment(text, now, zone=session.zone)
            except ValueError:
                return None

        async def conversation() -> None:
            from listener.domain.when import describe

            typed = await self.ask(Ask("Show the inbox as of", check=lambda text: describe(read(text), session.store.clock(), session.zone), placeholder="03:00 · 2h · yesterday"))
            if typed:
                self._go_back(read(typed))

        return self.talk(conversation())

    def action_earlier(self) -> None:
        self._go_back((self.session.past or self.session.store.clock()) - QUARTER)

    def action_later(self) -> None:
        if self.session.past is None:
            self.say("This is the present.")
        elif self.session.past + QUARTER >= self.session.store.clock():
            self.return_now()
        else:
            self._go_back(self.session.past + QUARTER)

    def _go_back(self, at: int) -> None:
        """Show the lists as they were; the copy that they are read from is made beside the screen."""
        self.say("Looking back …")

        def show(_: object) -> None:
            self.pane.show(at_top=True)
            self.shown_anew()
            self.say_as_of()

        self.beside(lambda: self.session.go_back(at), show)

    def return_now(self) -> None:
        """Back to the present."""
        self.session.return_now()
        self.pane.show(at_top=True)
        self.shown_anew()
        self.say_as_of()

    def say_as_of(self) -> None:
        """Let the status line say which time is shown."""
        past = self.session.past
        words = "" if past is None else f"{datetime.fromtimestamp(past / 1000, self.session.zone):%a %d %b %H:%M}"
        if self.session.status:
            self.session.status = replace(self.session.status, as_of=words)
            self.show_status(self.session.status)

    # Out of the house

    def action_export(self) -> asyncio.Future[None] | None:
        from tui.screens.exporting import export

        return self.talk(export(self))
