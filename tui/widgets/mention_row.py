"""One mention as two lines of a list: which columns a width has room for, and what stands in them.

Only text of one certain width and direction stands before another column. The tags end the first line; a name that is not
steady (from right to left, or with emoji) moves down to the beginning of the text, which ends the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from listener.domain.mention import Entry

Piece = tuple[str, str]
"""A text and the part of the row that it is: `author`, `age`, `negative`, `severity-1`, …"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the first line."""

    name: str
    width: int
    least: int
    """The width of the row from which on the column is shown."""
    read: Callable[[Entry, int], Piece]
    right: bool = False


def _severity(entry: Entry, now: int) -> Piece:
    return (str(entry.severity), f"severity-{entry.severity.value}" if entry.severity.value else "muted")


def _sentiment(entry: Entry, now: int) -> Piece:
    return (shown.GLYPHS[entry.sentiment.label], entry.sentiment.label)


def _author(entry: Entry, now: int) -> Piece:
    name = shown.one_line(entry.author.handle or entry.author.name, 60)
    return (name if shown.steady(name) else "↓", "author")


def _state(entry: Entry, now: int) -> Piece:
    return (shown.STATES[entry.state.value], "muted")


def _assignee(entry: Entry, now: int) -> Piece:
    return (shown.one_line(entry.assignee, 20), "assignee")


COLUMNS: tuple[Column, ...] = (
    Column("severity", 4, 0, _severity),
    Column("sentiment", 1, 0, _sentiment),
    Column("age", 4, 0, lambda entry, now: (shown.age(entry.created_at, now), "age"), right=True),
    Column("author", 12, 0, _author),
    Column("reach", 5, 44, lambda entry, now: (shown.short(entry.author.followers), "muted"), right=True),
    Column("source", 9, 60, lambda entry, now: (shown.one_line(entry.source.partition(":")[0], 20), "muted")),
    Column("language", 2, 84, lambda entry, now: (shown.language(entry.lang), "muted")),
    Column("state", 1, 0, _state),
    Column("assignee", 8, 56, _assignee),
    Column("folded", 4, 50, lambda entry, now: (f"×{shown.short(entry.duplicates + 1)}" if entry.duplicates else "", "folded"), right=True),
)
GUTTER = 3
"""Cells before the first column: the cursor's bar, the mark, a space."""
WIDEST_AUTHOR = 28
SINGLE = 50
"""The width whose columns a single line shows before its text."""


@lru_cache(maxsize=64)
def columns(width: int) -> tuple[tuple[Column, int], ...]:
    """The columns that a row of this width has room for, each with its width; the author takes a share of what is left."""
    chosen = [column for column in COLUMNS if width >= column.least]
    spare = max(width - GUTTER - sum(column.width + 1 for column in chosen), 0)
    wider = min(max(spare - 8, 0) * 2 // 5, WIDEST_AUTHOR - 12)
    return tuple((column, column.width + (wider if column.name == "author" else 0)) for column in chosen)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells; what is cut off leaves `…`."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)


def first_line(entry: Entry, width: int, now: int) -> list[Piece]:
    """Columns, then the tags."""
    pieces = _columns(entry, width, now)
    return [*pieces, *_tags(entry, width - GUTTER - sum(cell_len(text) for text, _ in pieces))]


def second_line(entry: Entry, width: int) -> list[Piece]:
    """The text, below what comes after severity and sentiment."""
    indent = sum(size + 1 for column, size in columns(width)[:2])
    return [(" " * indent, ""), *_said(entry, width - GUTTER - indent)]


def single_line(entry: Entry, width: int, now: int) -> list[Piece]:
    """Few columns, then the text: where one line a mention is wanted."""
    pieces = _columns(entry, min(width, SINGLE), now)
    return [*pieces, *_said(entry, width - GUTTER - sum(cell_len(text) for text, _ in pieces))]


def _columns(entry: Entry, width: int, now: int) -> list[Piece]:
    pieces: list[Piece] = []
    for column, size in columns(width):
        text, part = column.read(entry, now)
        pieces += [(fit(text, size, right=column.right), part), (" ", "")]
    return pieces


def _tags(entry: Entry, left: int) -> list[Piece]:
    """The operator's tags; where there are none yet, the kind that the machine suggests, with a question mark."""
    if left <= 0:
        return []
    if entry.tags:
        return [(fit(" ".join(f"#{shown.one_line(tag, 30)}" for tag in entry.tags), left), "tag")]
    kind = next((kind for kind, _ in entry.kinds if "/" not in kind), "")  # what has a slash is a step of the journey
    return [(fit(f"{shown.one_line(kind, 30)}?", left), "muted")] if kind else []


def _said(entry: Entry, left: int) -> list[Piece]:
    """Title and text, after the author's name where a column could not show it."""
    if left <= 0:
        return []
    pieces: list[Piece] = []
    name = shown.one_line(entry.author.handle or entry.author.name, 60)
    if not shown.steady(name):
        lead = fit(name, min(cell_len(name), max(left // 3, 1)))
        pieces = [(lead, "author"), (": ", "muted")]
        left = max(left - cell_len(lead) - 2, 0)
    said = f"{entry.title} — {entry.text}" if entry.title and not entry.text.startswith(entry.title) else entry.text or entry.title
    return [*pieces, (fit(shown.one_line(said, 2 * left + 1) or "(no text)", left), "text")]
