"""The watch: from stored mentions to incidents, for every topic, whenever something has arrived and whenever time has passed.

What it makes of a topic depends on the stored posts alone, never on when they arrived or how often the desk was restarted:

- A bucket that has settled is learned from, and the lookout's state is saved with what it told, in one transaction.
- The buckets behind it, the one that is still filling included, are looked at ahead with a copy, again and again; what is told
  ahead takes the place of what was told ahead before.
- Posts that were written before the settled buckets (a slow source, a file of two weeks, a backlog after a silence) send the lookout
  back to the newest saved state from before them, and it learns from there again. Files of older posts therefore arm it at once.
- Empty time is followed until two days after the newest post; then the lookout waits for the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from listener.analysis.lookout import Lookout
from listener.domain.duration import DAY, MINUTE
from listener.domain.life import Event
from listener.domain.volume import STEP, Bucket, bucket_of
from listener.engine import tuning
from listener.engine.buckets import FOLLOWED, Buckets
from listener.errors import InputError
from listener.store.incidents import IncidentStore, Moved
from listener.store.watching import Learned, Watching, worth_keeping

if TYPE_CHECKING:
    from listener.analysis.opening import Opening, Setting
    from listener.config import Config
    from listener.domain.topic import Role
    from listener.store.connection import Connection, Store

SETTLES = 30 * MINUTE
"""So long after its end a bucket is learned from; slow sources have brought their posts by then."""
LONGEST = 120 * DAY
"""History that is learned from when there is no saved state; older posts say nothing about today's usual."""
EVERY = 5.0


@dataclass(slots=True)
class _Topic:
    """What is in memory of a topic: the state that has settled."""

    id: int
    name: str
    role: Role
    setting: Setting
    mark: str
    newest: int = 0
    """The newest mention, by id, that was looked at."""
    last: int | None = None
    calm: int = 0
    state: bytes = b""
    floor: int = 0
    """What was told up to this bucket stays, since it was told by other words: the new ones judge what comes after."""
    ahead: tuple[int, int] = (0, 0)
    """The bucket and the mention up to which was looked ahead."""


@dataclass(slots=True)
class _Told:
    """What one look at a topic brought."""

    calm: int
    openings: list[Opening] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)
    states: list[Learned] = field(default_factory=list)


