"""Mentions going out: pages, counts, single rows with all that belongs to them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from listener.domain.query.ast import And, Everything, Field
from listener.errors import InputError
from listener.store.connection import in_words
from listener.store.filters import Filter, Plan, plan
from listener.store.names import Names
from listener.store.rows import COLUMNS, FROM, STATE_CODES, entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from listener.domain.mention import Entry
    from listener.store.connection import Store

PAGE = 128
EFFORT = 60_000
"""Steps of SQLite's machine that a count may take: some 3 ms. A row that has to be read again counts for many."""
SLICES = 50
Key = tuple[Any, ...]
"""The values of a row in the order's columns: where a page begins."""


class Rows(NamedTuple):
    """A page of a list."""

    entries: tuple[Entry, ...]
    """In the list's order, also when the page was read backwards."""
    keys: tuple[Key, ...]
    """The anchor of each row: the next page begins after the last."""


@dataclass(frozen=True, slots=True)
class Count:
    n: int
    exact: bool
    """False when the count was cut off at its cap."""

    def __str__(self) -> str:
        return f"{self.n:,}".replace(",", " ") + ("" if self.exact else "+")


class Note(NamedTuple):
    id: int
    at: int
    operator: str
    text: str


class Mentions:
    """Reading mentions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sources = Names(store, "source")
        self._topics = Names(store, "topic")
        self._scorers = Names(store, "scorer")

    # -- lists

    def page(self, filter_: Filter, *, after: Key | None = None, limit: int = PAGE, backwards: bool = False, skip: int = 0) -> Rows:
        """One page of a list.

        Args:    after: the anchor of the row to go on from, not included; None begins at the top, or at the end when backwards.
                 skip: rows to leave out first: for jumps by the scroll bar only, the one place where OFFSET is worth its price.
        Raises:  QueryError, StoreError.
        """
        with in_words(self._store.path):
            connection = self._store.read()
            road = plan(filter_, connection, self._topic_ids(), self._store.clock())
            if skip:
                statement, values = _statement(road, after, 1, backwards, offset=skip - 1, columns="m.id")
                edge = connection.execute(statement, values).fetchone()
                if edge is None:
                    return Rows((), ())
                after = tuple(edge[: len(road.keys)])
            statement, values = _statement(road, after, limit, backwards)
            rows = connection.execute(statement, values).fetchall()
        if backwards:
            rows.reverse()
        width = len(road.keys)
        links = self._permalinks(connection, [row[width] for row in rows])
        entries = tuple(entry(row[width:], self._sources, self._topics, self._scorers, links.get(row[width], ())) for row in rows)
        return Rows(entries, tuple(row[:width] for row in rows))

    def walk(self, filter_: Filter, *, batch: int = 1_000) -> Iterator[Entry]:
        """Every row of a list, in constant memory. Each batch is a read of its own: a long export blocks nobody."""
        after: Key | None = None
        while True:
            rows = self.page(filter_, after=after, limit=batch)
            yield from rows.entries
            if len(rows.entries) < batch:
                return
            after = rows.keys[-1]

    def ids(self, filter_: Filter, first: Key | None = None, last: Key | None = None) -> list[int]:
        """The ids from one row to another, both included and in the list's order; None stands for an end of the list."""
        found = [] if first is None else [int(first[-1])]
        if first is not None and first == last:
            return found
        with in_words(self._store.path):
            connection = self._store.read()
            road = plan(filter_, connection, self._topic_ids(), self._store.clock())
            width = len(road.keys)
            while True:
                statement, values = _statement(road, first, 5_000, backwards=False, columns="m.id")
                rows = connection.execute(statement, values).fetchall()
                for row in rows:
                    found.append(row[width])
                    if row[:width] == last:
                        return found
                if len(rows) < 5_000:
                    return found
                first = rows[-1][:width]

    def anchor(self, filter_: Filter, offset: int) -> Key | None:
        """The key of the row at an offset: for jumps by the scroll bar only, the one place where OFFSET is worth its price."""
        with in_words(self._store.path):
            connection = self._store.read()
            road = plan(filter_, connection, self._topic_ids(), self._store.clock())
            statement, values = _statement(road, None, 1, backwards=False, offset=offset, columns="m.id")
            row = connection.execute(statement, values).fetchone()
        return tuple(row[: len(road.keys)]) if row else None

    def key(self, filter_: Filter, id_: int) -> Key | None:
        """The anchor of a mention in a list; None when the list does not have it."""
        with in_words(self._store.path):
            connection = self._store.read()
            road = plan(filter_, connection, self._topic_ids(), self._store.clock())
            road.where.add("m.id = ?", id_)
            statement, values = _statement(road, None, 1, backwards=False, columns="m.id")
            row = connection.execute(statement, values).fetchone()
        return tuple(row[: len(road.keys)]) if row else None

    def position(self, filter_: Filter, key: Key, cap: int = 100_000) -> Count:
        """How many rows stand before a row in a list."""
        with in_words(self._store.path):
            connection = self._store.read()
            road = plan(filter_, connection, self._topic_ids(), self._store.clock())
            statement, values = _statement(road, key, cap, backwards=True, columns="m.id")
            n = connection.execute(f"SELECT count(*) FROM ({statement})", values).fetchone()[0]
        return Count(n, n < cap)

    def count(self, filter_: Filter, *, cap: int = 10_000, patient: bool = False) -> Count:
        """How many rows a list has: from the counters where they know, else counted up to the cap. `patient`: however long that takes, for reports."""
        connection = self._store.read()
        with in_words(self._store.path):
            known = self._counted(connection, filter_)
            if known is not None:
                return Count(known, True)
            road = plan(filter_, connection, self._topic_ids(), self._store.clock())
            statement, values = _statement(road, None, cap, backwards=False, columns="m.id", ordered=False)
            if patient:
                n = connection.execute(f"SELECT count(*) FROM ({statement})", values).fetchone()[0]
                return Count(n, n < cap)
            return _counted_up(connection, statement, values, cap)

    def _counted(self, connection: sqlite3.Connection, filter_: Filter) -> int | None:
        """The answer of `counter`, when the filter asks about nothing but topic, state and severity."""
        root = filter_.query.root
        items = root.items if isinstance(root, And) else () if isinstance(root, Everything) else (root,)
        if filter_.ids or filter_.up_to is not None or not filter_.folded:
            return None
        sql, values = ["1"], []
        for item in items:
            if not isinstance(item, Field) or item.op != "=" or item.name not in ("topic", "state", "severity"):
                return None
            if item.name == "topic":
                topic_id = self._topic_ids().get(str(item.value).casefold())
                if topic_id is None or connection.execute("SELECT 1 FROM mention_topic WHERE topic_id = ? LIMIT 1", (topic_id,)).fetchone():
                    return None
                sql.append("topic_id = ?")
                values.append(topic_id)
            elif item.name == "state":
                sql.append("state = ?")
                values.append(next(code for state, code in STATE_CODES.items() if state == item.value))
            else:
                sql.append("urgency = ?")
                values.append(0 if int(item.value) == 0 else 5 - int(item.value))
        return int(connection.execute(f"SELECT coalesce(sum(n), 0) FROM counter WHERE {' AND '.join(sql)}", values).fetchone()[0])

    def _topic_ids(self) -> dict[str, int]:
        return {name.casefold(): id_ for id_, name in self._store.read().execute("SELECT id, name FROM topic")}

    # -- single rows

    def get(self, id_: int) -> Entry:
        """Raises InputError: no such mention."""
        found = self.many([id_])
        if not found:
            raise InputError(f"There is no mention {id_}.", hint="`listener list` shows the ids.")
        return found[0]

    def many(self, ids: Sequence[int]) -> list[Entry]:
        """Rows by id, in the order of the ids; those that do not exist are left out."""
        connection = self._store.read()
        rows: dict[int, tuple[Any, ...]] = {}
        with in_words(self._store.path):
            for start in range(0, len(ids), 400):
                part = ids[start : start + 400]
                for row in connection.execute(f"SELECT {COLUMNS} FROM {FROM} WHERE m.id IN ({', '.join('?' * len(part))})", part):
                    rows[row[0]] = row
            links = self._permalinks(connection, list(rows))
        return [entry(rows[id_], self._sources, self._topics, self._scorers, links.get(id_, ())) for id_ in ids if id_ in rows]

    def by_key(self, source: str, native_id: str) -> Entry | None:
        """The row of a post, also when it came by a second road."""
        row = self._store.read().execute(
            "SELECT m.id FROM mention m JOIN source s ON s.id = m.source_id WHERE s.name = ? AND m.native_id = ? UNION ALL "
            "SELECT p.mention_id FROM permalink p JOIN source s ON s.id = p.source_id WHERE s.name = ? AND p.native_id = ? LIMIT 1",
            (source, native_id, source, native_id),
        ).fetchone()  # fmt: skip
        return self.get(row[0]) if row else None

    def thread(self, mention: Entry, *, limit: int = 200) -> list[Entry]:
        """The stored posts of a mention's conversation, oldest first, itself included."""
        root = mention.thread_id or mention.native_id
        statement = (
            "SELECT m.id FROM mention m JOIN source s ON s.id = m.source_id WHERE s.name = ? AND (m.native_id IN (?, ?) OR (m.thread_id = ? AND m.thread_id <> '') "
            "OR (m.parent_id IN (?, ?) AND m.parent_id <> '')) ORDER BY m.created_at, m.id LIMIT ?"
        )
        ids = [row[0] for row in self._store.read().execute(statement, (mention.source, root, mention.parent_id, root, root, mention.native_id, limit))]
        return self.many(list(dict.fromkeys([*ids, mention.id]))) if mention.id not in ids else self.many(ids)

    def by_author(self, author_id: int, *, limit: int = 200) -> list[Entry]:
        """An author's mentions, newest first."""
        rows = self._store.read().execute("SELECT id FROM mention WHERE author_id = ? ORDER BY created_at DESC LIMIT ?", (author_id, limit))
        return self.many([row[0] for row in rows])

    def folded(self, id_: int, *, limit: int = 500) -> list[Entry]:
        """The near-duplicates inside a row, oldest first."""
        rows = self._store.read().execute("SELECT id FROM mention WHERE leader_id = ? ORDER BY created_at, id LIMIT ?", (id_, limit))
        return self.many([row[0] for row in rows])

    def notes(self, id_: int) -> list[Note]:
        rows = self._store.read().execute("SELECT id, at, operator, text FROM note WHERE mention_id = ? AND removed = 0 ORDER BY id", (id_,))
        return [Note(*row) for row in rows]

    def revisions(self, id_: int) -> list[tuple[int, str]]:
        """(when it was replaced, the former text), oldest first."""
        return self._store.read().execute("SELECT seen_at, text FROM revision WHERE mention_id = ? ORDER BY id", (id_,)).fetchall()

    def tags(self) -> list[tuple[str, int]]:
        """(tag, how many mentions have it), the most used first."""
        return self._store.read().execute(
            "SELECT tag.name, count(g.mention_id) AS n FROM tag LEFT JOIN mention_tag g ON g.tag_id = tag.id GROUP BY tag.id ORDER BY n DESC, tag.name"
        ).fetchall()

    def snoozed_until(self, at: int, *, limit: int = 10_000) -> list[int]:
        """Cases whose snooze has ended by a time."""
        return [row[0] for row in self._store.read().execute("SELECT id FROM mention WHERE state = 2 AND snoozed_until <= ? ORDER BY snoozed_until LIMIT ?", (at, limit))]

    def newest_id(self) -> int:
        """Grows with every mention that arrives."""
        return int(self._store.read().execute("SELECT coalesce(max(id), 0) FROM mention").fetchone()[0])

    def arrived_since(self, id_: int, filter_: Filter, *, cap: int = 1_000) -> Count:
        """How many rows of a list arrived after a row did."""
        with in_words(self._store.path):
            connection = self._store.read()
            road = plan(filter_, connection, self._topic_ids(), self._store.clock())
            road.where.add("m.id > ?", id_)
            return _counted_up(connection, *_statement(road, None, cap, backwards=False, columns="m.id", ordered=False), cap)

    def _permalinks(self, connection: sqlite3.Connection, ids: list[int]) -> dict[int, tuple[str, ...]]:
        """The further permalinks of those rows that have any, their own first."""
        found: dict[int, list[str]] = {}
        for start in range(0, len(ids), 400):
            part = ids[start : start + 400]
            marks = ", ".join("?" * len(part))
            for id_, url, own in connection.execute(f"SELECT p.mention_id, p.url, m.url FROM permalink p JOIN mention m ON m.id = p.mention_id WHERE p.mention_id IN ({marks})", part):
                found.setdefault(id_, [own] if own else []).append(url)
        return {id_: tuple(dict.fromkeys(urls)) for id_, urls in found.items()}


