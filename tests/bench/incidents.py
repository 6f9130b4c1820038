#!/usr/bin/env python3
"""Openings of the shipped volume detector, with its shipped defaults, on labelled brand volumes; then their score.

Usage:   python tests/bench/incidents.py DATA_DIR OPENINGS.json [--scorer nab_score.py] [--pages PAGES.json] [--leave-one-out] [--noise]

DATA_DIR holds Twitter_volume_<BRAND>.csv (timestamp,value; 5-minute counts) of the Numenta Anomaly Benchmark. OPENINGS.json gets
{brand: [row index of each opening, …]}. Nothing but the counts is read for that: windows.json is opened afterwards, by the scorer, and
may be missing. The scorer is looked for in LISTENER_BENCH_SCORER and beside the data (../../tools/nab_score.py).

--pages          also writes the rows at which four signals first agree: the paging tier.
--leave-one-out  chooses parameters on all brands but one from a grid around the defaults, scores the one left out, for each brand in turn.
--noise          counts openings on simulated topics of pure chance (Poisson, more by day than by night), with and without the floors.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import itertools
import json
import math
import os
import random
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from listener.analysis.parameters import DEFAULTS, Parameters
from listener.analysis.spikes import Detector
from listener.domain.volume import STEP

Series = list[tuple[int, int]]
"""(start of the bucket, UTC ms; count) of each row."""
GRID = {
    "record": (0.10, 0.08, 0.12),
    "peak_half_life": (14 * 288, 12 * 288, 17 * 288),
    "deviation60": (3.3, 3.0, 3.6),
    "hour15": (1.3, 1.2, 1.4),
}


def read(folder: Path) -> dict[str, Series]:
    """Every brand's rows, oldest first."""
    brands: dict[str, Series] = {}
    for file in sorted(folder.glob("Twitter_volume_*.csv")):
        with file.open(newline="") as lines:
            rows = [(datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC), row["value"]) for row in csv.DictReader(lines)]
        brands[file.stem.removeprefix("Twitter_volume_")] = [(int(at.timestamp()) * 1000, int(float(value))) for at, value in rows]
    return brands


def detect(series: Series, parameters: Parameters = DEFAULTS) -> tuple[list[int], list[int]]:
    """Rows of the openings, and rows at which four or more signals first agree, once per cool-down."""
    detector = Detector(parameters)
    openings: list[int] = []
    pages: list[int] = []
    for row, (start, count) in enumerate(series):
        verdict = detector.push(start, count)
        if verdict.step == "opened":
            openings.append(row)
        if verdict.step and verdict.agreeing >= 4 and not (pages and start - series[pages[-1]][0] < parameters.cool_down * STEP):
            pages.append(row)
    return openings, pages


def scorer_beside(folder: Path, named: str | None) -> ModuleType | None:
    """The scoring program as a module; None when there is none."""
    for path in (named, os.environ.get("LISTENER_BENCH_SCORER"), folder.resolve().parent.parent / "tools" / "nab_score.py"):
        if path and Path(path).is_file():
            spec = importlib.util.spec_from_file_location("nab_score", path)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return None


def raw_scores(scorer: ModuleType, rows: tuple[list[int], list[float]], openings: list[int]) -> tuple[dict[str, float], int]:
    """One brand's sum for each cost profile by the scorer's own tables, and its windows."""
    inside, value = rows
    alarms = [row for row in openings if inside[row] != -2]
    hits = {window: max(value[row] for row in alarms if inside[row] == window) for window in {inside[row] for row in alarms} - {-1}}
    windows = len({window for window in inside if window >= 0})
    false = sum(value[row] for row in alarms if inside[row] == -1)
    sums = {name: tp * sum(hits.values()) + fp * false - fn * (windows - len(hits)) for name, (tp, fp, fn) in scorer.PROFILES.items()}
    return sums, windows


def normal(scorer: ModuleType, brands: list[tuple[dict[str, float], int]]) -> dict[str, float]:
    """0 for a silent detector, 100 for a perfect one."""
    windows = sum(count for _, count in brands)
    sums = {name: sum(raw[name] for raw, _ in brands) for name in scorer.PROFILES}
    return {name: 100 * (sums[name] + fn * windows) / ((tp + fn) * windows) for name, (tp, _, fn) in scorer.PROFILES.items()}