class Watch:
    """Looks after every topic of a database.

    Args:    after: called after each look, in the working thread: evidence, notices.
             before: called before each look; (topic id, UTC ms) from which on a topic has to be looked at again.
             unknown: whether a topic's bucket cannot be known, because who feeds it is silent: (topic id, start, UTC ms).
    Raises:  ConfigError: points or thresholds that do not exist.
    """

    def __init__(
        self, store: Store, config: Config, *, after: Callable[[], object] = lambda: None,
        before: Callable[[], Sequence[tuple[int, int]]] = lambda: (), unknown: Callable[[int, int], bool] = lambda topic_id, start: False,
    ) -> None:  # fmt: skip
        self._store = store
        self._config = config
        self._watching = Watching(store)
        self._incidents = IncidentStore(store)
        self._reads = Buckets(store, tuning.vocabularies(config))
        self._mark = str(tuning.vocabulary_texts(config))
        self._before = before
        self._after = after
        self._unknown = unknown
        self._topics: dict[int, _Topic] = {}
        self._quiet = max(1, config.incidents.auto_resolve // STEP)
        tuning.check(config)

    async def run(self, stop: asyncio.Event) -> None:
        """Look every few seconds until told to stop."""
        while not stop.is_set():
            await asyncio.to_thread(self.look)
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue

    def look(self) -> None:
        """One look: what was heard, every topic, and what follows from it."""
        for topic_id, since in self._before():
            self.look_again(topic_id, since)
        self.advance()
        self._after()

    def advance(self, now: int | None = None) -> tuple[Moved, ...]:
        """Bring every topic up to now, UTC ms; what moved."""
        now = self._store.clock() if now is None else now
        newest = self._watching.newest()
        moved: list[Moved] = []
        for topic in self._known_topics():
            moved += self._advance(topic, now, newest)
        return tuple(moved)

    def look_again(self, topic_id: int, since: int) -> None:
        """Buckets from `since` (UTC ms) on have become known, or unknown: learn again from before them."""
        topic = self._topics.get(topic_id)
        if topic is not None and topic.last is not None and topic.last >= bucket_of(since):
            self._go_back(topic, since)

    def _known_topics(self) -> list[_Topic]:
        roles = {topic.name: topic.role for topic in self._config.topics}
        for id_, name, role in self._watching.topics():
            if id_ not in self._topics:
                chosen = tuning.setting(self._config, name, roles.get(name, cast("Role", role)))
                topic = self._topics[id_] = _Topic(id_, name, chosen.role, chosen, tuning.fingerprint(chosen, self._mark))
                self._load(topic, self._watching.states(id_))
        return list(self._topics.values())

    def _load(self, topic: _Topic, learned: Learned | None) -> None:
        """Go on from a saved state; from nothing when there is none, or when it cannot be used."""
        topic.ahead = (0, 0)
        if learned is not None and learned.tuning == topic.mark:
            try:
                Lookout.restore(learned.state, topic.setting)
            except InputError:
                learned = None
        if learned is None or learned.tuning != topic.mark:
            topic.floor = max(topic.floor, learned.bucket) if learned is not None else topic.floor
            topic.last, topic.calm, topic.state, topic.newest = None, 0, b"", 0
            return
        topic.last, topic.calm, topic.state, topic.newest = learned.bucket, learned.calm, learned.state, learned.newest
        topic.setting = replace(topic.setting, reach=learned.reach or None)

    def _go_back(self, topic: _Topic, at: int) -> None:
        newest = topic.newest
        self._load(topic, self._watching.states(topic.id, bucket_of(at) - STEP))
        topic.newest = newest

    # -- one topic

    def _advance(self, topic: _Topic, now: int, newest: int) -> list[Moved]:
        if newest > topic.newest:
            arrived = self._watching.arrived(topic.newest, newest).get(topic.id)
            if arrived and topic.last is not None and arrived[0] < topic.last + STEP:
                self._go_back(topic, arrived[0])
            topic.newest = newest
            if arrived:
                topic.ahead = (0, 0)
        span = self._watching.span(topic.id)
        if span is None or span[0] > now:
            return []
        span = (span[0], min(span[1], bucket_of(now)))  # a post may claim to come from next year
        settled = min(bucket_of(now - SETTLES) - STEP, span[1] + FOLLOWED)
        begins = bucket_of(max(span[0], span[1] - LONGEST)) if topic.last is None else topic.last + STEP
        current = bucket_of(now)
        if settled < begins and (span[1] < begins or topic.ahead == (current, topic.newest)):
            return []
        told = self._learn(topic, begins, settled, newest)
        first = begins if topic.last is None else topic.last + STEP
        if span[1] >= first:
            self._look_ahead(topic, first, min(current, span[1] + FOLLOWED), now, newest, told)
        topic.ahead = (current, topic.newest)
        try:
            return self._store.write(lambda connection: self._keep(connection, topic, begins - STEP, told, now), durable=False)
        except BaseException:
            del self._topics[topic.id]  # what is in memory has gone ahead of what is stored
            raise

    def _learn(self, topic: _Topic, first: int, last: int, newest: int) -> _Told:
        """Learn from the buckets `first` … `last`, which have settled."""
        lookout, told = self._lookout(topic), _Told(calm=topic.calm)
        for bucket in self._reads.stretch(topic.id, first, last, newest):
            if bucket.start % DAY == 0 or topic.last is None:
                lookout.setting = topic.setting = replace(topic.setting, reach=self._reach(topic, bucket.start))
            topic.last = bucket.start
            self._push(lookout, topic.id, bucket, told)
            if worth_keeping(bucket.start, last):
                told.states.append(self._learned(topic, lookout, newest, told.calm))
        if topic.last is not None and topic.last >= first:
            if not told.states or told.states[-1].bucket != topic.last:
                told.states.append(self._learned(topic, lookout, newest, told.calm))
            topic.calm, topic.state = told.calm, told.states[-1].state
        return told

    def _learned(self, topic: _Topic, lookout: Lookout, newest: int, calm: int) -> Learned:
        assert topic.last is not None
        return Learned(topic.name, topic.last, newest, calm, topic.mark, topic.setting.reach or 0, lookout.state())

    def _look_ahead(self, topic: _Topic, first: int, last: int, now: int, newest: int, told: _Told) -> None:
        """Add what there is to tell about buckets that have not settled; nothing is learned from them."""
        lookout, ahead = self._lookout(topic), _Told(calm=topic.calm)
        for bucket in self._reads.stretch(topic.id, first, last, newest):
            self._push(lookout, topic.id, bucket, ahead)
            if bucket.start + STEP > now and ahead.quiet and ahead.quiet[-1] == bucket.start:
                ahead.quiet.pop()  # a bucket that still fills is not yet a quiet one
        told.openings += ahead.openings
        told.quiet += ahead.quiet

    def _keep(self, connection: Connection, topic: _Topic, since: int, told: _Told, now: int) -> list[Moved]:
        """Everything of one look in one transaction: an incident that is told ahead must not vanish for an instant while its bucket settles."""
        if told.states:
            self._watching.learn(connection, topic.id, told.states, behind=since, newest=topic.newest)
        return self._tell(connection, topic, since, told.openings, told.quiet, now)

    def _lookout(self, topic: _Topic) -> Lookout:
        return Lookout.restore(topic.state, topic.setting) if topic.state else Lookout(topic.setting)

    def _push(self, lookout: Lookout, topic_id: int, bucket: Bucket, told: _Told) -> None:
        known = not self._unknown(topic_id, bucket.start)
        openings = lookout.push(bucket, known=known)
        told.openings += openings
        if known:
            told.calm = told.calm + 1 if lookout.calm and not openings else 0
            if told.calm == self._quiet:
                told.quiet.append(bucket.start)

    def _reach(self, topic: _Topic, at: int) -> int:
        """Once a day: what counts as reach."""
        chosen = tuning.chosen_reach(self._config, topic.name)
        return chosen if chosen is not None else self._reads.reach(topic.id, at, topic.setting)

    def _tell(self, connection: Connection, topic: _Topic, since: int, openings: Sequence[Opening], quiet: Sequence[int], now: int) -> list[Moved]:
        since = max(since, topic.floor)
        seen = [event_of(opening) for opening in openings if opening.at > since]
        moved = self._incidents.take(connection, topic.name, since, seen, [start for start in quiet if start > since], now)
        for one in moved:
            write_journal(self._incidents, connection, one)
        return moved


def event_of(opening: Opening) -> Event:
    """What a lookout told, as something that happened to an incident. It could be known when the bucket ended."""
    judged = opening.judgement
    return Event(
        opening.step, opening.at + STEP, opening.at, opening.family, opening.began, judged.severity.urgency, judged.points, judged.why, judged.signals,
        opening.labels, opening.count, round(opening.bar, 2), judged.pages,
    )  # fmt: skip


def write_journal(incidents: IncidentStore, connection: Connection, moved: Moved) -> None:
    """One line for what the watch changed."""
    before, after = moved.before, moved.after
    if after is None:
        if before is not None:
            incidents.journal.record(connection, "desk", "incident.withdrawn", "incident", before.id, before={"why": before.why}, rule="watch")
        return
    if before is None:
        name = "incident.historic" if after.historic else "incident.opened"
        incidents.journal.record(connection, "desk", name, "incident", after.id, after={"severity": str(after.severity), "why": after.why, "state": after.state.value}, rule="watch")
        return
    old = {"severity": str(before.severity), "state": before.state.value, "count": before.count}
    new = {"severity": str(after.severity), "state": after.state.value, "count": after.count}
    changed = {name for name in new if old[name] != new[name]}
    if not changed:
        return
    action = "incident.again"
    if "state" in changed:
        action = {"resolved": "incident.resolved", "regressed": "incident.regressed"}.get(after.state.value, "incident.reopened")
    elif after.severity.urgency > before.severity.urgency:
        action = "incident.worse"
    told = {"why": after.why, "cause": after.cause} if after.cause else {"why": after.why}
    incidents.journal.record(connection, "desk", action, "incident", after.id, before={name: old[name] for name in changed}, after={name: new[name] for name in changed} | told, rule="watch")
