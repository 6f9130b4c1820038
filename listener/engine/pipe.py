"""Mentions as JSON on the standard input of a command of the user's own: no shell, a time limit, an answer that cannot hurt a terminal.

Nothing of a mention ever stands among the command's arguments.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from listener.errors import InputError

TIMEOUT = 30.0
LARGEST = 1_000_000
"""Bytes of its answer that are kept."""
_CONTROL = re.compile(r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)?|[P^_X][^\x1b]*(?:\x1b\\)?|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command."""

    code: int | None
    """Its exit code, negative for a signal; None when it took too long and was ended."""
    out: str
    """What it printed, without anything that moves a cursor."""
    err: str
    seconds: float
    cut: bool
    """Whether it printed more than is kept."""


def arguments(command: str) -> list[str]:
    """A typed command as program and arguments, quotes understood. Raises InputError: it is empty, or a quote is open."""
    try:
        words = shlex.split(command)
    except ValueError:
        raise InputError(f"{command!r} has a quote without a partner.") from None
    if not words:
        raise InputError("Which command?", hint="Such as: jq length")
    return words


def pipe(command: Sequence[str], rows: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> Outcome:
    """Run a command with a JSON array on its standard input.

    Args:    command: program and arguments; nothing in them is expanded. timeout: seconds, after which it is ended with all it started.
    Raises:  InputError: there is no such program, or it may not be run.
    """
    began = time.monotonic()
    text = "[" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "]\n"
    try:
        process = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)  # noqa: S603 - the user's own command, without a shell
    except FileNotFoundError:
        raise InputError(f"There is no program {command[0]!r}.", hint="Give its path, or put it on the PATH.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{command[0]!r} cannot be run: {getattr(error, 'strerror', None) or error}.") from None
    assert process.stdin and process.stdout and process.stderr
    heard: dict[str, tuple[bytes, bool]] = {}
    hands = [
        threading.Thread(target=_feed, args=(process.stdin, text.encode("utf-8", "replace")), daemon=True),
        threading.Thread(target=_hear, args=(process.stdout, heard, "out"), daemon=True),
        threading.Thread(target=_hear, args=(process.stderr, heard, "err"), daemon=True),
    ]
    for hand in hands:
        hand.start()
    code: int | None
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        code = None
    for hand in hands[1:] if code is not None else ():
        hand.join(max(0.0, timeout - (time.monotonic() - began)))
    _end(process, code is None or any(hand.is_alive() for hand in hands))
    for hand in hands[1:]:
        hand.join(2)
    (out, cut), (err, more) = heard.get("out", (b"", True)), heard.get("err", (b"", True))
    return Outcome(code, cleaned(out), cleaned(err), time.monotonic() - began, cut or more)


def cleaned(raw: bytes) -> str:
    """Text without escapes, controls and marks that turn a line around; tabs and line ends stay."""
    return _CONTROL.sub("", raw.decode("utf-8", "replace").replace("\r\n", "\n"))


def _feed(stream: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError):  # it did not want to read all of it
        stream.write(data)
    with contextlib.suppress(OSError):
        stream.close()


def _hear(stream: IO[bytes], heard: dict[str, tuple[bytes, bool]], name: str) -> None:
    """Read to the end and keep the beginning, so that a talkative command is not held up."""
    kept, cut = bytearray(), False
    with contextlib.suppress(OSError, ValueError):
        while part := stream.read(65_536):
            room = LARGEST - len(kept)
            kept += part[:room]
            cut = cut or len(part) > room
    heard[name] = (bytes(kept), cut)


def _end(process: subprocess.Popen[bytes], still: bool) -> None:
    """End the command and whatever it started, when any of it is still there."""
    if still:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
