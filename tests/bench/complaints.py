#!/usr/bin/env python3
"""Alarms on the share of complaints and of crisis words, against the alarms that human labels give.

Usage:   python tests/bench/complaints.py AIRLINES.csv

AIRLINES.csv is the "Twitter US Airline Sentiment" stream (airline, airline_sentiment, text, tweet_created). For each airline the shipped
share watch runs over three streams of hits: the human label `negative` (the truth), the shipped complaint classifier, the shipped crisis
words of the operational family. An alarm is a share with p < 1e-4, told once in six hours; it is right when a true one lies within six
hours of it, each true one counting once. Sentiment alone (the shipped scorer's `negative`) is shown for comparison.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from listener.analysis.shares import CHANCE, ShareWatch
from listener.analysis.understand import Reader, Understanding
from listener.analysis.vocabulary import Vocabularies
from listener.domain.volume import STEP, bucket_of

APART = 6 * 3_600_000
Row = dict[str, str]


def alarms(rows: list[tuple[int, bool]]) -> list[int]:
    """Starts of the buckets, UTC ms, at which the share of hits is raised; `rows` are (written at, hit)."""
    counted: dict[int, list[int]] = {}
    for at, hit in rows:
        bucket = counted.setdefault(bucket_of(at), [0, 0])
        bucket[0] += hit
        bucket[1] += 1
    watch, told = ShareWatch(), []
    for start in range(min(counted), max(counted) + STEP, STEP):
        share = watch.push(start, *counted.get(start, (0, 0)))
        if share.p < CHANCE and (not told or start - told[-1] >= APART):
            told.append(start)
    return told


def matched(truth: list[int], told: list[int]) -> tuple[int, int]:
    """How many of the truth were found, and how many alarms were extra."""
    left = list(told)
    found = 0
    for at in truth:
        near = min((each for each in left if abs(each - at) <= APART), key=lambda each: abs(each - at), default=None)
        if near is not None:
            left.remove(near)
            found += 1
    return found, len(left)


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(__doc__)
    with Path(sys.argv[1]).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    read = dict(zip((row["tweet_id"] for row in rows), Reader().understand([(row["text"], "en") for row in rows]), strict=True))
    words = Vocabularies()

    def understood(row: Row) -> Understanding:
        return read[row["tweet_id"]]

    hits: dict[str, Callable[[Row], bool]] = {
        "human": lambda row: row["airline_sentiment"] == "negative",
        "complaints": lambda row: dict(understood(row).kinds).get("complaint", 0.0) >= 0.5,
        "crisis words": lambda row: "operational" in words.words(row["text"], "en"),
        "sentiment": lambda row: understood(row).sentiment.label == "negative",
    }
    streams: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: datetime.fromisoformat(row["tweet_created"])):
        streams.setdefault(row["airline"], []).append(row)
    totals = {name: [0, 0, 0] for name in hits if name != "human"}
    for airline, stream in sorted(streams.items()):
        told = {
            name: alarms([(int(datetime.fromisoformat(row["tweet_created"]).timestamp() * 1000), hit(row)) for row in stream])
            for name, hit in hits.items()
        }
        for name, total in totals.items():
            found, extra = matched(told["human"], told[name])
            for index, value in enumerate((found, len(told["human"]), extra)):
                total[index] += value
        for name, starts in told.items():
            print(f"{airline:15s} {name:13s} " + ", ".join(f"{datetime.fromtimestamp(at / 1000, UTC):%d %b %H:%M}" for at in starts))
    for name, (found, true, extra) in totals.items():
        print(f"{name:13s} {found}/{true} alarms, {extra} extra")
    return 0


if __name__ == "__main__":
    sys.exit(main())