def leave_one_out(scorer: ModuleType, folder: Path, brands: dict[str, Series]) -> None:
    """Choose on the others, score the one: what a choice is worth on a brand that it never saw."""
    windows = json.loads((folder / "windows.json").read_text())
    rows = {}
    for brand in brands:
        with (folder / f"Twitter_volume_{brand}.csv").open(newline="") as lines:
            rows[brand] = scorer.rows_of([row["timestamp"][:19] for row in csv.DictReader(lines)], windows[brand])
    tried = []
    for values in itertools.product(*GRID.values()):
        chosen = dict(zip(GRID, values, strict=True))
        record = chosen.pop("record")
        parameters = replace(DEFAULTS, record5=record, record60=record, record180=record, **chosen)
        found = {brand: raw_scores(scorer, rows[brand], detect(series, parameters)[0]) for brand, series in brands.items()}
        distance = sum(value != options[0] for value, options in zip(values, GRID.values(), strict=True))
        tried.append((distance, values, found))
    left = []
    for brand in brands:
        best = max(
            tried, key=lambda each: (sum(normal(scorer, [raw for name, raw in each[2].items() if name != brand]).values()), -each[0])
        )
        left.append(best[2][brand])
        told = ", ".join(f"{name} {value:g}" for name, value in zip(GRID, best[1], strict=True))
        print(f"without {brand:5s} {told}: " + " / ".join(f"{score:.1f}" for score in normal(scorer, [best[2][brand]]).values()))
    print(f"left out, all brands ({len(tried)} settings): " + " / ".join(f"{score:.1f}" for score in normal(scorer, left).values()))


def noise() -> None:
    """Openings a week where nothing ever happens: six weeks of twenty topics for each rate."""
    weeks, topics = 6, 20
    for rate in (0.002, 0.01, 0.05, 0.2, 1.0):
        dice = random.Random(7)
        told = [0, 0]
        for _ in range(topics):
            day = [rate * (1 + 0.8 * math.sin(2 * math.pi * slot / 288)) for slot in range(288)]
            series = [(index * STEP, poisson(day[index % 288], dice)) for index in range(weeks * 7 * 288)]
            told[0] += len(detect(series, replace(DEFAULTS, fewest=0, surplus=-math.inf))[0])
            told[1] += len(detect(series)[0])
        bare, shipped = (count / (weeks * topics) for count in told)
        print(f"chance, {rate * 288:6.1f} mentions a day: {bare:.2f} openings a week without the floors, {shipped:.2f} with them")


def poisson(mean: float, dice: random.Random) -> int:
    """Knuth's way, good for small means."""
    limit, count, product = math.exp(-mean), 0, dice.random()
    while product > limit:
        count += 1
        product *= dice.random()
    return count


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, metavar="DATA_DIR")
    options.add_argument("openings", type=Path, metavar="OPENINGS.json")
    options.add_argument("--scorer")
    options.add_argument("--pages", type=Path)
    options.add_argument("--leave-one-out", action="store_true")
    options.add_argument("--noise", action="store_true")
    asked = options.parse_args()
    brands = read(asked.folder)
    if not brands:
        sys.exit(f"No Twitter_volume_<BRAND>.csv in {asked.folder}: name the folder of the benchmark's Twitter volumes.")
    began = time.process_time()
    found = {brand: detect(series) for brand, series in brands.items()}
    buckets = sum(map(len, brands.values()))
    print(f"{buckets} buckets of {len(brands)} brands, {buckets / (time.process_time() - began):,.0f} buckets a second of CPU")
    asked.openings.write_text(json.dumps({brand: rows for brand, (rows, _) in found.items()}, indent=1) + "\n")
    paged = {brand: rows for brand, (_, rows) in found.items()}
    if asked.noise:
        noise()
    if asked.pages:
        asked.pages.write_text(json.dumps(paged, indent=1) + "\n")
    scorer = scorer_beside(asked.folder, asked.scorer)
    if scorer is None or not (asked.folder / "windows.json").is_file():
        print(f"openings are in {asked.openings}; not scored, since {'nab_score.py' if scorer is None else 'windows.json'} is missing")
        return 0
    print("-- openings: two signals agree")
    scorer.main(asked.folder, json.loads(asked.openings.read_text()))
    print("-- paging tier: four signals agree")
    scorer.main(asked.folder, paged)
    if asked.leave_one_out:
        leave_one_out(scorer, asked.folder, brands)
    return 0


if __name__ == "__main__":
    sys.exit(main())
