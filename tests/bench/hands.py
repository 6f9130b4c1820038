"""Many hands on one database: processes that edit the same mentions at once. No edit may be lost, nobody may see "locked".

    python tests/bench/hands.py --processes 8 --edits 1000

Each process adds tags of its own to shared mentions and, in turn, raises a shared number the way people edit: read,
change, write with the version that was read, and again when somebody was faster. Prints JSON. Exit code 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SHARED = 20


def prepare(db: Path) -> list[int]:
    from listener.domain.author import Author
    from listener.domain.mention import Filing, Mention
    from listener.domain.sentiment import UNSCORED
    from listener.store.connection import Store
    from listener.store.intake import Intake

    with Store(db) as store:
        intake = Intake(store)
        posts = [Filing(Mention("net", str(n), f"post {n}", store.clock() - n, Author("a", "ann")), ("Aurora",), "en", 0.9, UNSCORED) for n in range(SHARED)]
        return list(store.write(lambda connection: intake.add(connection, posts)).new)


def edit(db: Path, ids: list[int], who: int, edits: int, report: Path) -> None:
    """One operator: alternately a tag of its own and a shared number raised under its version."""
    from dataclasses import replace

    from listener.errors import Conflict, StoreError
    from listener.store.cases import Cases
    from listener.store.connection import Store
    from listener.store.mentions import Mentions

    waits, conflicts, refused = [], 0, []
    with Store(db) as store:
        cases, mentions = Cases(store), Mentions(store)
        for number in range(edits):
            id_ = ids[(who + number) % len(ids)]
            began = time.perf_counter()
            try:
                if number % 2:
                    cases.change([id_], f"operator{who}", "tag", lambda work, name=f"p{who}-{number}": replace(work, tags=(*work.tags, name)))  # type: ignore[misc]
                    continue
                while True:
                    seen = mentions.get(id_)
                    try:
                        cases.change([id_], f"operator{who}", "due", lambda work: replace(work, due_at=(work.due_at or 0) + 1), expect={id_: seen.version})
                        break
                    except Conflict:
                        conflicts += 1
            except StoreError as error:
                refused.append(str(error))
            finally:
                waits.append(time.perf_counter() - began)
    report.write_text(json.dumps({"waits": waits, "conflicts": conflicts, "refused": refused}))


def run(processes: int, edits: int) -> dict[str, object]:
    from listener.store.connection import Store
    from listener.store.journal import Journal
    from listener.store.mentions import Mentions

    with tempfile.TemporaryDirectory(prefix="hands-") as name:
        db, began = Path(name) / "desk.db", time.monotonic()
        pid = os.fork()
        if not pid:
            try:
                (Path(name) / "ids").write_text(json.dumps(prepare(db)))
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        ids = json.loads((Path(name) / "ids").read_text())
        children = []
        for who in range(processes):
            pid = os.fork()
            if not pid:
                try:
                    edit(db, ids, who, edits, Path(name) / f"report-{who}")
                finally:
                    os._exit(0)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        seconds = time.monotonic() - began
        reports = [json.loads((Path(name) / f"report-{who}").read_text()) for who in range(processes)]
        with Store(db) as store:
            entries = Mentions(store).many(ids)
            tags = {tag for entry in entries for tag in entry.tags}
            lines = sum(len(Journal(store).of("mention", id_, limit=1_000_000)) for id_ in ids)
            healthy = store.check(full=True)
        raised = sum(entry.due_at or 0 for entry in entries)
        waits = sorted(wait for report in reports for wait in report["waits"])
        wanted_tags, wanted_raises = processes * (edits // 2), processes * (edits - edits // 2)
        return {
            "processes": processes, "edits": processes * edits, "lost_tags": wanted_tags - len(tags), "lost_raises": wanted_raises - raised,
            "journal_lines_missing": processes * edits - lines, "refused": sum(len(report["refused"]) for report in reports),
            "words": sorted({word for report in reports for word in report["refused"]})[:3],
            "conflicts_met": sum(report["conflicts"] for report in reports), "wait_ms_median": round(waits[len(waits) // 2] * 1000, 1),
            "wait_ms_p99": round(waits[int(len(waits) * 0.99)] * 1000, 1), "integrity": healthy, "seconds": round(seconds, 1),
        }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--edits", type=int, default=1000)
    asked = parser.parse_args()
    outcome = run(asked.processes, asked.edits)
    print(json.dumps(outcome, indent=1))
    raise SystemExit(1 if outcome["lost_tags"] or outcome["lost_raises"] or outcome["refused"] or outcome["journal_lines_missing"] else 0)
