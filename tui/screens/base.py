"""What every screen of the desk does alike: its keys, its foot, its questions, and what it says when something goes wrong."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.containers import Vertical
from textual.screen import Screen

from listener.errors import ListenerError
from tui import commands
from tui.screens.session import Session
from tui.widgets import toast
from tui.widgets.key_line import KeyLine
from tui.widgets.progress import ProgressLine, Work
from tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from listener.store.filters import Filter
    from tui.widgets.status_line import Status

Result = TypeVar("Result")
Answer = TypeVar("Answer")
PATIENCE = 1.0
"""Seconds that keys wait for a question to come up."""
_ASKED: ContextVar[asyncio.Future[None] | None] = ContextVar("asked", default=None)


def _settle(asked: asyncio.Future[None] | None) -> None:
    if asked is not None and not asked.done():
        asked.set_result(None)



class DeskScreen(Screen[None]):
    """A screen of the desk. `ROOM` names it in `commands.SCREENS`; a subclass takes its keys with `keys_of_screen`."""

    ROOM: ClassVar[str] = ""
    DEFAULT_CSS = """
    DeskScreen {
        .foot { dock: bottom; height: auto; }
        .foot > * { dock: none; }
    }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-middle"), (150, "-wide")]  # noqa: RUF012 (Textual declares it so)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def foot(self) -> ComposeResult:
        """The last lines of every screen: long work, keys, status."""
        with Vertical(classes="foot"):
            yield ProgressLine()
            yield KeyLine(*commands.SCREENS[self.ROOM])
            yield StatusLine()

    def on_screen_resume(self) -> None:
        if self.session.status:
            self.show_status(self.session.status)

    # What other processes do

    def changed(self, *, worked: bool) -> None:
        """The database has changed: read again what is shown. `worked`: somebody has acted, not only mentions arrived."""

    def show_status(self, status: Status) -> None:
        """Show how the desk does."""
        for line in self.query(StatusLine):
            line.show(status)

    # Working beside the screen

    def beside(self, work: Callable[[], Result], then: Callable[[Result], object]) -> None:
        """Do something that takes long in a thread, then go on here; an error becomes a line in words."""

        async def run() -> None:
            try:
                result = await asyncio.to_thread(work)
            except ListenerError as error:
                self.fail(error)
                return
            if self.is_attached:
                then(result)

        self.run_worker(run())

    def talk(self, conversation: Coroutine[object, object, None]) -> asyncio.Future[None]:
        """Run a conversation: questions one after the other, and what follows from the answers.

        Returns: done when the first question is up. An action that returns it keeps keys waiting until then, so that what is typed
                 ahead is the answer and not another action.
        """
        loop = asyncio.get_running_loop()
        asked: asyncio.Future[None] = loop.create_future()
        loop.call_later(PATIENCE, _settle, asked)

        async def run() -> None:
            _ASKED.set(asked)
            try:
                await conversation
            except ListenerError as error:
                self.fail(error)
            finally:
                _settle(asked)

        self.run_worker(run())
        return asked

    async def ask(self, question: Screen[Answer]) -> Answer | None:
        """The answer to a question; None when it was left. Only inside `talk`."""
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        await self.app.push_screen(question, lambda given: None if answer.done() else answer.set_result(given))
        field = next(iter(question.query("Input, TextArea, OptionList").results()), None)
        if field is not None and question.focused is None:
            question.set_focus(field)
        _settle(_ASKED.get())
        return await answer

    async def sure(self, title: str, lines: Sequence[str] = (), *, yes: str = "do it") -> bool:
        """Whether somebody says yes. Only inside `talk`."""
        from tui.widgets.prompt import Confirm

        question: Screen[bool] = Confirm(title, lines, yes=yes)
        answer = await self.ask(question)
        return bool(answer)

    def long_work(self, work: Work, run: Callable[[Work], Result], then: Callable[[Result], object]) -> None:
        """Do long work with a line that shows how far it is and a key that stops it."""
        line = self.query_one(ProgressLine)
        if line.work is not None:
            self.say("Something long is running already; stop it or let it finish.")
            return
        line.begin(work)

        async def runner() -> None:
            try:
                result = await asyncio.to_thread(run, work)
            except ListenerError as error:
                self.fail(error)
                return
            finally:
                line.end()
            then(result)

        self.run_worker(runner())

    # Saying

    def say(self, text: str) -> None:
        """Say that something was done."""
        toast.tell(self.app, text)

    def fail(self, error: ListenerError) -> None:
        """Say what went wrong, in words; the details wait behind a key."""
        self.session.error = error
        toast.tell_error(self.app, error)

    # Keys of the desk

    def action_next_pane(self) -> None:
        self.focus_next()

    def action_back(self) -> None:
        if self.app.current_mode != "inbox":
            self.app.switch_mode("inbox")

    def action_search(self) -> None:
        self._in_inbox("search")

    def action_topic(self) -> asyncio.Future[None] | None:
        self._in_inbox("topic")
        return None

    def show_mentions(self, title: str, filter_: Filter) -> None:
        """Open mentions in the inbox, where they can be worked on; `back` there returns to what it showed."""

        async def go() -> None:
            await self.app.switch_mode("inbox")
            self.app.screen.open_view(title, filter_)  # type: ignore[attr-defined]  # the inbox's own

        self.talk(go())

    def _in_inbox(self, action: str) -> None:
        """What only the inbox can do, from anywhere."""
        self.app.switch_mode("inbox")
        self.app.call_later(self._run_there, action)

    async def _run_there(self, action: str) -> None:
        await self.app.screen.run_action(action)

    async def action_undo(self) -> None:
        if self.session.sent:
            await self._take_back()
            return
        try:
            action, done = await asyncio.to_thread(self.session.triage.undo)
        except ListenerError as error:
            self.fail(error)
            return
        self.say(f"Undone: {action.replace('-', ' ')} on {len(done.changed)} mention{'' if len(done.changed) == 1 else 's'}")
        self.changed(worked=True)

    async def _take_back(self) -> None:
        """The last stroke was a reply: while it has not gone out, undo makes it a draft again."""
        replies, sent, self.session.sent = self.session.replies, self.session.sent, []
        try:
            for reply in sent:
                await asyncio.to_thread(replies.undo_send, reply)
        except ListenerError as error:
            self.fail(error)
            return
        self.say(f"Taken back: {len(sent)} repl{'y' if len(sent) == 1 else 'ies'} not sent; the draft is kept")
        self.changed(worked=True)

    def action_history(self) -> asyncio.Future[None] | None:
        from tui.screens.history import show_history

        return self.talk(show_history(self))

    def action_details(self) -> None:
        from tui.screens.sheet import Sheet, error_text

        if self.session.error is None:
            self.say("Nothing has gone wrong yet.")
            return
        self.app.push_screen(Sheet("What went wrong", error_text(self.session.error)))

    def action_stop(self) -> None:
        if not self.query_one(ProgressLine).stop():
            self.say("Nothing long is running.")

    def action_help(self) -> None:
        from tui.widgets.palette import Help

        self.app.push_screen(Help(self.ROOM))

    def action_palette(self) -> asyncio.Future[None] | None:
        from tui.widgets.palette import palette

        async def choose() -> None:
            chosen = await self.ask(palette(self.app, self.ROOM))
            if chosen:
                await self.perform(commands.get(chosen[0]).method)

        return self.talk(choose())

    async def perform(self, method: str) -> None:
        """Run an action where the focus is, else here."""
        target: Widget | Screen[None] = self.focused if self.focused is not None and hasattr(self.focused, f"action_{method}") else self
        await target.run_action(method)

    def action_theme(self) -> asyncio.Future[None] | None:
        from tui.widgets.prompt import Choice, Choose

        async def choose() -> None:
            before = self.app.theme
            names = sorted(self.app.available_themes, key=lambda name: (not name.startswith("listener"), name))
            chosen = await self.ask(Choose("Colours", [Choice(name, name, "now" if name == before else "") for name in names]))
            if chosen:
                self.app.theme = chosen[0]

        return self.talk(choose())

    def action_quit(self) -> None:
        self.app.exit()

    def _go(self, mode: str) -> None:
        if mode not in self.app._modes:
            self.say(f"This installation has no {mode} screen.")
        elif self.app.current_mode != mode:
            self.app.switch_mode(mode)

    def action_show_inbox(self) -> None:
        self._go("inbox")

    def action_show_incidents(self) -> None:
        self._go("incidents")

    def action_show_streams(self) -> None:
        self._go("streams")

    def action_show_compare(self) -> None:
        self._go("compare")

    def action_show_metrics(self) -> None:
        self._go("metrics")

    def action_show_handover(self) -> None:
        self._go("handover")

    def action_show_outbox(self) -> None:
        self._go("outbox")

    def action_show_sources(self) -> None:
        self._go("sources")

    def action_show_playbook(self) -> None:
        self._go("playbook")
