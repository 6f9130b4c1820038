"""A list of a few hundred things with the desk's own keys: incidents, replies, sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui import commands
from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType


@dataclass(frozen=True, slots=True)
class Row:
    """One of them."""

    id: int | str
    text: Content
    """One line or two."""


class RowList(OptionList):
    """Rows that keep their cursor and their marks by id, whatever is put in their place. For lists of mentions see `MentionList`."""

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("rows", footer=False)

    DEFAULT_CSS = """
    RowList {
        border: round $edge; border-title-color: $muted; border-subtitle-color: $muted; background: $background; padding: 0;
        height: 1fr; max-height: 100%; scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        background-tint: $background 0%;
        &:focus { border: round $edge-focus; background-tint: $background 0%; border-title-color: $title; border-title-style: bold; }
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted { background: $cursor-blurred; color: $foreground; text-style: none; }
        &:focus > .option-list--option-highlighted { background: $cursor; color: $foreground; text-style: none; }
        & > .option-list--option-disabled { color: $muted; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another row, or its row has changed; None in an empty list."""

        list: RowList
        id: int | str | None

    @dataclass
    class Opened(Message):
        """Somebody wants to see this one."""

        list: RowList
        id: int | str

    @dataclass
    class Marked(Message):
        """Somebody has marked or unmarked this one."""

        list: RowList
        id: int | str

    def __init__(self, title: str, nothing: str, *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(markup=False, id=id)
        self._title, self._nothing = title, nothing
        self._rows: list[Row] = []
        self._marks: set[int | str] = set()
        self._range_from: int | None = None
        self.border_title = Content(title)

    def show(self, rows: Sequence[Row], title: str = "") -> None:
        """Show these; the cursor stays on its row, or where it was."""
        here, at = self.current, self.highlighted or 0
        self._rows = list(rows)
        ids = [row.id for row in rows]
        self._marks &= set(ids)
        self._title = title or self._title
        with self.prevent(OptionList.OptionHighlighted):
            self.clear_options()
            if rows:
                self.add_options([Option(self._line(row)) for row in rows])
                self.highlighted = ids.index(here) if here in ids else min(at, len(ids) - 1)
            else:
                self.add_option(Option(Content(self._nothing), disabled=True))
        self._entitle()
        self.post_message(self.Moved(self, self.current))

    @property
    def current(self) -> int | str | None:
        """The id of the row under the cursor."""
        at = self.highlighted
        return self._rows[at].id if at is not None and at < len(self._rows) else None

    @property
    def subjects(self) -> list[int | str]:
        """The marked rows, else the one under the cursor."""
        marked = [row.id for row in self._rows if row.id in self._marks]
        return marked or ([self.current] if self.current is not None else [])

    def go(self, id_: int | str) -> None:
        """Put the cursor on a row."""
        self.highlighted = next((at for at, row in enumerate(self._rows) if row.id == id_), self.highlighted)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Moved(self, self.current))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.current is not None:
            self.post_message(self.Opened(self, self.current))

    # The desk's names for a list's keys

    def action_up(self) -> None:
        self.action_cursor_up()

    def action_down(self) -> None:
        self.action_cursor_down()

    def action_open(self) -> None:
        self.action_select()

    def action_mark(self) -> None:
        if self.current is not None:
            self._marks ^= {self.current}
            self.post_message(self.Marked(self, self.current))
            self._repaint()
            self.action_cursor_down()

    def action_mark_range(self) -> None:
        if self._range_from is None:
            self._range_from = self.highlighted
            self.border_subtitle = "marking from here"
            return
        first, last = sorted((self._range_from, self.highlighted or 0))
        self._range_from = None
        self._marks |= {row.id for row in self._rows[first : last + 1]}
        self._repaint()

    def action_mark_all(self) -> None:
        self._marks = {row.id for row in self._rows}
        self._repaint()

    def forget_marks(self) -> None:
        """For a list that shows in its own way what is chosen."""
        self._marks.clear()

    def action_unmark(self) -> None:
        self._marks.clear()
        self._repaint()

    def _repaint(self) -> None:
        for at, row in enumerate(self._rows):
            self.replace_option_prompt_at_index(at, self._line(row))
        self._entitle()

    def _entitle(self) -> None:
        self.border_title = Content(shown.one_line(self._title, 80))
        self.border_subtitle = Content(f"{len(self._marks)} marked") if self._marks else ""

    def _line(self, row: Row) -> Content:
        sign = "✓ " if row.id in self._marks else "  "
        lines = row.text.split("\n")
        return Content("\n").join([Content.assemble((sign if not number else "  ", "bold $accent"), line) for number, line in enumerate(lines)])
