"""The application: one App, its modes, what it watches, and how it ends."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tui.canvas import Canvas
from tui.screens.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from textual.screen import Screen

    from tui.screens.base import DeskScreen
    from tui.screens.child import Child
    from tui.screens.tour import Tour

WATCH_EVERY = 0.25
"""Seconds between two looks whether another process has written: six microseconds each."""
PULSE_EVERY = 2.0
WORKED_EVERY = 5.0
"""Seconds after which a list is read again although nobody acted: near-duplicates were folded into its rows."""

SCREENS: dict[str, tuple[str, str]] = {
    "welcome": ("welcome", "WelcomeScreen"),
    "inbox": ("inbox", "InboxScreen"),
    "streams": ("columns", "StreamsScreen"),
    "incidents": ("incidents", "IncidentsScreen"),
    "outbox": ("outbox", "OutboxScreen"),
    "sources": ("sources", "SourcesScreen"),
    "playbook": ("playbook", "PlaybookScreen"),
}
"""Mode → (module below `tui.screens`, class); each is loaded when it is first opened."""


def _screen(session: Session, mode: str) -> Callable[[], Screen[None]]:
    def make() -> Screen[None]:
        module, name = SCREENS[mode]
        screen: Screen[None] = getattr(import_module(f"tui.screens.{module}"), name)(session)
        return screen

    return make


class ListenerApp(Canvas):
    """The desk on a terminal."""

    TITLE = "Listener"
    DEFAULT_CSS = """
    Toast { background: $panel; color: $foreground; padding: 0 1; }
    ToastRack { margin-bottom: 2; }
    """

    def __init__(self, session: Session, *, keys: dict[str, str] | None = None, start: str = "inbox", tour: bool = False) -> None:
        desk = session.config.desk
        super().__init__(theme=desk.theme, reduced_motion=not desk.animations, keys=keys)
        self.session = session
        self.crash: BaseException | None = None
        self._start, self._with_tour = start, tour
        self.tour: Tour | None = None
        self._modes = {mode: _screen(session, mode) for mode in SCREENS}
        self._child: Child | None = None
        self._version = self._acted = 0
        self._pulsing = False

    def on_mount(self) -> None:
        self.switch_mode(self._start)
        self.call_after_refresh(self._settle_in)

    def _settle_in(self) -> None:
        """What can wait until something is on the screen."""
        from tui.screens.child import Child

        if not self.session.config.desk.bell:
            self.bell = lambda: None  # type: ignore[method-assign]
        if self.session.collector:
            self._child = Child(self.session.collector, self.session.db_path.with_name("collector.log"))

        self._version, self._acted = self.session.store.data_version(), self.session.journal.newest_id()
        self.set_interval(WATCH_EVERY, self._look)
        self.set_interval(PULSE_EVERY, self._pulse)
        self._pulse()
        self._warn_of_clashes()
        if self._with_tour:
            from tui.screens.tour import Tour

            self.tour = Tour(self, self.session)
            self.tour.begin()

    def _warn_of_clashes(self) -> None:
        from tui.commands import conflicts
        from tui.widgets.toast import tell

        for clash in conflicts(self.keys)[:3]:
            tell(self, f"Keymap: {clash}. The configuration's [keys] can change one of them.", seconds=10)

    def action_tour_skip(self) -> None:
        if self.tour:
            self.tour.skip()

    def action_tour_leave(self) -> None:
        if self.tour:
            self.tour.leave()

    # What other processes do

    def _look(self) -> None:
        version = self.session.store.data_version()
        if version == self._version:
            return
        self._version = version
        acted = self.session.journal.newest_id()
        worked, self._acted = acted != self._acted, acted
        screen = self._desk_screen()
        if screen and screen.is_mounted:
            screen.changed(worked=worked)

    def _pulse(self) -> None:
        """Read how the desk does, and see to it that somebody collects."""
        from listener.engine.notify import Terminal, ring
        from listener.store.notices import Notice
        from tui.screens.pulse import read_status
        from tui.widgets.status_line import Status
        from tui.widgets.toast import tell

        screen = self._desk_screen()
        if screen is None or self._pulsing:
            return
        self._pulsing = True

        session = self.session

        def read() -> tuple[Status, list[Notice]]:
            try:
                session.remember_topics()
                session.whereabouts.tell()
                status = read_status(session)
                if status.polling == "stopped" and self._child and self.session.config.topics and self.session.config.sources:
                    self._child.want()
                return status, Terminal(session.store, session.config, session.operator).take()
            finally:
                self._pulsing = False

        def show(found: tuple[Status, list[Notice]]) -> None:
            session.status, notices = found
            screen.show_status(session.status)
            if notices and self._driver and not self.is_headless:
                self._driver.write(ring(notices, bell=session.config.desk.bell))
            for notice in notices[:3]:
                tell(self, f"{notice.title}: {notice.text}", seconds=20)

        screen.beside(read, show)

    def _desk_screen(self) -> DeskScreen | None:
        """The screen that is worked on, below whatever question lies over it."""
        from tui.screens.base import DeskScreen

        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, DeskScreen)), None)

    # The end

    def _fatal_error(self) -> None:
        """In place of Textual's traceback, which shows the values of variables: posts, tokens, names."""
        self.crash = self._exception
        self._close_messages_no_wait()

    def close_desk(self) -> None:
        """Let go of everything."""
        if self._child:
            self._child.end()
        self.session.close()


def run_app(config: Path, db: Path, operator: str, *, collector: Sequence[str], tour: bool = False) -> None:
    """Open the desk on a database; without a configuration and without mentions it begins with the first questions.

    Args:    collector: the command that collects for it, to be started when nobody collects yet. tour: with a guide at its side.
    Raises:  ConfigError, StoreError: before anything is on the screen.
    """
    session = Session(config, db, operator, collector=collector)
    first = not config.exists() and not session.mentions.newest_id()
    app = ListenerApp(session, keys=session.keys(), start="welcome" if first else "inbox", tour=tour)
    try:
        app.run()
    finally:
        app.close_desk()
    if app.crash is not None:
        import sys

        from tui.screens.crash import words, write_report

        sys.stderr.write(words(app.crash, write_report(app.crash, session.clock())) + "\n")
        raise SystemExit(1)
