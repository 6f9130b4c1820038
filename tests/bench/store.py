"""What the store costs: every list, count, search and chart; an operator's action beside a flood; rows in and bytes kept.

    python -m tests.bench.store [--n 100000] [--small 0] [--part queries|actions|insert]

Prints JSON. Queries are CPU milliseconds of the reading thread, so that a busy machine does not blur them; actions are wall clock, since
waiting is what they are about, and are given with and without the flood in one run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from listener.domain.query import parse
from listener.engine.triage import Triage
from listener.store.connection import Store
from listener.store.filters import Filter, Order
from listener.store.intake import BATCH, Intake
from listener.store.mentions import Mentions
from tests.bench import archive

LISTS: tuple[tuple[str, Order], ...] = (
    ("", "newest"), ("", "oldest"), ("state:open", "urgency"), ("state:open", "newest"), ("state:resolved", "newest"), ("state:snoozed", "newest"),
    ('topic:"Aurora Air" state:open', "urgency"), ('topic:"Aurora Air" state:open', "newest"), ("topic:Zephyr", "newest"), ("topic:Zephyr state:open", "urgency"),
    ("tag:refund state:open", "urgency"), ("tag:refund", "newest"), ("tag:refund tag:vip", "newest"), ('topic:"Aurora Air" tag:refund state:open', "urgency"),
    ("tag:none state:open", "urgency"), ("sentiment:negative state:open", "urgency"), ("sentiment:negative", "newest"), ("sentiment:<-0.3 state:open", "newest"),
    ("severity:sev1", "newest"), ("severity:sev1 state:open", "urgency"), ("severity:<=2 state:open", "urgency"), ("severity:none state:open", "newest"),
    ("assignee:nora", "newest"), ("assignee:nora state:open", "urgency"), ("assignee:none state:open", "urgency"), ("lang:el", "newest"), ("lang:zh state:open", "urgency"),
    ("source:news", "newest"), ("source:reddit state:open", "urgency"), ("author:user3", "newest"), ("author:user3 state:open", "urgency"), ("followers:>100k state:open", "newest"),
    ("followers:>100k", "newest"), ("kind:complaint state:open", "urgency"), ("is:question", "newest"), ("is:contested", "newest"), ("is:contested state:open", "urgency"),
    ("is:duplicate", "newest"), ("is:unassigned state:open", "urgency"), ("NOT tag:none state:open", "urgency"), ("has:note", "newest"), ("since:24h", "newest"), ("since:7d state:open", "urgency"),
    ("until:60d", "newest"), ("refund", "newest"), ("refund state:open", "urgency"), ("koffer", "newest"), ('"lost luggage"', "newest"), ("luggage OR koffer OR maleta", "newest"),
    ("refund NOT crew", "newest"), ("refund NEAR/3 phone", "newest"), ("ver*", "newest"), ("refund topic:Zephyr", "newest"), ("refund author:user3", "newest"), ("zeppelin", "newest"),
    ("state:open", "due"), ("severity:sev1", "reach"), ("tag:refund state:open", "engagement"), ("severity:<=2 state:open", "sentiment"),
)  # fmt: skip
"""What people ask for, in the orders that the list offers."""


def timed(work: Callable[[], Any]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1_000


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


# -- goal 4


def questions(store: Store) -> Iterator[tuple[str, Callable[[], Any]]]:
    """(name, the question) for every page, count, jump and chart."""
    mentions = Mentions(store)
    for text, order in LISTS:
        filter_ = Filter(parse(text), order, "nora")
        first = mentions.page(filter_)
        name = f"{text or 'everything'} · {order}"
        yield f"open {name}", lambda f=filter_: mentions.page(f)
        if len(first.keys) > 100:
            yield f"next {name}", lambda f=filter_, key=first.keys[100]: mentions.page(f, after=key)
        yield f"end {name}", lambda f=filter_: mentions.page(f, backwards=True)
        yield f"count {name}", lambda f=filter_: mentions.count(f)
    someone = mentions.page(Filter(parse("state:open"))).entries[0]
    yield "author's mentions", lambda: mentions.by_author(someone.author_id)
    yield "thread", lambda: mentions.thread(someone)
    yield "tags with counts", mentions.tags
    read = store.read()
    topic = read.execute("SELECT id FROM topic ORDER BY id LIMIT 1").fetchone()[0]
    end = archive.END // 300_000
    yield "chart of a day", lambda: read.execute("SELECT bucket, n, negative FROM volume WHERE topic_id = ? AND bucket > ?", (topic, end - 288)).fetchall()
    yield "chart of 30 days", lambda: read.execute("SELECT hour, sum(n), sum(negative) FROM rollup WHERE topic_id = ? AND hour > ? GROUP BY hour", (topic, end // 12 - 720)).fetchall()


def queries(store: Store, rounds: int) -> dict[str, dict[str, float]]:
    """Name → CPU ms: median and p95 of the rounds, after one that warms the caches."""
    found = {}
    for name, ask in questions(store):
        ask()
        times = [timed(ask) for _ in range(rounds)]
        found[name] = {"median": round(statistics.median(times), 2), "p95": round(percentile(times, 0.95), 2)}
    return found


# -- goal 3


def _flood(path: str, rate: int, stop: Any, told: Any) -> None:
    """Another process that stores `rate` mentions a second, as fast as it is allowed to at most."""
    store, began, sent = Store(path), time.monotonic(), 0
    intake = Intake(store)
    rows = archive.filings(5_000_000, seed=77)
    while not stop.is_set():
        page = list(islice(rows, BATCH))
        store.write(lambda connection, page=page: intake.add(connection, page), durable=False)
        sent += BATCH
        told.value = sent / (time.monotonic() - began)
        time.sleep(max(0.0, began + sent / rate - time.monotonic()))
    store.close()


@contextmanager
def flood(path: Path, rate: int) -> Iterator[Any]:
    stop, told = multiprocessing.Event(), multiprocessing.Value("d", 0.0)
    process = multiprocessing.Process(target=_flood, args=(str(path), rate, stop, told))
    process.start()
    try:
        yield told
    finally:
        stop.set()
        process.join(30)


def actions(path: Path, rate: int = 6_000, rounds: int = 150) -> dict[str, float]:
    """Wall ms of single durable actions, without and with a flood of mentions from another process."""

    def act(n: int) -> list[float]:
        with Store(path) as store:
            triage, times = Triage(store, "nora"), []
            top = Mentions(store).newest_id()
            for number in range(n):
                began = time.perf_counter()
                triage.tag([top - number * 7], f"bench-{number % 3}-{time.time_ns() % 1_000}")
                times.append((time.perf_counter() - began) * 1_000)
                time.sleep(0.01)
        return times

    act(5)
    calm = act(rounds)
    with flood(path, rate) as told:
        time.sleep(1)
        busy = act(rounds)
        reached = told.value
    return {
        "calm_median_ms": round(statistics.median(calm), 2), "calm_p95_ms": round(percentile(calm, 0.95), 2), "calm_p99_ms": round(percentile(calm, 0.99), 2),
        "busy_median_ms": round(statistics.median(busy), 2), "busy_p95_ms": round(percentile(busy, 0.95), 2), "busy_p99_ms": round(percentile(busy, 0.99), 2),
        "p99_ratio": round(percentile(busy, 0.99) / percentile(calm, 0.99), 2), "mentions_per_s": round(reached),
    }  # fmt: skip


# -- goals 7 and 8


def insert(folder: Path, n: int) -> dict[str, float]:
    """Rows per CPU second of the full schema beside a bare `executemany` of the same columns, and the bytes that a mention takes."""
    filings = list(archive.filings(n, seed=3))
    bare = [(number, f.mention.source, f.mention.native_id, f.mention.created_at, f.mention.author.native_id, f.mention.text, f.lang, f.sentiment.compound) for number, f in enumerate(filings)]

    def plainly() -> float:
        connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE mention (id INTEGER PRIMARY KEY, source TEXT, native_id TEXT, created_at INTEGER, author TEXT, text TEXT, lang TEXT, compound REAL)")
        began = time.process_time()
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO mention VALUES (?, ?, ?, ?, ?, ?, ?, ?)", bare)
        connection.execute("COMMIT")
        took = time.process_time() - began
        connection.close()
        (folder / "bare.db").unlink()
        return took

    def fully() -> tuple[float, int]:
        path = folder / "full.db"
        with Store(path, clock=lambda: archive.END) as store:
            intake = Intake(store)
            began = time.process_time()
            for start in range(0, n, 20_000):
                store.write(lambda connection, part=filings[start : start + 20_000]: intake.add(connection, part), durable=False)
            took = time.process_time() - began
            store.compact()
            size = path.stat().st_size
        for file in folder.glob("full.db*"):
            file.unlink()
        return took, size

    pairs = [(plainly(), fully()) for _ in range(3)]
    bare_rate, full_rate = n / statistics.median(a for a, _ in pairs), n / statistics.median(b[0] for _, b in pairs)
    return {
        "bare_rows_per_cpu_s": round(bare_rate), "full_rows_per_cpu_s": round(full_rate), "ratio": round(full_rate / bare_rate, 3),
        "bytes_per_mention": round(pairs[0][1][1] / n),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--db", type=Path, help="an archive that `archive.py` made, instead of a new one")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--part", choices=["queries", "actions", "insert"], action="append")
    parser.add_argument("--slow", type=float, help="print only questions whose p95 is beyond so many ms")
    given = parser.parse_args()
    parts = given.part or ["queries", "actions", "insert"]
    result: dict[str, Any] = {"n": given.n}
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as name:
        path = given.db or Path(name) / "archive.db"
        if not given.db and set(parts) & {"queries", "actions"}:
            archive.make(path, given.n).close()
        if "queries" in parts:
            with Store(path, clock=lambda: archive.END) as store:
                result["n"] = Mentions(store).newest_id()
                found = queries(store, given.rounds)
            result["questions"] = len(found)
            result["worst_p95_ms"] = max(one["p95"] for one in found.values())
            result["median_ms"] = round(statistics.median(one["median"] for one in found.values()), 2)
            result["beyond_10_ms"] = sum(one["p95"] > 10 for one in found.values())
            result["queries"] = {name: one for name, one in found.items() if given.slow is None or one["p95"] > given.slow}
        if "actions" in parts:
            result["actions"] = actions(path)
        if "insert" in parts:
            result["insert"] = insert(Path(name), min(given.n, 100_000))
    result["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
