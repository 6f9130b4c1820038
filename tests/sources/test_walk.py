"""The walk is what keeps newest-first networks free of gaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sources.walk import Walk


@given(st.lists(st.integers(1, 500), unique=True, min_size=1), st.integers(1, 7), st.data())
def test_nothing_is_missed_while_posts_keep_coming(positions: list[int], size: int, data: st.DataObject) -> None:
    """Whatever arrives between two pages, and however long the pause, every post is read in the end."""
    coming = sorted(positions)
    there: list[int] = []
    read: set[int] = set()
    cursor = ""
    while coming or not read.issuperset(there):
        arrive = data.draw(st.integers(0, len(coming)))
        there += coming[:arrive]
        del coming[:arrive]
        walk = Walk.read(cursor, start=0)
        newest = sorted(there, reverse=True)
        first = sum(1 for post in newest if post >= int(walk.token)) if walk.token else 0
        page = newest[first : first + size]
        read.update(page)
        token = str(page[-1]) if first + size < len(newest) else ""
        cursor = walk.step(page, token).cursor()
        if not arrive and not Walk.read(cursor, start=0).more and coming:
            there.append(coming.pop(0))
    assert read == set(positions)


def test_a_walk_ends_at_what_is_known() -> None:
    """A page that reaches known ground closes the gap; the next walk starts anew from the newest."""
    walk = Walk(done=100)
    walk = walk.step([150, 140], "2")
    assert walk.more and walk.done == 100
    walk = Walk.read(walk.cursor(), start=0).step([130, 99], "3")
    assert walk == Walk(done=150)


def test_an_empty_page_never_moves_back() -> None:
    """An empty answer says nothing: what is done stays done."""
    assert Walk(done=100).step([], "") == Walk(done=100)
    assert Walk(done=100).step([], "2") == Walk(done=100)


def test_an_overlap_is_read_again() -> None:
    """Late items appear below what is done: the walk goes on until it has passed the overlap."""
    assert Walk(done=100).step([95], "2", overlap=10).more
    assert not Walk(done=100).step([90], "2", overlap=10).more


def test_a_foreign_cursor_starts_anew() -> None:
    """A cursor of another adapter or a damaged one must not stop the source."""
    for cursor in ("", "x", "[]", "{}", '{"done": "y"}', "null"):
        assert Walk.read(cursor, start=7) == Walk(7)
