"""What people do with incidents, and what the board and the room of one show. Every act is an event of its life and a line of the journal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.domain.case import Severity
from listener.domain.life import Event
from listener.domain.volume import PER_HOUR, STEP, bucket_of
from listener.errors import InputError
from listener.store.incident_facts import facts_of
from listener.store.incidents import IncidentStore
from listener.store.names import Names
from listener.store.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from listener.domain.incident import Incident
    from listener.domain.operator import Change
    from listener.store.connection import Connection, Store
    from listener.store.incident_facts import Facts

UNTIL_WORSE = 0
"""For `mute`: hidden until its severity rises."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline."""

    at: int
    who: str
    """An operator, or `desk`."""
    action: str
    """The journal's word: `incident.opened`, `incident.ack`, `notice.sent`, …"""
    text: str
    """In words."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Volume around an incident, five minutes at a time."""

    start: int
    """Of the first bucket, UTC ms; the others follow every five minutes."""
    counts: tuple[int, ...]
    negative: tuple[int, ...]
    complaints: tuple[int, ...]
    hourly: tuple[int, ...]
    """Mentions of the sixty minutes that end with each bucket: what `bar` is to be compared with."""
    bar: float
    """Mentions an hour that would have been a record: the threshold to draw. 0 when none is known."""
    marks: tuple[tuple[int, str], ...]
    """(UTC ms, what happened): opened, again, acknowledged, resolved."""


