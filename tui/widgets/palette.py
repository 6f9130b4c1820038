"""Every action by its name: the command palette, and the help of a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import commands
from tui import format as shown
from tui.canvas import Canvas
from tui.widgets.prompt import Choice, Choose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import ClassVar

    from textual.app import App, ComposeResult
    from textual.binding import BindingType


def palette(app: App[object], screen: str) -> Choose:
    """A question for an action of that screen (a key of `commands.SCREENS`); answers its id."""
    keys = app.keys if isinstance(app, Canvas) else {}
    offered = commands.of(*commands.SCREENS.get(screen, ("desk",)))
    choices = [Choice(action.id, action.name, action.help, commands.shown_keys(action, keys)) for action in offered]
    return Choose("Do what?", choices)


class Help(ModalScreen[None]):
    """The keys of the screen that it was asked on, group by group."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,f1", "dismiss", "Back")]

    DEFAULT_CSS = """
    Help {
        align: center middle;
        background: $background 60%;
        & > VerticalScroll {
            width: 100; max-width: 96%; height: auto; max-height: 94%;
            border: round $edge-focus; border-title-color: $title; border-title-style: bold; border-subtitle-color: $muted;
            background: $surface; padding: 0 2; scrollbar-size-vertical: 1;
        }
        Static { height: auto; }
    }
    """

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._of = screen

    def compose(self) -> ComposeResult:
        box = VerticalScroll(Static(keys_of(self._of, self.app.keys if isinstance(self.app, Canvas) else {})))
        box.border_title = Content(f"Keys: {self._of}")
        box.border_subtitle = "↑ ↓ scroll · esc back"
        yield box

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


def keys_of(screen: str, keys: Mapping[str, str]) -> Content:
    """The keys of a screen, in words."""
    lines: list[Content] = []
    for group, actions in commands.groups(commands.of(*commands.SCREENS.get(screen, ("desk",)))).items():
        lines.append(Content.styled(group, "bold $title"))
        lines += [
            Content.assemble(
                (f"  {commands.shown_keys(action, keys):<10} ", "$positive"), (f"{action.name:<18} ", ""), (action.help, "$muted")
            )
            for action in actions
        ]
        lines.append(Content(""))
    lines.append(
        Content.styled(f"{shown.plural(len(commands.ACTIONS), 'action')} in all; the configuration's keymap changes any key.", "$muted")
    )
    return Content("\n").join(lines)
