"""What it costs to match a mention against many keywords, beside a regular expression of the same keywords.

    python -m tests.bench.matcher [--csv FILE --column text]

One query for each keyword, as topics of many brands would have it; made-up texts in several scripts unless a file is given. The larger
list only adds names that the made-up texts do not hold, so that the ratio is that of the lists and not of what was found.
Prints JSON: µs of CPU per mention, medians of rounds that take turns, and the ratios in this run.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from listener.domain.author import Author
from listener.domain.mention import Mention
from listener.domain.query import Matcher, Query, Term

SYLLABLES = ["ka", "lo", "mi", "ra", "te", "nu", "vo", "xi", "po", "sha", "bre", "tor", "lin", "gar", "en", "is", "the", "on", "at", "re"]
STRANGE = ["gwe", "dra", "quo", "zhi", "fu", "bli", "mox", "erk", "yth", "plu"]
OTHERS = ["η πτήση μου", "întârziere din nou", "вылет задержан", "航班又延误了", "เที่ยวบินล่าช้า", "😡😡", "✈️", "…", "don’t", "تأخير كبير"]
AUTHOR = Author("1", "a")


def words(count: int, seed: int, syllables: list[str] = SYLLABLES) -> list[str]:
    rng = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(rng.choices(syllables, k=rng.randint(2, 5)))] = None
    return list(made)


def texts(count: int) -> list[str]:
    """About a hundred characters each; common words are common; one in six is not plain ASCII."""
    rng = random.Random(1)
    vocabulary = words(20_000, 2)
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    made = []
    for _ in range(count):
        chosen = rng.choices(vocabulary, weights, k=rng.randint(8, 24))
        if rng.random() < 1 / 6:
            chosen.insert(rng.randrange(len(chosen)), rng.choice(OTHERS))
        made.append(" ".join(chosen).capitalize() + ".")
    return made


def cost(work: Callable[[], object], count: int) -> float:
    """µs of CPU per mention."""
    start = time.process_time()
    work()
    return (time.process_time() - start) / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--column", default="text")
    parser.add_argument("--mentions", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    if chosen.csv and not chosen.csv.is_file():
        parser.exit(2, f"There is no file {chosen.csv}.\n")
    if chosen.csv:
        with chosen.csv.open(encoding="utf-8", newline="") as file:
            sample = [row[chosen.column] for row in csv.DictReader(file)][: chosen.mentions]
    else:
        sample = texts(chosen.mentions)
    mentions = [Mention("bench", str(number), text, 0, AUTHOR) for number, text in enumerate(sample)]
    common = Counter(word for text in sample for word in re.findall(r"[a-z]{5,}", text.lower())).most_common(500)
    keywords = [word for word, _ in common[300:]] + words(9_800, 3, STRANGE + SYLLABLES[:4])
    print(json.dumps(measure(mentions, keywords, chosen.rounds), indent=1))


def measure(mentions: list[Mention], keywords: list[str], rounds: int) -> dict[str, float]:
    matchers, patterns, building = {}, {}, {}
    for size in (1_000, 10_000):
        start = time.process_time()
        matchers[size] = Matcher({word: Query(Term(word)) for word in keywords[:size]})
        building[size] = (time.process_time() - start) * 1000
        patterns[size] = re.compile(r"\b(?:" + "|".join(map(re.escape, keywords[:size])) + r")\b", re.IGNORECASE)
    few = mentions[: len(mentions) // 10]
    seen: dict[str, list[float]] = {}
    for _ in range(rounds):
        for size in (1_000, 10_000):
            seen.setdefault(f"matcher_{size}_us", []).append(cost(lambda size=size: matchers[size].match_many(mentions), len(mentions)))
    for size in (1_000, 10_000):
        seen[f"re_{size}_us"] = [cost(lambda size=size: [set(patterns[size].findall(one.text)) for one in few], len(few))]
    found = {name: round(statistics.median(figures), 2) for name, figures in seen.items()}
    found["build_1000_ms"], found["build_10000_ms"] = round(building[1_000], 1), round(building[10_000], 1)
    found["ratio_10000_to_1000"] = round(found["matcher_10000_us"] / found["matcher_1000_us"], 2)
    found["times_faster_than_re_1000"] = round(found["re_1000_us"] / found["matcher_1000_us"], 1)
    found["times_faster_than_re_10000"] = round(found["re_10000_us"] / found["matcher_10000_us"], 1)
    for size in (1_000, 10_000):
        found[f"matched_share_{size}"] = round(sum(map(bool, matchers[size].match_many(mentions))) / len(mentions), 3)
    return found


if __name__ == "__main__":
    main()
