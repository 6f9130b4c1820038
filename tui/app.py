"""The application: one App, its modes and themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run_app(config: Path, db: Path, operator: str, *, collector: Sequence[str]) -> None:
    """Open the desk on a database.

    Args:    collector: the command that collects for it, to be started when nobody collects yet.
    """
    raise ImportError("the screens are on their way")
