"""Streams side by side: one column a stream, each a list that can be worked on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from textual.containers import HorizontalScroll

from listener.errors import ConfigError
from listener.store.checkpoints import Settings
from tui import commands
from tui.screens.listing import Listing
from tui.screens.pane import Pane
from tui.widgets.mention_list import MentionList
from tui.widgets.prompt import Ask, Choice, Choose

if TYPE_CHECKING:
    import asyncio

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import DescendantFocus

    from tui.screens.session import Session

FIRST = ("All", "Unassigned", "Competitors")
"""Columns of a desk whose configuration groups no streams."""


class StreamsScreen(Listing):
    """As many columns as somebody wants; those beyond the edge scroll in."""

    ROOM: ClassVar[str] = "streams"
    CSS_PATH = "columns.tcss"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("desk", "list", "mention", "streams")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._panes = [self._column(name) for name in self._remembered()]
        self.listing = self._panes[0].listing

    def _column(self, name: str) -> Pane:
        return Pane(self.session, MentionList(clock=self.session.clock), self.stream(name), self.fail)

    @property
    def _setting(self) -> str:
        return f"columns:{self.session.operator}"

    def _remembered(self) -> list[str]:
        """The columns that this operator had last; else those that the configuration groups."""
        from listener.engine.streams import groups

        known = {one.name for one in self.streams}
        try:
            kept = [name for name in json.loads(Settings(self.session.store).get(self._setting, "[]")) if name in known]
        except (ValueError, TypeError):
            kept = []
        grouped = [one.name for one in next(iter(groups(self.streams).values()), [])]
        return kept or grouped or [name for name in FIRST if name in known]

    def _remember(self) -> None:
        names = json.dumps([pane.views[0].stream for pane in self._panes])
        self.beside(lambda: Settings(self.session.store).put(self._setting, names), lambda _: None)

    @property
    def pane(self) -> Pane:
        return next((pane for pane in self._panes if pane.listing is self.listing), self._panes[0])

    def compose(self) -> ComposeResult:
        with HorizontalScroll(id="columns"):
            for pane in self._panes:
                yield pane.listing
        yield from self.foot()

    def on_mount(self) -> None:
        self.listing.focus()
        for pane in self._panes:
            pane.show(at_top=True)
        self.set_interval(30, self._tick)

    def _tick(self) -> None:
        for pane in self._panes:
            pane.listing.tick()

    def on_screen_resume(self) -> None:
        self.changed(worked=True)

    def changed(self, *, worked: bool) -> None:
        if self.is_mounted:
            for pane in self._panes:
                pane.changed(worked=worked)

    def reload(self) -> None:
        for pane in self._panes:
            pane.reload()

    def shown_anew(self) -> None:
        self._remember()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if isinstance(event.widget, MentionList):
            self.listing = event.widget
            event.widget.scroll_visible(animate=False)

    def on_mention_list_opened(self, event: MentionList.Opened) -> None:
        from listener.store.filters import Filter

        self.show_mentions("Mention", Filter(folded=False, operator=self.session.operator, ids=(event.entry.id,)))

    def action_back(self) -> None:
        if self.has_class("-filtering"):
            self.close_bar()
        elif self.listing.marks:
            self.listing.action_unmark()
        elif self.session.past is not None:
            self.return_now()
        elif not self.pane.back():
            self.app.switch_mode("inbox")

    # Columns

    def action_column_left(self) -> None:
        self._go_to(-1)

    def action_column_right(self) -> None:
        self._go_to(1)

    def _go_to(self, by: int) -> None:
        at = self._panes.index(self.pane) + by
        if 0 <= at < len(self._panes):
            self._panes[at].listing.focus()

    def action_column_add(self) -> asyncio.Future[None] | None:
        async def choose() -> None:
            choices = [Choice(one.name, one.name, one.query) for one in self.streams]
            chosen = await self.ask(Choose("Add a column", choices, create=True))
            if not chosen:
                return
            if chosen[0] not in {one.name for one in self.streams} and not await self._edit("", chosen[0], ""):
                return
            pane = self._column(chosen[0])
            self._panes.append(pane)
            await self.query_one("#columns").mount(pane.listing)
            pane.show(at_top=True)
            pane.listing.focus()
            self._remember()

        return self.talk(choose())

    def action_column_remove(self) -> None:
        if len(self._panes) == 1:
            self.say("The last column stays.")
            return
        gone, at = self.pane, self._panes.index(self.pane)
        self._panes.remove(gone)
        gone.listing.remove()
        self.listing = self._panes[max(at - 1, 0)].listing
        self.listing.focus()
        self._remember()

    def action_column_edit(self) -> asyncio.Future[None] | None:
        stream = self.stream(self.pane.views[0].stream)

        async def conversation() -> None:
            if not stream.own:
                self.say(f"{stream.name} is built in; add a stream of your own with the same name to take its place.")
                return
            name = await self.ask(Ask("Name of the stream", text=stream.name))
            if name and await self._edit(stream.name, name, stream.query):
                self.pane.open_stream(self.stream(name))
                self._remember()

        return self.talk(conversation())

    async def _edit(self, before: str, name: str, query: str) -> bool:
        """Write a stream into the configuration. Raises ConfigError: there is no file, or it cannot be changed."""
        import asyncio

        from listener.config import StreamSetting
        from listener.config.edit import add_stream, change
        from listener.domain.query.parse import parse

        session = self.session

        def meaning(text: str) -> str:
            from listener.store.filters import Filter

            count = session.mentions.count(Filter(parse(text), operator=session.operator), cap=1_000)
            return f"{count} mentions"

        typed = await self.ask(Ask(f"Query of {name}", text=query, check=meaning, placeholder="source:mastodon sentiment:<-0.3"))
        if not typed:
            return False
        if not session.config_path.exists():
            raise ConfigError("There is no configuration to keep it in.", hint="`listener init` writes one.")
        known = next((one for one in session.config.streams if one.name == before), None)
        if known is None:
            await asyncio.to_thread(add_stream, session.config_path, StreamSetting(name=name, query=typed))
        else:
            await asyncio.to_thread(change, session.config_path, "streams", before, known.changed(name=name, query=typed))
        await asyncio.to_thread(session.read_again)
        self.streams = session.streams()
        self.say(f"Stream {name} is in the configuration")
        return True
