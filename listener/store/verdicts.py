"""The machine's verdicts on stored mentions: replaced by a rescore, remembered so that the rescore can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.domain.sentiment import Sentiment
from listener.store.journal import Journal
from listener.store.measures import remember
from listener.store.names import Names
from listener.store.rows import LABEL_CODES, LABELS, pack_kinds, pack_sentiment, unpack_sentiment
from listener.store.tally import Counted, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from listener.domain.sentiment import Label
    from listener.store.connection import Connection, Store

ROWS = 400
_SELECT = (
    "SELECT id, source_id, created_at, lang, lang_confidence, label, grade, compound, confidence, scorer_id, raw, coalesce(machine, ''), kinds, likes, reposts, replies, topic_id, own "
    "FROM mention WHERE id IN ({marks})"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rescore says of one mention."""

    id: int
    lang: str
    lang_confidence: float
    sentiment: Sentiment
    kinds: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Flips:
    """What a rescore changed."""

    looked_at: int = 0
    changed: int = 0
    flipped: int = 0
    """Of those, how many have another label now."""

    def __add__(self, other: Flips) -> Flips:
        return Flips(self.looked_at + other.looked_at, self.changed + other.changed, self.flipped + other.flipped)


class Verdicts:
    """Replacing machine scores; an operator's own verdict stays in front and keeps counting."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._scorers = Names(store, "scorer")
        self._journal = Journal(store)

    def texts(self, since: int = 0, *, batch: int = ROWS) -> Iterator[list[tuple[int, str, str, bool]]]:
        """(id, text with its title, language, whether an operator set the language) of every mention written since a time, a batch at a time."""
        last = 0
        while True:
            rows = self._store.read().execute(
                "SELECT m.id, CASE WHEN m.title = '' THEN m.text ELSE m.title || char(10) || m.text END, m.lang, "
                "EXISTS (SELECT 1 FROM journal j WHERE j.subject = 'mention' AND j.subject_id = m.id AND j.action = 'language' AND j.undone_by = '') "
                "FROM mention m WHERE m.id > ? AND m.created_at >= ? AND m.deleted_at IS NULL ORDER BY m.id LIMIT ?",
                (last, since, batch),
            ).fetchall()
            if not rows:
                return
            yield [(id_, text, lang, bool(corrected)) for id_, text, lang, corrected in rows]
            last = rows[-1][0]

    def replace(self, verdicts: Sequence[Verdict], batch: str | None) -> Flips:
        """Put new verdicts in the place of old ones, and keep the old ones under the batch, if there is one."""
        return self._store.write(lambda connection: self.replace_in(connection, verdicts, batch), durable=False)

    def replace_in(self, connection: Connection, verdicts: Sequence[Verdict], batch: str | None) -> Flips:
        """The same inside the caller's transaction; without a batch nothing is kept for an undo."""
        by_id = {verdict.id: verdict for verdict in verdicts}
        rows = connection.execute(_SELECT.format(marks=", ".join("?" * len(by_id))), list(by_id)).fetchall()
        tally, updates, kept = Tally(), [], []
        flipped = 0
        for row in rows:
            old, new = self._stored(row), by_id[row[0]]
            kinds = pack_kinds(new.kinds)
            if (old.sentiment, old.lang, row[12]) == (new.sentiment, new.lang, kinds):
                continue
            kept.append((batch, row[0], old.lang, old.lang_confidence, pack_sentiment(old.sentiment), row[12]))
            remember(connection, self._store.clock(), "mention", row[0], verdict=[old.lang, old.lang_confidence, pack_sentiment(old.sentiment), row[12]])
            flipped += old.sentiment.label != new.sentiment.label
            updates.append(self._update(connection, row, new, kinds, tally))
        connection.executemany(
            "UPDATE mention SET lang = ?, lang_confidence = ?, label = ?, compound = ?, confidence = ?, scorer_id = ?, grade = ?, raw = ?, machine = ?, kinds = ? WHERE id = ?",
            updates,
        )
        if batch is not None:
            connection.executemany("INSERT OR IGNORE INTO rescored (batch, mention_id, lang, lang_confidence, sentiment, kinds) VALUES (?, ?, ?, ?, ?, ?)", kept)
        tally.write(connection)
        return Flips(len(rows), len(updates), flipped)

    def _stored(self, row: tuple[Any, ...]) -> Verdict:
        machine = unpack_sentiment(row[11]) if row[11] else Sentiment(LABELS[row[5]], row[7], row[8], self._scorers.name(row[9]), row[6], row[10])
        return Verdict(row[0], row[3], row[4], machine, ())

    def _update(self, connection: Connection, row: tuple[Any, ...], new: Verdict, kinds: str, tally: Tally) -> tuple[Any, ...]:
        id_, source_id, created_at, lang, _, label, grade, compound, confidence, scorer_id, raw, machine, old_kinds, likes, reposts, replies, topic_id, own = row
        overridden = bool(machine)
        verdict = new.sentiment
        if not overridden:
            label, grade, compound, confidence, raw = LABEL_CODES[verdict.label], verdict.grade, verdict.compound, round(verdict.confidence, 3), verdict.raw
            scorer_id = self._scorers.take(connection, verdict.scorer) if verdict.scorer else None
        if not own:
            was = Counted(source_id, created_at, lang, row[5], row[6], row[7], old_kinds, likes, reposts, replies)
            now = Counted(source_id, created_at, new.lang, label, grade, compound, kinds, likes, reposts, replies)
            for topic in [topic_id, *(t for (t,) in connection.execute("SELECT topic_id FROM mention_topic WHERE mention_id = ? AND label IS NULL", (id_,)))]:
                tally.count(topic, was, -1)
                tally.count(topic, now)
        packed = pack_sentiment(verdict) if overridden else None
        return (new.lang, new.lang_confidence, label, compound, confidence, scorer_id, grade, raw, packed, kinds, id_)

    def journal(self, operator: str, batch: str, flips: Flips, scorer: str) -> None:
        """One line for the whole rescore, under its batch."""
        after = {"looked_at": flips.looked_at, "changed": flips.changed, "flipped": flips.flipped, "scorer": scorer}
        self._store.write(lambda connection: self._journal.record(connection, operator, "rescore", "desk", 0, after=after, batch=batch))

    def undo(self, batch: str, operator: str) -> Flips:
        """Put back what a rescore replaced."""
        total = Flips()
        while True:
            rows = self._store.read().execute("SELECT mention_id, lang, lang_confidence, sentiment, kinds FROM rescored WHERE batch = ? LIMIT ?", (batch, ROWS)).fetchall()
            if not rows:
                break
            total += self._store.write(lambda connection, rows=rows: self._put_back(connection, batch, rows), durable=False)  # type: ignore[misc]
        self._store.write(lambda connection: self._journal.mark_undone(connection, batch, operator))
        return total

    def _put_back(self, connection: Connection, batch: str, rows: list[tuple[Any, ...]]) -> Flips:
        verdicts = []
        for id_, lang, confidence, sentiment, kinds in rows:
            pairs = tuple((name, float(value)) for name, _, value in (word.rpartition(":") for word in kinds.split(" ") if word))
            verdicts.append(Verdict(id_, lang, confidence, unpack_sentiment(sentiment), pairs))
        flips = self.replace_in(connection, verdicts, None)
        connection.executemany("DELETE FROM rescored WHERE batch = ? AND mention_id = ?", [(batch, row[0]) for row in rows])
        return flips

    def overrides(self) -> Iterator[tuple[str, str, Label]]:
        """(language, text, the operator's label) of every mention whose verdict an operator has given: training data."""
        for lang, text, label in self._store.read().execute("SELECT lang, text, label FROM mention WHERE machine IS NOT NULL AND deleted_at IS NULL ORDER BY id"):
            yield lang, text, LABELS[label]
