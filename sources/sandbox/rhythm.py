"""When people talk: quiet nights, busy mornings, slower weekends. Rates in posts per hour, all networks together."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from random import Random

HOURS = (
    0.30,
    0.16,
    0.09,
    0.06,
    0.10,
    0.28,
    0.70,
    1.20,
    1.60,
    1.55,
    1.40,
    1.30,
    1.35,
    1.30,
    1.25,
    1.30,
    1.45,
    1.65,
    1.80,
    1.70,
    1.45,
    1.15,
    0.80,
    0.50,
)
WEEK = (1.08, 1.00, 0.98, 1.02, 1.15, 0.82, 0.95)
MEAN = 24.0
"""Some eight thousand posts in two weeks."""


def rate(at: int, zone: str) -> float:
    """Posts that the hour around `at` (UTC ms) brings on average."""
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(_zone(zone))
    return MEAN * HOURS[local.hour] * WEEK[local.weekday()]


def local_hour(at: int, zone: str) -> int:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(_zone(zone)).hour


def last_local(at: int, zone: str, hour: int, minute: int) -> int:
    """The last time, at or before `at`, that the clock of the zone showed hour:minute; UTC ms."""
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(_zone(zone))
    back = (local.hour - hour) * 60 + local.minute - minute
    if back < 0:
        back += 24 * 60
    return at - at % 60_000 - back * 60_000


def poisson(rng: Random, mean: float) -> int:
    """A count that is `mean` on average; Knuth's method below 60, the normal approximation above."""
    if mean <= 0:
        return 0
    if mean > 60:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
