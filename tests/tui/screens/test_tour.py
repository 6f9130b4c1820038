"""The tour goes on when its step was done, and only then."""

from __future__ import annotations

from pathlib import Path

from listener.engine.triage import Triage
from tests.tui.screens.hands import at_desk
from tui.screens.tour import Tour, TourPanel


async def test_each_step_waits_for_its_own_deed(tmp_path: Path) -> None:
    """What a colleague or a rule does meanwhile is no step of a newcomer's."""
    async with at_desk(tmp_path) as desk:
        tour = desk.app.tour = Tour(desk.app, desk.app.session)
        tour.begin()
        await desk.press("j")
        await desk.calm(0.4)
        assert tour._at == 1
        await desk.press("t", *"late", "enter")
        await desk.calm(0.4)
        assert tour._at == 2
        Triage(desk.app.session.store, "sam").close([5])
        await desk.calm(0.4)
        assert tour._at == 2
        await desk.press("u")
        await desk.calm(0.4)
        assert tour._at == 3
        await desk.press("f11")
        assert not desk.app.screen.query(TourPanel)
