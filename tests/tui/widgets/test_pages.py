"""Whatever way one scrolls, each number shows its own row, and no jump costs more than half the list."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.pages import KEPT, SIZE, Pages


@dataclass
class Tally:
    n: int
    exact: bool = True


@dataclass
class Rows:
    entries: range

    @property
    def keys(self) -> list[tuple[int]]:
        return [(number,) for number in self.entries]


class Numbers:
    """A list of the numbers 0 … n − 1 that notes what it is asked to skip."""

    def __init__(self, n: int, known: int | None = None) -> None:
        self.n = n
        self.known = known
        self.skipped: list[int] = []

    def count(self) -> Tally:
        return Tally(self.n) if self.known is None else Tally(self.known, False)

    def page(self, after: tuple[int] | None, *, backwards: bool = False, skip: int = 0, limit: int = SIZE) -> Rows:
        self.skipped.append(skip)
        if backwards:
            end = (self.n if after is None else after[0]) - skip
            return Rows(range(max(end - limit, 0), max(end, 0)))
        start = (-1 if after is None else after[0]) + 1 + skip
        return Rows(range(min(start, self.n), min(start + limit, self.n)))

    def position(self, key: tuple[int]) -> Tally:
        return Tally(key[0], key[0] < 1000)


@given(st.integers(1, 50_000), st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=200))
def test_every_number_shows_its_own_row_in_any_order_of_asking(n: int, jumps: list[float]) -> None:
    """Edges learnt on one way must not mislead another, also when pages have been dropped."""
    pages = Pages(Numbers(n))
    for jump in jumps:
        number = int(jump * n)
        assert pages.row(number) == number
    assert pages.row(n) is None
    assert pages.row(-1) is None


def test_scrolling_reads_from_the_edge_and_the_end_from_below() -> None:
    """Page by page nothing is skipped, and End is one read from the other side."""
    pager = Numbers(1_000_000)
    pages = Pages(pager)
    for number in range(0, 100 * SIZE, SIZE):
        pages.row(number)
    pages.row(999_999)
    for number in range(999_999, 999_999 - 100 * SIZE, -SIZE):
        pages.row(number)
    assert set(pager.skipped) == {0}


def test_a_drag_skips_at_most_half_and_then_less() -> None:
    """The first jump into the middle is the dearest there is."""
    pager = Numbers(1_000_000)
    pages = Pages(pager)
    for number in (500_000, 750_000, 625_000, 700_000, 690_000):
        assert pages.row(number) == number
    assert pager.skipped[0] <= 500_000
    assert max(pager.skipped[1:]) <= 250_000
    assert pager.skipped[-1] <= 10_000


def test_memory_does_not_grow_with_the_way() -> None:
    """A night of scrolling keeps sixty-four pages."""
    pages = Pages(Numbers(SIZE * 500))
    for number in range(0, SIZE * 500, SIZE):
        pages.row(number)
    assert pages.held() == KEPT * SIZE


def test_a_list_that_has_shrunk_shows_gaps_not_errors() -> None:
    """Rows may go between counting and reading; until the next reload the place of some is empty."""
    pager = Numbers(300)
    pages = Pages(pager)
    pager.n = 20
    assert pages.row(5) == 5
    assert pages.row(150) is None


def test_a_list_that_nobody_has_counted_is_read_from_above_until_somebody_has() -> None:
    """Read from below, the number of each row would be wrong."""
    pages = Pages(Numbers(90_000, known=10_000))
    assert pages.row(9_999) == 9_999
    assert pages.row(10_000) is None
    pages.recount(90_000)
    assert pages.row(89_999) == 89_999


@given(st.integers(2000, 40_000), st.floats(0, 1, exclude_max=True), st.integers(-300, 300))
def test_deep_down_a_reload_shows_the_same_rows_around_the_cursor(n: int, share: float, drift: int) -> None:
    """The number may be off by what has gone above; what stands on the screen may not."""
    key = int(share * n)
    pager = Numbers(n)
    pages = Pages(pager)
    number = pages.find((key,), key + drift)
    for step in range(-40, 41):
        if 0 <= key + step < n and 0 <= number + step < n and number // SIZE == (number + step) // SIZE:
            assert pages.row(number + step) == key + step
    if key >= 1000:
        assert max(pager.skipped, default=0) == 0
    for step in (-SIZE, SIZE):
        if 0 <= number + step < n - 400 and key >= 1000:
            assert pages.row(number + step) == key + step
