"""Painting the lines of a list: styles by the name of a part, and lines that are painted once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style
    from textual.widget import Widget

STRIPS = 4096
"""Painted lines kept; all are dropped when there are more."""


class Brush:
    """Paints lines of a widget whose component classes are `<prefix>--<part>`.

    Textual keeps what a strip became after filtering and rendering inside the strip. So a line that comes back as the same
    strip costs nearly nothing, and scrolling costs no more than the lines that are new on the screen.
    """

    def __init__(self, widget: Widget, prefix: str) -> None:
        self._widget, self._prefix = widget, prefix
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._styles: dict[tuple[str, str], Style] = {}

    def forget(self, *, styles: bool = False) -> None:
        """Paint all lines afresh; with other styles when the theme has changed."""
        self._strips.clear()
        if styles:
            self._styles.clear()

    def line(self, key: tuple[object, ...], pieces: Callable[[], list[tuple[str, str]]], lead: str, place: str, width: int) -> Strip:
        """The line of that key; `pieces` is only asked when it has to be painted.

        Args:    lead: what stands in the gutter. place: `cursor`, `marked` or empty: the ground.
        """
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > STRIPS:
                self._strips.clear()
            segments = [Segment(lead, self.style("bar", place))]
            segments += [Segment(text, self.style(part, place)) for text, part in pieces() if text]
            strip = self._strips[key] = Strip(segments).adjust_cell_length(width, self.style("", place)).simplify()
        return strip

    def style(self, part: str, place: str = "") -> Style:
        """The style of a part on a ground. On a reversed ground, as in sixteen colours, every part is the ground's: no patchwork."""
        key = (part, place)
        if key not in self._styles:
            ground = self._widget.rich_style
            if place:
                ground += self._widget.get_component_rich_style(f"{self._prefix}--{place}", partial=True)
            if part and not ground.reverse:
                ground += self._widget.get_component_rich_style(f"{self._prefix}--{part}", partial=True)
            self._styles[key] = ground
        return self._styles[key]
