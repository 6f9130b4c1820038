#!/usr/bin/env python3
"""What the watch adds to an import: seconds of CPU for reading a file, for folding its near-duplicates, for the incidents in it and for their evidence.

Usage:   python tests/bench/watch.py AIRLINES.csv [MAPPING]

AIRLINES.csv is any file that `listener import` reads; without MAPPING the columns are tweet_id, text, tweet_created, airline.
Without an argument the file is streams/airlines.csv in the folder that LISTENER_BENCH_DATA names. Prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from listener.config import Config
from listener.engine.evidence import EvidenceDesk
from listener.engine.folding import Copies
from listener.engine.ingest import Ingest
from listener.engine.intake import FileImport, parse_mapping
from listener.engine.watch import Watch
from listener.store.connection import Store
from tui.cli.collecting import reader_of

MAPPING = "id=tweet_id,text=text,created_at=tweet_created,topic=airline"


def measure(file: Path, mapping: str, *, folding: bool) -> dict[str, float]:
    """One import into a database of its own; the models are loaded before the clock starts."""
    config = Config()
    reader = reader_of(config)
    reader.warm()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "desk.db") as store:
        ingest = Ingest(store, (), reader, Copies(store) if folding else None)
        job = FileImport(store, ingest, file, parse_mapping(mapping), reject=Path(folder) / "rejected.csv")
        times = [time.process_time()]
        done = job.run()
        times.append(time.process_time())
        found = Watch(store, config).advance()
        times.append(time.process_time())
        EvidenceDesk(store, config).gather()
        times.append(time.process_time())
    steps = [round(later - earlier, 2) for earlier, later in pairwise(times)]
    return {"rows": done.rows, "import_s": steps[0], "watch_s": steps[1], "evidence_s": steps[2], "incidents": len(found)}


def main() -> int:
    folder = os.environ.get("LISTENER_BENCH_DATA", "")
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "streams" / "airlines.csv"
    if not file.is_file():
        print("Name a CSV, or set LISTENER_BENCH_DATA: see the head of this file.", file=sys.stderr)
        return 2
    mapping = sys.argv[2] if len(sys.argv) > 2 else MAPPING
    print(json.dumps({"plain": measure(file, mapping, folding=False), "folding": measure(file, mapping, folding=True)}, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
