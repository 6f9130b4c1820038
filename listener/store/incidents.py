"""Incidents: rows that are the sum of their events, what belongs to them, and the road of what the watch saw into them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.domain.case import Severity
from listener.domain.duration import DAY
from listener.domain.incident import Incident, IncidentState, Signal
from listener.domain.life import SEEN, Event, Standing, standing
from listener.domain.severity import GRAVE
from listener.domain.volume import STEP
from listener.errors import Conflict, InputError
from listener.store.journal import Journal
from listener.store.names import Names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from listener.store.connection import Store

AGAIN_WITHIN = DAY
"""What comes back so soon after a resolve is the same incident, regressed; later it is a new one, linked to it."""
HISTORIC_AFTER = DAY
"""What is first found so long after it happened is history: nobody is told."""
COLLECTOR = "collector"
"""The family of incidents of the desk itself: a source that is silent."""
_EVENT = "kind, at, bucket, family, began, urgency, points, why, signals, terms, n, bar, pages, operator, after, text, real"
_COLUMNS = (
    "i.id, i.topic_id, i.family, i.key, i.urgency, i.points, i.state, i.opened_at, i.updated_at, i.acknowledged_at, i.resolved_at, i.owner, i.count, i.why, i.signals, "
    "i.first_mention, i.terms, i.cause, i.real, i.version, i.pages, i.historic, i.linked, i.merged_into, i.muted_until, i.evidence, t.role"
)
_FROM = "incident i LEFT JOIN topic t ON t.id = i.topic_id"


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident that changed: as it was, and as it is. `before` is None for a new one, `after` for one that was never told and is no more."""

    before: Incident | None
    after: Incident | None


@dataclass(frozen=True, slots=True)
class IncidentNote:
    id: int
    at: int
    operator: str
    text: str


