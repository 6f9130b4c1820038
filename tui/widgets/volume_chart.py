"""Counts over time as blocks, several lines high: what was negative, what was not, and where an incident began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One step of time."""

    count: int
    negative: int = 0
    mark: str = ""
    """A sign below the bucket, one cell wide: `▲` where an incident began, `│` at midnight."""


class VolumeChart(Widget):
    """A bar for each bucket, the newest on the right; the lower part of a bar is what was negative.

    Block eighths paint in under a millisecond and need no import at the first paint, which a plotting library does.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"volume-chart--bar", "volume-chart--negative", "volume-chart--scale"}
    """
    | class | is |
    | :- | :- |
    | `volume-chart--bar` | A bar. |
    | `volume-chart--negative` | The part of it that was negative. |
    | `volume-chart--scale` | The figure of the tallest bar, and the marks. |
    """

    DEFAULT_CSS = """
    VolumeChart {
        height: 5;
        & > .volume-chart--bar { color: $accent; }
        & > .volume-chart--negative { color: $negative; }
        & > .volume-chart--scale { color: $muted; }
    }
    """

    buckets: reactive[Sequence[Bucket]] = reactive((), layout=False)
    """Oldest first; when there are more than cells, neighbours are added up."""
    line: reactive[float] = reactive(0.0, layout=False)
    """A count to draw a dashed line at, such as a threshold; 0 draws none."""
    loudest: reactive[bool] = reactive(False, layout=False)
    """The buckets overlap, as those of a running hour: neighbours are not added up, the largest of them stands for all."""

    def render_line(self, y: int) -> Strip:
        width, height = self.size.width, max(self.size.height - 1, 1)
        scale, bar, negative = (self.get_component_rich_style(f"volume-chart--{part}") for part in ("scale", "bar", "negative"))
        cells = fill(self.buckets, max(width - 7, 1), loudest=self.loudest)
        top = max(max((cell.count for cell in cells), default=0), self.line)
        at = height - 1 - min(int(self.line / top * height), height - 1) if self.line and top else -1
        figure = {0: shown.short(round(top)), height - 1: "0", at: shown.short(round(self.line))}.get(y, "") if height > 1 else shown.short(round(top))
        segments = [Segment(f"{figure:>5} ", scale)]
        if y == height:
            segments.append(Segment("".join(cell.mark or " " for cell in cells), scale))
        else:
            blocks = [self._block(cell, top, height, height - 1 - y, bar, negative) for cell in cells]
            segments += [Segment("╌", scale) if y == at and block.text == " " else block for block in blocks]
        return Strip(segments).adjust_cell_length(width, self.rich_style).simplify()

    def _block(self, cell: Bucket, top: float, height: int, floor: int, bar: Style, negative: Style) -> Segment:
        """One cell of one bar; where both parts end inside it, the negative one stands before the other's colour."""
        whole, bad = (min(max(round(part / top * height * 8) - floor * 8, 0), 8) if top else 0 for part in (cell.count, cell.negative))
        if not floor and cell.count:
            whole = max(whole, 1)
        if 0 < bad < whole == 8:
            return Segment(BLOCKS[bad], negative + Style(bgcolor=bar.color))
        return Segment(BLOCKS[whole], negative if bad * 2 >= whole and bad else bar)


def fill(buckets: Sequence[Bucket], width: int, *, loudest: bool = False) -> list[Bucket]:
    """Exactly one bucket a cell: added up (or the largest taken) where there are more than cells, repeated where there are fewer."""
    cells = thin(buckets, width, loudest=loudest)
    if not cells:
        return []
    which = [at * len(cells) // width for at in range(width)]
    marks = {number: at for at, number in reversed(list(enumerate(which)))}
    return [Bucket(cells[n].count, cells[n].negative, cells[n].mark if marks[n] == at else "") for at, n in enumerate(which)]


def thin(buckets: Sequence[Bucket], width: int, *, loudest: bool = False) -> list[Bucket]:
    """At most `width` buckets, neighbours added up so that nothing is lost, or with the largest of them in their place."""
    if not buckets:
        return []
    size = -(-len(buckets) // width)
    groups = [buckets[at : at + size] for at in range(0, len(buckets), size)]
    join = max if loudest else sum
    return [
        Bucket(join(b.count for b in group), join(b.negative for b in group), next((b.mark for b in group if b.mark), "")) for group in groups
    ]
