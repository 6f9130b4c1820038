"""What a headless command costs beside the bare minimum that it is made of: `python -c "import click, sqlite3"`.

    python -m tests.bench.startup [--n 20000] [--rounds 9]

Prints JSON: median CPU ms of whole processes that take turns, byte code warm, and their ratio to the minimum.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import archive

ROOT = Path(__file__).resolve().parents[2]


def cpu_ms(command: list[str], environ: dict[str, str]) -> float:
    """CPU ms of a process, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1_000


def measure(n: int, rounds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="listener-bench-") as name:
        db = Path(name) / "archive.db"
        archive.make(db, n, open_=n // 2).close()
        environ = {**os.environ, "LISTENER_HOME": name, "PYTHONPYCACHEPREFIX": f"{name}/pyc"}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        desk = [sys.executable, "-m", "tui", "--db", str(db)]
        commands = {
            "minimum": [sys.executable, "-c", "import click, sqlite3"], "--help": [*desk, "--help"], "list": [*desk, "list"], "list --json": [*desk, "list", "--json"],
            "list --query": [*desk, "list", "-q", "refund lang:en"], "show": [*desk, "show", str(n // 2)], "tag": [*desk, "tag", str(n // 2), "bench"], "sources": [*desk, "sources"],
        }  # fmt: skip
        times: dict[str, list[float]] = {key: [] for key in commands}
        for round_ in range(rounds + 1):
            for key, command in commands.items():
                took = cpu_ms(command, environ)
                if round_:  # the first writes the byte code
                    times[key].append(took)
    medians = {key: statistics.median(values) for key, values in times.items()}
    return {key: {"cpu_ms": round(value, 1), "ratio": round(value / medians["minimum"], 2)} for key, value in medians.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    print(json.dumps(measure(given.n, given.rounds), indent=1))


if __name__ == "__main__":
    main()
