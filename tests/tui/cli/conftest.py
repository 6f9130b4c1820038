"""A small archive, and the command line run in-process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ROWS = """tweet_id,airline,text,tweet_created,followers
1,Aurora,"@aurora my bag is lost, again",2026-03-01 10:00:00 +0200,12
2,Aurora,thank you @aurora lovely crew!,2026-03-01 11:00:00 +0200,90000
3,Borealis,borealis cancelled my flight and nobody answers,2026-03-02 09:00:00 +0200,5
4,Borealis,η πτήση καθυστέρησε πάρα πολύ,2026-03-02 09:30:00 +0200,
"""
MAP = "id=tweet_id,text=text,created_at=tweet_created,topic=airline"


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """`run("list", "--json")` on a database of this test's own."""
    from tui.cli import run as main

    def call(*arguments: str, db: Path | None = tmp_path / "desk.db") -> Result:
        code = main([*(["--db", str(db)] if db else []), *arguments])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def archive(run, tmp_path: Path):
    """Four mentions of two airlines; the ids are 1 to 4."""
    file = tmp_path / "tweets.csv"
    file.write_text(ROWS, encoding="utf-8")
    assert run("import", str(file), "--map", MAP).code == 0
    return run
