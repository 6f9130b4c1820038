"""The list over the real store: it stands still while mentions arrive, and shows them when asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import ComposeResult

from listener.domain.query import parse
from listener.engine.triage import Triage
from listener.store.connection import Store
from listener.store.filters import Filter
from listener.store.intake import Intake
from listener.store.mentions import Mentions
from tests.listener.store.conftest import NOW, filing
from tests.tui.settling import settle
from tui.canvas import Canvas
from tui.screens.paging import StreamPager
from tui.widgets.mention_list import MentionList


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "desk.db", clock=lambda: NOW) as opened:
        yield opened


def arrive(store: Store, first: int, last: int) -> None:
    """Posts first … last − 1; a lower number is a newer post."""
    intake = Intake(store)
    store.write(lambda connection: intake.add(connection, [filing(n) for n in range(first, last)]))


class Desk(Canvas):
    def compose(self) -> ComposeResult:
        yield MentionList(clock=lambda: NOW)


@pytest.mark.parametrize("query", ["state:open", "", "post", "topic:Aurora state:open"])
async def test_the_list_stands_still_until_somebody_asks(store: Store, query: str) -> None:
    """Twelve new ones above the cursor: counted, not shown; then shown, with the cursor still on its mention."""
    arrive(store, 100, 1000)
    mentions = Mentions(store)
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        shown = app.query_one(MentionList)
        pager = StreamPager(mentions, Filter(parse(query), "newest"))
        shown.show(pager)
        assert shown.count == 900
        await pilot.press("end")
        assert shown.entry is not None
        assert shown.entry.native_id == "999"
        await pilot.press("home", "down", "down")
        arrive(store, 88, 100)
        shown.show(pager)
        await settle(pilot)
        assert (shown.count, pager.fresh().n, shown.entry.native_id) == (900, 12, "102")
        shown.show(StreamPager(mentions, Filter(parse(query), "newest")))
        await settle(pilot)
        assert (shown.count, shown.entry.native_id, shown._cursor) == (912, "102", 14)


async def test_closing_takes_the_row_away_and_the_next_comes_up(store: Store) -> None:
    """Close-and-next is a change in the store and one reload."""
    arrive(store, 0, 300)
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        shown = app.query_one(MentionList)
        pager = StreamPager(Mentions(store), Filter(parse("state:open"), "urgency"))
        shown.show(pager)
        await pilot.press("down", "down")
        Triage(store, "nora").close(shown.subjects)
        shown.show(pager)
        await settle(pilot)
        assert shown.entry is not None
        assert (shown.entry.native_id, shown.count) == ("3", 299)


async def test_marks_over_pages_are_the_store_s_rows(store: Store) -> None:
    """A range over a thousand rows reads ids, not rows."""
    arrive(store, 0, 1000)
    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        shown = app.query_one(MentionList)
        shown.show(StreamPager(Mentions(store), Filter(parse(""), "newest")))
        await pilot.press("down", "v", "end", "up")
        assert len(shown.marks) == 998
        await pilot.press("ctrl+a")
        assert len(shown.marks) == 1000


def test_a_list_that_no_counter_knows_is_counted_exactly_on_request(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening never waits for a count to the end."""
    monkeypatch.setattr("tui.screens.paging.COUNTED", 50)
    arrive(store, 0, 200)
    pager = StreamPager(Mentions(store), Filter(parse("post"), "newest"))
    assert (pager.count().n, pager.count().exact) == (50, False)
    arrive(store, 200, 220)
    assert pager.count_all() == 200
