"""The streams with their live counts: a list at the left, or one line at the top where there is no room for a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui import commands
from tui import format as shown
from tui.widgets.mention_row import fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.binding import BindingType
    from textual.events import Click

    from listener.store.mentions import Count

URGENT = frozenset({"Breaching", "Incidents", "Approvals"})
"""Streams whose count is worth a colour when it is not nothing."""


def figure(count: Count | None) -> str:
    """A count in at most six cells."""
    if count is None:
        return ""
    if not count.exact and not count.n:
        return "…"  # nothing yet, as far as a look that costs nothing could see
    return shown.short(count.n) + ("" if count.exact else "+")


class StreamList(OptionList):
    """Streams, one a line, the shown one with a bar."""

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("rows", footer=False)

    DEFAULT_CSS = """
    StreamList {
        border: round $edge; border-title-color: $muted; background: $background; padding: 0; height: 1fr; max-height: 100%;
        scrollbar-size-vertical: 1; text-wrap: nowrap;
        background-tint: $background 0%;
        &:focus { border: round $edge-focus; background-tint: $background 0%; border-title-color: $title; border-title-style: bold; }
        & > .option-list--option-highlighted { background: $cursor-blurred; color: $foreground; text-style: none; }
        &:focus > .option-list--option-highlighted { background: $cursor; color: $foreground; text-style: none; }
    }
    """

    @dataclass
    class Chosen(Message):
        """Somebody wants to see this stream."""

        name: str

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(*[Option("") for _ in names], markup=False, id=id)
        self._names, self._counts, self._current = list(names), dict[str, "Count"](), ""
        self.border_title = "Streams"

    def show(self, current: str, counts: Mapping[str, Count]) -> None:
        """Show which stream is open, and how many each holds."""
        self._counts, self._current = dict(counts), current
        self._write()
        if not self.has_focus and current in self._names:
            self.highlighted = self._names.index(current)

    def on_resize(self) -> None:
        self._write()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._names[event.option_index]))

    def _write(self) -> None:
        width = max(self.content_size.width, 10)
        for number, name in enumerate(self._names):
            self.replace_option_prompt_at_index(number, self._line(name, width))

    def _line(self, name: str, width: int) -> Content:
        here, count = name == self._current, self._counts.get(name)
        n = figure(count)
        tone = "bold $notice" if count and count.n and name in URGENT else "$title" if here else "$muted"
        words = fit(shown.one_line(name, 40), max(width - cell_len(n) - 3, 1))
        return Content.assemble(("▌" if here else " ", "$accent"), (words, "bold $title" if here else ""), " ", (n, tone), " ")

    # The list's keys under the desk's names

    def action_up(self) -> None:
        self.action_cursor_up()

    def action_down(self) -> None:
        self.action_cursor_down()

    def action_open(self) -> None:
        self.action_select()

    def action_mark(self) -> None:
        """Streams are not marked."""

    action_mark_range = action_mark_all = action_unmark = action_mark


class StreamBar(Static):
    """The same as one line: the open stream first seen, then as many as fit."""

    DEFAULT_CSS = "StreamBar { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; }"

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._names, self._counts, self._current = list(names), dict[str, "Count"](), ""
        self._spans: list[tuple[int, int, str]] = []

    def show(self, current: str, counts: Mapping[str, Count]) -> None:
        """Show which stream is open, and how many each holds."""
        self._counts, self._current = dict(counts), current
        self._write()

    def on_resize(self) -> None:
        self._write()

    def on_click(self, event: Click) -> None:
        at = event.x - self.gutter.left
        name = next((name for start, end, name in self._spans if start <= at < end), None)
        if name:
            self.post_message(StreamList.Chosen(name))

    def _write(self) -> None:
        width = self.content_size.width or self.app.size.width - 2
        self._spans, at, parts = [], 0, []
        for name in self._window(width):
            count = self._counts.get(name)
            words, n = shown.one_line(name, 30), figure(count)
            here = name == self._current
            tone = "bold $notice" if count and count.n and name in URGENT else "$title" if here else "$muted"
            piece = Content.assemble((f" {words} " if here else words, "bold reverse $accent" if here else ""), (f" {n}" if n else "", tone))
            self._spans.append((at, at + piece.cell_length, name))
            at += piece.cell_length + 2
            parts.append(piece)
        self.update(Content("  ").join(parts))

    def _window(self, width: int) -> list[str]:
        """The names that fit, with the open one among them."""

        def cells(name: str) -> int:
            return cell_len(shown.one_line(name, 30)) + len(figure(self._counts.get(name))) + 3 + 2 * (name == self._current)

        names = list(self._names)
        if self._current not in names:
            names.insert(0, self._current)
        first = 0
        while True:
            room, shown_names = width + 2, []
            for name in names[first:]:
                room -= cells(name)
                if room < 0:
                    break
                shown_names.append(name)
            if self._current in shown_names or first >= len(names) - 1:
                return shown_names
            first += 1
