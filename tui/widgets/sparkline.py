"""One line of blocks with a word before it and a figure after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Sequence


def trend(label: str, values: Sequence[float], figure: str = "", *, tone: str = "$accent", top: float | None = None) -> Content:
    """A labelled sparkline as content, to put into a row, a card or a table."""
    return Content.assemble(
        (shown.one_line(label, 40), "$muted"), (" ", ""), (shown.sparkline(values, top), tone), (" ", ""), shown.one_line(figure, 20)
    )


def mood(values: Sequence[float | None]) -> Content:
    """Net sentiment over time, one sign a step: `▲` above, `▼` below, `●` near zero, `·` where nothing was scored."""
    parts: list[tuple[str, str]] = []
    for value in values:
        if value is None:
            parts.append(("·", "$muted"))
        elif value >= 0.05:
            parts.append(("▲", "$positive"))
        else:
            parts.append(("▼", "$negative") if value <= -0.05 else ("●", "$neutral"))
    return Content.assemble(*parts)


class Sparkline(Static):
    """A labelled sparkline that can be changed."""

    DEFAULT_CSS = "Sparkline { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def show(self, label: str, values: Sequence[float], figure: str = "", *, top: float | None = None) -> None:
        """Show another series."""
        self.update(trend(label, values, figure, top=top))
