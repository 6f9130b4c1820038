"""Writing in the operator's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

LONGEST = 1_000_000


def edit(app: App[object], text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The text after the operator has had it in $VISUAL or $EDITOR; the screen is handed over for as long.

    The file can be read by nobody else and is gone afterwards; no shell sees its name.

    Raises:  InputError: no editor, it could not be started, or it ended with an error; the text is then as it was.
    """
    command = words(environ)
    with tempfile.TemporaryDirectory(prefix="listener-") as folder:
        path = Path(folder) / "reply.txt"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            with app.suspend():
                code = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 (the operator's own editor)
        except OSError as error:
            raise InputError(
                f"The editor {command[0]!r} cannot be started: {error.strerror}.", hint="Set EDITOR to one that can."
            ) from error
        if code:
            raise InputError(f"The editor ended with code {code}, so the text stays as it was.")
        return path.read_text(encoding="utf-8", errors="replace")[:LONGEST].rstrip("\n")


def words(environ: Mapping[str, str]) -> list[str]:
    """The editor's command. Raises InputError: none is set, or it is no command."""
    command = environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise InputError(f"EDITOR is no command: {error}.") from error
    if not found:
        raise InputError("There is no editor.", hint="Set EDITOR, for example to nano.")
    return found
