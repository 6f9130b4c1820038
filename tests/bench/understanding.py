"""How well the desk reads: every labelled set of a folder through the shipped pipeline, beside plain vaderSentiment.

    python tests/bench/understanding.py DIR        # DIR, or LISTENER_BENCH_DATA, holds <set>-<lang>.tsv: label TAB text

Prints JSON. A label is −1, 0, 1, or a valence with decimals. Sets named `complaints-*` hold 0/1 and are scored by the suggested
kind. `unaided` is what a user gets from text alone; `told` is the same with the set's language as the network's tag, which is
what most networks send. A text left unscored counts as an error in both. `ratios` sets the results against the goals.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

LABELS = {"negative": -1, "neutral": 0, "positive": 1, "unscored": None}
ANCHORS = {"umsab": {"FastText": 0.510, "XLM-R": 0.668, "XLM-T": 0.694}, "firecs-tl": {"XLM-R": 0.833}}
SPEED_BATCH = 6_000


def read(path: Path) -> list[tuple[float, str]]:
    rows = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        cells = line.split("\t")
        if len(cells) >= 2:
            rows.append((float(cells[0]), cells[-1]))
    return rows


def by_class(truth: Sequence[Any], said: Sequence[Any]) -> tuple[float, float]:
    """Macro-F1 and macro-recall over the classes that occur in `truth`."""
    f1, recall = [], []
    for label in sorted(set(truth)):
        hit = sum(t == label == s for t, s in zip(truth, said, strict=True))
        given, called = sum(t == label for t in truth), sum(s == label for s in said)
        f1.append(2 * hit / (given + called))
        recall.append(hit / given)
    return round(sum(f1) / len(f1), 4), round(sum(recall) / len(recall), 4)


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float:
    n, mx, my = len(xs), sum(xs) / len(xs), sum(ys) / len(ys)
    dx, dy = [x - mx for x in xs], [y - my for y in ys]
    spread = math.sqrt(sum(x * x for x in dx) * sum(y * y for y in dy))
    return round(sum(x * y for x, y in zip(dx, dy, strict=True)) / spread, 5) if spread and n else 0.0


def language_of(path: Path) -> str:
    tail = path.stem.rsplit("-", 1)[-1]
    return tail if len(tail) == 2 and path.stem != tail else "en"


def measure(path: Path, reader: Any, pairs: list[tuple[float, bool]]) -> dict[str, Any]:
    """One set: what the desk says unaided and told the language, what vaderSentiment says."""
    from listener.analysis import vader
    from listener.analysis.sentiment import LIMIT

    rows, lang = read(path), language_of(path)
    truth = [label for label, _ in rows]
    out: dict[str, Any] = {"n": len(rows), "lang": lang}
    whole = all(label in (-1, 0, 1) for label in truth)
    for way, prior in (("unaided", ""), ("told", lang)):
        found = reader.understand([(text, prior) for _, text in rows])
        if path.stem.startswith("complaints"):
            said = [int("complaint" in dict(one.kinds)) for one in found]
            f1, recall = by_class([int(label) for label in truth], said)
            out[way] = {"macro_f1": f1, "macro_recall": recall}
            continue
        said_labels = [LABELS[one.sentiment.label] for one in found]
        scores = {"language_right": round(sum(one.lang == lang for one in found) / len(rows), 4)}
        scores["unscored"] = round(sum(label is None for label in said_labels) / len(rows), 4)
        scores["by_vader"] = round(sum(one.sentiment.scorer.startswith("vader") for one in found) / len(rows), 4)
        if whole:
            scores["macro_f1"], scores["macro_recall"] = by_class(truth, said_labels)
            if way == "unaided":
                pairs += [
                    (one.sentiment.confidence, label == said)
                    for one, label, said in zip(found, truth, said_labels, strict=True)
                    if said is not None
                ]
        scores["r"] = correlation(truth, [one.sentiment.compound or 0.0 for one in found])
        out[way] = scores
    compounds = [vader.read(text[:LIMIT], vader.plain()).compound for _, text in rows]
    if path.stem.startswith("complaints"):
        out["vader"] = dict(
            zip(("macro_f1", "macro_recall"), by_class([int(x) for x in truth], [int(c <= -0.05) for c in compounds]), strict=True)
        )
        return out
    out["vader"] = {"r": correlation(truth, compounds)}
    if whole:
        labels = [1 if c >= 0.05 else -1 if c <= -0.05 else 0 for c in compounds]
        out["vader"]["macro_f1"], out["vader"]["macro_recall"] = by_class(truth, labels)
        out["ratio"] = round(out["unaided"]["macro_f1"] / out["vader"]["macro_f1"], 3) if out["vader"]["macro_f1"] else None
    return out


def reliability(pairs: list[tuple[float, bool]]) -> dict[str, Any]:
    """How often verdicts of each confidence are right; `gap` is the mean distance, weighted by their number."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in pairs:
        bins.setdefault(min(9, int(confidence * 10)), []).append((confidence, right))
    rows = []
    for tenth, found in sorted(bins.items()):
        said = sum(confidence for confidence, _ in found) / len(found)
        rows.append(
            {
                "confidence": round(said, 3),
                "right": round(sum(right for _, right in found) / len(found), 3),
                "n": len(found),
                "bin": tenth / 10,
            }
        )
    gap = sum(abs(row["confidence"] - row["right"]) * row["n"] for row in rows) / max(1, len(pairs))
    return {"gap": round(gap, 4), "bins": rows}


