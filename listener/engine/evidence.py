"""What belongs to an incident: the posts that speak of it, the first of them, and the urgency that they get in the inbox."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from listener.analysis.duplicates import coordinated
from listener.analysis.severity import GOOD_NEWS
from listener.analysis.tally import terms_of
from listener.domain.case import Severity, State
from listener.domain.duration import HOUR, MINUTE
from listener.domain.severity import FAMILIES
from listener.domain.volume import STEP
from listener.engine import tuning
from listener.store.cases import Cases
from listener.store.incident_facts import crowds
from listener.store.incidents import IncidentStore
from listener.store.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.config import Config
    from listener.domain.incident import Incident
    from listener.domain.life import Event
    from listener.store.cases import Work
    from listener.store.connection import Connection, Store
    from listener.store.watching import Said

BEFORE = HOUR
"""How far before the opening the first post is looked for: what opens an incident has been said a while before."""
MOST = 5_000
"""Posts of one incident that are kept as evidence; the numbers in its signals count all of them."""
CHUNK = 200
COORDINATED = "coordinated"
LEAST_COPIES = 7
"""Copies besides the first post; `duplicates.coordinated` wants eight posts."""


class EvidenceDesk:
    """Gathers evidence, and lets the inbox know how urgent it is."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._incidents = IncidentStore(store)
        self._watching = Watching(store)
        self._cases = Cases(store)
        self._words = tuning.vocabularies(config)

    def gather(self) -> int:
        """Look at every incident whose evidence may have grown. How many posts were taken up."""
        newest = self._watching.newest()
        return sum(self._gather(incident, seen, topic_id, newest) for incident, seen, topic_id in self._incidents.untold() if newest > seen)

    def _gather(self, incident: Incident, seen: int, topic_id: int, newest: int) -> int:
        events = self._incidents.events(incident.id)
        start, end = span_of(events, self._store.clock())
        before = () if seen == 0 else self._incidents.evidence(incident.id, limit=MOST)
        room = MOST - len(before)
        found = [said for said in self._watching.said(topic_id, start, end, upto=newest) if said.id > seen and self._speaks(said, incident)][: max(room, 0)]
        first = self._first(found, incident) if seen == 0 else None
        ids = [said.id for said in found]
        self._store.write(lambda connection: self._incidents.add_evidence(connection, incident.id, ids, first, newest), durable=False)
        if incident.active and incident.role != "competitor":
            self.raise_urgency(incident, ids)
        if ids:
            self._tag_arranged(incident)
        return len(ids)

    def _tag_arranged(self, incident: Incident) -> None:
        """A text that many accounts post all at once is tagged for people to judge; it brings no points."""
        leaders = [leader for leader, posts in crowds(self._store, incident.id, least=LEAST_COPIES) if coordinated(posts)]
        if leaders:
            self._store.write(
                lambda connection: self._cases.change_in(connection, leaders, "desk", "tag", lambda work: tagged(work, COORDINATED), rule="near-duplicates") and None, durable=False
            )

    def _speaks(self, said: Said, incident: Incident) -> bool:
        """Whether a post is about it: by the words that burst, by its complaint; any post when nothing tells them apart."""
        families, terms, mood = marks_of(incident)
        if not families and not terms and not mood:
            return True
        if families and self._words.of(said.lang).families(said.text) & families:
            return True
        if incident.family in FAMILIES and not mood:
            return False
        return (mood and (said.complaint or said.label == "negative")) or bool(terms and terms & terms_of(said.text))

    def _first(self, found: Sequence[Said], incident: Incident) -> int | None:
        """The first that uses the words that burst, else the first of all."""
        families, terms, _ = marks_of(incident)
        told = (said.id for said in found if terms & terms_of(said.text) or families & self._words.of(said.lang).families(said.text))
        return next(told, found[0].id if found else None)

    def raise_urgency(self, incident: Incident, ids: Sequence[int]) -> int:
        """Give open evidence at least the incident's severity; journalled under the incident's name. How many were raised."""
        raised = 0
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]

            def work(connection: Connection, part: Sequence[int] = part) -> int:
                done = self._cases.change_in(connection, part, "desk", "severity", lambda work: at_least(work, incident.severity), rule=f"incident {incident.id}: {incident.severity}")
                return len(done.changed)

            raised += self._store.write(work, durable=False)
        return raised


def tagged(work: Work, tag: str) -> Work:
    return work if tag in work.tags else replace(work, tags=(*work.tags, tag))


def at_least(work: Work, severity: Severity) -> Work:
    """The work on a mention with at least this severity; what is resolved stays as it was."""
    if work.state == State.RESOLVED or Severity(work.severity).urgency >= severity.urgency:
        return work
    return replace(work, severity=severity.value)


def marks_of(incident: Incident) -> tuple[frozenset[str], frozenset[str], bool]:
    """(families of crisis words, burst terms, whether complaints are part of it)."""
    names = {signal.name for signal in incident.signals}
    families = {name.removeprefix("burst:") for name in names if name.startswith("burst:")}
    if incident.family in FAMILIES:
        families.add(incident.family)
    if GOOD_NEWS in incident.why:
        return frozenset(), frozenset(incident.terms), False
    return frozenset(families), frozenset(incident.terms), "complaint-share" in names or incident.family == "complaints"


def span_of(events: Sequence[Event], now: int) -> tuple[int, int]:
    """From when to when posts belong to it, UTC ms: from an hour before the first opening until it was quiet, or until now."""
    seen = [event for event in events if event.kind in ("opened", "again")]
    if not seen:
        return 0, 0
    start = min(event.began or event.at for event in seen) - BEFORE
    last = max(event.at for event in seen)
    quiet = [event.at for event in events if event.kind == "quiet" and event.at > last]
    return start, min([*quiet, now + STEP, last + 24 * HOUR + 10 * MINUTE])
