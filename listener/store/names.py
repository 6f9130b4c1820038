"""Topics, sources, scorers and tags by name: small tables, kept in memory as name ↔ id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import sqlite3

    from listener.domain.topic import Topic
    from listener.store.connection import Store

Table = Literal["topic", "source", "scorer", "tag"]
_SELECT: dict[Table, str] = {
    "topic": "SELECT id, name FROM topic",
    "source": "SELECT id, name FROM source",
    "scorer": "SELECT id, name FROM scorer",
    "tag": "SELECT id, name FROM tag",
}
_INSERT: dict[Table, str] = {
    "topic": "INSERT INTO topic (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
    "source": "INSERT INTO source (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
    "scorer": "INSERT INTO scorer (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
    "tag": "INSERT INTO tag (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
}


class Names:
    """One table's names. Rows are only ever added, so what is cached stays true."""

    def __init__(self, store: Store, table: Table) -> None:
        self._store = store
        self._table = table
        self._ids: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def _load(self, connection: sqlite3.Connection) -> None:
        self._names = dict(connection.execute(_SELECT[self._table]).fetchall())
        self._ids = {name: id_ for id_, name in self._names.items()}

    def name(self, id_: int | None) -> str:
        """The name of an id; empty for None."""
        if id_ is None:
            return ""
        if id_ not in self._names:
            self._load(self._store.read())
        return self._names[id_]

    def id(self, name: str) -> int | None:
        """The id of a name that exists already."""
        if name not in self._ids:
            self._load(self._store.read())
        return self._ids.get(name)

    def take(self, connection: sqlite3.Connection, name: str) -> int:
        """The id of a name, added inside the given transaction when it is new.

        A name that was added by a transaction that then failed must not stay known: nothing is cached here.
        """
        found = self._ids.get(name)
        if found is None:
            connection.execute(_INSERT[self._table], (name,))
            row = connection.execute(f"{_SELECT[self._table]} WHERE name = ?", (name,)).fetchone()
            found = int(row[0])
        return found

    def all(self) -> list[str]:
        """Every name, in alphabetical order."""
        self._load(self._store.read())
        return sorted(self._ids)


class Topics(Names):
    """Topics have a role and a colour besides their name."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "topic")

    def put(self, topics: list[Topic]) -> None:
        """Take over the configuration's topics; those that are gone keep their mentions."""
        rows = [(topic.name, topic.role, topic.colour) for topic in topics]
        known = {row[0]: row for row in self._store.read().execute("SELECT name, role, colour FROM topic")}
        changed = [row for row in rows if known.get(row[0]) != row]
        if changed:
            statement = "INSERT INTO topic (name, role, colour) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET role = excluded.role, colour = excluded.colour"
            self._store.write(lambda connection: connection.executemany(statement, changed) and None)

    def roles(self) -> dict[str, str]:
        """Topic name → role."""
        return dict(self._store.read().execute("SELECT name, role FROM topic"))