class Incidents:
    """One operator at the incident board.

    Args:    operator: whose name the journal gets.
    Raises:  every act InputError (no such incident, or it makes no sense) and, with `expect` (the version that was looked at), Conflict.
    """

    def __init__(self, store: Store, operator: str) -> None:
        self._store = store
        self.operator = operator
        self.rows = IncidentStore(store)
        self._watching = Watching(store)

    # -- looking

    def board(self, *, states: Sequence[str] = (), since: int | None = None, topic: str = "", muted: bool = True) -> list[Incident]:
        """What needs a person now first. `muted`: whether hidden ones are shown too."""
        now = self._store.clock()
        return [incident for incident in self.rows.all(states=states, since=since, topic=topic) if muted or not incident.muted(now)]

    def get(self, id_: int) -> Incident:
        return self.rows.get(id_)

    def evidence(self, id_: int, *, limit: int = 5_000) -> tuple[int, ...]:
        """Mention ids, oldest first: `Filter(ids=…, folded=False)` shows them."""
        return self.rows.evidence(id_, limit=limit)

    def facts(self, id_: int) -> Facts:
        """Who, where, in which languages."""
        return facts_of(self._store, self.rows.family_of(id_))

    def timeline(self, id_: int) -> list[Line]:
        """Everything that happened to it and to what was merged into it, oldest first."""
        return sorted((line for one in self.rows.family_of(id_) for line in map(_line, self.rows.journal.of("incident", one, limit=1_000))), key=lambda line: line.at)

    def curve(self, id_: int, *, before: int = 6 * 3_600_000, after: int = 3 * 3_600_000) -> Curve:
        """Volume from some hours before the opening to some after the end, or now; ms."""
        incident = self.rows.get(id_)
        events = self.rows.events(id_)
        bars = [event.bar for event in events if event.bar]
        end = incident.resolved_at + after if incident.resolved_at else self._store.clock()
        end = min(end, max(event.at for event in events) + 7 * 86_400_000) if events else end
        marks = tuple((event.at, event.kind) for event in events)
        return self.curve_of(incident.topic, incident.opened_at - before, end, bar=bars[0] if bars else 0.0, marks=marks)

    def curve_of(self, topic: str, since: int, until: int, *, bar: float = 0.0, marks: Iterable[tuple[int, str]] = ()) -> Curve:
        """A topic's volume in [since, until), UTC ms. Without a `bar`, the newest that an incident of the topic had."""
        start = bucket_of(since)
        length = max(1, (bucket_of(until - 1) - start) // STEP + 1)
        topic_id = Names(self._store, "topic").id(topic) if topic else None
        rows = self._watching.volume(topic_id, start - PER_HOUR * STEP, until) if topic_id is not None else []
        by_start = {row[0]: row for row in rows}
        counts = [by_start.get(start + index * STEP, (0, 0, 0, 0)) for index in range(-PER_HOUR, length)]
        hourly = [sum(row[1] for row in counts[index - PER_HOUR + 1 : index + 1]) for index in range(PER_HOUR, len(counts))]
        shown = counts[PER_HOUR:]
        return Curve(start, tuple(r[1] for r in shown), tuple(r[2] for r in shown), tuple(r[3] for r in shown), tuple(hourly), bar, tuple(marks))

    # -- acting

    def ack(self, id_: int, *, expect: int | None = None) -> Incident:
        """I have seen it and I am on it: no further chasing, unless it gets worse."""

        def act(connection: Connection, incident: Incident) -> None:
            if not incident.active:
                raise InputError(f"Incident {id_} is resolved.", hint="`reopen` it first if it is not over.")
            self._event(connection, id_, "ack")
            if not incident.owner:
                self.rows.put(connection, id_, owner=self.operator)

        return self._act(id_, "incident.ack", act, expect)

    def resolve(self, id_: int, cause: str, *, real: bool | None = None, expect: int | None = None) -> Incident:
        """It is over, and why. `real`: was it one? The noise is measured by the answers."""

        def act(connection: Connection, incident: Incident) -> None:
            if not cause.strip():
                raise InputError("A resolved incident needs a cause.", hint="One sentence: what was it?")
            self._event(connection, id_, "resolve", text=cause.strip(), real=real)

        return self._act(id_, "incident.resolve", act, expect, cause=cause.strip(), real=real)

    def reopen(self, id_: int, *, expect: int | None = None) -> Incident:
        """It is not over."""

        def act(connection: Connection, incident: Incident) -> None:
            if incident.active:
                raise InputError(f"Incident {id_} is {incident.state.value}: there is nothing to reopen.")
            self._event(connection, id_, "reopen")
            self.rows.put(connection, id_, historic=0)

        return self._act(id_, "incident.reopen", act, expect)

    def severity(self, id_: int, severity: Severity, *, expect: int | None = None) -> Incident:
        """Say oneself how bad it is; NONE goes back to what the watch says. The watch may still raise it when it sees worse."""

        def act(connection: Connection, incident: Incident) -> None:
            self._event(connection, id_, "severity", urgency=severity.urgency)

        return self._act(id_, "incident.severity", act, expect, severity=str(severity))

    def assign(self, id_: int, owner: str, *, expect: int | None = None) -> Incident:
        """Give it to somebody; an empty name takes it back."""
        owner = owner.strip()
        if len(owner) > 80 or any(ord(character) < 32 for character in owner):
            raise InputError(f"{owner!r} cannot be a name.")
        return self._act(id_, "incident.assign", lambda connection, _: self.rows.put(connection, id_, owner=owner), expect, owner=owner)

    def note(self, id_: int, text: str) -> Incident:
        """Write into the timeline."""
        text = text.strip()
        if not text:
            raise InputError("The note is empty.")

        def act(connection: Connection, _: Incident) -> None:
            self.rows.add_note(connection, id_, self.operator, text)

        return self._act(id_, "incident.note", act, None, text=text)

    def mute(self, id_: int, until: int = UNTIL_WORSE, *, expect: int | None = None) -> Incident:
        """Hide it until a time (UTC ms), or until its severity rises. Nothing of it is dropped: it counts, and stands in the timeline."""

        def act(connection: Connection, incident: Incident) -> None:
            if until and until <= self._store.clock():
                raise InputError("That time has passed already.")
            self.rows.put(connection, id_, muted_until=until, muted_urgency=incident.severity.urgency)

        return self._act(id_, "incident.mute", act, expect, until=until)

    def unmute(self, id_: int, *, expect: int | None = None) -> Incident:
        return self._act(id_, "incident.unmute", lambda connection, _: self.rows.put(connection, id_, muted_until=None), expect)

    def merge(self, into: int, others: Sequence[int]) -> Incident:
        """Make one of several: the others go into the first, with all that happens to them. `unmerge` takes them out again."""

        def act(connection: Connection, incident: Incident) -> None:
            for other in dict.fromkeys(others):
                known = self.rows.get(other, connection)
                if other == into or into in self.rows.family_of(other, connection):
                    raise InputError(f"Incident {other} cannot be merged into itself.")
                if known.topic != incident.topic and "" in (known.topic, incident.topic):
                    raise InputError("An incident of the collector and one of a brand are two things.")
                self.rows.put(connection, other, merged_into=into)
                self.rows.journal.record(connection, self.operator, "incident.merged", "incident", other, after={"into": into})

        return self._act(into, "incident.merge", act, None, others=list(others))

    def unmerge(self, id_: int) -> Incident:
        """Take an incident out of the one that it was merged into."""

        def act(connection: Connection, incident: Incident) -> None:
            if incident.merged_into is None:
                raise InputError(f"Incident {id_} is not merged into another one.")
            self.rows.put(connection, id_, merged_into=None)
            self.rows.refold(connection, incident.merged_into)
            self.rows.journal.record(connection, self.operator, "incident.unmerged", "incident", incident.merged_into, after={"out": id_})

        return self._act(id_, "incident.unmerge", act, None)

    def split(self, id_: int, mentions: Sequence[int], label: str = "") -> Incident:
        """Take a part of the evidence out into an incident of its own, which is returned. Merging the two takes it back."""

        def work(connection: Connection) -> Incident:
            incident = self.rows.check(connection, id_, None)
            part = self.rows.part_of(connection, id_, mentions)
            if not part:
                raise InputError(f"None of these mentions is evidence of incident {id_}.", hint="`listener incidents show` lists them.")
            new = self.rows.split(connection, incident, part, label.strip() or f"split from {id_}")
            who, record = self.operator, self.rows.journal.record
            record(connection, who, "incident.split", "incident", id_, after={"into": new, "mentions": len(part)})
            record(connection, who, "incident.opened", "incident", new, after={"severity": str(incident.severity), "why": f"split from incident {id_}", "from": id_})
            return self.rows.refold(connection, new)

        return self._store.write(work)

    # -- how

    def _event(self, connection: Connection, id_: int, kind: Any, *, urgency: int = 0, text: str = "", real: bool | None = None) -> None:
        event = Event(kind, self._store.clock(), urgency=urgency, operator=self.operator, after=self.rows.newest_seen(connection, id_), text=text, real=real)
        self.rows.add_event(connection, id_, event)

    def _act(self, id_: int, action: str, act: Callable[[Connection, Incident], None], expect: int | None, **told: Any) -> Incident:
        def work(connection: Connection) -> Incident:
            before = self.rows.check(connection, id_, expect)
            act(connection, before)
            after = self.rows.refold(connection, id_)
            names = ("state", "severity", "owner", "muted_until", "merged_into", "cause", "real")
            old = {name: _plain(getattr(before, name)) for name in names if getattr(before, name) != getattr(after, name)}
            new = {name: _plain(getattr(after, name)) for name in old} | {name: value for name, value in told.items() if value is not None}
            self.rows.journal.record(connection, self.operator, action, "incident", id_, before=old, after=new)
            return after

        return self._store.write(work)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Severity) else value


