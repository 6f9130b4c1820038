"""A post that names brand and rival may be bad news for one and good news for the other: the operator's verdict for a single topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from listener.errors import InputError
from listener.store.journal import Journal
from listener.store.names import Names
from listener.store.rows import LABELS
from listener.store.tally import Counted, Tally

if TYPE_CHECKING:
    from listener.store.connection import Connection, Store

COMPOUND = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}


class Polarities:
    """Verdicts for further topics of a contested mention; that of the topic it is filed under is the mention's own sentiment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._topics = Names(store, "topic")
        self._journal = Journal(store)

    def of(self, mention_id: int) -> dict[str, str]:
        """Topic → label, for those further topics that have a verdict of their own."""
        rows = self._store.read().execute("SELECT topic_id, label FROM mention_topic WHERE mention_id = ? AND label IS NOT NULL", (mention_id,))
        return {self._topics.name(topic_id): LABELS[label] for topic_id, label in rows}

    def put(self, mention_id: int, topic: str, label: str, operator: str) -> None:
        """Set the verdict for one further topic; an empty label takes it back.

        Raises:  InputError: no such mention, not one of its further topics, or no label.
        """
        if label and label not in LABELS:
            raise InputError(f"{label!r} is no sentiment.", hint=f"One of {', '.join(LABELS)}.")
        self._store.write(lambda connection: self._put(connection, mention_id, topic, label, operator))

    def _put(self, connection: Connection, mention_id: int, topic: str, label: str, operator: str) -> None:
        row = connection.execute(
            "SELECT x.topic_id, x.label, x.compound, m.source_id, m.created_at, m.lang, m.label, m.grade, m.compound, m.kinds, m.likes, m.reposts, m.replies, m.own "
            "FROM mention_topic x JOIN mention m ON m.id = x.mention_id JOIN topic t ON t.id = x.topic_id WHERE x.mention_id = ? AND lower(t.name) = lower(?)",
            (mention_id, topic),
        ).fetchone()
        if row is None:
            raise InputError(f"Mention {mention_id} does not belong to {topic!r} besides its own topic.", hint="`listener show ID --json` names its topics.")
        topic_id, before, compound = row[0], row[1], row[2]
        after = LABELS.index(label) if label else None
        if before == after:
            return
        tally = Tally()
        if not row[13]:
            tally.count(topic_id, _counted(row, before, compound), -1)
            tally.count(topic_id, _counted(row, after, COMPOUND.get(label)))
        tally.write(connection)
        connection.execute("UPDATE mention_topic SET label = ?, compound = ? WHERE mention_id = ? AND topic_id = ?", (after, COMPOUND.get(label), mention_id, topic_id))
        connection.execute("UPDATE mention SET version = version + 1 WHERE id = ?", (mention_id,))
        was = {"topic": topic, "polarity": "" if before is None else LABELS[before]}
        self._journal.record(connection, operator, "polarity", "mention", mention_id, before=was, after={"topic": topic, "polarity": label})


def _counted(row: tuple[Any, ...], label: int | None, compound: float | None) -> Counted:
    """What the roll-ups count: the topic's own verdict, or else the mention's."""
    own = label is not None
    return Counted(row[3], row[4], row[5], label if label is not None else row[6], "A" if own else row[7], compound if own else row[8], row[9], row[10], row[11], row[12])