def kinds(reader: Any, path: Path) -> dict[str, Any]:
    """The kinds suggested for the project's own labelled messages: macro-F1 over kinds for each split, F1 by kind and by language."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = [dict(one.kinds) for one in reader.understand([(text, lang) for _, lang, _, text in rows])]
    out: dict[str, Any] = {}
    for split in ("tune", "held"):
        chosen = [
            (lang, set(names.split(",")) - {"other"}, set(said))
            for (half, lang, names, _), said in zip(rows, found, strict=True)
            if half == split
        ]
        names = sorted(set().union(*(wanted for _, wanted, _ in chosen)))
        by_kind = {name: one_f1([(name in wanted, name in said) for _, wanted, said in chosen]) for name in names}
        langs = sorted({lang for lang, _, _ in chosen})
        by_lang = {
            lang: one_f1([(name in wanted, name in said) for of, wanted, said in chosen if of == lang for name in names]) for lang in langs
        }
        out[split] = {
            "n": len(chosen),
            "macro_f1": round(sum(by_kind.values()) / len(by_kind), 3),
            "by_kind": by_kind,
            "by_language": by_lang,
        }
    return out


def one_f1(pairs: list[tuple[bool, bool]]) -> float:
    """F1 of one yes/no question, from (true, said)."""
    both = sum(true and said for true, said in pairs)
    return round(2 * both / max(1, sum(true for true, _ in pairs) + sum(said for _, said in pairs)), 3)


def ratios(sets: dict[str, Any], main: str) -> dict[str, Any]:
    """The goals, each as measured / asked in one way (`unaided` or `told`); 1 or more is reached."""
    out: dict[str, Any] = {}

    def f1(name: str, way: str = main) -> float:
        return float(sets[name][way]["macro_f1"])

    umsab = [name for name in sets if name.startswith("umsab")]
    if umsab:
        for way in ("unaided", "told", "vader"):
            out[f"umsab_mean_{way}"] = round(sum(f1(name, way) for name in umsab) / len(umsab), 4)
        mean = out[f"umsab_mean_{main}"]
        out["umsab >= 1.33 x VADER"] = round(mean / out["umsab_mean_vader"] / 1.33, 3)
        out["umsab >= 1.04 x FastText"] = round(mean / ANCHORS["umsab"]["FastText"] / 1.04, 3)
        out["umsab >= 0.80 x XLM-T (stretch)"] = round(mean / ANCHORS["umsab"]["XLM-T"] / 0.80, 3)
    for name, times in (("redv2-ro", 2.0), ("apps-uz", 5.0), ("covid-el", 2.5), ("airline-en", 1.08)):
        if name in sets:
            out[f"{name} >= {times} x VADER"] = round(f1(name) / f1(name, "vader") / times, 3)
    if "firecs-tl" in sets:
        out["firecs-tl >= 0.90 x XLM-R"] = round(f1("firecs-tl") / ANCHORS["firecs-tl"]["XLM-R"] / 0.90, 3)
    if "covid-el" in sets:
        out["covid-el >= 0.45 (stretch)"] = round(f1("covid-el") / 0.45, 3)
    if "vaderGT-tweets-en" in sets:
        found = sets["vaderGT-tweets-en"]
        out["tweets r >= 0.998 x VADER"] = round(found[main]["r"] / found["vader"]["r"] / 0.998, 4)
    for name in sets:
        if name.startswith("complaints"):
            out[f"{name} >= 0.80"] = round(f1(name) / 0.80, 3)
    return out


def speed(reader: Any, texts: list[tuple[str, str]]) -> dict[str, float]:
    """Language and score of a mixture of languages, without and with the kinds; texts per CPU second of one core."""
    from listener.analysis import language
    from listener.analysis.understand import BATCH

    texts = (texts * (1 + SPEED_BATCH // max(1, len(texts))))[:SPEED_BATCH]
    start = time.process_time()
    for at in range(0, len(texts), BATCH):
        batch = texts[at : at + BATCH]
        guesses = language.detect_many(batch)
        reader.scorer.score_many([(text, *guess) for (text, _), guess in zip(batch, guesses, strict=True)])
    scored = time.process_time() - start
    start = time.process_time()
    reader.understand(texts)
    return {"language_and_score": round(len(texts) / scored), "everything": round(len(texts) / (time.process_time() - start))}


def resident() -> float:
    """Memory of this process, MB; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else os.environ.get("LISTENER_BENCH_DATA", ""))
    paths = sorted(folder.glob("*.tsv")) if str(folder) != "." or arguments else []
    if not paths:
        print("No sets to measure: name a folder of <set>-<lang>.tsv files, or set LISTENER_BENCH_DATA.", file=sys.stderr)
        return 2
    from listener.analysis.understand import Reader

    before = resident()
    reader = Reader()
    reader.warm()
    memory = resident() - before
    pairs: list[tuple[float, bool]] = []
    sets = {path.stem: measure(path, reader, pairs) for path in paths}
    mixture = [(text, "") for path in paths for _, text in read(path)[:400]]
    mixture = [mixture[at] for at in sorted(range(len(mixture)), key=lambda at: at * 7919 % 104729)]
    print(
        json.dumps(
            {
                "scorer": reader.version,
                "sets": sets,
                "ratios": {way: ratios(sets, way) for way in ("unaided", "told")},
                "anchors": ANCHORS,
                "kinds": kinds(reader, Path(__file__).with_name("care_messages.tsv")),
                "reliability": reliability(pairs),
                "texts_per_cpu_second": speed(reader, mixture),
                "memory_mb": round(memory, 1),
            },
            indent=1,
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
