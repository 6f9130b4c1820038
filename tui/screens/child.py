"""A collector as a child of the desk: started when nobody collects, replaced when it dies, ended with the desk."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AGAIN = (5.0, 15.0, 60.0, 300.0)
"""Seconds to wait before each further start."""


class Child:
    """At most one process. What it says goes to a file beside the database."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command, self.log = list(command), log
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._started = 0.0

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def want(self) -> bool:
        """Start it unless it runs, or has ended a moment ago. True when it was started."""
        if self.running or not self._command:
            return False
        wait = AGAIN[min(self._starts - 1, len(AGAIN) - 1)] if self._starts else 0.0
        if time.monotonic() - self._started < wait:
            return False
        with self.log.open("ab") as stream:
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
                self._command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True
            )
        self._starts += 1
        self._started = time.monotonic()
        return True

    def end(self, patience: float = 5.0) -> None:
        """Ask it to end; make it, when it does not within `patience` seconds."""
        if self._process is None or not self.running:
            return
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """The end of what it said."""
        try:
            return self.log.read_bytes()[-2000:].decode("utf-8", "replace").strip()
        except OSError:
            return ""
