"""The last line of every screen: whether the desk still listens, what burns, who is on, what time it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.content import Content
from textual.widgets import Static

from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Status:
    """What the line shows."""

    polling: Literal["polling", "waiting", "stopped", "down"] = "waiting"
    """`stopped`: nobody collects; `down`: a source fails."""
    lag: float | None = None
    """Seconds between the newest post and its arrival here."""
    failing: int = 0
    """Sources that fail."""
    trouble: str = ""
    """What the first of them says, in words."""
    incidents: Sequence[int] = ()
    """How many open incidents of SEV1, SEV2, SEV3, SEV4."""
    shift: str = ""
    clock: str = ""
    """The desk's time with its zone: `03:12 Athens`."""
    as_of: str = ""
    """Set while the screen shows the past."""
    recording: str = ""
    """Set while a macro is recorded."""
    others: Sequence[str] = ()
    """Other operators at the desk now."""


SIGNS = {
    "polling": ("● polling", "$good"),
    "waiting": ("● listening", "$good"),
    "stopped": ("■ nobody collects", "$bad"),
    "down": ("▲ source down", "$bad"),
}


LEAST = 16
"""Fewer cells than this say nothing of a trouble."""


def line(status: Status, width: int) -> Content:
    """The line, at most `width` cells wide; what matters least is left out first."""
    left = [Content.assemble(SIGNS[status.polling])]
    if status.as_of:
        left.insert(0, Content.styled(f" as of {shown.one_line(status.as_of, 30)} ", "reverse $notice"))
    if status.recording:
        left.insert(0, Content.styled(f" ● recording {shown.one_line(status.recording, 20)} ", "reverse $bad"))
    if status.failing and status.polling == "down":
        left[-1] = Content.styled(f"▲ {shown.plural(status.failing, 'source')} down", "$bad")
    left.append(_incidents(status.incidents))
    if status.lag is not None:
        left.append(Content.styled(f"lag {_lag(status.lag)}", "$muted"))
    right = [Content.styled(shown.one_line(status.clock, 30), "$title")] if status.clock else []
    if status.shift:
        right.insert(0, Content.styled(f"on shift {shown.one_line(status.shift, 30)}", "$muted"))
    if status.others:
        right.insert(0, Content.styled(f"here too {shown.one_line(', '.join(status.others), 40)}", "$muted"))
    while len(right) > 1 and _width(left) + _width(right) + 2 > width:
        right.pop(0)
    while len(left) > 2 and _width(left) + _width(right) + 2 > width:
        left.pop()
    room = width - _width(left) - _width(right) - 4
    if status.trouble and room >= LEAST:
        left.append(Content.styled(shown.one_line(status.trouble, room), "$muted"))
    gap = max(width - _width(left) - _width(right), 1)
    return Content.assemble(_joined(left), " " * gap, _joined(right))


def _incidents(counts: Sequence[int]) -> Content:
    burning = [(f"SEV{number} {count}", f"bold $severity-{number}") for number, count in enumerate(counts, 1) if count]
    if not burning:
        return Content.styled("no incidents", "$muted")
    return Content(" ").join([Content.assemble(piece) for piece in burning])


def _lag(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else shown.age(0, int(seconds * 1000))


def _joined(parts: list[Content]) -> Content:
    return Content("  ").join(parts)


def _width(parts: list[Content]) -> int:
    return _joined(parts).cell_length


class StatusLine(Static):
    """Shows a status; repaints only when it has changed."""

    DEFAULT_CSS = "StatusLine { dock: bottom; height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self.status = Status()

    def show(self, status: Status) -> None:
        """Show another status."""
        if status != self.status:
            self.status = status
            self._write()

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        self.update(line(self.status, self.content_size.width))
