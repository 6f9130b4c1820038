"""Conversations where the network tells a post's parent but not its thread: the first post is looked for as posts arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from listener.store.connection import Store

_ROOT = (
    "coalesce((SELECT coalesce(nullif(p.thread_id, ''), p.native_id) FROM mention p WHERE p.source_id = mention.source_id AND p.native_id = mention.parent_id), "
    "(SELECT coalesce(nullif(c.thread_id, ''), c.native_id) FROM outbox o JOIN mention c ON c.id = o.mention_id "
    "WHERE o.source_id = mention.source_id AND o.remote_id = mention.parent_id AND o.remote_id <> ''))"
)


def join_threads(store: Store, ids: Sequence[int]) -> int:
    """File answers under the first post of their conversation: by the parent's thread, or by our reply that they answer. How many."""

    def work(connection: sqlite3.Connection) -> int:
        statement = f"UPDATE mention SET thread_id = {_ROOT} WHERE id = ? AND thread_id = '' AND {_ROOT} <> native_id"
        return sum(connection.execute(statement, (id_,)).rowcount for id_ in lost)  # the oldest first: a parent finds its place before its answers

    lost = []
    for start in range(0, len(ids), 400):
        part = ids[start : start + 400]
        rows = store.read().execute(f"SELECT created_at, id FROM mention WHERE id IN ({', '.join('?' * len(part))}) AND parent_id <> '' AND thread_id = ''", part)
        lost += rows.fetchall()
    lost = [id_ for _, id_ in sorted(lost)]
    return store.write(work, durable=False) if lost else 0
