"""The scriptable surface: scripts of users rest on these shapes, so they may grow and never change."""

from __future__ import annotations

import subprocess
import sys

import pytest

KEYS = {
    "id",
    "topic",
    "source",
    "author",
    "text",
    "created_at",
    "lang",
    "sentiment",
    "kinds",
    "tags",
    "assignee",
    "state",
    "severity",
    "url",
}


def test_rows_have_the_promised_keys(archive):
    rows = archive("list", "--json").json
    assert len(rows) == 4
    for row in rows:
        assert set(row) >= KEYS
        assert set(row["sentiment"]) >= {"label", "compound", "confidence", "scorer"}
    assert rows[0]["created_at"] == "2026-03-02T07:30:00Z"
    assert {row["topic"] for row in rows} == {"Aurora", "Borealis"}


def test_search_and_show_give_the_same_rows(archive):
    (found,) = archive("search", "bag", "--json").json
    (shown,) = archive("show", str(found["id"]), "--json").json
    assert {key: shown[key] for key in KEYS} == {key: found[key] for key in KEYS}
    assert {"thread", "notes", "journal", "revisions", "permalinks"} <= set(shown)


def test_triage_and_undo(archive):
    assert archive("tag", "1", "3", "Late Flight").code == 0
    assert [r["tags"] for r in archive("list", "--tag", "late-flight", "--json").json] == [["late-flight"], ["late-flight"]]
    assert archive("assign", "1", "sales").code == 0
    assert archive("note", "1", "called", "her").code == 0
    assert archive("close", "1").code == 0
    assert [r["assignee"] for r in archive("list", "--state", "resolved", "--json").json] == ["sales"]
    assert "close" in archive("undo").out
    assert archive("undo").code == archive("undo").code == archive("undo").code == 0
    row = archive("show", "1", "--json").json[0]
    assert (row["state"], row["assignee"], row["tags"], row["notes"]) == ("open", None, [], [])


def test_ids_come_from_a_pipe(archive, monkeypatch):
    import io

    rows = archive("list", "--topic", "aurora", "--json").out
    monkeypatch.setattr(sys, "stdin", io.StringIO(rows))
    assert "2 mentions changed" in archive("close", "-").out


def test_an_import_is_idempotent_and_puts_bad_rows_aside(archive, tmp_path):
    file = tmp_path / "tweets.csv"
    file.write_text(
        file.read_text(encoding="utf-8") + "5,Aurora,,2026-03-01 10:00:00 +0200,1\n6,Aurora,ok,yesterday-ish,1\n7,Aurora,one,two\n",
        encoding="utf-8",
    )
    result = archive("import", str(file), "--map", "id=tweet_id,text=text,created_at=tweet_created,topic=airline")
    assert result.code == 0
    assert "7 rows read: 0 new, 4 known already, 3 rejected" in result.out
    reasons = (tmp_path / "tweets.csv.rejected.csv").read_text(encoding="utf-8")
    assert "text: empty" in reasons and "tweet_created: 'yesterday-ish' is no time" in reasons and "columns" in reasons


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["list", "--query", "lang:en AND ("], 2, "^"),
        (["list", "--query", "lnag:en"], 2, "lang"),
        (["tag", "99", "x"], 2, "no mention 99"),
        (["show", "99"], 2, "no mention 99"),
        (["tag", "one", "x"], 2, "no id"),
        (["lst"], 2, "list"),
        (["undo"], 2, "nothing"),
        (["close", "1", "--nonsense"], 2, "nonsense"),
        (["snooze", "1", "whenever"], 2, "whenever"),
        (["query", "test", '"open'], 2, "quot"),
    ],
)
def test_mistakes_are_named_and_change_nothing(archive, arguments, code, says):
    """A tired operator reads one line that says what to do; nobody sees a traceback."""
    before = archive("list", "--json", "--state", "all").out
    result = archive(*arguments)
    assert result.code == code
    assert says in result.err
    assert "Traceback" not in result.err
    assert archive("list", "--json", "--state", "all").out == before


