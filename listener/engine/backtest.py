"""What would have fired? The archive replayed under the rules of today, or under others; nothing that is stored changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from listener.analysis.lookout import Lookout
from listener.domain.case import Severity
from listener.domain.duration import DAY, WEEK
from listener.domain.volume import STEP, bucket_of
from listener.engine import tuning
from listener.engine.buckets import Buckets
from listener.store.incidents import IncidentStore
from listener.store.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Callable

    from listener.config import Config
    from listener.domain.incident import Signal
    from listener.domain.topic import Role
    from listener.store.connection import Store

WARM_UP = 28 * DAY
"""What a lookout learns from before the stretch begins: its longest memory that matters."""


@dataclass(frozen=True, slots=True)
class Fired:
    """An incident that would have opened."""

    topic: str
    role: str
    family: str
    opened_at: int
    """When it could have been known: the end of the bucket, UTC ms."""
    severity: Severity
    """The worst that it would have become."""
    points: int
    why: str
    signals: tuple[Signal, ...]
    terms: tuple[str, ...]
    pages: bool
    news: int
    """How often it would have been told: the opening and each rise."""
    real: bool | None
    """What people answered to "was it real?" about the incident that lies there; None when nobody said."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """A stretch of the archive, and what would have fired in it."""

    since: int
    until: int
    topics: int
    """Of our own and of the industry: those that can page."""
    fired: tuple[Fired, ...]
    """Oldest first."""
    daily: dict[str, tuple[int, ...]]
    """Topic → mentions a day, from the day of `since` on."""

    @property
    def weeks(self) -> float:
        return max((self.until - self.since) / WEEK, 1e-9)

    def a_week(self, *, paging: bool = False, false: bool = False) -> float:
        """Openings per week and brand: all, those that page, or those that people called not real."""
        counted = [one for one in self.fired if one.role != "competitor" and (not paging or one.pages) and (not false or one.real is False)]
        return len(counted) / self.weeks / max(self.topics, 1)


def stretch(store: Store, back: int | None = None, topic: str = "") -> tuple[int, int] | None:
    """(first, last + 1) moment of the archive, UTC ms, or its last `back` ms; None when it is empty. Posts from the future do not count."""
    watching, now = Watching(store), store.clock()
    spans = [span for id_, name, _ in watching.topics() if topic in ("", name) and (span := watching.span(id_))]
    if not spans:
        return None
    end = min(max(span[1] for span in spans) + STEP, bucket_of(now) + STEP)
    begin = min(span[0] for span in spans)
    return (begin if back is None else max(begin, end - back)), end


def backtest(store: Store, config: Config, since: int, until: int, *, topic: str = "", progress: Callable[[str], object] = lambda name: None) -> Backtest:
    """Replay [since, until), UTC ms. Raises ConfigError: rules that cannot be."""
    watching, reads = Watching(store), Buckets(store, tuning.vocabularies(config))
    roles = {one.name: one.role for one in config.topics}
    fired: list[Fired] = []
    daily: dict[str, tuple[int, ...]] = {}
    answers = _answers(store)
    topics = [(id_, name, roles.get(name, role)) for id_, name, role in watching.topics() if topic in ("", name)]
    for id_, name, role in topics:
        progress(name)
        daily[name] = _daily(watching, id_, since, until)
        fired += _replay(watching, reads, config, id_, name, cast("Role", role), since, until, answers, store.clock())
    return Backtest(since, until, sum(role != "competitor" for _, _, role in topics), tuple(sorted(fired, key=lambda one: (one.opened_at, one.topic))), daily)


def _replay(
    watching: Watching, reads: Buckets, config: Config, id_: int, name: str, role: Role, since: int, until: int, answers: dict[tuple[str, int], bool], now: int
) -> list[Fired]:  # fmt: skip
    span = watching.span(id_)
    if span is None or span[0] >= until or span[1] < since:
        return []
    chosen, own = tuning.setting(config, name, role), tuning.chosen_reach(config, name)
    lookout, waves = Lookout(chosen), dict[tuple[str, int], Fired]()
    first = bucket_of(max(span[0], since - WARM_UP))
    last = min(bucket_of(until - 1) + DAY, span[1] + DAY, bucket_of(now))  # how bad it becomes shows within the day after
    for bucket in reads.stretch(id_, first, last):
        if bucket.start % DAY == 0 or bucket.start == first:
            lookout.setting = replace(lookout.setting, reach=own if own is not None else reads.reach(id_, bucket.start, chosen))
        for told in lookout.push(bucket):
            wave = (told.family, told.began)
            if not since <= told.began < until:
                continue
            judged, known = told.judgement, waves.get(wave)
            waves[wave] = Fired(
                name, role, told.family, told.began + STEP, judged.severity, judged.points, judged.why, judged.signals, told.labels, judged.pages,
                known.news + 1 if known else 1, answers.get((f"{name}/{told.family}", told.began)),
            )  # fmt: skip
    return list(waves.values())


def _answers(store: Store) -> dict[tuple[str, int], bool]:
    """(key, beginning of the wave) → what people answered."""
    rows = IncidentStore(store)
    return {
        (incident.key, event.began): incident.real
        for incident in rows.all(merged=True) if incident.real is not None for event in rows.events(incident.id) if event.began is not None
    }  # fmt: skip


def _daily(watching: Watching, id_: int, since: int, until: int) -> tuple[int, ...]:
    first = since // DAY
    days = [0] * max(1, (until - 1) // DAY - first + 1)
    for start, n, _, _ in watching.volume(id_, since, until):
        days[start // DAY - first] += n
    return tuple(days)
