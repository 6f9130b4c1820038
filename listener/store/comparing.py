"""What a comparison of topics reads beside the roll-ups: kinds of message, a fair sample of the texts, answers that can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from listener.store.connection import in_words
from listener.store.figures import Scope, _among
from listener.store.rows import HOUR_MS, LABELS
from listener.store.tally import kinds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.connection import Store

SLOTS = 100
"""Stretches that a period is cut into for a sample."""


class Comparing:
    """Reading for comparisons. Every call may raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with in_words(self._store.path):
            return self._store.read().execute(statement, values).fetchall()

    def kinds(self, scope: Scope) -> dict[int, dict[str, int]]:
        """Topic → kind → mentions of which the machine is more sure than not; exact at the edges of the period."""
        found: dict[int, dict[str, int]] = {topic: {} for topic in scope.topics}
        first, last = -(-scope.since // HOUR_MS), scope.until // HOUR_MS
        mine, values = _among("topic_id", scope.topics)
        only, more = _among("source_id", scope.sources)
        edges = [(scope.since, scope.until)] if first >= last else [(scope.since, first * HOUR_MS), (last * HOUR_MS, scope.until)]
        if first < last:
            statement = f"SELECT topic_id, kind, sum(n) FROM kind_volume WHERE {mine} AND hour >= ? AND hour < ? AND {only} GROUP BY topic_id, kind"
            for topic, kind, n in self._rows(statement, (*values, first, last, *more)):
                found[topic][kind] = n
        for since, until in edges:
            if since < until:
                for topic, kinds in self._mentions(Scope(since, until, scope.topics, scope.sources), "m.kinds"):
                    for kind in kinds_of(kinds):
                        found[topic][kind] = found[topic].get(kind, 0) + 1
        return {topic: {kind: n for kind, n in sorted(kinds.items()) if n} for topic, kinds in found.items()}

    def _mentions(self, scope: Scope, columns: str) -> list[tuple[Any, ...]]:
        from listener.store.figures import Figures

        return Figures(self._store)._mentions(scope, columns)

    def sample(self, scope: Scope, topic: int, size: int) -> list[tuple[str, str]]:
        """(label, title and text) of up to about `size` mentions of a topic, spread evenly over the period; always the same ones."""
        only, values = _among("m.source_id", scope.sources)
        columns = "m.label, CASE WHEN m.title = '' THEN m.text ELSE m.title || ' ' || m.text END"
        tail = f"m.topic_id = ? AND m.created_at >= ? AND m.created_at < ? AND m.own = 0 AND {only}"
        found: list[tuple[Any, ...]] = []
        step = max(1, -(-(scope.until - scope.since) // SLOTS))
        whole = self._rows(f"SELECT {columns} FROM mention m WHERE {tail} AND m.leader_id IS NULL ORDER BY m.created_at LIMIT ?", (topic, scope.since, scope.until, *values, size + 1))
        if len(whole) <= size:
            found = whole
        else:
            for since in range(scope.since, scope.until, step):
                span = (topic, since, min(since + step, scope.until), *values, size // SLOTS)
                found += self._rows(f"SELECT {columns} FROM mention m WHERE {tail} AND m.leader_id IS NULL ORDER BY m.created_at LIMIT ?", span)
        return [(LABELS[label], text) for label, text in found]

    def answers_seen(self, handles: Sequence[str], own: bool, scope: Scope) -> list[tuple[int, int]]:
        """(written, answered) of the first answer to each stored post by one of these accounts, in the period."""
        marks = ", ".join("?" * len(handles))
        who = f"r.author_id IN (SELECT id FROM author WHERE lower(handle) IN ({marks}))" if handles else "0"
        statement = (
            "SELECT p.created_at, min(r.created_at) FROM mention r JOIN mention p ON p.source_id = r.source_id AND p.native_id = r.parent_id "
            f"WHERE ({who}{' OR r.own = 1' if own else ''}) AND r.parent_id <> '' AND r.created_at >= ? AND r.created_at < ? AND p.own = 0 AND p.author_id <> r.author_id GROUP BY p.id"
        )
        return [(written, answered) for written, answered in self._rows(statement, (*[handle.lower() for handle in handles], scope.since, scope.until)) if answered >= written]
