"""The desk as it was at an instant: a private copy of the database, taken back line by line.

What people did since is undone from the journal, what the machine replaced comes back from `earlier`, what arrived since is taken out, and
counters and roll-ups go along. Every reader then works on the copy as on any database, and its clock stands at that instant.
Words that were deleted or erased do not come back.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from collections import defaultdict
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listener.domain.mention import Engagement
from listener.store.cases import Cases, Work, _Ledger, _Row, _rows
from listener.store.connection import Connection, Store, in_words
from listener.store.facts import derive
from listener.store.incidents import IncidentStore
from listener.store.intake import index, unindex
from listener.store.measures import measure
from listener.store.rows import unpack_kinds, unpack_sentiment
from listener.store.tally import Counted, Tally
from listener.store.verdicts import Verdict, Verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORK = {field.name for field in fields(Work)}
_CHILDREN = (
    "mention_topic", "mention_tag", "permalink", "canonical", "revision", "payload", "note", "follow", "presence", "freshness", "fact", "incident_mention", "inbox_tag", "rescored",
)  # fmt: skip


@contextlib.contextmanager
def as_of(store: Store, at: int) -> Iterator[Store]:
    """The database as it stood at an instant, UTC ms: to read from; it is gone when the block ends. Raises StoreError."""
    with tempfile.TemporaryDirectory(prefix="listener-") as folder:
        path = Path(folder) / "as-of.db"
        with in_words(store.path), contextlib.closing(sqlite3.connect(path)) as copy:
            path.chmod(0o600)
            store.read().backup(copy)
        with Store(path, clock=lambda: at) as scratch:
            scratch.write(_name_scorers, durable=False)
            scratch.write(lambda connection: _Rewinding(scratch, connection, at).run(), durable=False)
            yield scratch


def _name_scorers(connection: Connection) -> None:
    """Scorers that are only spoken of in a kept verdict get their ids now: names are read outside the transaction that takes everything back."""
    connection.execute(
        "INSERT OR IGNORE INTO scorer (name) SELECT DISTINCT json_extract(machine, '$[3]') FROM mention WHERE machine IS NOT NULL AND json_extract(machine, '$[3]') <> '' "
        "UNION SELECT DISTINCT json_extract(json_extract(before, '$.verdict[2]'), '$[3]') FROM earlier WHERE before LIKE '{\"verdict%' AND json_extract(json_extract(before, '$.verdict[2]'), '$[3]') <> ''"
    )


class _Rewinding:
    """One copy on its way back, inside one transaction."""

    def __init__(self, store: Store, connection: Connection, at: int) -> None:
        self._store, self._c, self._at = store, connection, at
        self._cases, self._verdicts = Cases(store), Verdicts(store)
        self._touched: set[int] = set()

    def run(self) -> None:
        last = self._c.execute("SELECT coalesce(max(id), 0) FROM earlier").fetchone()[0]
        self._take_out()
        self._work()
        self._replies()
        self._authors()
        self._incidents()
        for table, column in (("journal", "at"), ("revision", "seen_at"), ("note", "at"), ("survey", "at"), ("incident_note", "at"), ("notice", "made_at"), ("silence", "began")):
            self._c.execute(f"DELETE FROM {table} WHERE {column} > ?", (self._at,))
        self._c.execute("DELETE FROM earlier WHERE at > ? OR id > ?", (self._at, last))
        self._c.execute("UPDATE journal SET undone_by = '' WHERE undone_by <> '' AND undone_by NOT IN (SELECT batch FROM journal)")
        self._facts()

    # -- what arrived since

    def _take_out(self) -> None:
        """Mentions that the desk did not have yet, with everything that hangs on them."""
        since = "SELECT id FROM mention WHERE received_at > ?"
        self._touched.update(row[0] for row in self._c.execute("SELECT mention_id FROM outbox WHERE created_at > ?", (self._at,)))
        self._c.execute("DELETE FROM outbox WHERE created_at > ? OR mention_id IN (SELECT id FROM mention WHERE received_at > ?)", (self._at, self._at))
        tally = Tally()
        for row in self._c.execute(
            "SELECT id, topic_id, source_id, created_at, lang, label, grade, compound, kinds, likes, reposts, replies, own, leader_id, urgency, state FROM mention WHERE received_at > ?", (self._at,)
        ).fetchall():
            id_, topic_id, *counted, own, leader_id, urgency, state = row
            if not own:
                topics = [topic_id, *(t for (t,) in self._c.execute("SELECT topic_id FROM mention_topic WHERE mention_id = ?", (id_,)))]
                for topic in topics:
                    tally.count(topic, Counted(*counted), -1)
            if leader_id is None:
                tally.place(topic_id, urgency, state, -1)
            else:
                self._c.execute("UPDATE mention SET duplicates = duplicates - 1 WHERE id = ?", (leader_id,))
            unindex(self._c, id_)
        tally.write(self._c)
        self._c.execute("UPDATE incident SET first_mention = NULL WHERE first_mention IN (SELECT id FROM mention WHERE received_at > ?)", (self._at,))
        for table in _CHILDREN:
            self._c.execute(f"DELETE FROM {table} WHERE mention_id IN ({since})", (self._at,))
        self._c.execute("DELETE FROM mention WHERE received_at > ?", (self._at,))
        self._c.execute("DELETE FROM author WHERE first_seen > ? AND id NOT IN (SELECT author_id FROM mention)", (self._at,))

    # -- what was done since

    def _work(self) -> None:
        """The work as it stood, and what the machine had said by then."""
        before: dict[int, dict[str, Any]] = defaultdict(dict)
        lines: dict[int, int] = defaultdict(int)
        verdicts: dict[int, list[Any]] = {}
        texts: dict[int, dict[str, Any]] = {}
        counts: dict[int, dict[str, Any]] = {}
        events = [(at, 0, id_, what) for at, id_, what in self._c.execute("SELECT at, subject_id, before FROM earlier WHERE subject = 'mention' AND at > ? ORDER BY id", (self._at,))]
        for at, id_, what, after in self._c.execute("SELECT at, subject_id, before, after FROM journal WHERE subject = 'mention' AND at > ? ORDER BY id", (self._at,)).fetchall():
            events.append((at, 1, id_, what))
            lines[id_] += bool(_WORK & json.loads(after).keys())
            self._note(json.loads(what))
        languages: dict[int, tuple[int, str]] = {}
        for at, people, id_, what in sorted(events, key=lambda event: event[0], reverse=True):
            self._touched.add(id_)
            told = json.loads(what)
            if people:
                before[id_].update({name: told[name] for name in _WORK & told.keys()})
                if "lang" in told:
                    languages[id_] = (at, told["lang"])
            elif "verdict" in told:
                verdicts[id_] = told["verdict"]
                languages[id_] = (at, told["verdict"][0])
            elif "text" in told:
                texts[id_] = told
            else:
                counts[id_] = told
        for id_, (_, lang) in languages.items():
            before[id_]["lang"] = lang
        present = _rows(self._c, sorted(self._touched))
        for id_ in sorted(present):
            self._restore(present[id_], before.get(id_, {}), lines.get(id_, 0), verdicts.get(id_))
            if id_ in texts:
                self._reword(id_, texts[id_])
            if id_ in counts:
                self._recount(id_, counts[id_])

    def _note(self, told: dict[str, Any]) -> None:
        """A note that was taken back since stands again."""
        if "note" in told:
            self._c.execute("UPDATE note SET removed = 0 WHERE id = ?", (told["note"],))

    def _restore(self, row: _Row, before: dict[str, Any], lines: int, verdict: list[Any] | None) -> None:
        version = row.version - lines
        wanted = {name: tuple(value) if name == "tags" else value for name, value in before.items()}
        if verdict is not None:
            final = wanted.pop("sentiment", self._cases._work(row).sentiment)
            row = self._put(row, {"sentiment": ""})
            lang, confidence, packed, kinds = verdict
            self._verdicts.replace_in(self._c, [Verdict(row.id, lang, confidence, unpack_sentiment(packed), unpack_kinds(kinds))], None)
            row = _rows(self._c, [row.id])[row.id]
            wanted["sentiment"] = final
        self._put(row, wanted)
        self._c.execute("UPDATE mention SET version = ? WHERE id = ?", (version, row.id))

    def _put(self, row: _Row, wanted: dict[str, Any]) -> _Row:
        was = self._cases._work(row)
        now = replace(was, **wanted)
        if now == was:
            return row
        ledger = _Ledger(self._at, "", "", "", "")
        self._cases._apply(self._c, row, was, now, ledger)
        ledger._lines.clear()
        ledger.write(self._c)
        return _rows(self._c, [row.id])[row.id]

    def _reword(self, id_: int, told: dict[str, Any]) -> None:
        """The text before it was edited, unless its author has deleted it since."""
        if self._c.execute("SELECT 1 FROM mention WHERE id = ? AND deleted_at IS NOT NULL", (id_,)).fetchone():
            return
        unindex(self._c, id_)
        self._c.execute("UPDATE mention SET text = ?, title = ?, edited_at = ? WHERE id = ?", (told["text"], told["title"], told["edited_at"], id_))
        index(self._c, id_, id_)

    def _recount(self, id_: int, told: dict[str, Any]) -> None:
        measure(self._c, id_, Engagement(*(told[name] or 0 for name in ("likes", "reposts", "replies", "views"))), self._at)
        self._c.execute("UPDATE mention SET likes = ?, reposts = ?, replies = ?, views = ? WHERE id = ?", (told["likes"], told["reposts"], told["replies"], told["views"], id_))

    # -- the rest

    def _replies(self) -> None:
        """Each reply in the state that its next change since left."""
        seen: set[int] = set()
        for id_, what in self._c.execute("SELECT subject_id, before FROM journal WHERE subject = 'reply' AND at > ? ORDER BY id", (self._at,)).fetchall():
            state = json.loads(what).get("state")
            if id_ in seen or not state:
                continue
            seen.add(id_)
            sent = ", sent_at = NULL, permalink = '', remote_id = ''" if state != "sent" else ""
            self._c.execute(f"UPDATE outbox SET state = ?, error = ''{sent} WHERE id = ?", (state, id_))
            self._touched.update(row[0] for row in self._c.execute("SELECT mention_id FROM outbox WHERE id = ?", (id_,)))

    def _authors(self) -> None:
        """Authors as they were last seen then."""
        told = {id_: json.loads(what) for id_, what in self._c.execute("SELECT subject_id, before FROM earlier WHERE subject = 'author' AND at > ? ORDER BY id DESC", (self._at,))}
        for id_, was in told.items():
            self._c.execute("UPDATE author SET handle = ?, name = ?, url = ?, followers = ? WHERE id = ?", (was["handle"], was["name"], was["url"], was["followers"], id_))

    def _incidents(self) -> None:
        """An incident is the sum of its events: those since then are left out."""
        touched = [row[0] for row in self._c.execute("SELECT DISTINCT incident_id FROM incident_event WHERE at > ?", (self._at,))]
        self._c.execute("DELETE FROM incident_event WHERE at > ?", (self._at,))
        rows = IncidentStore(self._store)
        owners = self._c.execute("SELECT subject_id, before FROM journal WHERE subject = 'incident' AND at > ? ORDER BY id DESC", (self._at,)).fetchall()
        for id_, what in owners:
            told = json.loads(what)
            if "owner" in told:
                self._c.execute("UPDATE incident SET owner = ? WHERE id = ?", (told["owner"] or "", id_))
        for id_ in touched:
            if self._c.execute("SELECT 1 FROM incident_event WHERE incident_id = ?", (id_,)).fetchone():
                rows.refold(self._c, id_)
        gone = "SELECT id FROM incident WHERE id NOT IN (SELECT incident_id FROM incident_event) AND opened_at > ?"
        for table in ("incident_mention", "incident_note", "notice"):
            self._c.execute(f"DELETE FROM {table} WHERE incident_id IN ({gone})", (self._at,))
        self._c.execute(f"DELETE FROM incident WHERE id IN ({gone})", (self._at,))

    def _facts(self) -> None:
        """The stories that went on since end where they stood; how far the journal was read cannot lie ahead of its end."""
        wanted = self._touched | {row[0] for row in self._c.execute("SELECT mention_id FROM fact WHERE follow_at IS NOT NULL")}
        written = {id_: at for id_, at in self._c.execute("SELECT id, created_at FROM mention") if id_ in wanted}
        derive(self._c, sorted(written, key=lambda id_: (written[id_], id_)))
        row = self._c.execute("SELECT value FROM setting WHERE name = 'facts'").fetchone()
        if row:
            journal, mentions = json.loads(row[0])
            ends = [self._c.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0] for table in ("journal", "mention")]
            self._c.execute("UPDATE setting SET value = ? WHERE name = 'facts'", (json.dumps([min(journal, ends[0]), min(mentions, ends[1])]),))
