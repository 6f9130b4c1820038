"""Every measurement of the store, the intake and the start, with short sizes, as a table: `python -m tests.bench`. The long ones stand in docs/benchmarks.md."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from listener.store.connection import Store
from tests.bench import archive, ingest, startup, store


def main() -> None:
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as name:
        path = Path(name) / "archive.db"
        archive.make(path, 20_000).close()
        with Store(path, clock=lambda: archive.END) as opened:
            found = store.queries(opened, 3)
        rows.append(("lists, counts, searches, charts on 20 000: median of medians", f"{statistics.median(one['median'] for one in found.values()):.1f} ms", "≤ 10 ms at 1 M"))
        rows.append(("the slowest of them", f"{max(one['p95'] for one in found.values()):.1f} ms", ""))
        act = store.actions(path, rounds=60)
        rows.append(("an operator's action, p95", f"{act['calm_p95_ms']:.1f} ms", ""))
        rows.append((f"the same beside {act['mentions_per_s']:.0f} mentions/s", f"{act['busy_p95_ms']:.1f} ms", "≤ 25 ms"))
        put = store.insert(Path(name), 20_000)
        rows.append(("rows into the full schema per CPU s", f"{put['full_rows_per_cpu_s']:.0f}", ""))
        rows.append(("beside a bare executemany", f"{put['ratio']:.3f}", "≥ 0.12"))
        rows.append(("bytes a mention", f"{put['bytes_per_mention']:.0f}", "≤ 650"))
    flow = ingest.measure(2_000, 1_000, rounds=1)
    rows.append(("end to end, mentions per CPU s", f"{flow['per_cpu_s']}", "≥ 8 000"))
    rows.append(("beside a typical road", f"{flow['ratio']} ×", "≥ 5 ×"))
    rows.append(("ten times the keywords", f"{flow['ten_times_the_keywords']} ×", "≤ 1.3 ×"))
    for command, cost in startup.measure(5_000, 5).items():
        rows.append((f"start: {command}", f"{cost['ratio']} ×", "≤ 2 ×"))  # type: ignore[index]
    width = max(len(row[0]) for row in rows)
    for what, figure, goal in rows:
        print(f"{what:{width}}  {figure:>10}  {goal}")


if __name__ == "__main__":
    main()