class IncidentStore:
    """Reading and writing incidents."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._topics = Names(store, "topic")
        self.journal = Journal(store)

    # -- reading

    def all(
        self, *, states: Sequence[str] = (), since: int | None = None, until: int | None = None, topic: str = "", merged: bool = False, limit: int = 10_000
    ) -> list[Incident]:
        """What needs a person now first: the open before the acknowledged before the resolved, then the worst, then the newest."""
        where, values = ["1"], list[Any]()
        if states:
            where.append(f"i.state IN ({', '.join('?' * len(states))})")
            values += states
        if since is not None:
            where.append("i.updated_at >= ?")
            values.append(since)
        if until is not None:
            where.append("i.opened_at < ?")
            values.append(until)
        if topic:
            where.append("t.name = ?")
            values.append(topic)
        if not merged:
            where.append("i.merged_into IS NULL")
        order = "CASE i.state WHEN 'open' THEN 0 WHEN 'regressed' THEN 0 WHEN 'acknowledged' THEN 1 ELSE 2 END, i.urgency DESC, i.opened_at DESC, i.id DESC"
        rows = self._store.read().execute(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?", (*values, limit))
        return [self._incident(row) for row in rows]

    def get(self, id_: int, connection: sqlite3.Connection | None = None) -> Incident:
        """Raises InputError: no such incident."""
        row = (connection or self._store.read()).execute(f"SELECT {_COLUMNS} FROM {_FROM} WHERE i.id = ?", (id_,)).fetchone()
        if row is None:
            raise InputError(f"There is no incident {id_}.", hint="`listener incidents` lists them.")
        return self._incident(row, connection)

    def latest(self, connection: sqlite3.Connection, key: str) -> Incident | None:
        """The newest incident of a key."""
        row = connection.execute("SELECT id FROM incident WHERE key = ? ORDER BY opened_at DESC, id DESC LIMIT 1", (key,)).fetchone()
        return self.get(row[0], connection) if row else None

    def family_of(self, id_: int, connection: sqlite3.Connection | None = None) -> tuple[int, ...]:
        """The incident and everything that was merged into it, directly or not."""
        connection = connection or self._store.read()
        found = [id_]
        for one in found:
            found += [row[0] for row in connection.execute("SELECT id FROM incident WHERE merged_into = ? ORDER BY id", (one,)) if row[0] not in found]
        return tuple(found)

    def events(self, id_: int, connection: sqlite3.Connection | None = None) -> list[Event]:
        """Everything that happened to it and to what was merged into it, in the order of time."""
        connection = connection or self._store.read()
        ids = self.family_of(id_, connection)
        rows = connection.execute(f"SELECT {_EVENT}, id FROM incident_event WHERE incident_id IN ({', '.join('?' * len(ids))}) ORDER BY at, id", ids)
        return [_event(row) for row in rows]

    def evidence(self, id_: int, *, limit: int = 5_000) -> tuple[int, ...]:
        """Ids of the mentions that belong to it, oldest first: for `Filter(ids=…)`."""
        ids = self.family_of(id_)
        rows = self._store.read().execute(
            f"SELECT DISTINCT e.mention_id, m.created_at FROM incident_mention e JOIN mention m ON m.id = e.mention_id WHERE e.incident_id IN ({', '.join('?' * len(ids))}) "
            "ORDER BY m.created_at, e.mention_id LIMIT ?", (*ids, limit),
        )  # fmt: skip
        return tuple(row[0] for row in rows)

    def notes(self, id_: int) -> list[IncidentNote]:
        ids = self.family_of(id_)
        rows = self._store.read().execute(f"SELECT id, at, operator, text FROM incident_note WHERE incident_id IN ({', '.join('?' * len(ids))}) ORDER BY at, id", ids)
        return [IncidentNote(*row) for row in rows]

    def untold(self, *, limit: int = 1_000) -> list[tuple[Incident, int, int]]:
        """Incidents whose evidence may grow, each with (the newest mention looked at, id of its topic): the active, and those that have none yet."""
        rows = self._store.read().execute(
            f"SELECT i.evidence_seen, i.topic_id, {_COLUMNS} FROM {_FROM} WHERE i.topic_id IS NOT NULL AND (i.state <> 'resolved' OR i.evidence_seen = 0) ORDER BY i.id LIMIT ?", (limit,)
        )
        return [(self._incident(row[2:]), row[0], row[1]) for row in rows]

    def add_evidence(self, connection: sqlite3.Connection, id_: int, mentions: Sequence[int], first: int | None, seen: int) -> None:
        """Take mentions up as evidence. `first`: the first post of it, where it is earlier than the one that is known."""
        connection.executemany("INSERT OR IGNORE INTO incident_mention (incident_id, mention_id) VALUES (?, ?)", [(id_, mention) for mention in mentions])
        connection.execute(
            "UPDATE incident SET evidence_seen = ?, evidence = (SELECT count(*) FROM incident_mention WHERE incident_id = ?), first_mention = coalesce(?, first_mention) WHERE id = ?",
            (seen, id_, first, id_),
        )

    def _incident(self, row: tuple[Any, ...], connection: sqlite3.Connection | None = None) -> Incident:
        (
            id_, topic_id, family, key, urgency, points, state, opened_at, updated_at, acknowledged_at, resolved_at, owner, count, why, signals,
            first_mention, terms, cause, real, version, pages, historic, linked, merged_into, muted_until, evidence, role,
        ) = row  # fmt: skip
        topic = ""
        if topic_id is not None:
            topic = connection.execute("SELECT name FROM topic WHERE id = ?", (topic_id,)).fetchone()[0] if connection else self._topics.name(topic_id)
        return Incident(
            id_, topic, family, key, Severity.from_urgency(urgency), points, IncidentState(state), opened_at, updated_at, acknowledged_at, resolved_at, owner, count, why,
            _signals(signals), first_mention, tuple(json.loads(terms)), cause, None if real is None else bool(real), version, bool(pages), bool(historic), linked,
            merged_into, muted_until, evidence, role or "",
        )  # fmt: skip

    # -- what the watch saw

    def take(self, connection: sqlite3.Connection, topic: str, since: int, seen: Sequence[Event], quiet: Sequence[int], now: int) -> list[Moved]:
        """Put what the watch sees behind a bucket in the place of what it saw there before. What people did stays.

        Args:    since: start of the last bucket that stays as it is, UTC ms.
                 seen: `opened` and `again` of later buckets, in order. quiet: starts of later buckets at which it had been calm for long enough.
        """
        topic_id = self._topics.take(connection, topic)
        old = connection.execute(
            "SELECT e.family, e.began, e.incident_id FROM incident_event e JOIN incident i ON i.id = e.incident_id "
            "WHERE i.topic_id = ? AND i.family <> ? AND e.bucket > ?", (topic_id, COLLECTOR, since)).fetchall()  # fmt: skip
        if not quiet and self._same(connection, topic_id, since, seen):
            return []
        horizon = since - 10 * DAY
        waves: dict[tuple[str, int], int] = {
            (family, began): id_ for family, began, id_ in connection.execute(
                "SELECT DISTINCT e.family, e.began, e.incident_id FROM incident_event e JOIN incident i ON i.id = e.incident_id "
                "WHERE i.topic_id = ? AND e.began IS NOT NULL AND e.began > ?", (topic_id, horizon))
        }  # fmt: skip
        connection.execute("DELETE FROM incident_event WHERE bucket > ? AND incident_id IN (SELECT id FROM incident WHERE topic_id = ? AND family <> ?)", (since, topic_id, COLLECTOR))
        touched = {id_: self.get(id_, connection) for id_ in {row[2] for row in old}}
        named = {(event.family, event.began) for event in seen}
        lost = {wave: id_ for wave, id_ in waves.items() if wave not in named and wave[1] > since}
        moments = sorted([(event.bucket or 0, 0, event) for event in seen] + [(start, 1, None) for start in quiet], key=lambda moment: moment[:2])
        created: set[int] = set()
        for start, _, event in moments:
            if event is None:
                for id_ in self._restless(connection, topic_id, start):
                    if id_ not in created:
                        touched.setdefault(id_, self.get(id_, connection))
                    self.add_event(connection, id_, Event("quiet", start + STEP, start))
                    self.refold(connection, id_)
                continue
            wave = (event.family, event.began or 0)
            if wave not in waves:
                waves[wave] = self._adopted(connection, topic, lost, wave) or self._place(connection, topic_id, topic, event, now, created)
            id_ = waves[wave]
            if id_ not in created:
                touched.setdefault(id_, self.get(id_, connection))
            self.add_event(connection, id_, event)
            self.refold(connection, id_)
        return self._moved(connection, touched, created, now)

    def _same(self, connection: sqlite3.Connection, topic_id: int, since: int, seen: Sequence[Event]) -> bool:
        """Whether all of it is known already."""
        rows = connection.execute(
            f"SELECT {', '.join(f'e.{name}' for name in _EVENT.split(', '))}, 0 FROM incident_event e JOIN incident i ON i.id = e.incident_id "
            "WHERE i.topic_id = ? AND i.family <> ? AND e.bucket > ? ORDER BY e.bucket, e.family", (topic_id, COLLECTOR, since))  # fmt: skip
        return [_event(row) for row in rows] == sorted(seen, key=lambda event: (event.bucket or 0, event.family))

    def _adopted(self, connection: sqlite3.Connection, topic: str, lost: dict[tuple[str, int], int], wave: tuple[str, int]) -> int | None:
        """The incident of a wave that has moved, because posts of it arrived late: it began earlier, or what it is about has become clear as its bucket filled."""
        near = [other for other in lost if other[0] == wave[0] and abs(other[1] - wave[1]) < DAY]
        near = near or [other for other in lost if wave[0] not in GRAVE and other[0] not in GRAVE and abs(other[1] - wave[1]) <= STEP]
        if not near:
            return None
        id_ = lost.pop(min(near, key=lambda other: (abs(other[1] - wave[1]), other)))
        connection.execute("UPDATE incident SET family = ?, key = ? WHERE id = ? AND cluster = ''", (wave[0], f"{topic}/{wave[0]}", id_))
        return id_

    def _place(self, connection: sqlite3.Connection, topic_id: int, topic: str, event: Event, now: int, created: set[int]) -> int:
        """The incident that a new wave belongs to: the one of its key that is open, or was until a day ago; else a new one."""
        key = f"{topic}/{event.family}"
        row = connection.execute(
            "SELECT id, state, resolved_at FROM incident WHERE key = ? AND opened_at <= ? ORDER BY opened_at DESC, id DESC LIMIT 1", (key, event.at)
        ).fetchone()
        historic = event.at < now - HISTORIC_AFTER
        if row is not None and (row[1] != IncidentState.RESOLVED or event.at - row[2] < AGAIN_WITHIN):
            if not historic:
                connection.execute("UPDATE incident SET historic = 0 WHERE id = ?", (row[0],))
            return int(row[0])
        id_ = self.insert(connection, topic_id, event.family, key, event.at, historic=historic, linked=row[0] if row else None)
        created.add(id_)
        return id_

    def insert(self, connection: sqlite3.Connection, topic_id: int | None, family: str, key: str, at: int, *, historic: bool = False, linked: int | None = None, cluster: str = "") -> int:
        cursor = connection.execute(
            "INSERT INTO incident (topic_id, family, cluster, key, opened_at, updated_at, historic, linked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (topic_id, family, cluster, key, at, at, int(historic), linked),
        )
        return int(cursor.lastrowid or 0)

    def _restless(self, connection: sqlite3.Connection, topic_id: int, start: int) -> list[int]:
        """Incidents of a topic that were seen before a bucket and have not been quiet since."""
        rows = connection.execute(
            "SELECT e.incident_id, max(CASE WHEN e.kind IN ('opened', 'again') THEN e.bucket END), max(CASE WHEN e.kind = 'quiet' THEN e.bucket ELSE -1 END) "
            "FROM incident_event e JOIN incident i ON i.id = e.incident_id WHERE i.topic_id = ? AND i.family <> ? AND e.bucket IS NOT NULL AND e.bucket <= ? "
            "GROUP BY e.incident_id", (topic_id, COLLECTOR, start))  # fmt: skip
        return [id_ for id_, seen, quiet in rows.fetchall() if seen is not None and quiet < seen]

    def _moved(self, connection: sqlite3.Connection, touched: dict[int, Incident], created: set[int], now: int) -> list[Moved]:
        moved: list[Moved] = []
        for id_, before in sorted(touched.items()):
            if connection.execute(f"SELECT 1 FROM incident_event WHERE incident_id = ? AND kind IN ({', '.join('?' * len(SEEN))}) LIMIT 1", (id_, *SEEN)).fetchone() is None:
                moved.append(Moved(before, self._withdraw(connection, id_, now)))
                continue
            after = self.refold(connection, id_)
            if after != before:
                moved.append(Moved(before, after))
        moved += [Moved(None, self.get(id_, connection)) for id_ in sorted(created)]
        return moved

    def _withdraw(self, connection: sqlite3.Connection, id_: int, now: int) -> Incident | None:
        """What is not seen any more: gone without a trace if nobody was told or touched it, else resolved with the reason."""
        told = connection.execute("SELECT told_at IS NOT NULL OR owner <> '' OR merged_into IS NOT NULL FROM incident WHERE id = ?", (id_,)).fetchone()[0]
        people = connection.execute("SELECT 1 FROM incident_event WHERE incident_id = ? UNION ALL SELECT 1 FROM incident_note WHERE incident_id = ? LIMIT 1", (id_, id_)).fetchone()
        if told or people:
            connection.execute("UPDATE incident SET state = 'resolved', resolved_at = ?, updated_at = ?, cause = ?, version = version + 1 WHERE id = ?",
                               (now, now, "withdrawn: posts that arrived later explain it", id_))  # fmt: skip
            return self.get(id_, connection)
        connection.execute("DELETE FROM incident_mention WHERE incident_id = ?", (id_,))
        connection.execute("DELETE FROM notice WHERE incident_id = ?", (id_,))
        connection.execute("UPDATE incident SET linked = NULL WHERE linked = ?", (id_,))
        connection.execute("DELETE FROM incident WHERE id = ?", (id_,))
        return None

    # -- events and their sum

    def add_event(self, connection: sqlite3.Connection, id_: int, event: Event) -> None:
        connection.execute(
            f"INSERT INTO incident_event (incident_id, {_EVENT}) VALUES ({', '.join('?' * 18)})",
            (
                id_, event.kind, event.at, event.bucket, event.family, event.began, event.urgency, event.points, event.why, _pack(event.signals),
                json.dumps(event.terms, ensure_ascii=False), event.n, event.bar, int(event.pages), event.operator, event.after, event.text,
                None if event.real is None else int(event.real),
            ),
        )  # fmt: skip

    def newest_seen(self, connection: sqlite3.Connection, id_: int) -> int:
        """`at` of the newest thing that the watch saw of it, UTC ms."""
        return max((event.at for event in self.events(id_, connection) if event.kind in SEEN), default=0)

    def refold(self, connection: sqlite3.Connection, id_: int) -> Incident:
        """Bring the row, and that of the one it is merged into, in line with the events."""
        historic, merged_into = connection.execute("SELECT historic, merged_into FROM incident WHERE id = ?", (id_,)).fetchone()
        now = standing(self.events(id_, connection), historic=bool(historic))
        if now is not None:
            _write(connection, id_, now)
        if merged_into is not None:
            self.refold(connection, merged_into)
        return self.get(id_, connection)

    def put(self, connection: sqlite3.Connection, id_: int, **columns: Any) -> None:
        """Set columns that do not follow from events: owner, mute, merge."""
        names = ", ".join(f"{name} = ?" for name in columns)
        connection.execute(f"UPDATE incident SET {names}, version = version + 1 WHERE id = ?", (*columns.values(), id_))

    def add_note(self, connection: sqlite3.Connection, id_: int, operator: str, text: str) -> None:
        connection.execute("INSERT INTO incident_note (incident_id, at, operator, text) VALUES (?, ?, ?, ?)", (id_, self._store.clock(), operator, text))

    def part_of(self, connection: sqlite3.Connection, id_: int, mentions: Sequence[int]) -> list[int]:
        """Those of some mentions that are evidence of an incident."""
        found = {row[0] for row in connection.execute("SELECT mention_id FROM incident_mention WHERE incident_id = ?", (id_,))}
        return [mention for mention in dict.fromkeys(mentions) if mention in found]

    def split(self, connection: sqlite3.Connection, incident: Incident, mentions: Sequence[int], label: str) -> int:
        """A new incident with a part of another's evidence; it opens when the first of these posts was written."""
        topic_id = connection.execute("SELECT topic_id FROM incident WHERE id = ?", (incident.id,)).fetchone()[0]
        marks = ", ".join("?" * len(mentions))
        first, at = connection.execute(f"SELECT id, created_at FROM mention WHERE id IN ({marks}) ORDER BY created_at, id LIMIT 1", mentions).fetchone()
        key = f"{incident.key}/{label}"
        id_ = self.insert(connection, topic_id, incident.family, key, at, linked=incident.id, cluster=label)
        why = f"{incident.severity}: {len(mentions)} posts split from incident {incident.id}: {label}"
        self.add_event(connection, id_, Event("opened", at, urgency=incident.severity.urgency, points=incident.points, why=why, signals=incident.signals, terms=(label,)))
        connection.executemany("DELETE FROM incident_mention WHERE incident_id = ? AND mention_id = ?", [(incident.id, mention) for mention in mentions])
        newest = connection.execute("SELECT max(id) FROM mention").fetchone()[0]
        self.add_evidence(connection, id_, mentions, first, newest)
        connection.execute("UPDATE incident SET evidence = evidence - ? WHERE id = ?", (len(mentions), incident.id))
        return id_

    def check(self, connection: sqlite3.Connection, id_: int, expect: int | None) -> Incident:
        """Raises InputError: no such incident. Conflict: it changed since it was looked at."""
        incident = self.get(id_, connection)
        if expect is not None and incident.version != expect:
            raise Conflict(f"Incident {id_} has changed meanwhile.", hint="Look at it again, then repeat.")
        return incident


