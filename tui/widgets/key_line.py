"""The few keys that a newcomer needs, in one line that can be clicked; the rest is behind the help key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui import commands
from tui.canvas import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click


class KeyLine(Static):
    """Keys of some rooms as `key Name`, as many as fit; help and the palette always stay."""

    DEFAULT_CSS = "KeyLine { dock: bottom; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; }"

    ALWAYS = ("help", "palette")

    def __init__(self, *rooms: str) -> None:
        super().__init__()
        self._rooms = rooms
        self._spans: list[tuple[int, int, str]] = []

    def show(self, *rooms: str) -> None:
        """Show the keys of other rooms."""
        if rooms != self._rooms:
            self._rooms = rooms
            self._write()

    def on_resize(self) -> None:
        self._write()

    def on_click(self, event: Click) -> None:
        at = event.x - self.gutter.left
        for start, end, method in self._spans:
            if start <= at < end:
                self.screen.call_later(self.screen.run_action, method)
                return

    def _write(self) -> None:
        width = self.content_size.width or self.app.size.width - 2
        offered = [action for action in commands.of(*self._rooms) if action.footer and action.id not in self.ALWAYS]
        offered.sort(key=lambda action: bool({"desk", "rows"} & {*action.rooms}))  # what only this screen can do comes first
        fixed = [commands.get(identity) for identity in self.ALWAYS if "desk" in self._rooms]
        tail = sum(len(self._words(action)) + 2 for action in fixed)
        chosen: list[commands.Action] = []
        for action in offered:
            if sum(len(self._words(one)) + 2 for one in chosen) + len(self._words(action)) + 2 + tail > width + 2:
                break
            chosen.append(action)
        self.update(self._line([*chosen, *fixed]))

    def _words(self, action: commands.Action) -> str:
        return f"{key_of(self.app, action.id)} {action.name}"

    def _line(self, actions: Sequence[commands.Action]) -> Content:
        self._spans, at, parts = [], 0, []
        for action in actions:
            words = self._words(action)
            self._spans.append((at, at + len(words), action.method))
            at += len(words) + 2
            key, _, name = words.partition(" ")
            parts.append(Content.assemble((key, "bold $positive"), (f" {name}", "$muted")))
        return Content("  ").join(parts)
