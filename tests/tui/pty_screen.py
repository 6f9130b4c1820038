"""A program on a real pseudo-terminal, and what it said to it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]

_TOKEN = re.compile(
    rb"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    rb"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|\x1b[PX^_](?P<string>[^\x1b]*)\x1b\\"
    rb"|\x1b(?P<escape>[ -/]*[0-~])"
    rb"|(?P<c1>\xc2[\x80-\x9f])"
    rb"|(?P<c0>[\x00-\x1f\x7f])"
)


def run(*arguments: str, size: tuple[int, int] = (80, 24), seconds: float = 120) -> tuple[bytes, int]:
    """Everything that `python …` wrote to its terminal, and its exit code. It is killed when it does not end in time."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        environ.pop("NO_COLOR", None)
        os.execve(sys.executable, [sys.executable, *arguments], environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    said, end = bytearray(), time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    chunk = os.read(terminal, 65_536)
                except OSError:
                    break
                if not chunk:
                    break
                said += chunk
        else:
            os.kill(child, 9)
    finally:
        os.close(terminal)
    return bytes(said), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def tokens(said: bytes) -> Counter[str]:
    """The kinds of control that were sent: their final byte and private mark, whole modes, whole OSC commands; colours are one kind."""
    kinds: Counter[str] = Counter()
    for match in _TOKEN.finditer(said):
        kind, value = match.lastgroup or "", match.group(match.lastgroup or 0)
        if kind == "csi":
            value = value if value[-1:] in b"hlpuntcq" else value.strip(b"0123456789;:")
        elif kind == "osc":
            value = b"8" if re.fullmatch(rb"8;[^;]*;(https?://[^\x00-\x20]*)?", value) else value
        kinds[f"{kind} {value!r}"] += 1
    return kinds
