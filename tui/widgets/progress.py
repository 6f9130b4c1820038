"""Long work in one line: what, how far, how long yet, and the key that stops it."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui import format as shown
from tui.canvas import key_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Work:
    """One piece of long work, as the thread that does it sees it."""

    def __init__(self, title: str, total: int | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.title, self.total, self.done = title, total, 0
        self._clock, self._began, self._stop = clock, clock(), Event()

    def advance(self, n: int = 1) -> bool:
        """Tell of n more pieces done. False when the operator wants it to stop: finish the piece at hand and return."""
        self.done += n
        return not self._stop.is_set()

    def stop(self) -> None:
        """Ask it to stop."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    @property
    def left(self) -> float | None:
        """Seconds yet, at the pace so far; None while nobody can tell."""
        spent = self._clock() - self._began
        if not self.total or not self.done or spent < 1:
            return None
        return spent / self.done * max(self.total - self.done, 0)


def line(work: Work, width: int, key: str) -> Content:
    """The line."""
    if work.stopped:
        return Content.styled(f"{shown.one_line(work.title, 60)}: stopping after the piece at hand…", "$notice")
    figure = f"{shown.full(work.done)}" + (f" of {shown.full(work.total)}" if work.total is not None else "")
    left = "" if work.left is None else f" · {_left(work.left)}"
    head, tail = f"{shown.one_line(work.title, 40)} ", f" {figure}{left} · {key} stops"
    room = max(min(width - len(head) - len(tail), 30), 0)
    bar = shown.bar(work.done / work.total, room) if work.total and room > 4 else ""
    return Content.assemble((head, "$title"), (bar, "$accent"), (tail, "$muted"))


def _left(seconds: float) -> str:
    return f"{seconds:.0f} s left" if seconds < 90 else f"{seconds / 60:.0f} min left"


class ProgressLine(Static):
    """Shows the work that is running, five times a second, and nothing when there is none."""

    DEFAULT_CSS = "ProgressLine { dock: bottom; height: 1; padding: 0 1; background: $panel; display: none; text-wrap: nowrap; }"

    work: Work | None = None

    def begin(self, work: Work) -> Work:
        """Show this work until `end`."""
        self.work = work
        self.display = True
        self._write()
        self._timer = self.set_interval(0.2, self._write)
        return work

    def end(self) -> None:
        """It is over, finished or stopped."""
        if self.work is not None:
            self._timer.stop()
        self.work = None
        self.display = False

    def stop(self) -> bool:
        """Stop what is running; False when nothing is."""
        if self.work is None:
            return False
        self.work.stop()
        self._write()
        return True

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        if self.work is not None:
            self.update(line(self.work, self.content_size.width or self.app.size.width - 2, key_of(self.app, "stop")))
