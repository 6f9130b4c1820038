"""The tables, as migrations. A released migration is never edited; a new one is added at the end.

SQL here keeps to what SQLite and PostgreSQL both understand, but for full-text search and STRICT. Times are UTC milliseconds.

`sentiment.label` codes: 0 unscored, 1 negative, 2 neutral, 3 positive. `state` codes: 0 open, 1 pending, 2 snoozed, 3 resolved.
Indexes ascend although lists fall: SQLite walks them backwards just as well, and rows that arrive in order of time fill their pages.
`urgency` is 4 for SEV1 down to 1 for SEV4 and 0 for none, so that the most urgent sorts first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from sqlite_utils import Database

SET = "listener"

TABLES = """
CREATE TABLE topic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL DEFAULT 'brand', colour TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE source (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT 'idle',
  last_success INTEGER, last_error INTEGER, error TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', failures INTEGER NOT NULL DEFAULT 0,
  next_poll INTEGER, paused INTEGER NOT NULL DEFAULT 0, budgets TEXT NOT NULL DEFAULT '[]', received INTEGER NOT NULL DEFAULT 0, newest INTEGER
) STRICT;
CREATE TABLE scorer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE author (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id), native_id TEXT NOT NULL, handle TEXT NOT NULL, name TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '', followers INTEGER, first_seen INTEGER NOT NULL, UNIQUE (source_id, native_id)
) STRICT;

CREATE TABLE mention (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id), native_id TEXT NOT NULL,
  topic_id INTEGER NOT NULL REFERENCES topic(id), topics TEXT, author_id INTEGER NOT NULL REFERENCES author(id),
  created_at INTEGER NOT NULL, received_at INTEGER NOT NULL, text TEXT NOT NULL, title TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '', lang_confidence REAL NOT NULL DEFAULT 0, parent_id TEXT NOT NULL DEFAULT '', thread_id TEXT NOT NULL DEFAULT '',
  visibility TEXT NOT NULL DEFAULT '', likes INTEGER, reposts INTEGER, replies INTEGER, views INTEGER,
  edited_at INTEGER, deleted_at INTEGER, reply_ref TEXT NOT NULL DEFAULT '', own INTEGER NOT NULL DEFAULT 0,
  label INTEGER NOT NULL DEFAULT 0, compound REAL, confidence REAL NOT NULL DEFAULT 0, scorer_id INTEGER REFERENCES scorer(id), grade TEXT NOT NULL DEFAULT '',
  raw REAL, machine TEXT, kinds TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '',
  state INTEGER NOT NULL DEFAULT 0, urgency INTEGER NOT NULL DEFAULT 0, assignee TEXT NOT NULL DEFAULT '', task_kind TEXT NOT NULL DEFAULT '',
  due_at INTEGER, snoozed_until INTEGER, leader_id INTEGER, duplicates INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (source_id, native_id)
) STRICT;
CREATE INDEX mention_newest ON mention (created_at, id);
CREATE INDEX mention_author ON mention (author_id, created_at);
CREATE INDEX mention_topic_newest ON mention (topic_id, created_at, id);
CREATE INDEX inbox_urgent ON mention (urgency, created_at, id) WHERE state = 0 AND leader_id IS NULL;
CREATE INDEX inbox_newest ON mention (created_at, id) WHERE state = 0 AND leader_id IS NULL;
CREATE INDEX inbox_topic_urgent ON mention (topic_id, urgency, created_at, id) WHERE state = 0 AND leader_id IS NULL;
CREATE INDEX inbox_label ON mention (label, urgency, created_at, id) WHERE state = 0 AND leader_id IS NULL;
CREATE INDEX inbox_assignee ON mention (assignee, urgency, created_at, id) WHERE state = 0 AND leader_id IS NULL AND assignee <> '';
CREATE INDEX mention_assigned ON mention (assignee, created_at) WHERE assignee <> '';
CREATE INDEX mention_waiting ON mention (state, created_at, id) WHERE state IN (1, 2);
CREATE INDEX mention_due ON mention (due_at) WHERE due_at IS NOT NULL AND state <> 3;
CREATE INDEX mention_snoozed ON mention (snoozed_until) WHERE state = 2;
CREATE INDEX mention_thread ON mention (source_id, thread_id) WHERE thread_id <> '';
CREATE INDEX mention_parent ON mention (source_id, parent_id) WHERE parent_id <> '';
CREATE INDEX mention_leader ON mention (leader_id) WHERE leader_id IS NOT NULL;

