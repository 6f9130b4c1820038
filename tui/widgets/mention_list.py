"""The list of mentions: as fast on a million rows as on ten, because it only ever looks at the rows on the screen."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from listener.errors import ListenerError
from tui import commands
from tui import format as shown
from tui.canvas import key_of
from tui.widgets import mention_row
from tui.widgets.brush import Brush
from tui.widgets.pages import Key, Pager, Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.binding import BindingType
    from textual.events import Click, Resize

    from listener.domain.mention import Entry
    from tui.widgets.mention_row import Piece


class MentionPager(Pager["Entry"], Protocol):
    """The mentions of a stream, closed against what arrived after it was opened."""

    def ids(self, first: Key | None = None, last: Key | None = None) -> Sequence[int]:
        """The ids from one key to another, both included; None stands for an end of the list."""


class MentionList(ScrollView, can_focus=True):
    """A list of mentions, one or two lines each.

    The cursor belongs to a mention, not to a place: whatever arrives or goes, it stays on its mention and on its line of the
    screen. A store that refuses to answer is a message, not a crash.
    """

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("rows")
    """
    | action | does |
    | :- | :- |
    | up, down, page-up, page-down, first, last | Move the cursor. |
    | open | Post `Opened` for the mention under the cursor. |
    | mark, mark-range, mark-all, unmark | Change the marks. |
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"mention-list--{part}"
        for part in (
            "cursor", "marked", "bar", "author", "age", "muted", "assignee", "folded", "tag", "text", "negative", "neutral", "positive",
            "unscored", "severity-1", "severity-2", "severity-3", "severity-4",
        )
    }  # fmt: skip
    """
    | class | is |
    | :- | :- |
    | `mention-list--cursor`, `--marked` | The ground of the row under the cursor, and of marked rows. |
    | `mention-list--bar` | The bar left of the cursor's row, and the sign of a mark. |
    | `mention-list--author` … `--severity-4` | The parts of a row, see `mention_row`. |
    """

    DEFAULT_CSS = """
    MentionList {
        background: $background;
        color: $foreground;
        border: round $edge;
        border-title-color: $muted;
        border-subtitle-color: $muted;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        &:focus { border: round $edge-focus; border-title-color: $title; border-title-style: bold; }
        & > .mention-list--cursor { background: $cursor-blurred; }
        &:focus > .mention-list--cursor { background: $cursor; }
        &:ansi > .mention-list--cursor { background: ansi_default; text-style: bold; }
        &:ansi:focus > .mention-list--cursor { text-style: reverse; }
        & > .mention-list--marked { background: $marked; }
        & > .mention-list--bar { color: $edge-focus; text-style: bold; }
        & > .mention-list--author { color: $title; text-style: bold; }
        & > .mention-list--age { color: $muted; }
        & > .mention-list--muted { color: $muted; }
        & > .mention-list--assignee { color: $accent; }
        & > .mention-list--folded { color: $notice; }
        & > .mention-list--tag { color: $tag; }
        & > .mention-list--text { color: $foreground; }
        & > .mention-list--negative { color: $negative; }
        & > .mention-list--neutral { color: $neutral; }
        & > .mention-list--positive { color: $positive; }
        & > .mention-list--unscored { color: $muted; }
        & > .mention-list--severity-1 { color: $severity-1; text-style: bold reverse; }
        & > .mention-list--severity-2 { color: $severity-2; text-style: bold; }
        & > .mention-list--severity-3 { color: $severity-3; }
        & > .mention-list--severity-4 { color: $severity-4; }
    }
    """

    heading: reactive[str] = reactive("", init=False)
    """What the list shows, for the border; plain text."""
    fresh: reactive[int] = reactive(0, init=False)
    """How many mentions have arrived since the list was opened."""
    lines: reactive[int] = reactive(2, init=False)
    """Lines a mention: 1 or 2."""
    nothing: reactive[str] = reactive("Nothing waits for you here.", init=False)
    """What an empty list says, and what to do about it; lines of plain text."""

    @dataclass
    class Highlighted(Message):
        """The cursor has come to another mention, or its mention has changed; None when the list is empty."""

        list: MentionList
        entry: Entry | None

    @dataclass
    class Opened(Message):
        """Somebody wants to read this one."""

        list: MentionList
        entry: Entry

    @dataclass
    class MarksChanged(Message):
        """Other mentions are marked than before."""

        list: MentionList
        marks: frozenset[int]

    @dataclass
    class NewestWanted(Message):
        """Somebody clicked on "12 new"."""

        list: MentionList

    @dataclass
    class Failed(Message):
        """The store could not be read."""

        list: MentionList
        error: ListenerError

    def __init__(self, *, clock: Callable[[], int] | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id, classes=classes)
        self._clock = clock or (lambda: time.time_ns() // 1_000_000)
        self._now = self._clock()
        self._pages: Pages[Entry] | None = None
        self._pager: MentionPager | None = None
        self._cursor = 0
        self._current: Entry | None = None
        self._key: Key | None = None
        self._marks: frozenset[int] = frozenset()
        self._range_from: int | None = None
        self._brush = Brush(self, "mention-list")

    # What it shows

    def show(self, pager: MentionPager, *, at_top: bool = False, key: Key | None = None) -> None:
        """Show this list; the cursor stays on its mention, or on the one that took its place, unless `at_top`.

        `key` is where the cursor's mention stands in this list: given when that may not be where it stood before.
        Posts `Failed` and keeps what was shown when the store cannot be read.
        """
        try:
            pages = Pages(pager)
            key = key or self._key
            number = 0 if at_top or key is None else min(pages.find(key, self._cursor), max(pages.count - 1, 0))
            pages.row(number)
            began = None if at_top else self._still_from(pages)
        except ListenerError as error:
            self.post_message(self.Failed(self, error))
            return
        line = self._cursor * self.lines - self.scroll_offset.y
        self._pages, self._pager, self._range_from = pages, pager, began
        self._brush.forget()
        self._resize()
        self._put(number)
        self.scroll_to(y=0 if at_top else max(number * self.lines - line, 0), animate=False, immediate=True, force=True)
        self.refresh()

    def _still_from(self, pages: Pages[Entry]) -> int | None:
        """Where a range that is open begins in another reading of the list: what others do must not end it."""
        key = self._pages.key(self._range_from) if self._pages and self._range_from is not None else None
        return min(pages.find(key, self._range_from or 0), max(pages.count - 1, 0)) if key else None

    def close_range(self) -> None:
        """Let go of a range that is open, without marking it: it was acted on."""
        self._range_from = None

    @property
    def count(self) -> int:
        """How many mentions the list has."""
        return self._pages.count if self._pages else 0

    def recount(self, n: int) -> None:
        """The exact number of rows, where it could not be told when the list was opened."""
        if self._pages:
            self._pages.recount(n)
            self._resize()

    @property
    def entry(self) -> Entry | None:
        """The mention under the cursor."""
        return self._current

    @property
    def marks(self) -> frozenset[int]:
        """The ids of the marked mentions, a range that is still open included."""
        if self._range_from is None:
            return self._marks
        return self._marks | self._ids(*sorted((self._range_from, self._cursor)))

    @property
    def subjects(self) -> tuple[int, ...]:
        """What an action is about: the marked mentions, else the one under the cursor."""
        marked = tuple(sorted(self.marks))
        return marked or ((self._current.id,) if self._current else ())

    def tick(self) -> None:
        """Let the ages grow; call it every half minute or so."""
        self._now = self._clock()
        self._brush.forget()
        self.refresh()

    # Marks

    def action_mark(self) -> None:
        if self._current:
            self._mark(self._marks ^ {self._current.id})
            self.action_down()

    def action_mark_range(self) -> None:
        if self._range_from is None:
            self._range_from = self._cursor
            self.refresh()
        else:
            marks = self.marks
            self._range_from = None
            self._mark(marks)

    def action_mark_all(self) -> None:
        self._range_from = None
        self._mark(self._ids())

    def action_unmark(self) -> None:
        self._range_from = None
        self._mark(frozenset())

    def _mark(self, marks: frozenset[int]) -> None:
        self._marks = marks
        self._entitle()
        self.refresh()
        self.post_message(self.MarksChanged(self, marks))

    def _ids(self, first: int | None = None, last: int | None = None) -> frozenset[int]:
        if self._pager is None or not self.count:
            return frozenset()
        try:
            ends = [None if number is None or self._pages is None else self._pages.key(number) for number in (first, last)]
            return frozenset(self._pager.ids(*ends))
        except ListenerError as error:
            self.post_message(self.Failed(self, error))
            return frozenset()

    # Moving

    def action_up(self) -> None:
        self.go(self._cursor - 1)

    def action_down(self) -> None:
        self.go(self._cursor + 1)

    def action_page_up(self) -> None:
        self.go(self._cursor - self._rows_a_page)

    def action_page_down(self) -> None:
        self.go(self._cursor + self._rows_a_page)

    def action_first(self) -> None:
        self.go(0)

    def action_last(self) -> None:
        self.go(self.count - 1)

    def action_open(self) -> None:
        if self._current:
            self.post_message(self.Opened(self, self._current))

    def go(self, number: int) -> None:
        """Move the cursor to the row of that number, or as near as there is one."""
        if not self.count:
            return
        before = self._cursor
        self._put(min(max(number, 0), self.count - 1))
        top, height = self._cursor * self.lines, self.scrollable_content_region.height
        offset = self.scroll_offset.y
        if top < offset:
            self.scroll_to(y=top, animate=False, immediate=True)
        elif top + self.lines > offset + height:
            self.scroll_to(y=top + self.lines - height, animate=False, immediate=True)
        if self._range_from is not None:
            self.refresh()
            return
        for changed in (before, self._cursor):
            self.refresh_lines(changed * self.lines, self.lines)

    @property
    def _rows_a_page(self) -> int:
        return max(self.scrollable_content_region.height // self.lines, 1)

    def _put(self, number: int) -> None:
        self._cursor = number
        entry = self._row(number)
        self._key = self._pages.key(number) if self._pages and entry else None
        if entry is not self._current:
            self._current = entry
            self.post_message(self.Highlighted(self, entry))

    def _row(self, number: int) -> Entry | None:
        try:
            return self._pages.row(number) if self._pages else None
        except ListenerError as error:
            self.post_message(self.Failed(self, error))
            return None

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            if event.y == 0 and self.fresh:
                self.post_message(self.NewestWanted(self))
            return
        number = (offset.y + self.scroll_offset.y) // self.lines
        if number >= self.count:
            return
        if event.shift:
            self._range_from = self._cursor
            self.go(number)
            self.action_mark_range()
            return
        self.go(number)
        if event.ctrl or offset.x < mention_row.GUTTER:
            self._mark(self._marks ^ ({self._current.id} if self._current else set()))
        elif event.chain == 2:
            self.action_open()

    # Painting

    def on_mount(self) -> None:
        self._entitle()

    def on_resize(self, event: Resize) -> None:
        self._brush.forget()
        self._resize()
        self.go(self._cursor)

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.count * self.lines)

    def watch_heading(self) -> None:
        self._entitle()

    def watch_fresh(self) -> None:
        self._entitle()

    def watch_lines(self, before: int, after: int) -> None:
        line = self._cursor * before - self.scroll_offset.y
        self._brush.forget()
        self._resize()
        self.scroll_to(y=max(self._cursor * after - line, 0), animate=False, immediate=True)
        self.go(self._cursor)
        self.refresh()

    def _entitle(self) -> None:
        """Title and subtitle in the border; Content, because a heading may hold what somebody typed."""
        words = f"▲ {shown.full(self.fresh)} new · {key_of(self.app, 'newest')}"
        new = Content.assemble("  ", Content.styled(words, "bold $notice")) if self.fresh else Content("")
        self.border_title = Content.assemble(Content(shown.one_line(self.heading, 80)), new)
        marked = shown.full(len(self._marks)) + " marked" if self._marks else ""
        self.border_subtitle = Content(marked)

    def notify_style_update(self) -> None:
        self._brush.forget(styles=True)
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self.count:
            return self._emptiness(y, width)
        number, line = divmod(y + self.scroll_offset.y, self.lines)
        entry = self._row(number)
        if entry is None:
            return Strip.blank(width, self.rich_style)
        place = "cursor" if number == self._cursor else "marked" if self._is_marked(number, entry) else ""
        key = (entry.id, entry.version, line, place, self._is_marked(number, entry), width, self.has_focus)
        return self._brush.line(key, lambda: self._pieces(entry, line, width), self._lead(number, entry, line), place, width)

    def _pieces(self, entry: Entry, line: int, width: int) -> list[Piece]:
        if self.lines == 1:
            return mention_row.single_line(entry, width, self._now)
        return mention_row.second_line(entry, width) if line else mention_row.first_line(entry, width, self._now)

    def _is_marked(self, number: int, entry: Entry) -> bool:
        if self._range_from is not None and min(self._range_from, self._cursor) <= number <= max(self._range_from, self._cursor):
            return True
        return entry.id in self._marks

    def _lead(self, number: int, entry: Entry, line: int) -> str:
        bar = "▌" if number == self._cursor else " "
        return bar + ("✓ " if line == 0 and self._is_marked(number, entry) else "  ")

    def _emptiness(self, y: int, width: int) -> Strip:
        said = [shown.one_line(line, width) for line in self.nothing.splitlines()]
        at = y - max(self.scrollable_content_region.height // 2 - len(said), 0)
        text = said[at].center(width) if 0 <= at < len(said) else ""
        return Strip([Segment(text, self._brush.style("muted"))]).adjust_cell_length(width, self._brush.style(""))
