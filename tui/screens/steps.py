"""Ticking the steps of a playbook, for a mention or an incident."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui import format as shown
from tui.widgets.prompt import Choice, Choose

if TYPE_CHECKING:
    from listener.domain.playbook import Playbook
    from listener.store.steps import Subject
    from tui.screens.base import DeskScreen


async def tick_steps(screen: DeskScreen, subject: Subject, id_: int, books: list[Playbook]) -> None:
    """Show the steps of the first playbook that fits, ticked as they stand; what is chosen then stands ticked."""
    from listener.engine.playbooks import boxes, tick

    session = screen.session
    book = next((one for one in books if one.steps), None)
    if book is None:
        screen.say("No playbook with steps fits this one; its tags and kind choose it.")
        return
    steps = await asyncio.to_thread(boxes, session.store, subject, id_, book)
    choices = [Choice(str(number), box.step, f"{box.done.operator}, {shown.age(box.done.at, session.clock())}" if box.done else "") for number, box in enumerate(steps, 1)]
    before = {str(number) for number, box in enumerate(steps, 1) if box.done}
    chosen = await screen.ask(Choose(book.title, choices, several=True, chosen=tuple(before)))
    if chosen is None:
        return
    for number in before ^ set(chosen):
        await asyncio.to_thread(tick, session.store, subject, id_, book, int(number), session.operator, number in chosen)
    screen.changed(worked=True)
