"""Several processes on one database: nothing lost, changes seen at once, and who was first is named."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import UNSCORED
from listener.engine.streams import LiveCounts, streams
from listener.engine.triage import Triage
from listener.errors import Conflict
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.journal import Journal
from listener.store.mentions import Mentions
from tests.bench.hands import run as hands

ROOT = Path(__file__).resolve().parents[3]


def prepare(path: Path, n: int = 3) -> list[int]:
    with Store(path) as store:
        filings = [Filing(Mention("net", str(i), f"post {i}", store.clock() - i, Author("a", "a")), ("Aurora",), "en", 0.9, UNSCORED) for i in range(n)]
        return list(store.write(lambda connection: Intake(store).add(connection, filings)).new)


def elsewhere(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another desk: a process of its own."""
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


ASSIGN = """
import sys
from listener.engine.triage import Triage
from listener.store.connection import Store
with Store(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    Triage(store, "theo").assign([int(sys.argv[2])], "theo")
    print("done", flush=True)
"""


def test_eight_processes_lose_nothing():
    """The short run of `python tests/bench/hands.py`: each raises numbers under the version that it saw, and adds tags of its own."""
    outcome = hands(8, 12)
    assert {name: outcome[name] for name in ("lost_tags", "lost_raises", "journal_lines_missing", "refused")} == {
        "lost_tags": 0, "lost_raises": 0, "journal_lines_missing": 0, "refused": 0,
    }, json.dumps(outcome)  # fmt: skip
    assert outcome["integrity"] == "ok"


def test_a_colleagues_change_is_seen_without_asking_for_rows(tmp_path):
    """A desk looks at one number four times a second; only when that has moved it reads again."""
    (id_, *_) = prepare(tmp_path / "desk.db")
    with Store(tmp_path / "desk.db") as store:
        other = elsewhere(ASSIGN, tmp_path / "desk.db", id_)
        assert other.stdout.readline() == "ready\n"
        seen, counts, every = store.data_version(), LiveCounts(store), streams_of("theo")
        assert counts.refresh(every, budget_s=60)["Mine"].n == 0
        assert store.data_version() == seen
        other.stdin.write("go\n")
        other.stdin.flush()
        assert other.stdout.readline() == "done\n"
        assert store.data_version() != seen
        assert Mentions(store).get(id_).assignee == "theo"
        assert counts.refresh(every, budget_s=60)["Mine"].n == 1
        other.communicate(timeout=20)


def streams_of(operator):
    from listener.config import Config

    return streams(Config(), operator)


def test_who_was_first_is_named_and_nothing_is_overwritten(tmp_path):
    (id_, *_) = prepare(tmp_path / "desk.db")
    with Store(tmp_path / "desk.db") as store:
        mine = Mentions(store).get(id_)
        other = elsewhere(ASSIGN, tmp_path / "desk.db", id_)
        other.communicate("go\n", timeout=20)
        with pytest.raises(Conflict, match=r"changed by theo"):
            Triage(store, "nora").assign([id_], "nora", expect={id_: mine.version})
        assert Mentions(store).get(id_).assignee == "theo"
        assert [line.operator for line in Journal(store).of("mention", id_)] == ["theo"]


def test_a_desk_that_dies_in_the_middle_of_a_big_action_leaves_all_or_nothing(tmp_path):
    """kill -9 between the first row and the commit: the next desk finds it as it was."""
    ids = prepare(tmp_path / "desk.db", 200)
    code = """
    import os, sys
    from dataclasses import replace
    from listener.store.cases import Cases
    from listener.store.connection import Store
    store, ids, seen = Store(sys.argv[1]), list(range(1, 201)), []
    def edit(work):
        seen.append(work)
        if len(seen) == 150:
            os.kill(os.getpid(), 9)
        return replace(work, assignee="theo")
    Cases(store).change(ids, "theo", "assign", edit)
    """
    other = elsewhere(code, tmp_path / "desk.db")
    other.communicate(timeout=20)
    assert other.returncode == -9
    with Store(tmp_path / "desk.db") as store:
        assert {one.assignee for one in Mentions(store).many(ids)} == {""}
        assert len(Triage(store, "nora").assign(ids, "nora").changed) == 200
        assert store.check() == "ok"
