"""An operator at the keyboard of a small desk, and what the store says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from listener.domain.mention import Entry
from tests.tui.screens.desk import open_desk
from tests.tui.settling import settle
from tui.app import ListenerApp
from tui.screens.inbox import InboxScreen
from tui.widgets.prompt import Prompt


class Hands:
    """Presses keys and waits until the screen has followed."""

    def __init__(self, app: ListenerApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def inbox(self) -> InboxScreen:
        return next(screen for stack in self.app._screen_stacks.values() for screen in stack if isinstance(screen, InboxScreen))

    def entry(self, id_: int = 1) -> Entry:
        return self.app.session.mentions.get(id_)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.calm()

    async def write(self, text: str) -> None:
        await self.press(*("space" if letter == " " else letter for letter in text))

    async def calm(self, seconds: float = 0.0) -> None:
        """Until no conversation but an open question's is under way."""
        if seconds:
            await self.pilot.pause(seconds)
        for number in range(60):
            await settle(self.pilot, 1)
            busy = [worker for worker in self.app.workers if worker.is_running]
            if not busy or (number > 2 and isinstance(self.app.screen, Prompt)):
                break
            await self.pilot.pause(0.01)
        await settle(self.pilot, 2)

    def shown(self) -> str:
        """The screen as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)


@asynccontextmanager
async def at_desk(folder: Path, size: tuple[int, int] = (120, 40), **furniture: str) -> AsyncIterator[Hands]:
    app = open_desk(folder, **furniture)
    async with app.run_test(size=size) as pilot:
        hands = Hands(app, pilot)
        await hands.calm()
        yield hands
    app.close_desk()
