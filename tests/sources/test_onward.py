"""Oldest-first networks are read by time alone; the rules are few and must never skip."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sources.onward import Onward


@given(st.lists(st.integers(1, 40), min_size=1), st.integers(1, 5), st.integers(0, 5))
def test_everything_is_read_whatever_shares_a_second(seconds: list[int], size: int, overlap: int) -> None:
    """Many posts of one second, pages of any size: nothing is missed and the reading ends."""
    posts = sorted(enumerate(seconds), key=lambda post: (post[1], post[0]))
    read: set[int] = set()
    onward = Onward(0)
    for _ in range(10 * len(posts) + 10):
        onward = Onward.read(onward.cursor(), start=0)
        fitting = [post for post in posts if post[1] * 1000 >= onward.since // 1000 * 1000]
        page = fitting[(onward.page - 1) * size : onward.page * size]
        read.update(number for number, _ in page)
        onward = onward.step([second * 1000 for _, second in page], full=len(fitting) > onward.page * size, overlap=overlap * 1000)
        if not onward.more:
            break
    else:
        raise AssertionError("it never ends")
    assert len(read) == len(posts)


def test_an_empty_answer_moves_nothing() -> None:
    """No items is no reason to believe that there were none."""
    assert Onward(5000, 1, 7000).step([], full=False) == Onward(7000, 1, 7000)
    assert Onward(5000).step([], full=False) == Onward(5000)


def test_a_foreign_cursor_starts_anew() -> None:
    """A cursor of another adapter or a damaged one must not stop the source."""
    for cursor in ("", "x", "[]", "{}", '{"since": "y"}'):
        assert Onward.read(cursor, start=7) == Onward(7)
