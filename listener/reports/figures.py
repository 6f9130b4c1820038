"""What a figure is made of: spreads of times, their clock and business sides, and what every number says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.calendar import BusinessCalendar
    from listener.store.figures import Voice

FORMULAS = {
    "first_response": "first human reply sent − mention created; automatic replies never stop the clock; a further message of a conversation that a person has answered is no first one",
    "average_response": "mean of (first human reply sent − mention created) over every inbound mention that got a reply",
    "resolution": "last resolve − case opened (when the mention reached the desk); a case that was opened again counts when it is resolved again",
    "first_contact_resolution": "resolved with no further customer message after our first reply ÷ resolved × 100",
    "sla": "hit ÷ (hit + missed) × 100; the clock starts when the mention was written and runs as the policy says",
    "volume": "mentions written in the period, by topic; the desk's own posts are not counted",
    "net_sentiment": "(positive − negative) ÷ (positive + negative + neutral) × 100; unscored ones are left out and their share is told",
    "share_of_voice": "brand mentions ÷ (brand + competitors) × 100, same sources and period",
    "engagement": "likes + reposts + replies of the mentions, as last seen; rate: ÷ reach × 100, blank where reach is unknown",
    "reach": "sum of the followers of the distinct authors, as last seen; an estimate",
}
"""Figure → its formula, as it is shown beside the number."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Lengths of time, ms. None where there are none."""

    n: int = 0
    mean: int | None = None
    median: int | None = None
    """The middle one; of an even number, half-way between the two in the middle."""
    p90: int | None = None
    """The smallest that nine in ten do not exceed (nearest rank)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The same times on both clocks."""

    clock: Spread = Spread()
    business: Spread = Spread()

    @property
    def n(self) -> int:
        return self.clock.n


def spread(values: Sequence[int]) -> Spread:
    """The spread of some lengths of time, ms."""
    import numpy as np

    if not len(values):
        return Spread()
    ordered = np.sort(np.asarray(values, np.int64))
    n = len(ordered)
    median = (int(ordered[(n - 1) // 2]) + int(ordered[n // 2])) / 2
    return Spread(n, round(int(ordered.sum()) / n), round(median), int(ordered[-(-9 * n // 10) - 1]))


def timing(calendar: BusinessCalendar, starts: Sequence[int], ends: Sequence[int]) -> Timing:
    """How long it took from each start to its end, UTC ms; what ends before it starts took no time."""
    import numpy as np

    if not len(starts):
        return Timing()
    begin = np.asarray(starts, np.int64)
    end = np.maximum(np.asarray(ends, np.int64), begin)
    return Timing(spread(end - begin), spread(calendar.business_ms_many(begin, end)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Net:
    """Net sentiment, with what it rests on."""

    value: float | None
    """−100 … 100; None when nothing was scored."""
    positive: int
    negative: int
    neutral: int
    unscored: int

    @property
    def scored_share(self) -> float | None:
        """Per cent of the mentions that a scorer understood."""
        n = self.positive + self.negative + self.neutral + self.unscored
        return 100 * (n - self.unscored) / n if n else None


def net(voice: Voice) -> Net:
    scored = voice.positive + voice.negative + voice.neutral
    return Net(100 * (voice.positive - voice.negative) / scored if scored else None, voice.positive, voice.negative, voice.neutral, voice.unscored)


def share(part: int, whole: int) -> float | None:
    """Per cent; None of nothing."""
    return 100 * part / whole if whole else None


def rounded(value: Any) -> Any:
    """Figures as they are written down: two decimals, and no negative zero."""
    return round(value, 2) + 0.0 if isinstance(value, float) else value
