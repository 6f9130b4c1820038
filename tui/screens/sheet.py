"""Something to read over the screen, and to leave again."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import format as shown

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listener.errors import ListenerError


class Sheet(ModalScreen[None]):
    """A titled text that scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Back"),
        Binding("j", "scroll('down')", "Down", show=False),
        Binding("k", "scroll('up')", "Up", show=False),
    ]

    DEFAULT_CSS = """
    Sheet {
        align: center middle;
        background: $background 60%;
        & > VerticalScroll {
            width: 90; max-width: 96%; height: auto; max-height: 90%;
            border: round $edge-focus; border-title-color: $title; border-title-style: bold; border-subtitle-color: $muted;
            background: $surface; padding: 1 2; scrollbar-size-vertical: 1;
        }
        Static { height: auto; }
    }
    """

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self._title, self._text = shown.one_line(title, 70), text

    def compose(self) -> ComposeResult:
        box = VerticalScroll(Static(self._text))
        box.border_title = Content(self._title)
        box.border_subtitle = "↑ ↓ scroll · esc back"
        yield box

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, where: str) -> None:
        box = self.query_one(VerticalScroll)
        (box.scroll_down if where == "down" else box.scroll_up)(animate=False)


def error_text(error: ListenerError) -> Content:
    """An error with all that is known about it."""
    lines = [Content.styled(shown.clean(error.message, 2000, lines=True), "bold $bad")]
    if error.hint:
        lines.append(Content(shown.clean(error.hint, 2000, lines=True)))
    steps = [f"{frame.name}, line {frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-6:]
    lines.append(Content.styled(f"{type(error).__name__}" + (f" in {' → '.join(steps)}" if steps else ""), "$muted"))
    if error.__cause__ is not None:
        lines.append(Content.styled(shown.one_line(f"because of {type(error.__cause__).__name__}: {error.__cause__}", 500), "$muted"))
    return Content("\n\n").join(lines)
