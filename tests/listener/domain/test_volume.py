"""Buckets: the grid, their sum, and the stretch of time without holes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from listener.domain.volume import SILENT, STEP, Bucket, Uses, Voice, bucket_of, dense, total

USES = st.builds(Uses, st.integers(0, 9), st.frozensets(st.integers(0, 9)), st.builds(Voice, st.integers(0, 99), st.sampled_from("abc")))
TABLES = st.dictionaries(st.sampled_from(["safety", "legal", "outage"]), USES)
COUNTS = st.integers(0, 9)
BUCKETS = st.builds(
    Bucket,
    st.integers(0, 20).map(lambda index: index * STEP),
    COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS,
    st.frozensets(st.integers(0, 9)),
    st.builds(Voice, st.integers(0, 99), st.sampled_from("abc")),
    TABLES, TABLES,
)  # fmt: skip


@given(st.lists(BUCKETS, max_size=8), st.randoms())
def test_a_sum_does_not_depend_on_the_order(buckets: list[Bucket], dice: random.Random) -> None:
    """Order of arrival is irrelevant because addition is."""
    shuffled = buckets.copy()
    dice.shuffle(shuffled)
    assert total(shuffled) == total(buckets)


@given(st.integers(0, 4 * 10**12))
def test_every_moment_lies_in_one_bucket(at: int) -> None:
    """The grid is UTC: 2026-03-29, the night the clocks change, has 288 buckets like any other day."""
    assert bucket_of(at) <= at < bucket_of(at) + STEP
    assert bucket_of(at) % STEP == 0


@given(st.lists(BUCKETS, min_size=1, max_size=8))
def test_a_dense_stretch_has_every_bucket_once_and_loses_nothing(buckets: list[Bucket]) -> None:
    """Silence is a count of zero, not a hole."""
    rows = list(dense(buckets))
    assert [row.start for row in rows] == list(range(rows[0].start, rows[-1].start + STEP, STEP))
    assert sum(row.n for row in rows) == sum(bucket.n for bucket in buckets)
    assert total(row for row in rows if row != Bucket(row.start)) == total(b for b in buckets if b != Bucket(b.start))


def test_a_stretch_may_begin_and_end_elsewhere() -> None:
    """A watch goes on after its last bucket, and up to now; what claims to come from the future is left out."""
    future = Bucket(10_000 * STEP, 5)
    rows = list(dense([Bucket(3 * STEP, 2), future], until=5 * STEP + 17, after=STEP))
    assert [(row.start // STEP, row.n) for row in rows] == [(2, 0), (3, 2), (4, 0)]
    assert list(dense([])) == []
    assert [row.n for row in dense([], until=3 * STEP, after=0)] == [0, 0]


def test_the_louder_voice_wins_and_the_smaller_name_a_tie() -> None:
    """One answer whatever the order."""
    a, b = Voice(10, "a"), Voice(10, "b")
    assert a.louder(b) == b.louder(a) == a
    assert SILENT.louder(b) == b