CREATE TABLE mention_topic (topic_id INTEGER NOT NULL, created_at INTEGER NOT NULL, mention_id INTEGER NOT NULL REFERENCES mention(id),
  label INTEGER, compound REAL, PRIMARY KEY (topic_id, created_at, mention_id)) STRICT, WITHOUT ROWID;
CREATE INDEX mention_topic_mention ON mention_topic (mention_id);
CREATE TABLE mention_tag (tag_id INTEGER NOT NULL REFERENCES tag(id), created_at INTEGER NOT NULL, mention_id INTEGER NOT NULL REFERENCES mention(id),
  PRIMARY KEY (tag_id, created_at, mention_id)) STRICT, WITHOUT ROWID;
CREATE TABLE inbox_tag (tag_id INTEGER NOT NULL, urgency INTEGER NOT NULL, created_at INTEGER NOT NULL, mention_id INTEGER NOT NULL,
  PRIMARY KEY (tag_id, urgency, created_at, mention_id)) STRICT, WITHOUT ROWID;

CREATE TABLE permalink (source_id INTEGER NOT NULL, native_id TEXT NOT NULL, mention_id INTEGER NOT NULL REFERENCES mention(id), url TEXT NOT NULL,
  PRIMARY KEY (source_id, native_id)) STRICT, WITHOUT ROWID;
