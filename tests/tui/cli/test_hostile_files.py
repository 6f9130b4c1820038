"""Files that were made to break an import, and slips that once cost a file: a line in words, and nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def _write(path: Path, body: str) -> str:
    path.write_bytes(body.encode("utf-8", "surrogatepass"))
    return str(path)


def test_lone_surrogates_come_in(run, tmp_path: Path) -> None:
    """JSON can hold halves of pairs that no database can; the post comes in, with U+FFFD in their place, wherever they stand."""
    post = dict.fromkeys(("id", "text", "topic", "author", "author_name", "title", "parent", "thread", "url", "lang"), "a�")
    file = _write(tmp_path / "posts.jsonl", json.dumps(post | {"created_at": 1_700_000_000}) + "\n")
    assert run("import", file).code == 0
    assert [row["text"] for row in run("list", "--json").json] == ["a\ufffd"]


def test_times_beyond_the_calendar_are_rejected(run, tmp_path: Path) -> None:
    """A row of the year −1199 once went in, and no list came out any more."""
    rows = ["-99999999999", "99999999999999", "99999999999", "-100000000", "inf", "9999-12-31", "1700000000"]
    file = _write(tmp_path / "times.csv", "id,text,created_at,topic\n" + "".join(f"{n},hello,{stamp},t\n" for n, stamp in enumerate(rows)))
    assert "1 new" in run("import", file).out
    assert [row["native_id"] for row in run("list", "--json", "--state", "all").json] == ["6"]
    assert len((tmp_path / "times.csv.rejected.csv").read_text().splitlines()) == len(rows)


def test_a_field_beyond_all_measure_is_one_rejected_row(run, tmp_path: Path) -> None:
    """The rows after it still come in."""
    file = _write(tmp_path / "big.csv", f'id,text,created_at,topic\n1,"{"x" * 17_000_000}",2026-01-01,t\n2,after,2026-01-01,t\n')
    result = run("import", file, "--no-score")
    assert "1 new" in result.out and "1 rejected" in result.out


@pytest.mark.parametrize("zone", ["../../etc/passwd", "Mars/Olympus", "/etc/localtime"])
def test_no_such_time_zone(run, tmp_path: Path, zone: str) -> None:
    """Names of zones are looked up as files: a wrong one is the user's mistake, not a crash."""
    file = _write(tmp_path / "a.csv", "text,created_at,topic\nhello,2026-01-01,t\n")
    result = run("import", file, "--time-zone", zone)
    assert result.code == 2 and "time zone" in result.err


@pytest.mark.parametrize("target", ["posts.csv", "notes.txt", "desk.db"])
def test_rejects_spare_other_files(run, tmp_path: Path, target: str) -> None:
    """--reject once deleted whatever it named, even the file that was being imported."""
    (tmp_path / "notes.txt").write_text("precious")
    file = _write(tmp_path / "posts.csv", "text,created_at,topic\nhello,never,t\n")
    run("import", file)
    before = (tmp_path / target).read_bytes()
    assert run("import", file, "--reject", str(tmp_path / target), "--restart").code == 2
    assert target == "desk.db" or (tmp_path / target).read_bytes() == before
    assert run("list").code == 0
    assert run("import", file, "--restart").code == 0  # over the rejects of the earlier run


def test_an_export_spares_databases(run, tmp_path: Path) -> None:
    """`-o` with the database's own name once replaced it by a CSV."""
    run("import", _write(tmp_path / "posts.csv", "text,created_at,topic\nhello,2026-01-01,t\n"))
    assert run("export", "-o", str(tmp_path / "desk.db")).code == 2
    assert len(run("list", "--json").json) == 1


def test_an_export_into_a_device_leaves_it_a_device(run, tmp_path: Path) -> None:
    """Replacing by rename would put a file in the place of /dev/null, for those who may."""
    import os
    import threading

    run("import", _write(tmp_path / "posts.csv", "text,created_at,topic\nhello,2026-01-01,t\n"))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    came: list[str] = []
    reader = threading.Thread(target=lambda: came.append(pipe.read_text()), daemon=True)
    reader.start()
    code = run("export", "--columns", "text", "-o", str(pipe)).code
    assert code == 0 and pipe.is_fifo()
    reader.join()
    assert "hello" in came[0]


def test_arguments_that_are_no_text(run, tmp_path: Path) -> None:
    """A shell can hand over any bytes."""
    run("import", _write(tmp_path / "posts.csv", "text,created_at,topic\nhello,2026-01-01,t\n"))
    for command in (["list", "--topic", "\udcff"], ["search", "\udcff"], ["tag", "1", "\udcff"], ["note", "1", "\udcff"], ["assign", "1", "\udcff"]):
        result = run(*command)
        assert result.code in (0, 1, 2, 3), command
    assert run("list").code == 0


@pytest.mark.parametrize("command", [["show"], ["tag"], ["explain"], ["incidents", "show"], ["outbox", "show"], ["list", "-q"]], ids=" ".join)
def test_numbers_beyond_any_id(run, tmp_path: Path, command: list[str]) -> None:
    """An id is 63 bits in the database and any length on the command line."""
    run("import", _write(tmp_path / "posts.csv", "text,created_at,topic\nhello,2026-01-01,t\n"))
    number = "9" * 24
    arguments = [f"id:{number}"] if "-q" in command else [number, *(["x"] if command == ["tag"] else [])]
    result = run(*command, *arguments)
    assert result.code == 2 and "larger" in result.err


def test_reading_goes_on_where_nothing_can_be_written(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that went read-only must still be listed and exported, which usually brings derived figures up to date first."""
    import os

    run("import", _write(tmp_path / "posts.csv", "text,created_at,topic\nhello,2026-01-01,t\n"))
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    assert len(run("list", "--json").json) == 1
    result = run("export", "-o", str(tmp_path / "out.csv"))
    assert result.code == 0 and "hello" in (tmp_path / "out.csv").read_text()
    assert "read-only" in run("tag", "1", "x").err
