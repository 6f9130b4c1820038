"""When to ask whom: due times, jitter, back-off. Pure; the poller acts on it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.errors import AuthFailed, RateLimited

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from listener.errors import SourceError
    from listener.source import Channel, Source
    from listener.store.checkpoints import Checkpoint

LONGEST_MS = 3_600_000
AUTH_PAUSE_MS = 900_000
"""Wrong credentials do not mend themselves within a minute."""


@dataclass(frozen=True, slots=True)
class Task:
    """A channel and where it stands."""

    source: Source
    channel: Channel
    cursor: str
    due: int
    errors: int
    pace_ms: int


def tasks(sources: Sequence[Source], channels: Mapping[str, Sequence[Channel]], checkpoints: Sequence[Checkpoint], every: Mapping[str, int]) -> list[Task]:
    """Every channel of every source, the most overdue first. `every`: source name → configured pace, ms."""
    known = {(point.source, point.channel): point for point in checkpoints}
    found = []
    for source in sources:
        pace = every.get(source.name) or round(source.capabilities.pace * 1000)
        for channel in channels[source.name]:
            point = known.get((source.name, channel.key))
            found.append(Task(source, channel, point.cursor if point else "", point.next_check if point else 0, point.errors if point else 0, pace))
    return sorted(found, key=lambda task: task.due)


def after_success(task: Task, now: int, next_check: float | None, rng: random.Random) -> int:
    """When to ask again: at the source's pace, later if the network wishes so, spread by a tenth so that channels do not march in step."""
    wait = max(task.pace_ms, round((next_check or 0) * 1000))
    return now + round(wait * rng.uniform(0.95, 1.05))


def after_failure(task: Task, now: int, error: SourceError, rng: random.Random) -> int:
    """When to try again: when the network says so, else later and later, up to an hour, with full jitter on top of one pace."""
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return now + round(error.retry_after * 1000 * rng.uniform(1.0, 1.1)) + 500
    if isinstance(error, AuthFailed):
        return now + max(task.pace_ms, AUTH_PAUSE_MS)
    ceiling = min(LONGEST_MS, task.pace_ms * 2 ** min(task.errors + 1, 12))
    return now + min(task.pace_ms, LONGEST_MS) + round(rng.uniform(0, ceiling))
