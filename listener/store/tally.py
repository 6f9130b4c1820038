"""Counters and roll-ups: what has to be known without counting. They change in the transaction that changes the rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.store.rows import BUCKET_MS, HOUR_MS

if TYPE_CHECKING:
    import sqlite3

_VOLUME_FIELDS = ("n", "negative", "neutral", "positive", "unscored", "complaints")
_ROLLUP_FIELDS = ("n", "negative", "neutral", "positive", "unscored", "low", "compound", "complaints", "likes", "reposts", "replies")


def _upsert(table: str, key: tuple[str, ...], fields: tuple[str, ...]) -> str:
    sets = ", ".join(f"{name} = {name} + excluded.{name}" for name in fields)
    return f"INSERT INTO {table} ({', '.join(key + fields)}) VALUES ({', '.join('?' * len(key + fields))}) ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"


VOLUME = _upsert("volume", ("topic_id", "bucket"), _VOLUME_FIELDS)
ROLLUP = _upsert("rollup", ("topic_id", "hour", "source_id", "lang"), _ROLLUP_FIELDS)
KINDS = _upsert("kind_volume", ("topic_id", "hour", "source_id", "kind"), ("n",))
COUNTER = _upsert("counter", ("topic_id", "urgency", "state"), ("n",))


@dataclass(frozen=True, slots=True)
class Counted:
    """What the roll-ups count of one mention."""

    source_id: int
    created_at: int
    lang: str
    label: int
    grade: str
    compound: float | None
    kinds: str
    """As stored: `complaint:0.91 question:0.40`."""
    likes: int | None
    reposts: int | None
    replies: int | None


def is_complaint(kinds: str) -> bool:
    """Whether a mention counts into the complaint share: the classifier is more sure than not."""
    return any(word.startswith("complaint:") and float(word[10:]) >= 0.5 for word in kinds.split(" ")) if "complaint:" in kinds else False


def kinds_of(kinds: str) -> list[str]:
    """The kinds of message that count: of which the classifier is more sure than not; a step of the customer's journey is none."""
    pairs = (word.rpartition(":") for word in kinds.split(" ")) if kinds else ()
    return [name for name, _, sure in pairs if "/" not in name and ":" not in name and float(sure) >= 0.5]


class Tally:
    """Counts of one transaction, gathered and written once."""

    def __init__(self) -> None:
        self._volume: dict[tuple[int, int], list[int]] = {}
        self._rollup: dict[tuple[int, int, int, str], list[float]] = {}
        self._counter: Counter[tuple[int, int, int]] = Counter()
        self._kinds: Counter[tuple[int, int, int, str]] = Counter()

    def count(self, topic_id: int, mention: Counted, sign: int = 1) -> None:
        """Add a mention to a topic's volume, or take it away with `sign` −1."""
        label = mention.label
        shares = [int(label == 1), int(label == 2), int(label == 3), int(label == 0)]
        complaint = int(is_complaint(mention.kinds))
        bucket = self._volume.setdefault((topic_id, mention.created_at // BUCKET_MS), [0] * len(_VOLUME_FIELDS))
        for position, value in enumerate((1, *shares, complaint)):
            bucket[position] += sign * value
        for kind in kinds_of(mention.kinds):
            self._kinds[topic_id, mention.created_at // HOUR_MS, mention.source_id, kind] += sign
        hour = self._rollup.setdefault((topic_id, mention.created_at // HOUR_MS, mention.source_id, mention.lang), [0] * len(_ROLLUP_FIELDS))
        low = int(mention.grade == "C")
        measures = (1, *shares, low, mention.compound or 0.0, complaint, mention.likes or 0, mention.reposts or 0, mention.replies or 0)
        for position, measure in enumerate(measures):
            hour[position] += sign * measure

    def place(self, topic_id: int, urgency: int, state: int, sign: int = 1) -> None:
        """Count a row into its place in the inbox; rows folded into another have none."""
        self._counter[topic_id, urgency, state] += sign

    def write(self, connection: sqlite3.Connection) -> None:
        connection.executemany(VOLUME, [(*key, *values) for key, values in self._volume.items() if any(values)])
        connection.executemany(ROLLUP, [(*key, *values) for key, values in self._rollup.items() if any(values)])
        connection.executemany(KINDS, [(*key, n) for key, n in self._kinds.items() if n])
        connection.executemany(COUNTER, [(*key, n) for key, n in self._counter.items() if n])
