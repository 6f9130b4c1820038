"""From a network's JSON to searchable, scored rows: our road beside a typical one, in one run.

    python -m tests.bench.ingest [--n 4000] [--keywords 1000]

Both take the same pages of Mastodon statuses, made from a seed. The typical road is json, html.parser, one alternation of all keywords,
vaderSentiment, py3langid and sqlite-utils with full-text triggers. Prints JSON: mentions per second of CPU, and ratios.
"""

from __future__ import annotations

import argparse
import html.parser
import json
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from listener.analysis.understand import Reader
from listener.domain.topic import Topic
from listener.engine.ingest import Ingest
from listener.source import Channel
from listener.store.connection import Store
from sources.decode import decode
from sources.mastodon import parse_any
from tests.bench import archive
from tests.bench.matcher import words

PAGE = 40
HOST = "https://social.example"


def pages(n: int, keywords: list[str], seed: int = 5) -> list[bytes]:
    """Answers of a Mastodon server; every fifth status names one of the keywords."""
    statuses = []
    for number, filing in enumerate(archive.filings(n, seed)):
        mention = filing.mention
        text = f"{mention.text} {keywords[number % len(keywords)]}" if number % 5 == 0 else mention.text
        statuses.append({
            "id": f"{110_000_000_000 + number}", "created_at": datetime.fromtimestamp(mention.created_at / 1_000, UTC).isoformat().replace("+00:00", "Z"),
            "content": f'<p>{text} <a href="{HOST}/t">#<span>delay</span></a> &amp; more<br>☂</p>', "spoiler_text": "",
            "account": {"id": mention.author.native_id, "acct": mention.author.handle, "display_name": mention.author.name, "url": f"{HOST}/@u", "followers_count": mention.author.followers or 0},
            "url": f"{HOST}/@u/{number}", "uri": f"{HOST}/users/u/statuses/{number}", "visibility": "public", "language": None, "in_reply_to_id": None, "edited_at": None,
            "favourites_count": 3, "reblogs_count": 1, "replies_count": 0, "media_attachments": [], "reblog": None, "poll": None,
        })  # fmt: skip
    return [json.dumps(statuses[start : start + PAGE], ensure_ascii=False).encode() for start in range(0, n, PAGE)]


def ours(answers: list[bytes], keywords: list[str], reader: Reader) -> tuple[float, dict[str, float]]:
    """(CPU seconds, of which for each stage)."""
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as folder, Store(Path(folder) / "o.db") as store:
        ingest = Ingest(store, [Topic("Aurora Air", queries=tuple(keywords))], reader)
        channel = Channel("public", "public", "", "Aurora Air", trusted=True)
        stages, began = {"parse": 0.0, "read": 0.0, "store": 0.0}, time.process_time()
        for batch in _batches(answers, 6):
            at = time.process_time()
            mentions = [mention for answer in batch for mention in parse_any(decode(answer), "mastodon", "social.example")[0]]
            parsed = time.process_time()
            filings = ingest.file(mentions, channel)
            read = time.process_time()
            ingest.store_page(filings)
            for name, took in (("parse", parsed - at), ("read", read - parsed), ("store", time.process_time() - read)):
                stages[name] += took
        return time.process_time() - began, stages


def _batches(answers: list[bytes], size: int) -> Iterator[list[bytes]]:
    for start in range(0, len(answers), size):
        yield answers[start : start + size]


class _Stripper(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def typical(answers: list[bytes], keywords: list[str]) -> float:
    """CPU seconds of the road that one would take first."""
    import py3langid
    from sqlite_utils import Database
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vader, alternation = SentimentIntensityAnalyzer(), re.compile("|".join(rf"\b{re.escape(word)}\b" for word in keywords), re.IGNORECASE)
    py3langid.classify("warm up")
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as folder:
        database = Database(Path(folder) / "t.db")
        table = database["mention"]
        began = time.process_time()
        for answer in answers:
            rows = []
            for status in json.loads(answer):
                stripper = _Stripper()
                stripper.feed(status["content"])
                text = "".join(stripper.text)
                rows.append({
                    "id": status["id"], "created_at": status["created_at"], "author": status["account"]["acct"], "text": text, "url": status["url"],
                    "lang": py3langid.classify(text)[0], "compound": vader.polarity_scores(text)["compound"], "matched": ",".join(alternation.findall(text)),
                })  # fmt: skip
            table.insert_all(rows, pk="id", ignore=True)
            if "mention_fts" not in database.table_names():
                table.enable_fts(["text"], create_triggers=True)
        took = time.process_time() - began
        database.close()
    return took


def measure(n: int, keywords: int, rounds: int = 3) -> dict[str, object]:
    few, many = words(keywords, 1), words(keywords * 10, 1)
    answers, reader = pages(n, few), Reader()
    reader.warm()
    taken = [(ours(answers, few, reader), typical(answers, few), ours(answers, many, reader)) for _ in range(rounds)]
    mine, theirs, wide = (statistics.median(column) for column in zip(*((a[0], b, c[0]) for a, b, c in taken), strict=True))
    stages = {name: round(statistics.median(a[1][name] for a, _, _ in taken) / n * 1e6, 1) for name in taken[0][0][1]}
    return {
        "mentions": n, "keywords": keywords, "per_cpu_s": round(n / mine), "typical_per_cpu_s": round(n / theirs), "ratio": round(theirs / mine, 2),
        "ten_times_the_keywords": round(wide / mine, 2), "us_per_mention": stages,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=4_000)
    parser.add_argument("--keywords", type=int, default=1_000)
    given = parser.parse_args()
    print(json.dumps(measure(given.n, given.keywords), indent=1))


if __name__ == "__main__":
    main()
