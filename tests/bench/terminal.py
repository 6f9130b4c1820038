"""The desk on a real pseudo-terminal, 120×40, over an archive: how soon it is there and how soon a key is answered.

    python tests/bench/terminal.py --n 1000000 [--db ARCHIVE] [--ingest 600] [--rounds 5]

Prints JSON, medians: `first_paint_s` until the first row of the list is written, `empty_textual_s` until an empty Textual app has painted,
`*_ms` from a key to the first byte of its answer, `rss_mb`. With `--ingest` so many mentions a second arrive from another process meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))

EMPTY = "from textual.app import App\nfrom textual.widgets import Static\nclass A(App):\n    def compose(self):\n        yield Static('READY')\nA().run()"
ROW = rb"user\d|User \d"
"""Authors of the generated archive: the first of them on the screen is the first row."""
KEYS = {"down_ms": b"\x1b[B", "page_down_ms": b"\x1b[6~", "end_ms": b"G", "home_ms": b"gg"}


class Terminal:
    """A program of ours on a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self.began = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
            os.execve(sys.executable, [sys.executable, *arguments], environ)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def until(self, pattern: bytes, seconds: float = 60) -> float:
        """Seconds from the start until a pattern was written."""
        said = b""
        while time.perf_counter() - self.began < seconds:
            said = (said + self.read(0.5))[-200_000:]
            if re.search(pattern, said):
                return time.perf_counter() - self.began
        raise TimeoutError(f"{pattern!r} did not come; the last was {said[-300:]!r}")

    def read(self, seconds: float) -> bytes:
        with contextlib.suppress(OSError):
            if select.select([self._fd], [], [], seconds)[0]:
                return os.read(self._fd, 65_536)
        return b""

    def quiet(self, seconds: float = 0.15, most: float = 5.0) -> None:
        """Read until nothing came for a while."""
        end = time.perf_counter() + most
        while self.read(seconds) and time.perf_counter() < end:
            pass

    def press(self, key: bytes) -> float:
        """Milliseconds from a key to the first byte of its answer."""
        while self.read(0):
            pass
        began = time.perf_counter()
        os.write(self._fd, key)
        self.read(5)
        return (time.perf_counter() - began) * 1_000

    def rss_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def empty() -> float:
    terminal = Terminal("-c", EMPTY)
    try:
        return terminal.until(b"READY")
    finally:
        terminal.end()


def desk(db: Path, config: Path, presses: int) -> dict[str, Any]:
    """One opening of the desk, with some keys."""
    terminal = Terminal("-m", "tui", "--db", str(db), "--config", str(config))
    try:
        found: dict[str, Any] = {"first_paint_s": terminal.until(ROW)}
        terminal.quiet(0.5)
        for name, key in KEYS.items():
            times = []
            for _ in range(presses if name in ("down_ms", "page_down_ms") else max(presses // 5, 2)):
                times.append(terminal.press(key))
                terminal.quiet(0.05, 0.3)
                if name == "end_ms":
                    terminal.press(b"gg")
                    terminal.quiet(0.05, 0.3)
            found[name] = times
        found["rss_mb"] = terminal.rss_mb()
        return found
    finally:
        terminal.end()


def measure(db: Path, config: Path, rounds: int, presses: int) -> dict[str, float]:
    rows = [desk(db, config, presses) for _ in range(rounds)]
    out = {name: round(statistics.median(row[name] for row in rows), 3) for name in ("first_paint_s", "rss_mb")}
    for name in KEYS:
        times = sorted(time_ for row in rows for time_ in row[name])
        out[name] = round(statistics.median(times), 2)
        out[name.replace("_ms", "_p95_ms")] = round(times[min(int(len(times) * 0.95), len(times) - 1)], 2)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--db", type=Path, help="an archive that `archive.py` made, instead of a new one")
    parser.add_argument("--ingest", type=int, default=0, metavar="RATE", help="mentions a second that arrive meanwhile")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--presses", type=int, default=30)
    given = parser.parse_args()
    from tests.bench import archive, store

    with tempfile.TemporaryDirectory(prefix="listener-bench-") as name:
        folder = Path(name)
        db, config = given.db or folder / "archive.db", folder / "listener.toml"
        os.environ["LISTENER_HOME"] = name
        if not given.db:
            archive.make(db, given.n).close()
        config.touch(0o600)
        desk(db, config, 2)  # warms the file's pages
        result: dict[str, Any] = {"n": given.n, "empty_textual_s": round(statistics.median(empty() for _ in range(given.rounds)), 3)}
        if given.ingest:
            with store.flood(db, given.ingest) as told:
                time.sleep(1)
                result |= measure(db, config, given.rounds, given.presses)
                result["mentions_per_s"] = round(told.value)
        else:
            result |= measure(db, config, given.rounds, given.presses)
        result["first_paint_ratio"] = round(result["first_paint_s"] / result["empty_textual_s"], 2)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
