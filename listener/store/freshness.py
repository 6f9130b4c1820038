"""What became of posts since they were read: which to ask about next, and what the answers change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.store.erasure import bury
from listener.store.journal import Journal
from listener.store.measures import measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.source import Freshness
    from listener.store.connection import Connection, Store


class Freshnesses:
    """Refreshing what people still work on: open, pending and snoozed cases, the longest unasked first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = Journal(store)

    def due(self, source: str, before: int, *, since: int, limit: int) -> list[int]:
        """Mentions of a source that nobody has asked about since `before`, written since `since`, people's own cases first."""
        statement = (
            "SELECT m.id FROM mention m JOIN source s ON s.id = m.source_id LEFT JOIN freshness f ON f.mention_id = m.id "
            "WHERE s.name = ? AND m.state IN (0, 1, 2) AND m.own = 0 AND m.deleted_at IS NULL AND m.created_at >= ? AND m.received_at < ? AND coalesce(f.checked_at, 0) < ? "
            "ORDER BY (m.assignee <> '') DESC, m.urgency DESC, coalesce(f.checked_at, 0), m.created_at DESC LIMIT ?"
        )
        return [row[0] for row in self._store.read().execute(statement, (source, since, before, before, limit))]

    def settle(self, answers: Sequence[tuple[int, Freshness]], asked: Sequence[int]) -> int:
        """Take over counts and deletions in one transaction. How many were deleted.

        Args:    answers: (mention, what the network says of it); edits are the intake's business.
                 asked: every mention that was asked about, so that those without an answer wait their turn too.
        """

        def work(connection: Connection) -> int:
            now = self._store.clock()
            gone = [id_ for id_, answer in answers if answer.deleted]
            for id_, answer in answers:
                if answer.engagement is not None:
                    measure(connection, id_, answer.engagement, now)
            bury(connection, gone, now)
            for id_ in gone:
                self._journal.record(connection, "desk", "deleted", "mention", id_, rule="deleted by its author")
            connection.executemany(
                "INSERT INTO freshness (mention_id, checked_at) VALUES (?, ?) ON CONFLICT (mention_id) DO UPDATE SET checked_at = excluded.checked_at", [(id_, now) for id_ in asked]
            )
            return len(gone)

        return self._store.write(work, durable=False)
