"""How much was said about a topic, five minutes at a time: what every detector, chart and backtest reads.

Buckets lie on a fixed UTC grid, so neither daylight saving nor the desk's time zone can make one longer, shorter or double.
A bucket counts posts by when they were *written*; adding two buckets gives the same whatever order posts arrived in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

STEP = 300_000
"""Length of a bucket, ms."""
PER_HOUR = 3_600_000 // STEP
PER_DAY = 24 * PER_HOUR


def bucket_of(at: int) -> int:
    """Start of the bucket that a moment lies in; both UTC ms."""
    return at - at % STEP


@dataclass(frozen=True, slots=True)
class Voice:
    """The author with the most followers among some posts; the smaller handle wins a tie."""

    followers: int = 0
    handle: str = ""

    def louder(self, other: Voice) -> Voice:
        return min(self, other, key=lambda voice: (-voice.followers, voice.handle))


SILENT = Voice()


@dataclass(frozen=True, slots=True)
class Uses:
    """How often something was said, and by whom."""

    n: int = 0
    authors: frozenset[int] = frozenset()
    """Any key that tells authors apart within a topic."""
    loudest: Voice = SILENT

    def __add__(self, other: Uses) -> Uses:
        return Uses(self.n + other.n, self.authors | other.authors, self.loudest.louder(other.loudest))


@dataclass(frozen=True, slots=True)
class Bucket:
    """One topic's mentions of five minutes; counts are mentions unless said otherwise."""

    start: int
    """UTC ms, a multiple of STEP."""
    n: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unscored: int = 0
    complaints: int = 0
    authors: frozenset[int] = frozenset()
    """Distinct authors; empty where a roll-up does not keep them."""
    loudest: Voice = SILENT
    families: Mapping[str, Uses] = field(default_factory=dict)
    """Crisis words by family (`safety`, `legal`, …): mentions that hold at least one."""
    terms: Mapping[str, Uses] = field(default_factory=dict)
    """Words and hashtags worth watching; may be empty where a roll-up does not keep them."""

    def __add__(self, other: Bucket) -> Bucket:
        """Both together; the earlier start is kept, so that a window is the sum of its buckets."""
        return Bucket(
            min(self.start, other.start),
            self.n + other.n,
            self.negative + other.negative,
            self.neutral + other.neutral,
            self.positive + other.positive,
            self.unscored + other.unscored,
            self.complaints + other.complaints,
            self.authors | other.authors,
            self.loudest.louder(other.loudest),
            _joined(self.families, other.families),
            _joined(self.terms, other.terms),
        )

    @property
    def scored(self) -> int:
        return self.negative + self.neutral + self.positive

    @property
    def understood(self) -> int:
        """Mentions that could be read: the denominator of the complaint share, from which the unscored stay out."""
        return max(self.scored, self.complaints)


def _joined(one: Mapping[str, Uses], two: Mapping[str, Uses]) -> Mapping[str, Uses]:
    if not one or not two:
        return one or two
    return {**one, **{name: one[name] + uses if name in one else uses for name, uses in two.items()}}


def total(buckets: Iterable[Bucket]) -> Bucket:
    """One bucket that holds them all; empty, with start 0, when there is none."""
    rows = iter(buckets)
    return sum(rows, next(rows, Bucket(0)))


def dense(buckets: Iterable[Bucket], until: int | None = None, after: int | None = None) -> Iterator[Bucket]:
    """Every bucket of a stretch of time, empty ones put in where nothing was said.

    Args:    buckets: any order; those with the same start are added together.
             until: UTC ms; goes on to the last bucket that had ended by then, and leaves out what lies beyond it
             (a post that claims to come from next year would make a hundred thousand empty buckets). None: ends with the last one.
             after: start of the bucket before the first, UTC ms. None: begins with the first of `buckets`.
    """
    by_start: dict[int, Bucket] = {}
    for bucket in buckets:
        start = bucket_of(bucket.start)
        by_start[start] = by_start[start] + bucket if start in by_start else bucket
    if not by_start and (after is None or until is None):
        return
    first = min(by_start) if after is None else bucket_of(after) + STEP
    end = max(by_start) + STEP if until is None else bucket_of(until)
    for start in range(first, end, STEP):
        yield by_start.get(start) or Bucket(start)
