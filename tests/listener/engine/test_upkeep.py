"""What is too old goes, with its traces in the index; what people worked on stays longer; a backup is made once a day and is whole."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from listener.config import Retention
from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.query import parse
from listener.domain.sentiment import UNSCORED
from listener.engine.upkeep import tidy
from listener.store.cases import Cases
from listener.store.connection import Store
from listener.store.filters import Filter
from listener.store.intake import Intake
from listener.store.mentions import Mentions

DAY = 86_400_000
NOW = 1_774_000_000_000


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "desk.db", clock=lambda: NOW) as opened:
        filings = [Filing(Mention("m", str(n), f"suitcase {n}", NOW - n * 40 * DAY, Author("a", "a"), payload=b"{}"), ("A",), "en", 1, UNSCORED) for n in range(4)]
        opened.write(lambda connection: Intake(opened).add(connection, filings))
        Cases(opened).change([4], "nora", "tag", lambda work: replace(work, tags=("keep",)))
        yield opened


def retention(**values):
    return Retention().changed(**values)


def test_old_words_go_and_worked_on_ones_stay(store):
    assert tidy(store, retention(mentions=60 * DAY, backups=0))["expired"] == 1
    assert [e.id for e in Mentions(store).page(Filter(parse("suitcase"), "newest")).entries] == [1, 2, 4]
    assert store.read().execute("SELECT sum(n) FROM volume").fetchone()[0] == 4, "what was counted stays counted"


def test_nothing_goes_by_default(store):
    assert tidy(store, Retention()).get("expired") is None


def test_a_backup_a_day_checked_and_private(store, tmp_path):
    assert tidy(store, Retention())["backups"] == 1
    assert tidy(store, Retention())["backups"] == 0
    (copy,) = (tmp_path / "backups").glob("*.db")
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as opened:
        assert opened.execute("SELECT count(*) FROM mention").fetchone()[0] == 4


def test_old_backups_go(store, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for n in range(1, 9):
        (folder / f"desk-2026-01-0{n}.db").write_bytes(b"x")
    tidy(store, retention(backups=3))
    assert sorted(p.name for p in folder.iterdir()) == ["desk-2026-01-07.db", "desk-2026-01-08.db", "desk-2026-03-20.db"]
