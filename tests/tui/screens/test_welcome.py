"""The first run: from nothing to an inbox, without a traceback for whatever is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from listener.config import SourceSetting, load
from tests.tui.screens.hands import Hands
from tui.app import ListenerApp
from tui.screens import welcome
from tui.screens.inbox import InboxScreen
from tui.screens.session import Session


async def test_a_brand_becomes_a_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each network is tried; one that does not answer is not taken unless somebody wants it all the same."""

    def answer(session: Session, setting: SourceSetting) -> tuple[str, str]:
        return ("✗", "no connection") if setting.kind == "feed" else ("✓", "answers")

    monkeypatch.setattr(welcome, "try_out", answer)
    session = Session(tmp_path / "new" / "listener.toml", tmp_path / "listener.db", "nora")
    app = ListenerApp(session, start="welcome")
    async with app.run_test(size=(80, 24)) as pilot:
        hands = Hands(app, pilot)
        await hands.press("ctrl+s")
        assert "type the name of a brand" in hands.shown()
        await hands.write('Acme [/x] "quoted')
        await hands.press("tab", *"@acme", "tab", "tab", *"Globex", "ctrl+s")
        await hands.calm(0.2)
        assert "no connection" in hands.shown()
        await hands.press("ctrl+s")
        await hands.calm(0.2)
        assert isinstance(app.screen, InboxScreen)
    app.close_desk()
    config = load(session.config_path)
    assert [(topic.name, topic.role) for topic in config.topics] == [("Acme [/x] quoted", "brand"), ("Globex", "competitor")]
    assert [source.kind for source in config.sources] == ["hackernews", "mastodon"]
    assert session.config_path.stat().st_mode & 0o077 == 0


async def test_a_time_zone_that_there_is_not_is_said_at_once(tmp_path: Path) -> None:
    """A wrong clock would be found out in the middle of a night."""
    app = ListenerApp(Session(tmp_path / "listener.toml", tmp_path / "listener.db", "nora"), start="welcome")
    async with app.run_test(size=(120, 40)) as pilot:
        hands = Hands(app, pilot)
        await hands.write("Acme")
        await hands.press("tab", "tab", "tab", "tab", *"/Nowhere", "ctrl+s")
        assert "There is no time zone" in hands.shown()
    app.close_desk()
    assert not (tmp_path / "listener.toml").exists()