def _counted_up(connection: sqlite3.Connection, statement: str, values: list[Any], cap: int) -> Count:
    """Count rows until the cap or until it has taken EFFORT: a condition that few rows meet would read the whole archive."""
    effort = EFFORT // 40 if "answers(" in statement else EFFORT
    calls = iter(range(SLICES))
    # SQLite counts a cached statement's steps on from its last run, so the first call may come at once: only many calls mean effort.
    connection.set_progress_handler(lambda: int(next(calls, None) is None), max(1, effort // SLICES))
    n = 0
    try:
        for _ in connection.execute(statement, values):
            n += 1
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return Count(n, False)
    finally:
        connection.set_progress_handler(None, 0)
    return Count(n, n < cap)


def _statement(
    road: Plan, after: Key | None, limit: int, backwards: bool, *, offset: int = 0, columns: str = COLUMNS, ordered: bool = True
) -> tuple[str, list[Any]]:
    """The SELECT of one page: the key's columns first, then the row's."""
    keys, conditions, values = _leg(road, road.keys, after, backwards)
    table = road.table if columns != "m.id" or "a." in keys + conditions else road.table.replace(_AUTHOR, "")
    order = ", ".join(f"k{position} {'DESC' if falling != backwards else 'ASC'}" for position, (_, falling) in enumerate(road.keys))
    tail = (f" ORDER BY {order}" if ordered else "") + f" LIMIT {int(limit)}" + (f" OFFSET {int(offset)}" if offset else "")
    if road.topic is None:
        return f"SELECT {keys}, {columns} FROM {table} WHERE {conditions}{tail}", values
    filed = f"SELECT {keys}, {columns} FROM {table} WHERE m.topic_id = ? AND {conditions}"
    if road.open:
        belongs = "EXISTS (SELECT 1 FROM mention_topic x WHERE x.topic_id = ? AND x.created_at = m.created_at AND x.mention_id = m.id)"
        other = f"SELECT {keys}, {columns} FROM {table} WHERE m.topics IS NOT NULL AND +m.topic_id <> ? AND {belongs} AND {conditions}"
        return f"{filed} UNION ALL {other}{tail}", [road.topic, *values, road.topic, road.topic, *values]
    keys, conditions, values = _leg(road, tuple((_CONTESTED.get(column, column), falling) for column, falling in road.keys), after, backwards)
    # Words come first where they lead: from every contested row through all that hold a common word would be their product.
    both = f"{table} CROSS JOIN mention_topic x" if table.startswith("search") else f"mention_topic x CROSS JOIN {table}"
    other = f"SELECT {keys}, {columns} FROM {both} WHERE x.topic_id = ? AND x.mention_id = m.id AND {conditions}"
    return f"{filed} UNION ALL {other}{tail}", [road.topic, *values, road.topic, *values]


_AUTHOR = " JOIN author a ON a.id = m.author_id"
"""Left out where only ids are asked for: it costs a look-up for every row that is skipped or counted."""
_CONTESTED = {"m.created_at": "x.created_at", "m.id": "x.mention_id"}
"""The same columns where `mention_topic` has them in order already."""


def _leg(road: Plan, columns: tuple[tuple[str, bool], ...], after: Key | None, backwards: bool) -> tuple[str, str, list[Any]]:
    """(the key's columns, the condition, its values) of one SELECT."""
    keys = ", ".join(f"{column} AS k{position}" for position, (column, _) in enumerate(columns))
    conditions, values = str(road.where), list(road.where.values)
    if after is not None:
        condition, anchor = _beyond(columns, after, backwards)
        conditions += f" AND {condition}"
        values += anchor
    return keys, conditions, values


def _beyond(keys: tuple[tuple[str, bool], ...], after: Key, backwards: bool) -> tuple[str, list[Any]]:
    """`(a, b, c) < (?, ?, ?)` or its opposite: a row value, which every index here can walk since its columns all run one way."""
    sign = "<" if keys[0][1] != backwards else ">"
    columns = ", ".join(column for column, _ in keys)
    return f"({columns}) {sign} ({', '.join('?' * len(keys))})", list(after)

