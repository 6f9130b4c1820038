"""A query is applied only when it can be read; until then a caret says where it cannot."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from tests.tui.settling import settle
from tui.canvas import Canvas
from tui.widgets.filter_bar import FilterBar


class Desk(Canvas):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield FilterBar(words={"tag": ("refund",)})

    def on_mount(self) -> None:
        self.query_one(FilterBar).open()

    def on_filter_bar_applied(self, message: FilterBar.Applied) -> None:
        self.heard.append(str(message.query))

    def on_filter_bar_cancelled(self) -> None:
        self.heard.append("cancelled")

    @property
    def help(self) -> str:
        return str(self.query_one("#help", Static).content)


async def test_the_caret_stands_below_the_culprit_while_one_types() -> None:
    """Column 12 of the text is column 12 of the screen."""
    desk = Desk()
    async with desk.run_test(size=(80, 10)) as pilot:
        await pilot.press(*"refund AND folowers", "colon", *"5", "space")
        await settle(pilot)
        assert desk.help.index("^") == len("refund AND ")
        assert "followers" in desk.help
        await pilot.press("enter")
        assert desk.heard == []


async def test_the_caret_keeps_its_place_in_a_long_query_and_a_narrow_window() -> None:
    """The input scrolls, and what is said finds room before the caret."""
    desk = Desk()
    async with desk.run_test(size=(60, 10)) as pilot:
        desk.query_one(FilterBar).open("refund OR " * 12 + "tag:(")
        await settle(pilot)
        assert "^" in desk.help
        assert len(desk.help) <= 58


async def test_tab_completes_and_enter_applies() -> None:
    """Five keys for a filter by tag."""
    desk = Desk()
    async with desk.run_test(size=(80, 10)) as pilot:
        await pilot.press(*"ta", "tab", *"re", "tab", "enter")
        await settle(pilot)
        assert desk.heard == ["tag:refund"]
        await pilot.press("escape")
        await settle(pilot)
        assert desk.heard[-1] == "cancelled"


async def test_markup_in_a_query_is_only_text() -> None:
    """The help line repeats what was typed."""
    desk = Desk()
    async with desk.run_test(size=(80, 10)) as pilot:
        for text in ("[/x] (", 'tag:"[@click=app.quit]x[/]" (', "[b"):
            desk.query_one(FilterBar).open(text)
            await settle(pilot)
        assert desk.is_running
