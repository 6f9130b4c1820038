"""The last line says the truth about collecting, in words, at any width."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.tui.screens.desk import open_desk
from tui.screens.pulse import read_status
from tui.widgets.status_line import Status, line

if TYPE_CHECKING:
    from pathlib import Path

DOWN = Status("down", failing=3, trouble="feed: No connection to news.example: the name cannot be resolved.", shift="nora", clock="03:12 Athens")


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_a_trouble_is_told_where_there_is_room(width: int) -> None:
    """It takes what is left over, and never pushes anything else out or the line over its edge."""
    shown, without = line(DOWN, width).plain, line(replace(DOWN, trouble=""), width).plain
    assert len(shown) <= width
    assert ("No connection" in shown) == (width >= 100)
    assert set(without.split()) <= set(shown.split())


async def test_a_source_that_never_answered_is_down_at_its_first_failure(tmp_path: Path) -> None:
    """Whoever starts without a network must not read that the desk is listening."""
    from listener.store.checkpoints import Checkpoints, Leases

    app = open_desk(tmp_path)
    session = app.session
    store = session.store
    Leases(store).take("collector", "here:1", 60_000)
    checkpoints = Checkpoints(store)
    checkpoints.describe([("news", "feed"), ("hn", "hackernews")])
    assert read_status(session).polling == "waiting"
    checkpoints.unhealthy("news", "No connection to news.example.", 1)
    status = read_status(session)
    assert (status.polling, status.failing, status.trouble) == ("down", 1, "news: No connection to news.example.")
    session.close()
