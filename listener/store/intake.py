"""Mentions going in: a page with its cursor, counters, roll-ups and index, in one transaction, each post exactly once."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.store.journal import pack
from listener.store.measures import EARLIER, measure, remember
from listener.store.names import Names
from listener.store.rows import LABEL_CODES, pack_kinds
from listener.store.tally import Counted, Tally
from listener.store.verdicts import Verdict, Verdicts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from listener.domain.mention import Filing, Mention
    from listener.store.connection import Store

BATCH = 250
"""Rows in one transaction at most, so that an operator's action never waits long behind a page."""

_INSERT = (
    "INSERT INTO mention (id, source_id, native_id, topic_id, topics, author_id, created_at, received_at, text, title, url, lang, lang_confidence, parent_id, "
    "thread_id, visibility, likes, reposts, replies, views, edited_at, reply_ref, own, label, compound, confidence, scorer_id, grade, raw, kinds, state, leader_id) "
    f"VALUES ({', '.join('?' * 32)})"
)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch."""

    new: tuple[int, ...]
    """Ids of rows that were not there before, in the order of the batch."""
    edited: tuple[int, ...]
    """Rows whose text changed; the former text is a revision."""
    known: int
    """Posts that were there already, unchanged."""
    merged: int
    """Posts that arrived by a second road: one more permalink of a known row."""
    erased: int
    """Posts that were erased on purpose and are not taken in again."""


_ADDRESS = re.compile(r"https?://(?:[^/?#@]*@)?(?:www\.)?([^/?#\s]+)(/[^?#]*[^/?#])/*(\?[^#]*)?", re.IGNORECASE)


def canonical_key(url: str) -> int | None:
    """A 63-bit key of a permalink, the same for http/https, a trailing slash, `www.` and a fragment. None for what is no page of its own."""
    match = _ADDRESS.match(url)
    if match is None:
        return None
    plain = f"{match[1].lower()}{match[2]}{match[3] or '?'}"
    return int.from_bytes(hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


def storable(text: str) -> str:
    """SQLite holds UTF-8: lone surrogates, which UTF-8 cannot hold, become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A post that is not here yet, with the row that it will be."""

    id: int
    key: tuple[int, str]
    hash: int | None
    filing: Filing


class Intake:
    """The road of a page into the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sources = Names(store, "source")
        self._topics = Names(store, "topic")
        self._scorers = Names(store, "scorer")
        self._verdicts = Verdicts(store)
        self._salt: bytes | None = None

    def add(self, connection: sqlite3.Connection, filings: Sequence[Filing]) -> Added:
        """Store what is new and fold in what is not, inside the caller's transaction. Idempotent."""
        now = self._store.clock()
        batch = _first_of_each(filings)
        source_ids = {name: self._sources.take(connection, name) for name in {filing.mention.source for filing in batch}}
        keys = [(source_ids[filing.mention.source], storable(filing.mention.native_id)) for filing in batch]
        hashes = [canonical_key(filing.mention.canonical_url or filing.mention.url) for filing in batch]
        known = self._known(connection, keys)
        pages = self._pages(connection, [hash_ for key, hash_ in zip(keys, hashes, strict=True) if hash_ is not None and key not in known])
        erased = self._erased(connection, batch)
        fresh: list[_Fresh] = []
        edited: list[int] = []
        verdicts: list[Verdict] = []
        merged: list[tuple[int, str, int, str]] = []
        seen = 0
        first = (connection.execute("SELECT max(id) FROM mention").fetchone()[0] or 0) + 1
        for key, hash_, filing in zip(keys, hashes, batch, strict=True):
            row = known.get(key)
            if row is not None:
                seen += 1
                if self._refresh(connection, row, filing.mention, now):
                    edited.append(row[0])
                    verdicts.append(Verdict(row[0], filing.lang, filing.lang_confidence, filing.sentiment, filing.kinds))
            elif erased and self._digest(filing.mention) in erased:
                continue
            elif hash_ is not None and (page := pages.get(hash_)) is not None and page[1] != key[0]:
                merged.append((*key, page[0], storable(filing.mention.url)))
            else:
                fresh.append(_Fresh(first + len(fresh), key, hash_, filing))
                if hash_ is not None:
                    pages.setdefault(hash_, (fresh[-1].id, key[0]))
        self._insert(connection, fresh, now)
        if verdicts:
            self._verdicts.replace_in(connection, verdicts, None)
        connection.executemany("INSERT INTO permalink (source_id, native_id, mention_id, url) VALUES (?, ?, ?, ?)", merged)
        dropped = len(batch) - len(fresh) - seen - len(merged)
        return Added(tuple(one.id for one in fresh), tuple(edited), seen - len(edited), len(merged), dropped)

    def _known(self, connection: sqlite3.Connection, keys: list[tuple[int, str]]) -> dict[tuple[int, str], tuple[Any, ...]]:
        found: dict[tuple[int, str], tuple[Any, ...]] = {}
        columns = "m.id, m.text, m.edited_at, m.deleted_at, m.title"
        for start in range(0, len(keys), 400):
            part = keys[start : start + 400]
            marks = ", ".join(["(?, ?)"] * len(part))
            flat = [value for key in part for value in key]
            own = f"SELECT m.source_id, m.native_id, {columns} FROM mention m WHERE (m.source_id, m.native_id) IN (VALUES {marks})"
            for row in connection.execute(own, flat):
                found[row[0], row[1]] = row[2:]
            other = f"SELECT p.source_id, p.native_id, {columns} FROM permalink p JOIN mention m ON m.id = p.mention_id WHERE (p.source_id, p.native_id) IN (VALUES {marks})"
            for row in connection.execute(other, flat):
                found.setdefault((row[0], row[1]), row[2:])
        return found

    def _refresh(self, connection: sqlite3.Connection, row: tuple[Any, ...], mention: Mention, now: int) -> bool:
        """Take over new counts, and a new text as a revision. True when the text changed."""
        id_, text, edited_at, deleted_at, title = row
        if deleted_at is not None:
            return False
        measure(connection, id_, mention.engagement, now)
        if mention.edited_at is None or mention.edited_at <= (edited_at or 0) or storable(mention.text) == text:
            return False
        connection.execute("INSERT INTO revision (mention_id, seen_at, text, title) VALUES (?, ?, ?, ?)", (id_, now, text, title))
        unindex(connection, id_)
        remember(connection, now, "mention", id_, text=text, title=title, edited_at=edited_at)
        connection.execute("UPDATE mention SET text = ?, title = ?, edited_at = ? WHERE id = ?", (storable(mention.text), storable(mention.title), mention.edited_at, id_))
        index(connection, id_, id_)
        return True

    def _pages(self, connection: sqlite3.Connection, hashes: list[int]) -> dict[int, tuple[int, int]]:
        """Canonical key → (mention, its source) of posts that are here already: one post by federation, bridge and feed is one mention."""
        found: dict[int, tuple[int, int]] = {}
        for start in range(0, len(hashes), 800):
            part = hashes[start : start + 800]
            statement = f"SELECT c.hash, c.mention_id, m.source_id FROM canonical c JOIN mention m ON m.id = c.mention_id WHERE c.hash IN ({', '.join('?' * len(part))}) ORDER BY c.mention_id DESC"
            found.update((hash_, (id_, source_id)) for hash_, id_, source_id in connection.execute(statement, part))
        return found

    def _leader_key(self, connection: sqlite3.Connection, one: _Fresh) -> tuple[int, str]:
        source = one.filing.leader_source
        return (self._sources.take(connection, source) if source else one.key[0], storable(one.filing.leader))

    def _leaders(self, connection: sqlite3.Connection, fresh: list[_Fresh]) -> dict[tuple[int, str], int]:
        """Key of a post that others nearly repeat → the row that they fold into: itself, or the one that it is folded into."""
        own = {one.key: one.id for one in fresh}
        wanted = {self._leader_key(connection, one) for one in fresh if one.filing.leader}
        stored = {key: row[0] for key, row in self._known(connection, [key for key in wanted if key not in own]).items()}
        upper = {}
        for id_ in stored.values():
            row = connection.execute("SELECT leader_id FROM mention WHERE id = ?", (id_,)).fetchone()
            if row[0] is not None:
                upper[id_] = row[0]
        return {**{key: upper.get(id_, id_) for key, id_ in stored.items()}, **{key: own[key] for key in wanted if key in own}}

    def _insert(self, connection: sqlite3.Connection, fresh: list[_Fresh], now: int) -> None:
        if not fresh:
            return
        authors = self._authors(connection, [(one.key[0], one.filing.mention) for one in fresh], now)
        leaders = self._leaders(connection, fresh)
        topic_of = {name: self._topics.take(connection, name) for name in {name for one in fresh for name in one.filing.topics}}
        scorer_of = {name: self._scorers.take(connection, name) for name in {one.filing.sentiment.scorer for one in fresh} if name}
        rows, topics, canonical, payloads, folded = [], [], [], [], Counter[int]()
        tally = Tally()
        for one in fresh:
            id_, key, filing = one.id, one.key, one.filing
            mention, sentiment = filing.mention, filing.sentiment
            topic_ids = [topic_of[name] for name in filing.topics]
            leader = filing.leader_id or (leaders.get(self._leader_key(connection, one)) if filing.leader else None)
            leader = None if leader == id_ else leader
            state = 3 if mention.own else 0
            scorer = scorer_of.get(sentiment.scorer)
            label = LABEL_CODES[sentiment.label]
            engagement, kinds = mention.engagement, pack_kinds(filing.kinds)
            rows.append((
                id_, *key, topic_ids[0], json.dumps(filing.topics[1:], ensure_ascii=False) if len(topic_ids) > 1 else None,
                authors[key[0], storable(mention.author.native_id)], mention.created_at, now, storable(mention.text), storable(mention.title), storable(mention.url),
                filing.lang, filing.lang_confidence, mention.parent_id, mention.thread_id, "" if mention.visibility == "public" else mention.visibility,
                engagement.likes, engagement.reposts, engagement.replies, engagement.views, mention.edited_at, mention.reply_ref, int(mention.own),
                label, sentiment.compound, round(sentiment.confidence, 3), scorer, sentiment.grade, sentiment.raw, kinds, state, leader,
            ))  # fmt: skip
            if len(topic_ids) > 1:
                topics += [(topic_id, mention.created_at, id_) for topic_id in topic_ids[1:]]
            if one.hash is not None:
                canonical.append((one.hash, id_))
            if mention.payload:
                payloads.append((id_, zlib.compress(mention.payload)))
            if leader is not None:
                folded[leader] += 1
            else:
                tally.place(topic_ids[0], 0, state)
            if not mention.own:
                counted = Counted(key[0], mention.created_at, filing.lang, label, sentiment.grade, sentiment.compound, kinds, engagement.likes, engagement.reposts, engagement.replies)
                for topic_id in topic_ids:
                    tally.count(topic_id, counted)
        connection.executemany(_INSERT, rows)
        connection.executemany("INSERT INTO mention_topic (topic_id, created_at, mention_id) VALUES (?, ?, ?)", topics)
        connection.executemany("INSERT INTO canonical (hash, mention_id) VALUES (?, ?)", canonical)
        connection.executemany("INSERT INTO payload (mention_id, body) VALUES (?, ?)", payloads)
        connection.executemany("UPDATE mention SET duplicates = duplicates + ? WHERE id = ?", [(n, id_) for id_, n in folded.items()])
        tally.write(connection)
        index(connection, fresh[0].id, fresh[-1].id)

    def _authors(self, connection: sqlite3.Connection, mentions: Iterable[tuple[int, Mention]], now: int) -> dict[tuple[int, str], int]:
        wanted = {(source_id, storable(mention.author.native_id)): mention.author for source_id, mention in mentions}
        keys = list(wanted)
        found: dict[tuple[int, str], tuple[Any, ...]] = {}
        for start in range(0, len(keys), 400):
            part = keys[start : start + 400]
            statement = f"SELECT source_id, native_id, id, handle, name, url, followers FROM author WHERE (source_id, native_id) IN (VALUES {', '.join(['(?, ?)'] * len(part))})"
            for row in connection.execute(statement, [value for key in part for value in key]):
                found[row[0], row[1]] = row[2:]
        ids: dict[tuple[int, str], int] = {}
        added, changed, earlier = [], [], []
        next_id = (connection.execute("SELECT max(id) FROM author").fetchone()[0] or 0) + 1
        for key, author in wanted.items():
            shape = (storable(author.handle), storable(author.name), storable(author.url), author.followers)
            row = found.get(key)
            if row is None:
                ids[key] = next_id
                added.append((next_id, *key, *shape, now))
                next_id += 1
                continue
            ids[key] = row[0]
            kept = tuple(new if new not in (None, "") else old for new, old in zip(shape, row[1:], strict=True))
            if kept != row[1:]:
                changed.append((*kept, row[0]))
                earlier.append((now, "author", row[0], pack({"handle": row[1], "name": row[2], "url": row[3], "followers": row[4]})))
        connection.executemany("INSERT INTO author (id, source_id, native_id, handle, name, url, followers, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", added)
        connection.executemany(EARLIER, earlier)
        connection.executemany("UPDATE author SET handle = ?, name = ?, url = ?, followers = ? WHERE id = ?", changed)
        return ids

    # -- what was erased stays erased

    def _digest(self, mention: Mention) -> bytes:
        assert self._salt is not None
        return hashlib.blake2b(f"{mention.source}\0{mention.native_id}".encode("utf-8", "surrogatepass"), key=self._salt, digest_size=16).digest()

    def _erased(self, connection: sqlite3.Connection, batch: Sequence[Filing]) -> set[bytes]:
        if connection.execute("SELECT 1 FROM tombstone LIMIT 1").fetchone() is None:
            return set()
        self._salt = salt(connection)
        digests = [self._digest(filing.mention) for filing in batch]
        found: set[bytes] = set()
        for start in range(0, len(digests), 400):
            part = digests[start : start + 400]
            found.update(row[0] for row in connection.execute(f"SELECT digest FROM tombstone WHERE digest IN ({', '.join('?' * len(part))})", part))
        return found


