"""What networks say of a post as time goes by: its counts. The roll-ups go along, and what was known before is kept for `--as-of`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.store.journal import pack
from listener.store.rows import HOUR_MS

if TYPE_CHECKING:
    from listener.domain.mention import Engagement
    from listener.store.connection import Connection

EARLIER = "INSERT INTO earlier (at, subject, subject_id, before) VALUES (?, ?, ?, ?)"


def remember(connection: Connection, at: int, subject: str, subject_id: int, **before: object) -> None:
    """Keep what the machine is about to replace: what people change is in the journal."""
    connection.execute(EARLIER, (at, subject, subject_id, pack(before)))


def measure(connection: Connection, id_: int, seen: Engagement, now: int) -> None:
    """Take over a mention's counts; None leaves one as it is."""
    row = connection.execute("SELECT likes, reposts, replies, views, topic_id, source_id, created_at, lang, own FROM mention WHERE id = ?", (id_,)).fetchone()
    if row is None:
        return
    old = row[:4]
    fresh = tuple(was if new is None else new for new, was in zip((seen.likes, seen.reposts, seen.replies, seen.views), old, strict=True))
    if fresh == old:
        return
    topic_id, source_id, created_at, lang, own = row[4:]
    remember(connection, now, "mention", id_, likes=old[0], reposts=old[1], replies=old[2], views=old[3])
    connection.execute("UPDATE mention SET likes = ?, reposts = ?, replies = ?, views = ? WHERE id = ?", (*fresh, id_))
    if own:
        return
    more = [(new or 0) - (was or 0) for new, was in zip(fresh[:3], old[:3], strict=True)]
    topics = [topic_id, *(t for (t,) in connection.execute("SELECT topic_id FROM mention_topic WHERE mention_id = ?", (id_,)))]
    connection.executemany(
        "UPDATE rollup SET likes = likes + ?, reposts = reposts + ?, replies = replies + ? WHERE topic_id = ? AND hour = ? AND source_id = ? AND lang = ?",
        [(*more, topic, created_at // HOUR_MS, source_id, lang) for topic in topics],
    )
