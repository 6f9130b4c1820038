"""Waiting in tests until the screen has said everything it has to say."""

from __future__ import annotations

from textual.pilot import Pilot


async def settle(pilot: Pilot[object], rounds: int = 3) -> None:
    """Let messages run until none is left; workers that never end are not waited for."""
    for _ in range(rounds):
        await pilot.pause()
