"""Taking a person's words out for good: the text goes, the journal stays, and the next poll does not bring it back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from listener.store.intake import salt, unindex
from listener.store.journal import Journal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from listener.store.connection import Store

GONE = "[deleted by its author]"
ERASED = "[erased]"


def bury(connection: sqlite3.Connection, ids: Sequence[int], at: int, epitaph: str = GONE) -> None:
    """Remove the words of posts that are gone from the network; the row, its case and its journal stay."""
    for id_ in ids:
        row = connection.execute("SELECT deleted_at FROM mention WHERE id = ?", (id_,)).fetchone()
        if row is None or row[0] is not None:
            continue
        unindex(connection, id_)
        connection.execute("UPDATE mention SET text = ?, title = '', deleted_at = ?, version = version + 1 WHERE id = ?", (epitaph, at, id_))
        connection.execute("INSERT INTO search (rowid, text) VALUES (?, ?)", (id_, f" {epitaph}"))
        connection.execute("DELETE FROM revision WHERE mention_id = ?", (id_,))
        connection.execute("DELETE FROM earlier WHERE subject = 'mention' AND subject_id = ?", (id_,))
        connection.execute("DELETE FROM payload WHERE mention_id = ?", (id_,))


def erase(store: Store, ids: Sequence[int], operator: str) -> int:
    """Erase posts on request, with a salted tombstone each against re-ingest. How many were erased."""
    journal = Journal(store)

    def work(connection: sqlite3.Connection) -> int:
        key, now, done = salt(connection), store.clock(), 0
        for id_ in ids:
            row = connection.execute("SELECT s.name, m.native_id FROM mention m JOIN source s ON s.id = m.source_id WHERE m.id = ?", (id_,)).fetchone()
            if row is None:
                continue
            bury(connection, [id_], now, ERASED)
            digest = hashlib.blake2b(f"{row[0]}\0{row[1]}".encode("utf-8", "surrogatepass"), key=key, digest_size=16).digest()
            connection.execute("INSERT INTO tombstone (digest, at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING", (digest, now))
            connection.execute("UPDATE mention SET native_id = ?, url = '', reply_ref = '' WHERE id = ?", (f"erased-{id_}", id_))
            connection.execute("DELETE FROM permalink WHERE mention_id = ?", (id_,))
            _forget_author(connection, id_)
            journal.record(connection, operator, "erase", "mention", id_)
            done += 1
        # A word taken out of the index stays in it, marked as deleted, until its segments are merged.
        connection.execute("INSERT INTO search (search) VALUES ('optimize')")
        return done

    done = store.write(work)
    store.compact()
    return done


def _forget_author(connection: sqlite3.Connection, mention_id: int) -> None:
    """Blank an author of whom no post is left."""
    (author_id,) = connection.execute("SELECT author_id FROM mention WHERE id = ?", (mention_id,)).fetchone()
    if connection.execute("SELECT 1 FROM mention WHERE author_id = ? AND deleted_at IS NULL LIMIT 1", (author_id,)).fetchone():
        return
    connection.execute("UPDATE author SET native_id = ?, handle = 'erased', name = '', url = '', followers = NULL WHERE id = ?", (f"erased-{author_id}", author_id))
    connection.execute("DELETE FROM earlier WHERE subject = 'author' AND subject_id = ?", (author_id,))
