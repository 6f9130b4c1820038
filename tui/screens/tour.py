"""Five minutes with the desk, step by step: each says one thing to do, and goes on when it has been done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui import format as shown
from tui.canvas import key_of
from tui.screens.base import DeskScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from tui.canvas import Canvas
    from tui.screens.session import Session

SKIP, LEAVE = "f10", "f11"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try."""

    text: str
    """With `{action-id}` where the key of an action stands."""
    done: Callable[[Tour], bool]


class TourPanel(Static):
    """The step that is on, above the foot of whatever screen is shown."""

    DEFAULT_CSS = """
    TourPanel { dock: bottom; height: auto; padding: 0 1; margin-bottom: 2; background: $panel; border-top: heavy $edge-focus; color: $foreground; }
    """


class Tour:
    """A guide: looks four times a second whether its step has been done."""

    def __init__(self, app: Canvas, session: Session) -> None:
        self.app, self.session = app, session
        self._at = 0
        self._timer: Timer | None = None
        self.start: object = None

    def begin(self) -> None:
        """Show the first step."""
        self.app.bind(SKIP, "tour_skip", show=False)
        self.app.bind(LEAVE, "tour_leave", show=False)
        self._enter()
        self._timer = self.app.set_interval(0.25, self._look)

    def skip(self) -> None:
        """Go on to the next step."""
        self._at += 1
        self._enter()

    def leave(self) -> None:
        """End it, wherever it is."""
        self._at = len(STEPS)
        if self._timer:
            self._timer.stop()
        for stack in self.app._screen_stacks.values():
            for screen in stack:
                screen.query(TourPanel).remove()

    # What the steps look at

    @property
    def mode(self) -> str:
        return self.app.current_mode

    @property
    def row(self) -> int | None:
        entry = getattr(self.app.screen, "entry", None)
        return entry.id if entry else None

    @property
    def last(self) -> str:
        return self.session.last.action if self.session.last else ""

    @property
    def acted(self) -> int:
        return self.session.journal.newest_id()

    # Going on

    def _enter(self) -> None:
        if self._at >= len(STEPS):
            self.leave()
            return
        self.start = (self.row, self.acted, self.mode)
        self._show()

    def _look(self) -> None:
        if self._at < len(STEPS) and STEPS[self._at].done(self):
            self.skip()
        else:
            self._show()

    def _show(self) -> None:
        screen = next((one for one in reversed(self.app.screen_stack) if isinstance(one, DeskScreen)), None)
        if screen is None or not screen.is_mounted or self._at >= len(STEPS):
            return
        words = Content.assemble(
            (f" {self._at + 1} of {len(STEPS)} ", "reverse bold $accent"), "  ", Content(fill(self.app, STEPS[self._at].text)), (f"\n         {SKIP.upper()} skips this · {LEAVE.upper()} ends the tour", "$muted")
        )
        panels = screen.query(TourPanel)
        if panels:
            panels.first().update(words)
        else:
            screen.mount(TourPanel(words))


def fill(app: Canvas, text: str) -> str:
    """The text with the keys of this desk in it."""
    for part in text.split("{")[1:]:
        identity = part.partition("}")[0]
        text = text.replace(f"{{{identity}}}", key_of(app, identity))
    return shown.clean(text, 600)


def _moved(tour: Tour) -> bool:
    return isinstance(tour.start, tuple) and tour.row is not None and tour.row != tour.start[0]


def _did(*actions: str) -> Callable[[Tour], bool]:
    return lambda tour: isinstance(tour.start, tuple) and tour.last in actions and tour.acted > tour.start[1]


def _undid(tour: Tour) -> bool:
    """The operator's own last line of the journal: rules and the watch write there all the time."""
    last = next(iter(tour.session.journal.recent(operator=tour.session.operator, limit=1)), None)
    return last is not None and last.action == "undo" and isinstance(tour.start, tuple) and last.id > tour.start[1]


def _at(mode: str) -> Callable[[Tour], bool]:
    return lambda tour: tour.mode == mode


STEPS = (
    Step("This is the inbox, the most urgent first: ▼ is negative, ▲ positive, · not understood. Go down with {down}, up with {up}.", _moved),
    Step("Press {tag}, type  late  and ⏎. A new word makes a new tag; what others used is offered while you type.", _did("tag")),
    Step("That was a try: {undo} takes it back. {undo} undoes anything, also what you did to a thousand at once.", _undid),
    Step("Take one: {take}. To give it to somebody else there is {assign}; teams stand in the list, too.", _did("take", "assign")),
    Step("Put one away until tomorrow: {snooze}, then  tomorrow 9  and ⏎. It says which day that is before it takes it.", _did("snooze")),
    Step("Mark two or three with {mark}, then {close-next}: done with all of them. {repeat} would do it again elsewhere.", _did("close-next")),
    Step("Answer one: {reply}, write a line, {send} sends. It waits ten seconds; {undo} stops it.", lambda tour: bool(tour.session.sent)),
    Step("{show-outbox} shows every reply with its state: nothing is sent twice, nothing is lost.", _at("outbox")),
    Step("{show-incidents} shows what is going wrong, why the desk thinks so, and who is on it.", _at("incidents")),
    Step("{show-streams} puts streams side by side: networks, rivals, teams.", _at("streams")),
    Step("{show-sources} says how each network does. Back to the inbox with {show-inbox}.", _at("sources")),
    Step("{show-inbox} brings you back.", _at("inbox")),
    Step("Find anything with {search}: words, or  sentiment:<-0.3 tag:none.  ⏎ shows it, esc comes back.", lambda tour: getattr(getattr(tour.app.screen, "pane", None), "view", None) is not None and tour.app.screen.pane.view.title == "Search"),  # type: ignore[attr-defined]
    Step("{help} lists the keys of a screen and {palette} finds any action by its name. That is all: welcome to the desk.", lambda tour: len(tour.app.screen_stack) > 1),
)
"""About five minutes."""
