"""What was done, newest first, and taking any of it back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui import format as shown
from tui.screens.sentences import said
from tui.widgets.prompt import Choice, Choose

if TYPE_CHECKING:
    from listener.engine.history import Stroke
    from tui.screens.base import DeskScreen

SHOWN = 100
"""Keystrokes listed."""


async def show_history(screen: DeskScreen) -> None:
    """List what was done; the chosen one is undone after a look at what that means. Raises Conflict, InputError."""
    session = screen.session
    from listener.engine.history import strokes

    done = await asyncio.to_thread(lambda: strokes(session.store, limit=SHOWN))
    if not done:
        screen.say("Nothing has been done yet.")
        return
    now = session.clock()
    choices = [
        Choice(stroke.batch, _text(stroke), f"{shown.age(stroke.at, now)} · {_who(stroke)} · {shown.full(stroke.n)}" + (" · undone" if stroke.undone else ""))
        for stroke in done
    ]
    chosen = await screen.ask(Choose("History: ⏎ undoes", choices))
    if not chosen:
        return
    stroke = next(stroke for stroke in done if stroke.batch == chosen[0])
    if not stroke.undoable:
        screen.say("That was undone already." if stroke.undone else "That cannot be undone from here.")
        return
    lines = [f"{_who(stroke)}: {_text(stroke)}", f"{shown.plural(stroke.n, 'mention')} as before."]
    if await screen.sure("Undo this?", lines, yes="undo"):
        action, undone = await asyncio.to_thread(session.triage.undo, stroke.batch)
        screen.say(f"Undone: {action} on {shown.plural(len(undone.changed), 'mention')}")
        screen.changed(worked=True)


def _text(stroke: Stroke) -> str:
    return said(stroke.actions[0], "", stroke.after)


def _who(stroke: Stroke) -> str:
    return f"rule {stroke.rule}" if stroke.rule else stroke.operator
