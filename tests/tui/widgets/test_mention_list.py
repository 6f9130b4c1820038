"""The list is where an operator lives: the cursor stays put, marks hold, nothing that a post says is ever obeyed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.app import ComposeResult

from listener.domain.case import State
from listener.errors import StoreError
from tests.tui.entries import NOW, Held, entry, person, sample
from tests.tui.hostile import OWN
from tests.tui.settling import settle
from tui.canvas import Canvas
from tui.widgets.mention_list import MentionList


class Desk(Canvas):
    def __init__(self, entries: list) -> None:
        super().__init__()
        self.entries = entries
        self.heard: list[object] = []

    def compose(self) -> ComposeResult:
        yield MentionList(clock=lambda: NOW)

    def on_mount(self) -> None:
        self.list.show(Held(self.entries))

    @property
    def list(self) -> MentionList:
        return self.query_one(MentionList)

    def on_mention_list_opened(self, message: MentionList.Opened) -> None:
        self.heard.append(message.entry.id)

    def on_mention_list_failed(self, message: MentionList.Failed) -> None:
        self.heard.append(str(message.error))

    def on_mention_list_newest_wanted(self, message: MentionList.NewestWanted) -> None:
        self.heard.append("newest")

    def lines(self) -> list[str]:
        """What stands on the screen."""
        return ["".join(segment.text for segment in strip) for strip in self.screen._compositor.render_strips()]


@pytest.fixture
def many() -> Desk:
    return Desk([entry(number) for number in range(1, 1001)])


async def test_new_mentions_never_move_the_cursor(many: Desk) -> None:
    """A hand is over the key: what is under it must not change."""
    async with many.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["down"] * 30)
        await settle(pilot)
        chosen, line = many.list.entry, many.list._cursor * 2 - many.list.scroll_offset.y
        many.list.show(Held([*[entry(number) for number in range(-50, 0)], *many.entries]))
        await settle(pilot)
        assert many.list.entry == chosen
        assert many.list._cursor * 2 - many.list.scroll_offset.y == line
        assert many.list._cursor == 80


async def test_when_the_mention_under_the_cursor_goes_the_next_takes_its_place(many: Desk) -> None:
    """Close and next: the one after comes up under the hand."""
    async with many.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down")
        many.list.show(Held([held for held in many.entries if held.id != 3]))
        await settle(pilot)
        assert many.list.entry is not None
        assert many.list.entry.id == 4


async def test_a_changed_mention_is_repainted_and_told(many: Desk) -> None:
    """The pane beside the list shows what the store says now."""
    async with many.run_test(size=(80, 24)) as pilot:
        many.list.show(Held([entry(1, state=State.RESOLVED, version=2), *many.entries[1:]]))
        await settle(pilot)
        assert many.list.entry is not None
        assert many.list.entry.state is State.RESOLVED
        assert "✓" in many.lines()[1]


async def test_ends_pages_and_back(many: Desk) -> None:
    """Home, End and the pages reach every row, and stop at the ends."""
    async with many.run_test(size=(80, 24)) as pilot:
        await pilot.press("end")
        assert many.list.entry is not None
        assert many.list.entry.id == 1000
        await pilot.press("down", "pageup")
        assert many.list.entry.id == 989
        await pilot.press("home", "up", "pagedown")
        assert many.list.entry.id == 12


async def test_marks_hold_by_mention_and_actions_are_about_them(many: Desk) -> None:
    """A mark belongs to a mention: a reload keeps it where it was."""
    async with many.run_test(size=(80, 24)) as pilot:
        assert many.list.subjects == (1,)
        await pilot.press("space", "down", "space")
        assert many.list.subjects == (1, 3)
        many.list.show(Held([entry(0), *many.entries]))
        assert many.list.subjects == (1, 3)
        await pilot.press("V")
        assert many.list.marks == frozenset()


async def test_a_range_is_marked_both_ways_and_over_pages(many: Desk) -> None:
    """From 500 to the end in three keys."""
    async with many.run_test(size=(80, 24)) as pilot:
        many.list.go(499)
        await pilot.press("v", "end")
        assert many.list.marks == frozenset(range(500, 1001))
        await pilot.press("home", "v")
        assert many.list.marks == frozenset(range(1, 501))
        await pilot.press("ctrl+a")
        assert len(many.list.marks) == 1000


async def test_the_mouse_does_what_the_keys_do(many: Desk) -> None:
    """Click goes, double click opens, the gutter marks, shift marks a range, the title goes to the new ones."""
    async with many.run_test(size=(80, 24)) as pilot:
        await pilot.click(MentionList, offset=(20, 5))
        assert many.list.entry is not None
        assert many.list.entry.id == 3
        await pilot.click(MentionList, offset=(1, 9))
        assert many.list.marks == {5}
        await pilot.click(MentionList, offset=(20, 13), shift=True)
        assert many.list.marks == {5, 6, 7}
        await pilot.click(MentionList, offset=(20, 1), times=2)
        await settle(pilot)
        assert many.heard == [1]
        many.list.fresh = 12
        await pilot.click(MentionList, offset=(20, 0))
        await settle(pilot)
        assert many.heard == [1, "newest"]
        assert "▲ 12 new · g" in many.lines()[0]


async def test_a_store_that_refuses_is_words_not_a_crash(many: Desk) -> None:
    """Disk full, file locked: the list stays as it was."""

    class Broken(Held):
        def count(self):  # type: ignore[no-untyped-def]
            raise StoreError("The database is locked.", hint="Another program writes to it.")

    async with many.run_test(size=(80, 24)) as pilot:
        many.list.show(Broken([]))
        await settle(pilot)
        assert many.heard == ["The database is locked. Another program writes to it."]
        assert many.list.count == 1000


async def test_an_empty_list_says_what_to_do() -> None:
    """A blank pane looks broken."""
    desk = Desk([])
    async with desk.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "end", "space", "enter", "v", "ctrl+a")
        assert any("Nothing waits for you here." in line for line in desk.lines())


@pytest.fixture(params=[(36, 12), (80, 24), (200, 60)], ids=str)
def size(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    yield request.param


@pytest.mark.parametrize("lines", [1, 2])
async def test_no_script_no_emoji_and_no_attack_breaks_a_row(size: tuple[int, int], lines: int) -> None:
    """Each line is as wide as the screen, and the columns before an author stand where they always stand."""
    told = [entry(n, text=text, author=person(text), assignee=text, tags=(text,), title=text) for n, text in enumerate(OWN, 1)]
    desk = Desk([*sample(), *[held for held in told if held.id > 8]])
    async with desk.run_test(size=size) as pilot:
        desk.list.lines = lines
        for _ in range(6):
            await pilot.press("pagedown")
            await settle(pilot)
            widths = {strip.cell_length for strip in desk.screen._compositor.render_strips()}
            assert widths == {size[0]}
            painted = "".join(desk.lines())
            assert painted.isprintable()


async def test_memory_and_work_do_not_depend_on_the_length() -> None:
    """A list of a million asks for as many pages as a list of a thousand."""

    class Counted(Held):
        asked = 0

        def count(self):  # type: ignore[no-untyped-def]
            tally = super().count()
            tally.n = 1_000_000
            return tally

        def page(self, after, *, backwards=False, skip=0, limit=128):  # type: ignore[no-untyped-def]
            Counted.asked += 1
            return super().page(None)

    desk = Desk([])
    async with desk.run_test(size=(80, 24)) as pilot:
        desk.list.show(Counted([entry(number) for number in range(1, 129)]))
        await pilot.press("down", "pagedown", "end", "home")
        assert Counted.asked <= 3