def _write(connection: sqlite3.Connection, id_: int, now: Standing) -> None:
    columns = {
        "urgency": now.urgency, "points": now.points, "state": now.state.value, "opened_at": now.opened_at, "updated_at": now.updated_at,
        "acknowledged_at": now.acknowledged_at, "resolved_at": now.resolved_at, "count": now.count, "why": now.why, "signals": _pack(now.signals),
        "terms": json.dumps(now.terms, ensure_ascii=False), "cause": now.cause, "real": None if now.real is None else int(now.real), "pages": int(now.pages),
    }  # fmt: skip
    names = list(columns)
    connection.execute(
        f"UPDATE incident SET {', '.join(f'{name} = ?' for name in names)}, muted_until = CASE WHEN muted_until = 0 AND ? > muted_urgency THEN NULL ELSE muted_until END, "
        f"version = version + 1 WHERE id = ? AND NOT ({' AND '.join(f'{name} IS ?' for name in names)})",
        (*columns.values(), now.urgency, id_, *columns.values()),
    )


def _pack(signals: Iterable[Signal]) -> str:
    return json.dumps([[s.name, s.value, s.threshold, s.points, s.text] for s in signals], ensure_ascii=False)


def _signals(packed: str) -> tuple[Signal, ...]:
    return tuple(Signal(*row) for row in json.loads(packed))


def _event(row: tuple[Any, ...]) -> Event:
    kind, at, bucket, family, began, urgency, points, why, signals, terms, n, bar, pages, operator, after, text, real, id_ = row
    return Event(
        kind, at, bucket, family, began, urgency, points, why, _signals(signals), tuple(json.loads(terms)), n, bar, bool(pages), operator, after, text,
        None if real is None else bool(real), id_,
    )  # fmt: skip
