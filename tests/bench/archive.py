"""A seeded generator of believable archives: several languages, topics, networks and operators, a heavy tail of authors, nights and weekends.

Usage:   python tests/bench/archive.py OUT.db [--n 1000000] [--seed 1] [--open 50000] [--days 90]

Rows go through the store's own intake, so counters, roll-ups and indexes are what they are in production; the work on them (states,
tags, assignees, severities) goes through the store's own cases for a sample, and through one pass of SQL followed by a recount for the rest.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from listener.domain.author import Author
from listener.domain.case import State
from listener.domain.mention import Engagement, Filing, Mention
from listener.domain.sentiment import UNSCORED, Sentiment
from listener.domain.topic import Topic
from listener.store.connection import Connection, Store
from listener.store.intake import Intake
from listener.store.names import Names, Topics
from listener.store.rows import STATE_CODES

END = 1_774_000_000_000
DAY = 86_400_000
TOPICS = (Topic("Aurora Air"), Topic("Borealis", "competitor"), Topic("Zephyr", "competitor"))
SOURCES = ("mastodon", "bluesky", "reddit", "hackernews", "news")
TAGS = ("late-flight", "lost-bag", "refund", "praise", "sales-lead", "vip", "booking", "crew", "wifi", "food")
WORDS = {
    "en": ["flight", "delayed", "refund", "crew", "lovely", "seat", "gate", "cancelled", "luggage", "thanks", "support", "waiting", "hours", "boarding", "terrible", "great", "service", "never", "again", "booking", "website", "airport", "captain", "smooth", "landing", "lost", "found", "missing", "answer", "phone", "queue", "plane"],
    "de": ["Flug", "verspätet", "Gepäck", "Personal", "freundlich", "Erstattung", "warten", "Stunden", "nie", "wieder", "danke", "toller", "Service", "Hotline", "Schlange", "Sitz", "kaputt", "pünktlich", "gelandet", "Koffer", "verloren"],
    "es": ["vuelo", "retrasado", "equipaje", "reembolso", "gracias", "tripulación", "amable", "esperando", "horas", "nunca", "más", "servicio", "pésimo", "excelente", "puerta", "embarque", "cancelado", "maleta", "perdida"],
    "el": ["πτήση", "καθυστέρηση", "αποσκευές", "επιστροφή", "χρημάτων", "ευχαριστώ", "πλήρωμα", "ευγενικό", "περιμένω", "ώρες", "ποτέ", "ξανά", "εξυπηρέτηση", "πύλη", "ακυρώθηκε", "βαλίτσα"],
    "ro": ["zbor", "întârziat", "bagaj", "rambursare", "mulțumesc", "echipaj", "amabil", "aștept", "ore", "niciodată", "servicii", "poartă", "îmbarcare", "anulat", "valiză", "pierdută"],
    "tl": ["flight", "naantala", "bagahe", "refund", "salamat", "mabait", "crew", "naghihintay", "oras", "hindi", "na", "uulit", "serbisyo", "gate", "kinansela", "maleta", "nawala"],
    "zh": ["航班", "延误", "退款", "行李", "谢谢", "空姐", "态度", "很好", "等待", "取消", "登机口", "服务", "太差", "再也不", "丢失"],
}  # fmt: skip
LANGS = ("en",) * 12 + ("de", "de", "es", "es", "el", "ro", "tl", "zh")
SPREAD = (0.3, 0.2, 0.15, 0.1, 0.1, 0.15, 0.3, 0.7, 1.0, 1.2, 1.2, 1.1, 1.1, 1.1, 1.0, 1.0, 1.1, 1.2, 1.3, 1.3, 1.2, 1.0, 0.7, 0.4)
"""Volume by hour of day."""


def filings(n: int, seed: int = 1, days: int = 90) -> Iterator[Filing]:
    """`n` mentions, oldest first."""
    rng = random.Random(seed)
    step = days * DAY / n
    authors = max(50, n // 12)
    leader = dict.fromkeys(SOURCES, "")
    for number in range(n):
        at = END - days * DAY + int(step * (number + rng.random()))
        if rng.random() > SPREAD[at // 3_600_000 % 24] / 1.3:
            at += int(rng.random() * 6 * 3_600_000)
            at = min(at, END)
        lang = rng.choice(LANGS)
        words = rng.choices(WORDS[lang], k=rng.randint(4, 24))
        topics = rng.choices(TOPICS, weights=(5, 3, 2))
        if rng.random() < 0.02:
            topics = list(dict.fromkeys([*topics, rng.choice(TOPICS)]))
        name = topics[0].name
        text = f"{('' if lang == 'zh' else ' ').join(words)} {'@' if rng.random() < 0.4 else '#'}{name.replace(' ', '').lower()}"
        who = int(authors * rng.random() ** 3)
        source = SOURCES[min(int(5 * rng.random() ** 1.5), 4)]
        label = rng.random()
        verdict = UNSCORED if label < 0.1 else Sentiment(*(("negative", -0.55) if label < 0.45 else ("neutral", 0.0) if label < 0.7 else ("positive", 0.6)), 0.7, "vader-3.3.2+care-1" if lang == "en" else "tiny-1", "A")
        kinds = (("complaint", 0.8),) if verdict.label == "negative" and rng.random() < 0.7 else (("question", 0.6),) if rng.random() < 0.1 else ()
        folded = leader[source] if rng.random() < 0.03 else ""
        native = f"{seed}-{number}"
        if not folded:
            leader[source] = native
        author = Author(f"u{who}", f"user{who}@{source}.example", f"User {who}", followers=int(10 / (1e-4 + rng.random() ** 4)) if who < authors // 2 else None)
        mention = Mention(source, native, text, at, author, f"https://{source}.example/p/{native}", lang=lang, engagement=Engagement(rng.randint(0, 20), rng.randint(0, 5), rng.randint(0, 3)))
        yield Filing(mention, tuple(t.name for t in topics), lang, 0.95, verdict, kinds, folded)


def make(path: Path, n: int, *, seed: int = 1, open_: int = 50_000, days: int = 90, batch: int = 20_000, say=lambda text: None) -> Store:
    """Build an archive. The store, open."""
    store = Store(path, clock=lambda: END)
    Topics(store).put(list(TOPICS))
    intake = Intake(store)
    rows, done, began = filings(n, seed, days), 0, time.perf_counter()
    while chunk := list(islice(rows, batch)):
        store.write(lambda connection, chunk=chunk: intake.add(connection, chunk), durable=False)
        done += len(chunk)
        say(f"\r{done} mentions, {done / (time.perf_counter() - began):.0f}/s ")
    store.write(lambda connection: _work(connection, store, n, seed, open_), durable=False)
    store.write(lambda connection: connection.execute("ANALYZE") and None, durable=False)
    return store


def _work(connection: Connection, store: Store, n: int, seed: int, open_: int) -> None:
    """What operators did: the oldest are resolved, some are tagged, urgent, assigned, snoozed. Counters are made anew from the rows."""
    rng = random.Random(seed + 1)
    keep = min(open_, n)
    border = connection.execute("SELECT created_at FROM mention ORDER BY created_at DESC LIMIT 1 OFFSET ?", (keep - 1,)).fetchone()[0]
    connection.execute("UPDATE mention SET state = ? WHERE created_at < ?", (STATE_CODES[State.RESOLVED], border))
    top = connection.execute("SELECT max(id) FROM mention").fetchone()[0]
    tags = Names(store, "tag")
    ids = {name: tags.take(connection, name) for name in TAGS}
    chosen = rng.sample(range(1, top + 1), k=min(top, n // 10))
    picked = [(rng.choice(TAGS), id_) for id_ in chosen]
    connection.executemany("UPDATE mention SET tags = ? WHERE id = ?", picked)
    connection.executemany("INSERT INTO mention_tag (tag_id, created_at, mention_id) SELECT ?, created_at, id FROM mention WHERE id = ?", [(ids[tag], id_) for tag, id_ in picked])
    urgent = [(rng.choices((1, 2, 3, 4), weights=(10, 5, 2, 1))[0], id_) for id_ in rng.sample(range(max(1, top - keep), top + 1), k=min(keep, top) // 10)]
    connection.executemany("UPDATE mention SET urgency = ? WHERE id = ?", urgent)
    connection.executemany("UPDATE mention SET assignee = ? WHERE id = ?", [(rng.choice(("nora", "sam", "sales", "support")), id_) for id_ in rng.sample(range(1, top + 1), k=top // 20)])
    connection.execute("INSERT INTO inbox_tag (tag_id, urgency, created_at, mention_id) SELECT g.tag_id, m.urgency, m.created_at, m.id FROM mention_tag g JOIN mention m ON m.id = g.mention_id WHERE m.state = 0 AND m.leader_id IS NULL")
    connection.execute("DELETE FROM counter")
    connection.execute("INSERT INTO counter (topic_id, urgency, state, n) SELECT topic_id, urgency, state, count(*) FROM mention WHERE leader_id IS NULL GROUP BY 1, 2, 3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--open", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=90)
    given = parser.parse_args()
    store = make(given.out, given.n, seed=given.seed, open_=given.open, days=given.days, say=lambda text: print(text, end="", file=sys.stderr, flush=True))
    store.compact()
    store.close()
    print(f"\n{given.out}: {given.n} mentions, {given.out.stat().st_size / given.n:.0f} bytes each", file=sys.stderr)


if __name__ == "__main__":
    main()
