"""Opening the terminal: the screen, and a collector as its child when nobody collects yet."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from listener.errors import ConfigError, InputError

if TYPE_CHECKING:
    from tui.cli.desk import Desk


def open_terminal(desk: Desk, *, sandbox: Path | None = None) -> None:
    """Open the desk that the command line describes."""
    open_desk(desk.config_path, desk.db_path, desk.operator, sandbox=sandbox)


def open_desk(config: Path, db: Path, operator: str, *, sandbox: Path | None = None, tour: bool = False) -> None:
    """Open a desk. Raises ConfigError: this installation has no screen. InputError: there is no terminal to show it in."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError("The desk needs a terminal; input or output goes elsewhere.", hint="Scripts use the commands: `listener list --json`, `listener poll`.")
    try:
        from tui.app import run_app
    except ImportError as error:
        raise ConfigError(f"The terminal cannot be opened: {error}.", hint="Reinstall Listener with `pip install .`.") from None
    run_app(config, db, operator, collector=collector_command(config, db, sandbox), tour=tour)


def collector_command(config: Path, db: Path, sandbox: Path | None) -> list[str]:
    """The command that collects for this desk in a process of its own."""
    command = [sys.executable, "-m", "tui", "--db", str(db), "--config", str(config), "poll", "--child-of", str(os.getpid())]
    return command + (["--sandbox", str(sandbox)] if sandbox else [])

