"""The app below the App: what every screen of the desk stands on, and what tests of a single widget stand on too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from textual.app import App

from tui import commands, themes
from tui.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App as AnyApp
    from textual.filter import LineFilter


class Canvas(App[int]):
    """Textual's App with the desk's themes, its sink before the terminal, and stillness where it was asked for."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *, theme: str = "", reduced_motion: bool = False, keys: Mapping[str, str] | None = None) -> None:
        name = themes.choose(theme, os.environ)
        still = themes.motion(os.environ, reduced=reduced_motion) == "none"
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self._sink = Sink()
        self.keys = dict(keys or {})
        """Keys by action id, where they are not the table's own: see `commands.keymap`."""
        for own in themes.own():
            self.register_theme(own)
        self.theme = name if name in self.available_themes else themes.DARK
        self.set_keymap(self.keys)
        if still:
            self.animation_level = "none"

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [self._sink, *super().get_line_filters()]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.variables(self.current_theme)


def key_of(app: AnyApp[Any], identity: str) -> str:
    """The key that does an action on this desk, as it stands on the keyboard."""
    own = app.keys if isinstance(app, Canvas) else {}
    return commands.shown_keys(commands.get(identity), own).partition(" ")[0]
