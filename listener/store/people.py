"""Authors as people: who is who on which network, what they said to us, and the segments that follow.

A person is a set of authors that somebody has linked; without links every author is a person. Segments are kept on each author of
a person, and brought up to date when a mention of theirs comes in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.domain.segments import LAST, History, pack, segments, unpack
from listener.errors import Conflict, InputError
from listener.store.journal import Journal, new_batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from listener.store.connection import Connection, Store

AT_ONCE = 400
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")
_BASE = re.compile(r"[\w-]{4,}")


@dataclass(frozen=True, slots=True)
class Identity:
    """One account of somebody on one network."""

    author_id: int
    source: str
    handle: str
    name: str
    url: str
    followers: int | None
    first_seen: int
    mentions: int


@dataclass(frozen=True, slots=True)
class Guess:
    """Somebody who may be the same person."""

    identity: Identity
    why: str


class People:
    """Reading and linking people."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = Journal(store)

    # -- who is who

    def members(self, author_id: int, connection: Connection | None = None) -> list[int]:
        """All authors of a person, the given one among them."""
        read = connection or self._store.read()
        rows = read.execute("SELECT author_id FROM identity WHERE person = (SELECT person FROM identity WHERE author_id = ?) ORDER BY author_id", (author_id,)).fetchall()
        return [row[0] for row in rows] or [author_id]

    def identities(self, author_ids: Sequence[int]) -> list[Identity]:
        """Raises InputError: one of them does not exist."""
        found = []
        for id_ in author_ids:
            row = self._store.read().execute(
                "SELECT a.id, s.name, a.handle, a.name, a.url, a.followers, a.first_seen, (SELECT count(*) FROM mention m WHERE m.author_id = a.id) "
                "FROM author a JOIN source s ON s.id = a.source_id WHERE a.id = ?",
                (id_,),
            ).fetchone()
            if row is None:
                raise InputError(f"There is no author {id_}.", hint="`listener author find HANDLE` looks for one.")
            found.append(Identity(*row))
        return found

    def find(self, text: str, *, limit: int = 20) -> list[int]:
        """Authors by handle, handle without its server, or name; the one who wrote most first."""
        handle = text.strip().removeprefix("@")
        rows = self._store.read().execute(
            "SELECT a.id FROM author a WHERE a.handle = ? COLLATE NOCASE OR a.handle LIKE ? ESCAPE '\\' OR a.handle LIKE ? ESCAPE '\\' OR a.name = ? COLLATE NOCASE "
            "ORDER BY (SELECT count(*) FROM mention m WHERE m.author_id = a.id) DESC, a.id LIMIT ?",
            (handle, _like(handle) + "@%", _like(handle) + ".%", text.strip(), limit),
        )
        return [row[0] for row in rows]

    def guesses(self, author_id: int, *, limit: int = 20) -> list[Guess]:
        """Who may be the same person: the same handle elsewhere, the same address, or an address that they gave themselves."""
        mine = self.members(author_id)
        theirs = self.identities(mine)
        why: dict[int, str] = {}
        for one in theirs:
            for id_ in self._same_handle(one.handle):
                why.setdefault(id_, f"the same handle as @{one.handle}")
            if one.url:
                for (id_,) in self._store.read().execute("SELECT id FROM author WHERE url = ? LIMIT ?", (one.url, limit)):
                    why.setdefault(id_, f"the same address: {one.url}")
        for url in self._links(mine):
            for (id_,) in self._store.read().execute("SELECT id FROM author WHERE url = ? LIMIT ?", (url, limit)):
                why.setdefault(id_, f"links to {url}")
        chosen = [id_ for id_ in why if id_ not in mine][:limit]
        return [Guess(identity, why[identity.author_id]) for identity in self.identities(chosen)]

    def _same_handle(self, handle: str) -> list[int]:
        base = re.split(r"[@.]", handle, maxsplit=1)[0]
        if not _BASE.fullmatch(base):
            return []
        statement = "SELECT id FROM author WHERE handle = ? COLLATE NOCASE OR handle LIKE ? ESCAPE '\\' OR handle LIKE ? ESCAPE '\\' LIMIT 50"
        return [row[0] for row in self._store.read().execute(statement, (base, _like(base) + "@%", _like(base) + ".%"))]

    def _links(self, author_ids: Sequence[int]) -> list[str]:
        """Addresses in their own posts that could be somebody's page."""
        found: dict[str, None] = {}
        for id_ in author_ids:
            for (text,) in self._store.read().execute("SELECT text FROM mention WHERE author_id = ? AND deleted_at IS NULL ORDER BY created_at DESC LIMIT ?", (id_, LAST)):
                for url in _LINK.findall(text):
                    found[url.rstrip(".,;:!?/")] = None
        return list(found)[:50]

    # -- linking, by hand

    def link(self, one: int, other: int, operator: str) -> str:
        """Say that two authors are one person; whoever was linked to either comes along. The batch. Raises InputError: they are so already."""
        self.identities([one, other])

        def work(connection: Connection) -> str:
            group = sorted({*self.members(one, connection), *self.members(other, connection)})
            before = self._persons(connection, group)
            if len(set(before.values())) == 1 and None not in before.values():
                raise InputError("They are one person already.")
            return self._move(connection, before, dict.fromkeys(group, group[0]), operator, "author.link", one)

        return self._store.write(work)

    def unlink(self, author_id: int, operator: str) -> str:
        """Say that an author is somebody else than the rest of the person. The batch. Raises InputError: nobody is linked to it."""

        def work(connection: Connection) -> str:
            group = self.members(author_id, connection)
            if len(group) < 2:
                raise InputError(f"Author {author_id} is linked to nobody.")
            rest = [id_ for id_ in group if id_ != author_id]
            after: dict[int, int | None] = {id_: rest[0] if len(rest) > 1 and id_ != author_id else None for id_ in group}
            return self._move(connection, self._persons(connection, group), after, operator, "author.unlink", author_id)

        return self._store.write(work)

    def undo_in(self, connection: Connection, before: dict[str, Any], after: dict[str, Any], operator: str, batch: str, author_id: int) -> None:
        """Take a link or its end back. Raises Conflict: somebody has linked one of them since."""
        now = self._persons(connection, [int(id_) for id_ in after["person"]])
        joined = {member for id_ in now for member in self.members(id_, connection)} - now.keys()
        if joined or {str(id_): person for id_, person in now.items()} != after["person"]:
            raise Conflict("Who is who has been changed again since.", hint="`listener author show` shows it; change it by hand.")
        self._move(connection, now, {int(id_): person for id_, person in before["person"].items()}, operator, "undo", author_id, batch)

    def _persons(self, connection: Connection, author_ids: Sequence[int]) -> dict[int, int | None]:
        found: dict[int, int | None] = dict.fromkeys(author_ids)
        marks = ", ".join("?" * len(author_ids))
        found.update(connection.execute(f"SELECT author_id, person FROM identity WHERE author_id IN ({marks})", list(author_ids)).fetchall())
        return found

    def _move(
        self, connection: Connection, before: dict[int, int | None], after: dict[int, Any], operator: str, action: str, author_id: int, batch: str = ""
    ) -> str:  # fmt: skip
        name = batch or new_batch()
        for id_, person in after.items():
            connection.execute("DELETE FROM identity WHERE author_id = ?", (id_,))
            if person is not None:
                connection.execute("INSERT INTO identity (author_id, person) VALUES (?, ?)", (id_, person))
        self._journal.record(connection, operator, action, "author", author_id, before={"person": before}, after={"person": after}, batch=name)
        self._settle(connection, after)
        return name

    # -- segments

    def refresh(self, mention_ids: Sequence[int]) -> None:
        """Bring the segments of those up to date whose mentions have come in."""
        for start in range(0, len(mention_ids), AT_ONCE):
            part = mention_ids[start : start + AT_ONCE]
            statement = f"SELECT DISTINCT author_id FROM mention WHERE id IN ({', '.join('?' * len(part))})"
            authors = [row[0] for row in self._store.read().execute(statement, part)]
            self._store.write(lambda connection, authors=authors: self._settle(connection, authors), durable=False)  # type: ignore[misc]

    def refresh_newer(self, mention_id: int) -> None:
        """The same for all mentions that came after one: an import."""
        while ids := [row[0] for row in self._store.read().execute("SELECT id FROM mention WHERE id > ? ORDER BY id LIMIT 5000", (mention_id,))]:
            self.refresh(ids)
            mention_id = ids[-1]

    def catch_up(self, limit: int = AT_ONCE) -> int:
        """Settle authors whose segments nobody has worked out yet. How many."""
        authors = [row[0] for row in self._store.read().execute("SELECT id FROM author WHERE segments IS NULL LIMIT ?", (limit,))]
        if authors:
            self._store.write(lambda connection: self._settle(connection, authors), durable=False)
        return len(authors)

    def forget_segments(self) -> None:
        """All have to be worked out again: the archive was scored anew."""
        self._store.write(lambda connection: connection.execute("UPDATE author SET segments = NULL WHERE segments IS NOT NULL") and None, durable=False)

    def _settle(self, connection: Connection, author_ids: Iterable[int]) -> None:
        done = set[int]()
        for author_id in author_ids:
            if author_id in done:
                continue
            group = self.members(author_id, connection)
            bits = pack(segments(self._history(connection, group)))
            connection.executemany("UPDATE author SET segments = ? WHERE id = ? AND segments IS NOT ?", [(bits, id_, bits) for id_ in group])
            done.update(group)

    def _history(self, connection: Connection, group: Sequence[int]) -> History:
        rows: list[tuple[int, int]] = []
        for id_ in group:
            rows += connection.execute("SELECT created_at, label FROM mention WHERE author_id = ? AND own = 0 ORDER BY created_at DESC LIMIT ?", (id_, LAST))
        rows = sorted(rows, reverse=True)[:LAST]
        marks = ", ".join("?" * len(group))
        followers = connection.execute(f"SELECT coalesce(max(followers), 0) FROM author WHERE id IN ({marks})", list(group)).fetchone()[0]
        return History([at for at, _ in rows], sum(label == 3 for _, label in rows), sum(label == 1 for _, label in rows), followers)

    def segments(self, author_id: int) -> tuple[str, ...]:
        """As worked out when something of theirs came in last."""
        row = self._store.read().execute("SELECT segments FROM author WHERE id = ?", (author_id,)).fetchone()
        return unpack(row[0]) if row else ()

    # -- what they said

    def mention_ids(self, author_ids: Sequence[int], *, limit: int = 500) -> list[int]:
        """Newest first, over all identities."""
        marks = ", ".join("?" * len(author_ids))
        statement = f"SELECT id FROM mention WHERE author_id IN ({marks}) ORDER BY created_at DESC, id DESC LIMIT ?"
        return [row[0] for row in self._store.read().execute(statement, (*author_ids, limit))]

    def moods(self, author_ids: Sequence[int]) -> list[tuple[int, int, float | None]]:
        """(created_at, label code, compound) of everything, oldest first."""
        marks = ", ".join("?" * len(author_ids))
        statement = f"SELECT created_at, label, compound FROM mention WHERE author_id IN ({marks}) AND own = 0 ORDER BY created_at, id"
        return self._store.read().execute(statement, list(author_ids)).fetchall()

    def tags(self, author_ids: Sequence[int]) -> list[tuple[str, int]]:
        """(tag, mentions), the commonest first."""
        marks = ", ".join("?" * len(author_ids))
        found: dict[str, int] = {}
        for (tags,) in self._store.read().execute(f"SELECT tags FROM mention WHERE author_id IN ({marks}) AND tags <> ''", list(author_ids)):
            for tag in tags.split(" "):
                found[tag] = found.get(tag, 0) + 1
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))

    def notes(self, author_ids: Sequence[int], *, limit: int = 200) -> list[tuple[int, int, str, str]]:
        """(mention, when, operator, text), newest first."""
        marks = ", ".join("?" * len(author_ids))
        statement = f"SELECT n.mention_id, n.at, n.operator, n.text FROM note n JOIN mention m ON m.id = n.mention_id WHERE m.author_id IN ({marks}) AND n.removed = 0 ORDER BY n.id DESC LIMIT ?"
        return self._store.read().execute(statement, (*author_ids, limit)).fetchall()

    def reply_ids(self, author_ids: Sequence[int], *, limit: int = 200) -> list[tuple[int, int]]:
        """(reply, mention) of what we wrote to them and did not throw away, newest first."""
        marks = ", ".join("?" * len(author_ids))
        statement = f"SELECT o.id, o.mention_id FROM outbox o JOIN mention m ON m.id = o.mention_id WHERE m.author_id IN ({marks}) AND o.state NOT IN ('draft', 'cancelled') ORDER BY o.id DESC LIMIT ?"
        return self._store.read().execute(statement, (*author_ids, limit)).fetchall()

    def answered(self, author_id: int) -> int:
        """How many replies of ours have reached them."""
        statement = "SELECT count(*) FROM outbox o JOIN mention m ON m.id = o.mention_id WHERE m.author_id = ? AND o.state = 'sent'"
        return int(self._store.read().execute(statement, (author_id,)).fetchone()[0])


def _like(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
