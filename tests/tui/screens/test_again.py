"""Macros, pipes and people from the keyboard."""

from __future__ import annotations

import sys
from pathlib import Path

from listener.domain.case import State
from tests.tui.screens.hands import at_desk
from tui.screens.sheet import Sheet


async def test_a_macro_is_recorded_looked_at_played_and_undone(tmp_path: Path) -> None:
    """What one does to the first complaint is done to the others with two keys, after a look, and taken back with one."""
    async with at_desk(tmp_path) as desk:
        await desk.press("M", "i", "s")
        await desk.write("tomorrow 9")
        await desk.press("enter", "M")
        await desk.write("mine")
        await desk.press("enter")
        await desk.press("space", "space", "at")
        assert "mine" in desk.shown()
        await desk.press("enter")
        assert "to nora" in desk.shown() and "snooze" in desk.shown()
        assert [desk.entry(number).state for number in (2, 3)] == [State.OPEN] * 2
        await desk.press("y")
        await desk.calm(0.3)
        assert [(desk.entry(number).state, desk.entry(number).assignee) for number in (2, 3)] == [(State.SNOOZED, "nora")] * 2
        await desk.press("u")
        assert [(desk.entry(number).state, desk.entry(number).assignee) for number in (1, 2, 3)] == [(State.SNOOZED, "nora"), (State.OPEN, ""), (State.OPEN, "")]


async def test_a_mention_is_piped_and_the_answer_shown(tmp_path: Path) -> None:
    script = tmp_path / "count.py"
    script.write_text("import json, sys\nrows = json.load(sys.stdin)\nprint('got', [row['id'] for row in rows], '\\x1b[2J')")
    async with at_desk(tmp_path) as desk:
        await desk.press("space", "vertical_line")
        desk.app.screen.query_one("Input").value = f"{sys.executable} {script}"  # type: ignore[attr-defined]
        await desk.press("enter")
        await desk.calm(0.5)
        assert isinstance(desk.app.screen, Sheet)
        assert "got [1]" in desk.shown()


async def test_a_person_is_one_page(tmp_path: Path) -> None:
    async with at_desk(tmp_path) as desk:
        await desk.press("p")
        handle = desk.entry(1).author.handle
        assert f"@{handle}"[:20] in desk.shown() and "first-timer" in desk.shown()
        await desk.press("enter")
        assert desk.inbox.entry and desk.inbox.entry.id == 1
