"""The rows and counts behind every figure: from roll-ups where they reach, from the rows themselves at the edges of a period.

A roll-up hour is whole; what a period has of the hours at its two ends is counted row by row, so that a figure is exact to the millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.store.connection import in_words
from listener.store.rows import HOUR_MS
from listener.store.tally import is_complaint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from listener.store.connection import Store

FIELDS = ("n", "negative", "neutral", "positive", "unscored", "complaints", "likes", "reposts", "replies")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the archive a report is about. Empty tuples mean all."""

    since: int
    until: int
    """UTC ms, itself not in it."""
    topics: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()
    tag: int | None = None
    operators: tuple[str, ...] = ()
    """Only what these people did."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What was said: counts of mentions, and what others did with them."""

    n: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unscored: int = 0
    complaints: int = 0
    likes: int = 0
    reposts: int = 0
    replies: int = 0

    def __add__(self, other: Voice) -> Voice:
        return Voice(*(getattr(self, name) + getattr(other, name) for name in FIELDS))

    @property
    def scored(self) -> int:
        return self.n - self.unscored

    @property
    def engagement(self) -> int:
        return self.likes + self.reposts + self.replies


Key = tuple[int, int]
"""(topic id, source id)."""


class Figures:
    """Counting for reports. Every call is one or a few statements; all raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with in_words(self._store.path):
            return self._store.read().execute(statement, values).fetchall()

    # -- names

    def topics(self) -> dict[int, tuple[str, str]]:
        """id → (name, role)."""
        return {id_: (name, role) for id_, name, role in self._rows("SELECT id, name, role FROM topic ORDER BY name")}

    def sources(self) -> dict[int, str]:
        return dict(self._rows("SELECT id, name FROM source ORDER BY name"))

    def tags(self) -> dict[int, str]:
        return dict(self._rows("SELECT id, name FROM tag ORDER BY name"))

    # -- what was said

    def voices(self, scope: Scope) -> dict[Key, Voice]:
        """Counts by topic and source. A mention of two topics counts in both; the desk's own posts in none."""
        if scope.tag is not None:
            return self.counted(scope)
        first, last = -(-scope.since // HOUR_MS), scope.until // HOUR_MS
        if first >= last:
            return self.counted(scope)
        found: dict[Key, Voice] = dict(self._rolled(scope, first, last))
        for since, until in ((scope.since, first * HOUR_MS), (last * HOUR_MS, scope.until)):
            if since < until:
                for key, voice in self.counted(Scope(since, until, scope.topics, scope.sources)).items():
                    found[key] = found.get(key, Voice()) + voice
        return found

    def _rolled(self, scope: Scope, first: int, last: int) -> Iterable[tuple[Key, Voice]]:
        where, values = _among("topic_id", scope.topics or tuple(self.topics()))
        only, more = _among("source_id", scope.sources)
        sums = ", ".join(f"sum({name})" for name in FIELDS)
        rows = self._rows(f"SELECT topic_id, source_id, {sums} FROM rollup WHERE {where} AND hour >= ? AND hour < ? AND {only} GROUP BY topic_id, source_id", (*values, first, last, *more))
        return [((row[0], row[1]), Voice(*map(int, row[2:]))) for row in rows if row[2]]

    def counted(self, scope: Scope) -> dict[Key, Voice]:
        """The same, row by row: the edges of a period, a tag, and the check of the roll-ups."""
        found: dict[Key, list[int]] = {}
        for topic, source, label, kinds, likes, reposts, replies in self._mentions(scope, "m.source_id, m.label, m.kinds, m.likes, m.reposts, m.replies"):
            voice = found.setdefault((topic, source), [0] * len(FIELDS))
            measures = (1, label == 1, label == 2, label == 3, label == 0, is_complaint(kinds), likes or 0, reposts or 0, replies or 0)
            for position, measure in enumerate(measures):
                voice[position] += measure
        return {key: Voice(*voice) for key, voice in found.items()}

    def _mentions(self, scope: Scope, columns: str) -> list[tuple[Any, ...]]:
        """(topic id, the columns) of every mention in scope, once for each topic that it matches."""
        only, values = _among("m.source_id", scope.sources)
        if scope.tag is not None:
            only, values = f"{only} AND m.id IN (SELECT mention_id FROM mention_tag WHERE tag_id = ? AND created_at >= ? AND created_at < ?)", [*values, scope.tag, scope.since, scope.until]
        found: list[tuple[Any, ...]] = []
        for topic in scope.topics or tuple(self.topics()):
            filed = f"SELECT m.topic_id, {columns} FROM mention m WHERE m.topic_id = ? AND m.created_at >= ? AND m.created_at < ? AND m.own = 0 AND {only}"
            also = (
                f"SELECT x.topic_id, {columns} FROM mention_topic x CROSS JOIN mention m ON m.id = x.mention_id "
                f"WHERE x.topic_id = ? AND x.created_at >= ? AND x.created_at < ? AND m.own = 0 AND {only}"
            )
            found += self._rows(filed, (topic, scope.since, scope.until, *values)) + self._rows(also, (topic, scope.since, scope.until, *values))
        return found

    def by_tag(self, scope: Scope) -> dict[int, Voice]:
        """Counts of the mentions of a scope by tag."""
        topics = scope.topics or tuple(self.topics())
        only, values = _among("m.source_id", scope.sources)
        mine, more = _among("m.topic_id", topics)
        rows = self._rows(
            "SELECT g.tag_id, count(*), sum(m.label = 1), sum(m.label = 2), sum(m.label = 3), sum(m.label = 0), 0, coalesce(sum(m.likes), 0), coalesce(sum(m.reposts), 0), "
            f"coalesce(sum(m.replies), 0) FROM mention_tag g CROSS JOIN mention m ON m.id = g.mention_id WHERE g.created_at >= ? AND g.created_at < ? AND m.own = 0 AND {only} AND {mine} GROUP BY g.tag_id",
            (scope.since, scope.until, *values, *more),
        )  # fmt: skip
        return {row[0]: Voice(*row[1:]) for row in rows}

    def by_bucket(self, scope: Scope) -> Iterable[tuple[int, Voice]]:
        """(an instant of UTC ms, counts): five minutes each, exact rows at the edges and where sources or a tag are chosen."""
        if scope.sources or scope.tag is not None:
            rows = self._mentions(scope, "m.created_at, m.label")
            return [(row[1], Voice(1, *(int(row[2] == label) for label in (1, 2, 3, 0)))) for row in rows]
        step = 300_000
        first, last = -(-scope.since // step), scope.until // step
        where, values = _among("topic_id", scope.topics or tuple(self.topics()))
        found = [
            (row[0] * step, Voice(*row[1:]))
            for row in self._rows(f"SELECT bucket, n, negative, neutral, positive, unscored, complaints FROM volume WHERE {where} AND bucket >= ? AND bucket < ?", (*values, first, last))
        ] if first < last else []  # fmt: skip
        edges = [(scope.since, min(first * step, scope.until)), (max(last * step, scope.since), scope.until)] if first <= last else [(scope.since, scope.until)]
        for since, until in edges:
            if since < until:
                rows = self._mentions(Scope(since, until, scope.topics), "m.created_at, m.label")
                found += [(row[1], Voice(1, *(int(row[2] == label) for label in (1, 2, 3, 0)))) for row in rows]
        return found

    def reach(self, scope: Scope, topics: Sequence[int]) -> tuple[int | None, int, int]:
        """(followers of the distinct authors added up, None where no author's are known; authors whose followers are known; authors)."""
        authors: set[int] = set()
        only, values = _among("m.source_id", scope.sources)
        if scope.tag is not None:
            only, values = f"{only} AND m.id IN (SELECT mention_id FROM mention_tag WHERE tag_id = ? AND created_at >= ? AND created_at < ?)", [*values, scope.tag, scope.since, scope.until]
        for topic in topics:
            span = (topic, scope.since, scope.until, *values)
            authors.update(a for (a,) in self._rows(f"SELECT DISTINCT m.author_id FROM mention m WHERE m.topic_id = ? AND m.created_at >= ? AND m.created_at < ? AND m.own = 0 AND {only}", span))
            other = f"SELECT DISTINCT m.author_id FROM mention_topic x CROSS JOIN mention m ON m.id = x.mention_id WHERE x.topic_id = ? AND x.created_at >= ? AND x.created_at < ? AND m.own = 0 AND {only}"
            authors.update(a for (a,) in self._rows(other, span))
        known = total = 0
        ids = sorted(authors)
        if len(ids) > 20_000:  # then the whole table is read sooner than so many single rows
            rows: Iterable[tuple[int, int]] = (row for row in self._rows("SELECT id, followers FROM author WHERE followers IS NOT NULL") if row[0] in authors)
            for _, followers in rows:
                known, total = known + 1, total + followers
        else:
            for start in range(0, len(ids), 400):
                part = ids[start : start + 400]
                row = self._rows(f"SELECT count(followers), coalesce(sum(followers), 0) FROM author WHERE id IN ({', '.join('?' * len(part))})", part)[0]
                known, total = known + row[0], total + row[1]
        return (total if known else None), known, len(authors)

    # -- what was done

    def answered(self, scope: Scope, columns: str = "") -> list[tuple[Any, ...]]:
        """(created_at, replied_at, later, further columns of `fact f`) of what a person answered in the period."""
        return self._facts(scope, "f.replied_at", "f.created_at, f.replied_at, f.later", columns, "f.replied_by")

    def resolved(self, scope: Scope, columns: str = "") -> list[tuple[Any, ...]]:
        """(received_at, resolved_at, replied_at, follow_at, reopened, …) of cases that were resolved in the period and still are; copies inside a row are no cases."""
        return self._facts(scope, "f.resolved_at", "f.received_at, f.resolved_at, f.replied_at, f.follow_at, f.reopened", columns, "f.resolved_by", "f.folded = 0 AND f.own = 0")

    def _facts(self, scope: Scope, when: str, columns: str, more: str, who: str, extra: str = "1") -> list[tuple[Any, ...]]:
        where, values = [f"{when} >= ? AND {when} < ?", extra], [scope.since, scope.until]
        _narrow(where, values, scope, "f.mention_id", "f.topic_id", "f.source_id")
        if scope.operators:
            only, names = _among(who, scope.operators)
            where.append(only)
            values += names
        return self._rows(f"SELECT {columns}{', ' + more if more else ''} FROM fact f WHERE {' AND '.join(where)} ORDER BY {when}, f.mention_id", values)

    def promised(self, scope: Scope) -> list[tuple[Any, ...]]:
        """(mention, created_at, severity, task kind, replied_at, resolved_at, pauses) of every mention of the period that an answer may be due to.

        Nobody has touched those without a fact: they are open. Copies inside a row and the desk's own posts are never due.
        """
        where, values = ["f.created_at >= ? AND f.created_at < ?", "f.folded = 0", "f.own = 0"], [scope.since, scope.until]
        _narrow(where, values, scope, "f.mention_id", "f.topic_id", "f.source_id")
        worked = self._rows(f"SELECT f.mention_id, f.created_at, f.severity, f.task_kind, f.replied_at, f.resolved_at, f.pauses FROM fact f WHERE {' AND '.join(where)}", values)
        where, values = ["m.state = 0 AND m.leader_id IS NULL", "m.created_at >= ? AND m.created_at < ?", "m.own = 0"], [scope.since, scope.until]
        _narrow(where, values, scope, "m.id", "m.topic_id", "m.source_id")
        where.append("NOT EXISTS (SELECT 1 FROM fact f WHERE f.mention_id = m.id)")
        untouched = self._rows(f"SELECT m.id, m.created_at, 0, '', NULL, NULL, '[]' FROM mention m WHERE {' AND '.join(where)}", values)
        return worked + untouched

    def tags_of(self, ids: Sequence[int]) -> dict[int, list[int]]:
        """Mention → its tags."""
        wanted = set(ids)
        found: dict[int, list[int]] = {}
        for mention, tag in self._rows("SELECT mention_id, tag_id FROM mention_tag"):
            if mention in wanted:
                found.setdefault(mention, []).append(tag)
        return found

    def filed(self, ids: Sequence[int], what: str) -> dict[int, int]:
        """Mention → id of its network or topic."""
        column = "source_id" if what == "network" else "topic_id"
        found: dict[int, int] = {}
        for start in range(0, len(ids), 900):
            part = ids[start : start + 900]
            found.update(self._rows(f"SELECT id, {column} FROM mention WHERE id IN ({', '.join('?' * len(part))})", part))
        return found


def days(rows: Iterable[tuple[int, Voice]], cell: Any) -> dict[Any, Voice]:
    """Counts by whatever `cell` makes of their instant."""
    found: dict[Any, list[int]] = {}
    names: dict[int, Any] = {}
    for at, voice in rows:
        hour = at // 900_000  # every zone's clock keeps step with quarters of an hour
        if hour not in names:
            names[hour] = cell(at)
        counts = found.setdefault(names[hour], [0] * len(FIELDS))
        for position, name in enumerate(FIELDS[:6]):
            counts[position] += getattr(voice, name)
    return {name: Voice(*counts) for name, counts in found.items()}


def _narrow(where: list[str], values: list[Any], scope: Scope, mention: str, topic: str, source: str) -> None:
    for column, wanted in ((topic, scope.topics), (source, scope.sources)):
        only, more = _among(column, wanted)
        where.append(only)
        values += more
    if scope.tag is not None:
        where.append(f"{mention} IN (SELECT mention_id FROM mention_tag WHERE tag_id = ?)")
        values.append(scope.tag)


def _among(column: str, wanted: Sequence[Any]) -> tuple[str, list[Any]]:
    return (f"{column} IN ({', '.join('?' * len(wanted))})", list(wanted)) if wanted else ("1", [])
