"""Mentions that have come in and that nobody has looked at yet: rules, answers of customers, first words.

A row is written in the transaction of its mention and taken away after everybody has looked, so that a crash between the two
loses nothing. Who looks may be asked twice about one mention, and remembers by itself what it has done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from listener.store.connection import Store

AT_ONCE = 250


class Arrivals:
    """The queue of what has come in."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, connection: sqlite3.Connection, ids: Sequence[int]) -> None:
        """Inside the transaction of the mentions themselves."""
        connection.executemany("INSERT INTO arrival (mention_id) VALUES (?) ON CONFLICT (mention_id) DO NOTHING", [(id_,) for id_ in ids])

    def waiting(self, *, limit: int = AT_ONCE) -> list[int]:
        """The oldest that wait."""
        return [row[0] for row in self._store.read().execute("SELECT mention_id FROM arrival ORDER BY mention_id LIMIT ?", (limit,))]

    def done(self, ids: Sequence[int]) -> None:
        """Everybody has looked at these."""
        statement = "DELETE FROM arrival WHERE mention_id = ?"
        self._store.write(lambda connection: connection.executemany(statement, [(id_,) for id_ in ids]) and None, durable=False)