def _line(change: Change) -> Line:
    """A line of the journal in words."""
    before, after = json.loads(change.before), json.loads(change.after)
    action = change.action.removeprefix("incident.")
    words = {
        "opened": f"opened: {after.get('why', '')}", "historic": f"found in the archive: {after.get('why', '')}",
        "worse": f"{before.get('severity', '')} → {after.get('severity', '')}: {after.get('why', '')}", "again": f"again: {after.get('why', '')}",
        "regressed": f"came back: {after.get('why', '')}", "reopened": f"open again: {after.get('why', '')}",
        "resolved": f"resolved: {after.get('cause', '')}", "ack": "acknowledged", "reopen": "reopened",
        "resolve": f"resolved: {after.get('cause', '')}" + {True: " (it was real)", False: " (it was not real)"}.get(after.get("real"), ""),
        "assign": f"given to {after.get('owner') or 'nobody'}", "note": str(after.get("text", "")),
        "severity": f"severity set to {after.get('severity') or 'what the watch says'}", "mute": "muted " + ("until it gets worse" if not after.get("until") else "for a while"),
        "unmute": "no longer muted", "merge": f"merged with {', '.join(map(str, after.get('others', [])))}", "merged": f"merged into {after.get('into')}",
        "unmerge": "stands for itself again", "unmerged": f"incident {after.get('out')} taken out again", "split": f"{after.get('mentions')} mentions taken out into incident {after.get('into')}",
        "notified": str(after.get("text", "")), "notify-failed": str(after.get("text", "")),
    }  # fmt: skip
    return Line(change.at, change.operator, change.action, words.get(action, action))
