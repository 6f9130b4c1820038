"""What automatic rules remember: which mention they have dealt with, and whose turn it is in a team."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from listener.store.connection import Store

_TURN = "turn:"


class Rulings:
    """The memory of rules. All of it is written in the transaction of what the rule does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, set[str]]:
        """Mention → the rules that have dealt with it."""
        found: dict[int, set[str]] = {}
        for start in range(0, len(ids), 400):
            part = ids[start : start + 400]
            for id_, rule in connection.execute(f"SELECT mention_id, rule FROM ruled WHERE mention_id IN ({', '.join('?' * len(part))})", part):
                found.setdefault(id_, set()).add(rule)
        return found

    def remember(self, connection: sqlite3.Connection, id_: int, rule: str) -> None:
        connection.execute("INSERT INTO ruled (mention_id, rule, at) VALUES (?, ?, ?) ON CONFLICT (mention_id, rule) DO NOTHING", (id_, rule, self._store.clock()))

    def forget(self, rule: str, ids: Sequence[int]) -> None:
        """Let a rule deal with mentions once more."""
        self._store.write(lambda connection: connection.executemany("DELETE FROM ruled WHERE rule = ? AND mention_id = ?", [(rule, id_) for id_ in ids]) and None)

    def counts(self) -> dict[str, int]:
        """Rule → how many mentions it has dealt with."""
        return dict(self._store.read().execute("SELECT rule, count(*) FROM ruled GROUP BY rule"))

    def next_of(self, connection: sqlite3.Connection, team: str, members: Mapping[str, int]) -> str:
        """Whose turn it is: the next after whoever had the last one, who is not full; empty when everybody is.

        Args:  members: name → open cases at most, 0 for no limit, in the team's order.
        """
        names = list(members)
        last = connection.execute("SELECT value FROM setting WHERE name = ?", (_TURN + team,)).fetchone()
        first = names.index(last[0]) + 1 if last and last[0] in members else 0
        statement = "SELECT count(*) FROM (SELECT 1 FROM mention WHERE state = 0 AND leader_id IS NULL AND assignee = ? AND assignee <> '' LIMIT ?)"
        for name in [*names[first:], *names[:first]]:
            most = members[name]
            if not most or connection.execute(statement, (name, most)).fetchone()[0] < most:
                put = "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
                connection.execute(put, (_TURN + team, name))
                return name
        return ""
