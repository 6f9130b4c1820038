"""What the watch reads and remembers: posts by time, what each topic's lookout has learned, and who is silent."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from listener.domain.duration import DAY, HOUR, MINUTE
from listener.domain.sentiment import Label
from listener.store.rows import BUCKET_MS, HOUR_MS, LABELS
from listener.store.tally import is_complaint

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from listener.store.connection import Store

KEPT = ((10 * MINUTE, 1), (3 * HOUR, HOUR), (DAY, 6 * HOUR), (8 * DAY, DAY), (32 * DAY, 8 * DAY))
"""Which saved states stay: up to this age, those on such a mark. So a post that arrives a week late costs a day's replay or two, not the whole archive's."""


@dataclass(frozen=True, slots=True)
class Said:
    """A post as the watch counts it."""

    id: int
    at: int
    text: str
    lang: str
    label: Label
    complaint: bool
    author: int
    handle: str
    followers: int
    kinds: str = ""
    leader: int | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """A lookout's state as it was saved."""

    topic: str
    bucket: int
    """Start of the last bucket that it has learned from, UTC ms."""
    newest: int
    """The newest mention, by id, that was counted when it was saved."""
    calm: int
    """So many calm buckets in a row."""
    tuning: str
    """What it was learned with; another tuning means learning anew."""
    reach: int
    state: bytes


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """A stretch in which a source, or with an empty name the whole desk, was not heard."""

    id: int
    source: str
    kind: str
    began: int
    ended: int | None
    text: str
    incident_id: int | None


