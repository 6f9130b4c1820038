"""Who speaks of an incident, where, how loudly: its evidence, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.connection import Store


@dataclass(frozen=True, slots=True)
class Facts:
    """Who speaks of an incident, where, and in which languages; the most first."""

    mentions: int
    authors: int
    reach: int
    """Followers of its distinct authors, added up: an estimate."""
    loudest: tuple[tuple[str, int, int], ...]
    """(handle, followers, posts) of those with the most followers."""
    busiest: tuple[tuple[str, int, int], ...]
    """The same, of those with the most posts."""
    languages: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    copies: tuple[tuple[int, int], ...]
    """(leader's mention id, copies) of texts that were copied."""
    top: tuple[int, ...]
    """Mention ids of the posts with the most engagement, then reach."""
    replied: int | None
    """When the first of its mentions was answered by a person, UTC ms."""


def facts_of(store: Store, ids: Sequence[int], *, limit: int = 5) -> Facts:
    """The evidence of some incidents, counted as one."""
    read = store.read().execute
    base = f"(SELECT DISTINCT mention_id FROM incident_mention WHERE incident_id IN ({', '.join('?' * len(ids))})) e JOIN mention m ON m.id = e.mention_id"
    joined = f"{base} JOIN author a ON a.id = m.author_id"
    mentions, authors = read(f"SELECT count(*), count(DISTINCT m.author_id) FROM {base}", ids).fetchone()
    reach = read(f"SELECT coalesce(sum(f), 0) FROM (SELECT max(a.followers) AS f FROM {joined} GROUP BY a.id)", ids).fetchone()[0]
    voices = f"SELECT a.handle, coalesce(a.followers, 0), count(*) AS n FROM {joined} GROUP BY a.id ORDER BY"
    return Facts(
        mentions, authors, reach,
        tuple(row for row in read(f"{voices} 2 DESC, 3 DESC, 1 LIMIT ?", (*ids, limit)) if row[1]),
        tuple(read(f"{voices} 3 DESC, 2 DESC, 1 LIMIT ?", (*ids, limit)).fetchall()),
        tuple(read(f"SELECT m.lang, count(*) AS n FROM {base} GROUP BY m.lang ORDER BY n DESC, m.lang", ids).fetchall()),
        tuple(read(f"SELECT s.name, count(*) AS n FROM {base} JOIN source s ON s.id = m.source_id GROUP BY s.id ORDER BY n DESC, s.name", ids).fetchall()),
        tuple(read(f"SELECT m.id, m.duplicates FROM {base} WHERE m.duplicates > 0 ORDER BY m.duplicates DESC, m.id LIMIT ?", (*ids, limit)).fetchall()),
        tuple(row[0] for row in read(
            f"SELECT m.id FROM {joined} WHERE m.leader_id IS NULL ORDER BY coalesce(m.likes, 0) + coalesce(m.reposts, 0) + coalesce(m.replies, 0) DESC, coalesce(a.followers, 0) DESC, m.id LIMIT ?",
            (*ids, limit))),
        read(f"SELECT min(o.sent_at) FROM {base} JOIN outbox o ON o.mention_id = m.id WHERE o.state = 'sent' AND o.automatic = 0", ids).fetchone()[0],
    )  # fmt: skip


def crowds(store: Store, incident_id: int, *, least: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """(leader, (created_at, author) of it and of its copies) of every text of the evidence that was copied often; network reposts are not among them."""
    read = store.read().execute
    leaders = read(
        "SELECT m.id FROM incident_mention e JOIN mention m ON m.id = e.mention_id WHERE e.incident_id = ? AND m.duplicates >= ? ORDER BY m.duplicates DESC LIMIT 50", (incident_id, least)
    ).fetchall()
    return [(leader, read("SELECT created_at, author_id FROM mention WHERE id = ? OR leader_id = ?", (leader, leader)).fetchall()) for (leader,) in leaders]
