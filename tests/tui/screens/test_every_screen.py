"""Every screen with texts of a hostile network on it, at the smallest size and a middling one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from listener.engine.triage import Triage
from tests.tui.hostile import OWN
from tests.tui.screens.desk import NOW, add, filing
from tests.tui.screens.hands import at_desk

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SCREENS = {"f2": "inbox", "f3": "incidents", "f4": "streams", "f8": "outbox", "f9": "sources", "f12": "playbook"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize("theme", ["listener-dark", "listener-light"])
async def test_no_screen_passes_a_control_on(tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    """A post, a handle, a tag's note, a draft: none of them reaches the terminal as anything but text, on any screen."""
    async with at_desk(tmp_path, size) as desk:
        desk.app.theme = theme
        texts = [text.encode("utf-8", "replace").decode() for text in OWN if text.strip()]
        ids = add(desk.app.session.store, [filing(-number, text[:60] or "x", text, "Aurora Air", -0.5, "complaint", "en") for number, text in enumerate(texts, 1)])
        hand = Triage(desk.app.session.store, "mallory\x1b[2J")
        for id_, text in zip(ids, texts, strict=False):
            hand.note(id_, text.strip() or "x")
        draft = desk.app.session.replies.open_draft(ids[0])
        desk.app.session.replies.save_draft(draft.id, "\x1b]0;owned\x07 [/x] [@click=app.quit]y[/]")
        for key, mode in SCREENS.items():
            await desk.press(key)
            assert desk.app.current_mode == mode
            for _ in range(3):
                shown = desk.shown()
                assert UNSAFE.search(shown.replace("\n", "")) is None, mode
                await desk.press("j")
        await desk.press("f2", "g", "enter")
        await desk.calm(0.2)
        assert UNSAFE.search(desk.shown().replace("\n", "")) is None
        assert desk.app.crash is None


async def test_a_whole_shift(tmp_path: Path) -> None:
    """Sign on, the worst first, a lead to sales until the morning, the rest done; what was done stands in the history."""
    async with at_desk(tmp_path, (80, 24)) as desk:
        assert desk.inbox.entry and desk.inbox.entry.severity == 1
        await desk.press("i", "n")
        await desk.write("called the station")
        await desk.press("ctrl+s")
        await desk.press("j", "j", "j", "j", "j")
        assert desk.inbox.entry.kinds[0][0] == "lead"
        await desk.press("y", "a", *"sales", "enter")
        await desk.press("s")
        await desk.write("tomorrow 9")
        await desk.press("enter")
        lead = desk.entry(6)
        assert (lead.tags, lead.assignee, lead.state.value) == (("lead",), "sales", "snoozed")
        assert lead.snoozed_until and lead.snoozed_until > NOW
        await desk.press("home", "j", "v", "j", "j", "d")
        assert desk.inbox.listing.count == 4
        await desk.press("u")
        assert desk.inbox.listing.count == 7
        assert [note.text for note in desk.app.session.mentions.notes(1)] == ["called the station"]
