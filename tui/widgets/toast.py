"""What the desk says for a moment in the corner, and how it says that something went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui import format as shown
from tui.canvas import key_of

if TYPE_CHECKING:
    from textual.app import App

    from listener.errors import ListenerError


def tell(app: App[Any], text: str, *, seconds: float = 4) -> None:
    """Say that something was done."""
    app.notify(shown.one_line(text, 300), timeout=seconds, markup=False)


def tell_undo(app: App[Any], text: str) -> None:
    """Say what was done, and that it can be undone."""
    app.notify(f"{shown.one_line(text, 250)}  ({key_of(app, 'undo')} undoes)", timeout=4, markup=False)


def tell_error(app: App[Any], error: ListenerError) -> None:
    """Say what went wrong and what to do about it; a key shows the details."""
    said = shown.one_line(f"{error.message} {error.hint}", 400)
    app.notify(f"{said}  ({key_of(app, 'details')} for details)", severity="error", timeout=10, markup=False)