def test_a_missing_database_is_not_made_by_looking(run, tmp_path):
    result = run("list", db=tmp_path / "none.db")
    assert result.code == 2 and "listener demo" in result.err
    assert not (tmp_path / "none.db").exists()


def test_an_empty_file_is_no_database(run, tmp_path):
    (tmp_path / "zero.db").touch()
    result = run("list", db=tmp_path / "zero.db")
    assert result.code == 1 and "empty" in result.err


def test_somebody_elses_database_is_left_alone(run, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE song (name TEXT)")
    result = run("list", db=tmp_path / "other.db")
    assert result.code == 1 and "not one of Listener's" in result.err


def test_score_speaks_tabs(run, monkeypatch):
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("I love this, great crew\n12345\n"))
    lines = run("score").out.splitlines()
    assert [len(line.split("\t")) for line in lines] == [5, 5]
    assert lines[0].startswith("positive\t0.")
    assert lines[1].split("\t")[:2] == ["unscored", ""]


def test_query_test_says_what_an_edit_changes(archive):
    found = archive("query", "test", "bag OR crew", "--against", "bag", "--since", "2026-01-01", "--json").json
    assert (found["matches"], found["new"], found["lost"]) == (2, 1, 0)
    assert found["samples"]["new"][0]["text"].startswith("thank you")


def test_hostile_text_reaches_the_terminal_clean(archive, tmp_path):
    """A post must not set the title, the clipboard or the colours of the operator's terminal."""
    file = tmp_path / "evil.csv"
    file.write_text(
        'id,text,created_at\n9,"\x1b]0;owned\x07\x1b[2J [@click=app.quit]x[/] \u202eevil",2026-03-03T00:00:00Z\n', encoding="utf-8"
    )
    archive("import", str(file), "--topic", "Aurora")
    shown = archive("show", "5").out + archive("list").out
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown


@pytest.mark.parametrize("command", [["--help"], ["list", "--help"], ["--version"]])
def test_help_loads_no_screen_and_no_network(command):
    """Headless commands stay light: nothing of Textual, HTTP or the models is imported for them."""
    code = f"import sys; from tui.cli import run; run({command!r}); print(sorted(m for m in ('textual','httpx','numpy','sqlite_utils','lark','py3langid') if m in sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().splitlines()[-1] == "[]"


def test_list_loads_no_screen_and_no_network(archive, tmp_path):
    code = (
        f"import sys; from tui.cli import run; run(['--db', {str(tmp_path / 'desk.db')!r}, 'list', '--json']); "
        "print(sorted(m for m in ('textual','rich','httpx','numpy','sqlite_utils','lark','py3langid','msgspec') if m in sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().splitlines()[-1] == "[]"


def test_files_are_private(archive, tmp_path):
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("desk.db*")}
    assert set(modes.values()) == {0o600}, modes


def test_a_collector_ends_with_the_desk_that_started_it(run, tmp_path):
    """A desk that was killed cannot end its child; nobody wants one that polls on unseen."""
    import os
    import time

    config = tmp_path / "c.toml"
    config.write_text('[desk]\nallow_hosts = ["127.0.0.1:9"]\n[[topics]]\nname = "A"\nquery = "a"\n[[sources]]\nkind = "feed"\nurl = "http://127.0.0.1:9/x"\n', encoding="utf-8")
    command = [sys.executable, "-m", "tui", "--db", str(tmp_path / "d.db"), "--config", str(config), "poll", "--child-of"]
    code = f"import os, subprocess, time; p = subprocess.Popen([*{command!r}, str(os.getpid())]); print(p.pid, flush=True); time.sleep(120)"
    desk = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(desk.stdout.readline())
    time.sleep(0.5)
    desk.kill()
    desk.wait()
    ended = time.monotonic() + 60
    while time.monotonic() < ended:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(child, 9)
    raise AssertionError("the collector goes on without its desk")