CREATE INDEX permalink_mention ON permalink (mention_id);
CREATE TABLE canonical (hash INTEGER NOT NULL, mention_id INTEGER NOT NULL, PRIMARY KEY (hash, mention_id)) STRICT, WITHOUT ROWID;
CREATE TABLE revision (id INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL REFERENCES mention(id), seen_at INTEGER NOT NULL, text TEXT NOT NULL, title TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX revision_mention ON revision (mention_id);
CREATE TABLE payload (mention_id INTEGER PRIMARY KEY REFERENCES mention(id), body BLOB NOT NULL) STRICT;
CREATE TABLE tombstone (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE note (id INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL REFERENCES mention(id), at INTEGER NOT NULL, operator TEXT NOT NULL, text TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX note_mention ON note (mention_id);

CREATE TABLE counter (topic_id INTEGER NOT NULL, urgency INTEGER NOT NULL, state INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (topic_id, urgency, state)) STRICT, WITHOUT ROWID;
CREATE TABLE volume (
  topic_id INTEGER NOT NULL, bucket INTEGER NOT NULL, n INTEGER NOT NULL, negative INTEGER NOT NULL, neutral INTEGER NOT NULL, positive INTEGER NOT NULL,
  unscored INTEGER NOT NULL, complaints INTEGER NOT NULL, PRIMARY KEY (topic_id, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup (
  topic_id INTEGER NOT NULL, hour INTEGER NOT NULL, source_id INTEGER NOT NULL, lang TEXT NOT NULL, n INTEGER NOT NULL, negative INTEGER NOT NULL, neutral INTEGER NOT NULL,
  positive INTEGER NOT NULL, unscored INTEGER NOT NULL, low INTEGER NOT NULL, compound REAL NOT NULL, complaints INTEGER NOT NULL, likes INTEGER NOT NULL,
  reposts INTEGER NOT NULL, replies INTEGER NOT NULL, PRIMARY KEY (topic_id, hour, source_id, lang)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, operator TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, subject_id INTEGER NOT NULL,
  before TEXT NOT NULL DEFAULT '{}', after TEXT NOT NULL DEFAULT '{}', batch TEXT NOT NULL, rule TEXT NOT NULL DEFAULT '', undone_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX journal_subject ON journal (subject, subject_id, id);
CREATE INDEX journal_at ON journal (at);
CREATE INDEX journal_batch ON journal (batch);

CREATE TABLE checkpoint (
  source_id INTEGER NOT NULL REFERENCES source(id), channel TEXT NOT NULL, cursor TEXT NOT NULL DEFAULT '', next_check INTEGER NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', last_success INTEGER, fence INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (source_id, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL, pid INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, mention_id INTEGER NOT NULL REFERENCES mention(id), source_id INTEGER NOT NULL REFERENCES source(id), text TEXT NOT NULL, digest TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE, state TEXT NOT NULL, author TEXT NOT NULL, approver TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, not_before INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0, sending_since INTEGER, sent_at INTEGER, remote_id TEXT NOT NULL DEFAULT '',
  permalink TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '', automatic INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX outbox_state ON outbox (state, not_before);
CREATE INDEX outbox_mention ON outbox (mention_id);

CREATE TABLE incident (
  id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL REFERENCES topic(id), family TEXT NOT NULL, key TEXT NOT NULL, urgency INTEGER NOT NULL, points INTEGER NOT NULL,
  state TEXT NOT NULL, opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, acknowledged_at INTEGER, resolved_at INTEGER, owner TEXT NOT NULL DEFAULT '',
  count INTEGER NOT NULL DEFAULT 1, why TEXT NOT NULL, signals TEXT NOT NULL DEFAULT '[]', first_mention INTEGER, terms TEXT NOT NULL DEFAULT '[]',
  cause TEXT NOT NULL DEFAULT '', real INTEGER, version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX incident_state ON incident (state, urgency, opened_at);
CREATE INDEX incident_key ON incident (key, id);

CREATE VIRTUAL TABLE search USING fts5 (text, content = '', tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
"""


def m001_start(db: Database) -> None:
    _run(db, TABLES)
    db.execute("INSERT INTO search (search, rank) VALUES ('automerge', 8)")


REPLIES = """
ALTER TABLE outbox ADD COLUMN frozen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN parent_kept INTEGER NOT NULL DEFAULT 1;
ALTER TABLE outbox ADD COLUMN purpose TEXT NOT NULL DEFAULT 'reply';
ALTER TABLE outbox ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN visibility TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN first_attempt INTEGER;
ALTER TABLE outbox ADD COLUMN look_at INTEGER;
ALTER TABLE outbox ADD COLUMN reads INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_remote ON outbox (source_id, remote_id) WHERE remote_id <> '';
CREATE INDEX outbox_updated ON outbox (updated_at);
CREATE TABLE presence (
  mention_id INTEGER NOT NULL, operator TEXT NOT NULL, desk TEXT NOT NULL, doing TEXT NOT NULL, since INTEGER NOT NULL, seen_at INTEGER NOT NULL,
  PRIMARY KEY (mention_id, operator, desk)
) STRICT, WITHOUT ROWID;
CREATE TABLE follow (mention_id INTEGER PRIMARY KEY REFERENCES mention(id), next_at INTEGER NOT NULL, reads INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX follow_next ON follow (next_at);
CREATE TABLE survey (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, score REAL NOT NULL, at INTEGER NOT NULL, topic_id INTEGER REFERENCES topic(id), mention_id INTEGER,
  operator TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '', sure REAL NOT NULL DEFAULT 1, corrected_by TEXT NOT NULL DEFAULT '',
  key TEXT UNIQUE, version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX survey_at ON survey (kind, at)
"""


def m002_replies(db: Database) -> None:
    """Replies with all that the sender has to remember, who looks at what, threads to read again, and survey answers."""
    _run(db, REPLIES)


RESCORED = """
CREATE TABLE rescored (
  batch TEXT NOT NULL, mention_id INTEGER NOT NULL, lang TEXT NOT NULL, lang_confidence REAL NOT NULL, sentiment TEXT NOT NULL, kinds TEXT NOT NULL,
  PRIMARY KEY (batch, mention_id)
) STRICT, WITHOUT ROWID
"""


def m_rescored(db: Database) -> None:
    """What a rescore replaced, so that it can be undone."""
    _run(db, RESCORED)


INCIDENTS = """
DROP TABLE incident;
CREATE TABLE incident (
  id INTEGER PRIMARY KEY, topic_id INTEGER REFERENCES topic(id), family TEXT NOT NULL, cluster TEXT NOT NULL DEFAULT '', key TEXT NOT NULL,
  urgency INTEGER NOT NULL DEFAULT 0, points INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'open', opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  acknowledged_at INTEGER, resolved_at INTEGER, owner TEXT NOT NULL DEFAULT '', count INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '',
  signals TEXT NOT NULL DEFAULT '[]', first_mention INTEGER, terms TEXT NOT NULL DEFAULT '[]', cause TEXT NOT NULL DEFAULT '', real INTEGER,
  pages INTEGER NOT NULL DEFAULT 0, historic INTEGER NOT NULL DEFAULT 0, linked INTEGER, merged_into INTEGER, muted_until INTEGER, muted_urgency INTEGER NOT NULL DEFAULT 0,
  evidence_seen INTEGER NOT NULL DEFAULT 0, evidence INTEGER NOT NULL DEFAULT 0, told_urgency INTEGER NOT NULL DEFAULT 0, told_at INTEGER, told_step INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX incident_state ON incident (state, urgency DESC, opened_at DESC);
CREATE INDEX incident_key ON incident (key, opened_at);
CREATE INDEX incident_topic ON incident (topic_id, opened_at);
CREATE INDEX incident_merged ON incident (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE incident_event (
  id INTEGER PRIMARY KEY, incident_id INTEGER NOT NULL REFERENCES incident(id), at INTEGER NOT NULL, kind TEXT NOT NULL, bucket INTEGER, family TEXT NOT NULL DEFAULT '',
  began INTEGER, urgency INTEGER NOT NULL DEFAULT 0, points INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '', signals TEXT NOT NULL DEFAULT '[]',
  terms TEXT NOT NULL DEFAULT '[]', n INTEGER NOT NULL DEFAULT 0, bar REAL NOT NULL DEFAULT 0, pages INTEGER NOT NULL DEFAULT 0, operator TEXT NOT NULL DEFAULT '',
  after INTEGER, text TEXT NOT NULL DEFAULT '', real INTEGER
) STRICT;
CREATE INDEX incident_event_incident ON incident_event (incident_id, at);
CREATE TABLE incident_mention (incident_id INTEGER NOT NULL REFERENCES incident(id), mention_id INTEGER NOT NULL, PRIMARY KEY (incident_id, mention_id)) STRICT, WITHOUT ROWID;
CREATE INDEX incident_mention_mention ON incident_mention (mention_id);
CREATE TABLE incident_note (
  id INTEGER PRIMARY KEY, incident_id INTEGER NOT NULL REFERENCES incident(id), at INTEGER NOT NULL, operator TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX incident_note_incident ON incident_note (incident_id);
CREATE TABLE lookout (
  topic_id INTEGER NOT NULL REFERENCES topic(id), bucket INTEGER NOT NULL, newest INTEGER NOT NULL, calm INTEGER NOT NULL, tuning TEXT NOT NULL, reach INTEGER NOT NULL,
  state BLOB NOT NULL, PRIMARY KEY (topic_id, bucket)
) STRICT;
CREATE TABLE silence (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER, text TEXT NOT NULL, incident_id INTEGER
) STRICT;
CREATE INDEX silence_ended ON silence (ended);
CREATE TABLE notice (
  id INTEGER PRIMARY KEY, incident_id INTEGER, channel TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, people TEXT NOT NULL DEFAULT '[]', urgency INTEGER NOT NULL DEFAULT 0,
  title TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', made_at INTEGER NOT NULL, next_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  sent_at INTEGER, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX notice_due ON notice (state, next_at);
CREATE INDEX notice_incident ON notice (incident_id)
"""


def m_incidents(db: Database) -> None:
    """Incidents as the sum of what happened to them, with evidence, what the watch has learned, silences and notices."""
    _run(db, INCIDENTS)


FRESHNESS = """
CREATE TABLE freshness (mention_id INTEGER PRIMARY KEY REFERENCES mention(id), checked_at INTEGER NOT NULL) STRICT;
CREATE INDEX freshness_checked ON freshness (checked_at)
"""


def m_freshness(db: Database) -> None:
    """When a post was last asked about at its network."""
    _run(db, FRESHNESS)


FACTS = """
CREATE TABLE fact (
  mention_id INTEGER PRIMARY KEY REFERENCES mention(id), topic_id INTEGER NOT NULL, source_id INTEGER NOT NULL, created_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
  folded INTEGER NOT NULL, own INTEGER NOT NULL, severity INTEGER NOT NULL, task_kind TEXT NOT NULL, replied_at INTEGER, replied_by TEXT NOT NULL, later INTEGER NOT NULL,
  resolved_at INTEGER, resolved_by TEXT NOT NULL, reopened INTEGER NOT NULL, follow_at INTEGER, pauses TEXT NOT NULL
) STRICT;
CREATE INDEX fact_replied ON fact (replied_at) WHERE replied_at IS NOT NULL;
CREATE INDEX fact_resolved ON fact (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX fact_created ON fact (created_at);
CREATE TABLE earlier (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, subject TEXT NOT NULL, subject_id INTEGER NOT NULL, before TEXT NOT NULL
) STRICT;
CREATE INDEX earlier_at ON earlier (at);
CREATE INDEX earlier_subject ON earlier (subject, subject_id);
DROP INDEX mention_topic_newest;
CREATE INDEX mention_topic_newest ON mention (topic_id, created_at DESC, id DESC, author_id, source_id, own)
"""


def m_facts(db: Database) -> None:
    """What was done about each mention, told from the journal; what the machine replaced, kept; reach read from an index alone."""
    _run(db, FACTS)


TRIAGE = """
CREATE TABLE arrival (mention_id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE ruled (
  mention_id INTEGER NOT NULL, rule TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (mention_id, rule)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_rule ON journal (rule, id) WHERE rule <> '';
CREATE TABLE step (
  subject TEXT NOT NULL, subject_id INTEGER NOT NULL, playbook TEXT NOT NULL, step TEXT NOT NULL, operator TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (subject, subject_id, playbook, step)
) STRICT, WITHOUT ROWID;
ALTER TABLE author ADD COLUMN segments INTEGER;
CREATE INDEX author_handle ON author (handle COLLATE NOCASE);
CREATE TABLE identity (author_id INTEGER PRIMARY KEY REFERENCES author(id), person INTEGER NOT NULL) STRICT;
CREATE INDEX identity_person ON identity (person)
"""


def m_triage(db: Database) -> None:
    """Mentions that nobody has looked at yet, what rules did, steps of playbooks, who is one person, and customers' segments."""
    _run(db, TRIAGE)


LEAN = """
DROP INDEX mention_newest;
CREATE INDEX mention_newest ON mention (created_at, id, leader_id);
DROP INDEX mention_topic_newest;
CREATE INDEX mention_topic_newest ON mention (topic_id, created_at, id, leader_id);
DROP INDEX mention_waiting;
CREATE INDEX mention_worked ON mention (state, created_at, id, leader_id) WHERE state <> 0;
CREATE INDEX mention_urgent ON mention (urgency, created_at, id) WHERE urgency <> 0;
CREATE INDEX mention_contested ON mention (created_at, id) WHERE topics IS NOT NULL;
CREATE INDEX inbox_contested ON mention (urgency, created_at, id) WHERE state = 0 AND leader_id IS NULL AND topics IS NOT NULL;
CREATE INDEX inbox_contested_newest ON mention (created_at, id) WHERE state = 0 AND leader_id IS NULL AND topics IS NOT NULL;
CREATE INDEX inbox_topic_newest ON mention (topic_id, created_at, id) WHERE state = 0 AND leader_id IS NULL;
CREATE INDEX mention_duplicate ON mention (created_at, id) WHERE leader_id IS NOT NULL;
CREATE INDEX inbox_due ON mention (coalesce(due_at, snoozed_until, 9007199254740991), id) WHERE state = 0 AND leader_id IS NULL;
CREATE INDEX author_name ON author (name COLLATE NOCASE) WHERE name <> '';
CREATE INDEX author_reach ON author (followers) WHERE followers IS NOT NULL;
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (text, content = '', tokenize = "unicode61 remove_diacritics 2", prefix = '3');
INSERT INTO search (search, rank) VALUES ('automerge', 8);
INSERT INTO search (rowid, text) SELECT id, indexable(title || ' ' || text) FROM mention
"""

STATISTICS = {
    "mention_newest": "1000000 1 1 1",
    "mention_topic_newest": "1000000 200000 1 1 1",
    "mention_author": "1000000 12 1",
    "mention_worked": "950000 300000 1 1 1",
    "mention_urgent": "5000 1250 1 1",
    "mention_contested": "14000 1 1",
    "mention_duplicate": "30000 1 1",
    "mention_leader": "30000 20",
    "mention_assigned": "50000 12500 1",
    "mention_due": "5000 1",
    "mention_snoozed": "1000 1",
    "mention_thread": "200000 4",
    "mention_parent": "200000 3",
    "inbox_urgent": "50000 10000 1 1",
    "inbox_newest": "50000 1 1",
    "inbox_topic_urgent": "50000 10000 2500 1 1",
    "inbox_topic_newest": "50000 10000 1 1",
    "inbox_label": "50000 12500 2500 1 1",
    "inbox_assignee": "2500 620 125 1 1",
    "inbox_contested": "650 130 1 1",
    "inbox_contested_newest": "650 1 1",
    "inbox_due": "50000 50000 1",
    "sqlite_autoindex_mention_1": "1000000 200000 1",
}
"""What SQLite's planner shall believe of a new database: it chooses for an archive of a million, of which 50 000 are open, from the first day on.
`PRAGMA optimize`, which runs when a store is closed, replaces it as the archive grows."""


def m_lean(db: Database) -> None:
    """An index for every list that had to look for its rows: worked, urgent, contested, folded, due, by author. `leader_id` stands in the long ones so that a jump
    counts rows without reading them. The full-text index keeps prefixes of three characters only: those of two took a third of its bytes and a quarter of its time."""
    _run(db, LEAN)
    db.execute("ANALYZE")  # of an archive that exists; what follows is for those that are still empty
    if not db.execute("SELECT 1 FROM mention LIMIT 1").fetchone():
        db.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'mention'")
        db.conn.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('mention', ?, ?)", STATISTICS.items())


def m_segments(db: Database) -> None:
    """The authors whose segments have to be worked out, found at once."""
    _run(db, "CREATE INDEX author_unsettled ON author (id) WHERE segments IS NULL")


KINDS = """
CREATE TABLE kind_volume (
  topic_id INTEGER NOT NULL, hour INTEGER NOT NULL, source_id INTEGER NOT NULL, kind TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (topic_id, hour, source_id, kind)
) STRICT, WITHOUT ROWID;
CREATE VIEW mentions_view AS
  SELECT m.id, t.name AS topic, s.name AS source, a.handle AS author, a.followers, m.text, strftime('%Y-%m-%dT%H:%M:%SZ', m.created_at / 1000, 'unixepoch') AS created_at,
    m.lang, CASE m.label WHEN 0 THEN 'unscored' WHEN 1 THEN 'negative' WHEN 2 THEN 'neutral' ELSE 'positive' END AS sentiment, m.compound, m.machine IS NOT NULL AS overridden,
    m.kinds, m.tags, CASE m.state WHEN 0 THEN 'open' WHEN 1 THEN 'pending' WHEN 2 THEN 'snoozed' ELSE 'resolved' END AS state,
    CASE WHEN m.urgency = 0 THEN NULL ELSE 'SEV' || (5 - m.urgency) END AS severity, nullif(m.assignee, '') AS assignee, m.likes, m.reposts, m.replies, m.duplicates, m.leader_id, m.url
  FROM mention m JOIN topic t ON t.id = m.topic_id JOIN source s ON s.id = m.source_id JOIN author a ON a.id = m.author_id;
CREATE VIEW cases_view AS
  SELECT f.mention_id AS id, t.name AS topic, s.name AS source, strftime('%Y-%m-%dT%H:%M:%SZ', f.created_at / 1000, 'unixepoch') AS created_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', f.received_at / 1000, 'unixepoch') AS opened_at, strftime('%Y-%m-%dT%H:%M:%SZ', f.replied_at / 1000, 'unixepoch') AS first_reply_at, f.replied_by,
    (f.replied_at - f.created_at) / 1000 AS first_reply_seconds, strftime('%Y-%m-%dT%H:%M:%SZ', f.resolved_at / 1000, 'unixepoch') AS resolved_at, f.resolved_by,
    (f.resolved_at - f.received_at) / 1000 AS resolution_seconds, f.reopened, f.follow_at IS NOT NULL AS customer_wrote_again, nullif(m.assignee, '') AS assignee, m.tags, m.url
  FROM fact f JOIN mention m ON m.id = f.mention_id JOIN topic t ON t.id = f.topic_id JOIN source s ON s.id = f.source_id WHERE f.folded = 0 AND f.own = 0;
CREATE VIEW incidents_view AS
  SELECT i.id, t.name AS topic, i.family, CASE WHEN i.urgency = 0 THEN NULL ELSE 'SEV' || (5 - i.urgency) END AS severity, i.state, nullif(i.owner, '') AS owner,
    strftime('%Y-%m-%dT%H:%M:%SZ', i.opened_at / 1000, 'unixepoch') AS opened_at, strftime('%Y-%m-%dT%H:%M:%SZ', i.acknowledged_at / 1000, 'unixepoch') AS acknowledged_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', i.resolved_at / 1000, 'unixepoch') AS resolved_at, i.why, i.points, i.evidence AS mentions, i.cause, i.real
  FROM incident i LEFT JOIN topic t ON t.id = i.topic_id WHERE i.merged_into IS NULL;
DROP INDEX mention_topic_newest;
CREATE INDEX mention_topic_newest ON mention (topic_id, created_at, id, leader_id, author_id, source_id, own)
"""


def m_kinds(db: Database) -> None:
    """Kinds of message by the hour, counted for what is there already; views for people who read the database with other programs."""
    from collections import Counter

    from listener.store.rows import HOUR_MS
    from listener.store.tally import kinds_of

    _run(db, KINDS)
    columns = "m.created_at, m.source_id, m.kinds FROM mention m"
    counts: Counter[tuple[int, int, int, str]] = Counter()
    for statement in (
        f"SELECT m.topic_id, {columns} WHERE m.own = 0 AND m.kinds <> ''",
        f"SELECT x.topic_id, {columns} JOIN mention_topic x ON x.mention_id = m.id WHERE m.own = 0 AND m.kinds <> ''",
    ):
        for topic, at, source, kinds in db.conn.execute(statement):
            counts.update((topic, at // HOUR_MS, source, kind) for kind in kinds_of(kinds))
    db.conn.executemany("INSERT INTO kind_volume (topic_id, hour, source_id, kind, n) VALUES (?, ?, ?, ?, ?)", [(*key, n) for key, n in counts.items()])


MIGRATIONS: list[Callable[[Database], None]] = [m001_start, m002_replies, m_rescored, m_incidents, m_freshness, m_facts, m_triage, m_lean, m_segments, m_kinds]


def _run(db: Database, statements: str) -> None:
    """Run statements one by one: executescript would commit the migration's transaction."""
    for statement in statements.split(";"):
        if statement.strip():
            db.conn.execute(statement)


def migrate(connection: sqlite3.Connection, application_id: int) -> None:
    """Bring a database up to date. sqlite-utils is loaded only when there is something to do.

    Raises:  StoreError: the file belongs to another program, or to a newer Listener.
    """
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if owner != application_id and tables:
        raise StoreError("This is a SQLite database, but not one of Listener's.", hint="Name another file with --db.")
    known = [function.__name__ for function in MIGRATIONS]
    applied: list[str] = []
    if "_sqlite_migrations" in tables:
        applied = [name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))]
    strange = set(applied) - set(known)
    if strange:
        raise StoreError(f"This database was written by a newer Listener (it knows {', '.join(sorted(strange))}).", hint="Upgrade Listener.")
    if len(applied) == len(known):
        return
    from sqlite_utils import Database, Migrations

    connection.execute(f"PRAGMA application_id = {application_id}")
    migrations = Migrations(SET)
    for function in MIGRATIONS:
        migrations(name=function.__name__)(function)
    migrations.apply(Database(connection, execute_plugins=False))