class Watching:
    """The watch's part of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- posts

    def topics(self) -> list[tuple[int, str, str]]:
        """(id, name, role) of every topic."""
        return self._store.read().execute("SELECT id, name, role FROM topic ORDER BY id").fetchall()

    def newest(self) -> int:
        return int(self._store.read().execute("SELECT coalesce(max(id), 0) FROM mention").fetchone()[0])

    def arrived(self, after: int, upto: int) -> dict[int, tuple[int, int]]:
        """Topic id → (created_at of the earliest, of the latest) among the mentions whose id lies behind `after`, up to `upto`."""
        statement = (
            "SELECT topic_id, min(created_at), max(created_at) FROM mention WHERE id > ? AND id <= ? AND own = 0 GROUP BY topic_id UNION ALL "
            "SELECT x.topic_id, min(x.created_at), max(x.created_at) FROM mention m JOIN mention_topic x ON x.mention_id = m.id WHERE m.id > ? AND m.id <= ? AND m.own = 0 GROUP BY x.topic_id"
        )
        found: dict[int, tuple[int, int]] = {}
        for topic_id, first, last in self._store.read().execute(statement, (after, upto, after, upto)):
            known = found.get(topic_id, (first, last))
            found[topic_id] = (min(known[0], first), max(known[1], last))
        return found

    def said(self, topic_id: int, since: int, until: int, *, upto: int | None = None) -> Iterator[Said]:
        """A topic's posts written in [since, until), oldest first; our own are left out."""
        columns = "m.id, m.created_at, m.title, m.text, m.lang, m.label, m.kinds, m.author_id, a.handle, coalesce(a.followers, 0), m.leader_id"
        limit = "" if upto is None else f" AND m.id <= {int(upto)}"
        statement = (
            f"SELECT {columns} FROM mention m JOIN author a ON a.id = m.author_id WHERE m.topic_id = ? AND m.created_at >= ? AND m.created_at < ? AND m.own = 0{limit} UNION ALL "
            f"SELECT {columns} FROM mention_topic x CROSS JOIN mention m ON m.id = x.mention_id JOIN author a ON a.id = m.author_id "
            f"WHERE x.topic_id = ? AND x.created_at >= ? AND x.created_at < ? AND m.own = 0{limit} ORDER BY 2, 1"
        )
        rows = self._store.read().execute(statement, (topic_id, since, until, topic_id, since, until))
        for id_, at, title, text, lang, label, kinds, author, handle, followers, leader in rows:
            yield Said(id_, at, f"{title}\n{text}" if title else text, lang, LABELS[label], is_complaint(kinds), author, handle, followers, kinds, leader)

    def texts(self, topic: str, since: int, *, limit: int) -> list[tuple[tuple[str, str], str, int, tuple[str, str] | None]]:
        """((source, native_id), text, created_at, leader's key or None) of a topic's newest posts since a moment, oldest first; deleted and own ones are left out."""
        rows = self._store.read().execute(
            "SELECT s.name, m.native_id, m.title, m.text, m.created_at, ls.name, l.native_id FROM mention m JOIN source s ON s.id = m.source_id "
            "LEFT JOIN mention l ON l.id = m.leader_id LEFT JOIN source ls ON ls.id = l.source_id "
            "WHERE m.topic_id = (SELECT id FROM topic WHERE name = ?) AND m.created_at >= ? AND m.deleted_at IS NULL AND m.own = 0 ORDER BY m.created_at DESC, m.id DESC LIMIT ?",
            (topic, since, limit),
        ).fetchall()  # fmt: skip
        return [
            ((source, native), f"{title}\n{text}" if title else text, at, None if leader is None else (leader_source, leader))
            for source, native, title, text, at, leader_source, leader in reversed(rows)
        ]

    def span(self, topic_id: int) -> tuple[int, int] | None:
        """Starts of the first and of the last bucket in which anything was written, UTC ms; None when there is none."""
        first = self._store.read().execute("SELECT bucket FROM volume WHERE topic_id = ? AND n > 0 ORDER BY bucket LIMIT 1", (topic_id,)).fetchone()
        last = self._store.read().execute("SELECT bucket FROM volume WHERE topic_id = ? AND n > 0 ORDER BY bucket DESC LIMIT 1", (topic_id,)).fetchone()
        return None if first is None or last is None else (first[0] * BUCKET_MS, last[0] * BUCKET_MS)

    def around(self, topic_id: int, at: int) -> tuple[int | None, int | None]:
        """Starts of the last bucket before and of the first behind a moment in which anything was written, UTC ms."""
        bucket = at // BUCKET_MS
        read = self._store.read()
        before = read.execute("SELECT bucket FROM volume WHERE topic_id = ? AND bucket < ? AND n > 0 ORDER BY bucket DESC LIMIT 1", (topic_id, bucket)).fetchone()
        after = read.execute("SELECT bucket FROM volume WHERE topic_id = ? AND bucket >= ? AND n > 0 ORDER BY bucket LIMIT 1", (topic_id, bucket)).fetchone()
        return (before[0] * BUCKET_MS if before else None, after[0] * BUCKET_MS if after else None)

    def followers(self, topic_id: int, since: int, until: int) -> list[int]:
        """Of each distinct author of a stretch, where they are known."""
        return [row[0] for row in self._store.read().execute(
            "SELECT followers FROM author WHERE followers IS NOT NULL AND id IN (SELECT author_id FROM mention WHERE topic_id = ? AND created_at >= ? AND created_at < ? AND own = 0)",
            (topic_id, since, until))]  # fmt: skip

    def volume(self, topic_id: int, since: int, until: int) -> list[tuple[int, int, int, int]]:
        """(start of the bucket, mentions, negative ones, complaints) of the buckets in [since, until) that are not empty."""
        rows = self._store.read().execute(
            f"SELECT bucket * {BUCKET_MS}, n, negative, complaints FROM volume WHERE topic_id = ? AND bucket >= ? AND bucket < ? AND n > 0 ORDER BY bucket",
            (topic_id, -(-since // BUCKET_MS), -(-until // BUCKET_MS)),
        )
        return rows.fetchall()

    # -- what was learned

    def states(self, topic_id: int, upto: int | None = None) -> Learned | None:
        """The newest saved state whose last bucket is not later than `upto`."""
        row = self._store.read().execute(
            "SELECT t.name, l.bucket, l.newest, l.calm, l.tuning, l.reach, l.state FROM lookout l JOIN topic t ON t.id = l.topic_id "
            "WHERE l.topic_id = ? AND l.bucket <= ? ORDER BY l.bucket DESC LIMIT 1", (topic_id, 2**62 if upto is None else upto)).fetchone()  # fmt: skip
        return Learned(*row) if row else None

    def learn(self, connection: sqlite3.Connection, topic_id: int, states: Iterable[Learned], *, behind: int, newest: int) -> None:
        """Save states in the place of all that lie behind a bucket, and let those go that are too old for their mark."""
        connection.execute("DELETE FROM lookout WHERE topic_id = ? AND bucket > ?", (topic_id, behind))
        connection.executemany(
            "INSERT OR REPLACE INTO lookout (topic_id, bucket, newest, calm, tuning, reach, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(topic_id, one.bucket, one.newest, one.calm, one.tuning, one.reach, one.state) for one in states],
        )
        buckets = [row[0] for row in connection.execute("SELECT bucket FROM lookout WHERE topic_id = ? ORDER BY bucket DESC", (topic_id,))]
        gone = [bucket for bucket in buckets[1:] if not worth_keeping(bucket, buckets[0])]
        connection.executemany("DELETE FROM lookout WHERE topic_id = ? AND bucket = ?", [(topic_id, bucket) for bucket in gone])
        connection.execute("UPDATE lookout SET newest = ? WHERE topic_id = ?", (newest, topic_id))

    def forget(self, topic_id: int) -> None:
        """Learn anew."""
        self._store.write(lambda connection: connection.execute("DELETE FROM lookout WHERE topic_id = ?", (topic_id,)) and None, durable=False)

    # -- silence

    def silences(self, *, since: int = 0) -> list[SilenceRow]:
        """Those that last, and those that ended since then."""
        rows = self._store.read().execute("SELECT id, source, kind, began, ended, text, incident_id FROM silence WHERE ended IS NULL OR ended > ? ORDER BY id", (since,))
        return [SilenceRow(*row) for row in rows]

    def fall_silent(self, connection: sqlite3.Connection, source: str, kind: str, began: int, text: str, incident_id: int | None) -> int:
        statement = "INSERT INTO silence (source, kind, began, text, incident_id) VALUES (?, ?, ?, ?, ?)"
        return int(connection.execute(statement, (source, kind, began, text, incident_id)).lastrowid or 0)

    def heard(self, connection: sqlite3.Connection, id_: int, at: int) -> None:
        connection.execute("UPDATE silence SET ended = ? WHERE id = ?", (at, id_))

    def brought(self, source: str, since: int, until: int) -> bool:
        """Whether a source has brought anything that was written in a stretch: its backlog after a silence."""
        statement = "SELECT 1 FROM mention WHERE created_at >= ? AND created_at < ? AND source_id = (SELECT id FROM source WHERE name = ?) LIMIT 1"
        return self._store.read().execute(statement, (since, until, source)).fetchone() is not None

    def gaps(self, source: str, since: int, until: int) -> list[int]:
        """Pauses between the hours in which a source brought something, ms; hours without a pause count as one hour."""
        hours = [row[0] for row in self._store.read().execute(
            "SELECT DISTINCT hour FROM rollup WHERE source_id = (SELECT id FROM source WHERE name = ?) AND hour >= ? AND hour <= ? AND n > 0 ORDER BY hour",
            (source, since // HOUR_MS, until // HOUR_MS))]  # fmt: skip
        return [(later - earlier) * HOUR_MS for earlier, later in pairwise(hours)]

    def weight(self, topic_id: int, sources: Sequence[str], since: int, until: int) -> float:
        """The share of a topic's mentions that came from some sources, 0 … 1."""
        names = ", ".join("?" * len(sources))
        row = self._store.read().execute(
            f"SELECT sum(CASE WHEN s.name IN ({names}) THEN r.n ELSE 0 END), sum(r.n) FROM rollup r JOIN source s ON s.id = r.source_id "
            "WHERE r.topic_id = ? AND r.hour >= ? AND r.hour <= ?", (*sources, topic_id, since // HOUR_MS, until // HOUR_MS)).fetchone()  # fmt: skip
        return float(row[0]) / row[1] if row[1] else 0.0


def worth_keeping(bucket: int, newest: int) -> bool:
    """Whether a saved state stays beside the newest one; both are starts of buckets, UTC ms."""
    return any(newest - bucket <= age and bucket % mark == 0 for age, mark in KEPT)
