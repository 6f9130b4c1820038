"""The inbox: streams, the list, the mention. Folds to two panes and to one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal

from tui import commands
from tui.screens.listing import Listing
from tui.screens.looking import dossier
from tui.screens.pane import Pane, in_topic
from tui.screens.stream_list import StreamBar, StreamList
from tui.widgets.mention_card import MentionCard
from tui.widgets.mention_list import MentionList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from listener.domain.mention import Entry
    from listener.store.mentions import Count
    from tui.screens.session import Session
    from tui.widgets.card_text import Dossier

READ_AFTER = 0.06
"""Seconds that the cursor rests on a mention before the rest of it is read: whoever holds the key down reads nothing."""
COUNT_EVERY = 2.0
"""Seconds between two counts of all streams while mentions pour in."""
CAP = 1_000
"""A stream that no counter knows is counted so far."""


class InboxScreen(Listing):
    """Mentions that wait for somebody."""

    ROOM: ClassVar[str] = "inbox"
    CSS_PATH = "inbox.tcss"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("desk", "list", "mention")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        names = [stream.name for stream in self.streams]
        self.listing = MentionList(clock=session.clock)
        self.card = MentionCard(clock=session.clock)
        self._strips = (StreamBar(names), StreamList(names))
        self._pane = Pane(session, self.listing, self.streams[0], self.fail)
        self._counted_at = 0.0
        self._resting: Timer | None = None

    @property
    def pane(self) -> Pane:
        return self._pane

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
        self.pane.show(at_top=True)
        self._show_streams()
        self.set_interval(30, self.listing.tick)
        self.call_after_refresh(self._count)

    def on_screen_resume(self) -> None:
        self.changed(worked=True)

    def changed(self, *, worked: bool) -> None:
        if not self.is_mounted:
            return
        self.pane.changed(worked=worked)
        self._show_streams()
        if worked or time.monotonic() - self._counted_at > COUNT_EVERY:
            self._count()

    def shown_anew(self) -> None:
        self.remove_class("-reading")
        self._show_streams()
        self._count()

    def reload(self) -> None:
        """Without closing what is being read."""
        self.pane.reload()
        self._count()

    def _show_streams(self) -> None:
        for strip in self._strips:
            strip.show(self.pane.view.stream or self.pane.view.title, self.counts)

    def _count(self) -> None:
        """Count all streams beside the screen."""
        self._counted_at = time.monotonic()
        wanted = {stream.name: in_topic(stream.filter, self.pane.topic) for stream in self.streams}

        def take(found: dict[str, Count]) -> None:
            self.counts = found
            self._show_streams()

        self.beside(lambda: {name: self.session.mentions.count(filter_, cap=CAP) for name, filter_ in wanted.items()}, take)

    def on_stream_list_chosen(self, event: StreamList.Chosen) -> None:
        self.open_stream(event.name)

    # The mention

    def on_mention_list_highlighted(self, event: MentionList.Highlighted) -> None:
        self._show_card(event.entry)

    def on_mention_list_opened(self, event: MentionList.Opened) -> None:
        self.add_class("-reading")
        self._show_card(event.entry)
        self.card.focus()

    def _show_card(self, entry: Entry | None) -> None:
        if not self.card.display:
            return
        self.card.show(entry)
        if self._resting:
            self._resting.stop()
        if entry:
            self._resting = self.set_timer(READ_AFTER, lambda: self._read(entry))

    def _read(self, entry: Entry) -> None:
        self.session.whereabouts.at = entry.id

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

    def action_back(self) -> None:
        if self.has_class("-filtering"):
            self.close_bar()
        elif self.has_class("-reading") or self.card.has_focus:
            self.remove_class("-reading")
            self.listing.focus()
        elif len(self.pane.views) == 1 and self.listing.marks:
            self.listing.action_unmark()
        elif self.pane.back():
            self.shown_anew()
        elif self.session.past is not None:
            self.return_now()
        else:
            self.listing.focus()