def salt(connection: sqlite3.Connection) -> bytes:
    """The database's own secret for tombstones: a list of hashes without it says nothing about who was erased."""
    row = connection.execute("SELECT value FROM setting WHERE name = 'tombstone-salt'").fetchone()
    if row is not None:
        return bytes.fromhex(row[0])
    import secrets

    made = secrets.token_bytes(16)
    connection.execute("INSERT INTO setting (name, value) VALUES ('tombstone-salt', ?)", (made.hex(),))
    return made


def index(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Put rows into the full-text index, one statement for the whole range."""
    connection.execute("INSERT INTO search (rowid, text) SELECT id, indexable(title || ' ' || text) FROM mention WHERE id BETWEEN ? AND ?", (first, last))


def unindex(connection: sqlite3.Connection, id_: int) -> None:
    """Take a row out of the full-text index; must run before its text changes."""
    connection.execute("INSERT INTO search (search, rowid, text) SELECT 'delete', id, indexable(title || ' ' || text) FROM mention WHERE id = ?", (id_,))


def _first_of_each(filings: Sequence[Filing]) -> list[Filing]:
    """One filing per key; a page that repeats a post says nothing new the second time."""
    unique: dict[tuple[str, str], Filing] = {}
    for filing in filings:
        unique.setdefault((filing.mention.source, storable(filing.mention.native_id)), filing)
    return list(unique.values())
