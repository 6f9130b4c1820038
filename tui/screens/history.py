"""What was done, newest first, and taking any of it back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui import format as shown
from tui.screens.sentences import strokes
from tui.widgets.prompt import Choice, Choose

if TYPE_CHECKING:
    from tui.screens.base import DeskScreen

LINES = 2_000
"""Lines of the journal looked at; a big batch is many lines and one keystroke."""


async def show_history(screen: DeskScreen) -> None:
    """List what was done; the chosen one is undone after a look at what that means. Raises Conflict, InputError."""
    session = screen.session
    done = strokes(await asyncio.to_thread(session.journal.recent, limit=LINES))
    if not done:
        screen.say("Nothing has been done yet.")
        return
    now = session.clock()
    choices = [
        Choice(stroke.batch, stroke.text, f"{shown.age(stroke.at, now)} · {stroke.operator} · {shown.plural(stroke.mentions, 'mention')}")
        for stroke in done
    ]
    chosen = await screen.ask(Choose("History: ⏎ undoes", choices))
    if not chosen:
        return
    stroke = next(stroke for stroke in done if stroke.batch == chosen[0])
    lines = [f"{stroke.operator}: {stroke.text}", f"{shown.plural(stroke.mentions, 'mention')} go back to what they were before."]
    if await screen.sure("Undo this?", lines, yes="undo"):
        action, undone = await asyncio.to_thread(session.triage.undo, stroke.batch)
        screen.say(f"Undone: {action} on {shown.plural(len(undone.changed), 'mention')}")
        screen.changed(worked=True)
