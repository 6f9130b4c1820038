"""Are we deaf? Sources that are silent, or the whole desk: incidents of the collector, never of a brand.

While those who feed a topic are silent its volume cannot be known: nothing is learned and nothing opens. When a source is heard again and has
brought what was written meanwhile, that time becomes known, and is judged in hindsight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.analysis.silence import Pulse, Silence, silences
from listener.domain.case import Severity
from listener.domain.duration import DAY, MINUTE
from listener.domain.incident import IncidentState, Signal
from listener.domain.life import Event
from listener.store.checkpoints import Checkpoints
from listener.store.incidents import AGAIN_WITHIN, COLLECTOR, IncidentStore
from listener.store.watching import SilenceRow, Watching

if TYPE_CHECKING:
    from collections.abc import Mapping

    from listener.store.connection import Connection, Store

EVERY = MINUTE
ASLEEP = 3 * MINUTE
"""When nobody looked for so long the machine slept: sources get their time anew."""
HALF = 0.5
"""A topic counts as unheard when so much of what it had came from those who are silent."""
REMEMBERED = 60 * DAY
WORTH: Mapping[str, tuple[Severity, int]] = {"deaf": (Severity.SEV3, 3), "quiet": (Severity.SEV4, 1), "desk": (Severity.SEV2, 5)}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time in which some topics were not heard."""

    began: int
    ended: int
    topics: frozenset[int]


class Hearing:
    """Looks after the sources of a collector.

    Args:  paces: source → ms between two of its polls.
    """

    def __init__(self, store: Store, paces: Mapping[str, int]) -> None:
        self._store = store
        self._paces = dict(paces)
        self._checkpoints = Checkpoints(store)
        self._watching = Watching(store)
        self._incidents = IncidentStore(store)
        self._since = store.clock()
        self._looked: int | None = None
        self._stretches: tuple[_Stretch, ...] | None = None
        self._gaps: dict[str, tuple[int, list[int]]] = {}

    def look(self) -> tuple[tuple[int, int], ...]:
        """Compare with what is known. (topic id, UTC ms) from which on a topic's time has become known, or unknown; mostly nothing, once a minute."""
        now = self._store.clock()
        if self._looked is not None and 0 <= now - self._looked < EVERY:
            return ()
        if self._looked is not None and now - self._looked > ASLEEP:
            self._since = now
        self._looked = now
        if self._stretches is None:
            self._stretches = self._unheard(now)
        lasting = {row.source: row for row in self._watching.silences() if row.ended is None}
        silent = {silence.source: silence for silence in silences(self._pulses(now), now)}
        changed: list[tuple[int, int]] = []
        if "" in silent:  # one incident of the desk stands for all of them
            silent = {"": silent[""]}
        for source, silence in silent.items():
            if source not in lasting:
                self._store.write(lambda connection, silence=silence: self._fell_silent(connection, silence, now), durable=False)  # type: ignore[misc]
        for source, row in lasting.items():
            if source not in silent and "" not in silent and self._was_heard(row):
                self._store.write(lambda connection, row=row: self._heard(connection, row, now), durable=False)  # type: ignore[misc]
        before, self._stretches = self._stretches, self._unheard(now)
        for stretch in {*before} ^ {*self._stretches}:
            changed += [(topic, stretch.began) for topic in stretch.topics]
        return tuple(sorted(changed, key=lambda one: -one[1]))

    def unknown(self, topic_id: int, start: int) -> bool:
        """Whether a topic's bucket, from its start in UTC ms, cannot be known."""
        return any(stretch.began <= start < stretch.ended and topic_id in stretch.topics for stretch in self._stretches or ())

    def _pulses(self, now: int) -> list[Pulse]:
        pulses = []
        for health in self._checkpoints.health():
            pace = self._paces.get(health.source)
            if pace is None or health.paused:
                continue
            if not health.failures and health.last_success and health.next_poll:
                pace = max(pace, health.next_poll - health.last_success)
            pulses.append(Pulse(health.source, health.last_success, self._since, pace, health.newest, self._pauses(health.source, now)))
        return pulses

    def _was_heard(self, row: SilenceRow) -> bool:
        """Whether a silence has ended, or whoever was silent is not asked any more. That nobody looked for a while ends nothing."""
        asked = [health for health in self._checkpoints.health() if health.source in self._paces and not health.paused and row.source in ("", health.source)]
        heard = [health.newest if row.kind == "quiet" else health.last_success for health in asked]
        return not asked or any(at is not None and at > row.began for at in heard)

    def _pauses(self, source: str, now: int) -> list[int]:
        """Looked up once an hour: they change slowly."""
        at, known = self._gaps.get(source, (0, []))
        if now - at > 60 * MINUTE:
            known = self._watching.gaps(source, now - 14 * DAY, now)
            self._gaps[source] = (now, known)
        return known

    def _unheard(self, now: int) -> tuple[_Stretch, ...]:
        """The stretches that count as unknown: those that last, and those of which no backlog came."""
        topics = [id_ for id_, _, _ in self._watching.topics()]
        found = []
        for row in self._watching.silences(since=now - REMEMBERED):
            sources = [row.source] if row.source else list(self._paces)
            if row.ended is not None and any(self._watching.brought(source, row.began, row.ended) for source in sources):
                continue
            unheard = frozenset(id_ for id_ in topics if self._watching.weight(id_, sources, row.began - 14 * DAY, row.began) >= HALF)
            found.append(_Stretch(row.began, row.ended or 2**62, unheard))
        return tuple(found)

    def _fell_silent(self, connection: Connection, silence: Silence, now: int) -> None:
        severity, points = WORTH[silence.kind]
        key = f"{COLLECTOR}/{silence.source or 'desk'}"
        signal = Signal(f"silence:{silence.kind}", silence.lasted / MINUTE, silence.allowed / MINUTE, points, silence.text)
        why = f"{severity} ({points}): {silence.text}; incidents of the brands it feeds are held back"
        known = self._incidents.latest(connection, key)
        if known is None or (known.state is IncidentState.RESOLVED and now - (known.resolved_at or 0) >= AGAIN_WITHIN):
            id_ = self._incidents.insert(connection, None, COLLECTOR, key, now, linked=known.id if known else None)
            before = None
        else:
            id_, before = known.id, known
        kind = "again" if before else "opened"
        self._incidents.add_event(
            connection, id_, Event("opened", now, family=COLLECTOR, urgency=severity.urgency, points=points, why=why, signals=(signal,), pages=silence.kind == "desk")
        )
        self._incidents.refold(connection, id_)
        self._watching.fall_silent(connection, silence.source, silence.kind, now - silence.lasted, silence.text, id_)
        self._incidents.journal.record(connection, "desk", f"incident.{kind}", "incident", id_, after={"severity": str(severity), "why": why}, rule="hearing")

    def _heard(self, connection: Connection, row: SilenceRow, now: int) -> None:
        self._watching.heard(connection, row.id, now)
        if row.incident_id is None:
            return
        before = self._incidents.get(row.incident_id, connection)
        self._incidents.add_event(connection, row.incident_id, Event("heard", now, family=COLLECTOR))
        after = self._incidents.refold(connection, row.incident_id)
        if after.state is not before.state:
            self._incidents.journal.record(
                connection, "desk", "incident.resolved", "incident", row.incident_id, before={"state": before.state.value}, after={"state": after.state.value, "cause": after.cause}, rule="hearing"
            )
