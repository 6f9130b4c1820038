"""What somebody meets who uses the command line for the first time: everything that is missing is said, with what to do."""

from __future__ import annotations

import io
import sys

import pytest

CONFIG = """
[desk]
allow_hosts = ["127.0.0.1:9"]
[[topics]]
name = "Acme"
query = "acme"
[[sources]]
kind = "feed"
url = "http://127.0.0.1:9/x"
every = "1h"
"""


def test_init_asks_nobody_in_a_script(run, tmp_path, monkeypatch):
    """A script has no one to type the brand: it is told which option to use, instead of `Interrupted`."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    result = run("--config", str(tmp_path / "c.toml"), "init")
    assert result.code == 2 and "--brand" in result.err
    assert not (tmp_path / "c.toml").exists()


def test_init_says_at_once_that_there_is_one(run, tmp_path):
    """Before anything is asked: an answer that is thrown away annoys."""
    (tmp_path / "c.toml").write_text(CONFIG, encoding="utf-8")
    result = run("--config", str(tmp_path / "c.toml"), "init", "--brand", "Acme")
    assert result.code == 2 and "--force" in result.err
    assert (tmp_path / "c.toml").read_text(encoding="utf-8") == CONFIG


@pytest.mark.parametrize("command", [[], ["watch", "acme"]])
def test_the_desk_wants_a_terminal(archive, command, monkeypatch):
    """In a pipe it would wait for keys for ever and fill the pipe with escapes."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    result = archive(*command)
    assert result.code == 2 and "terminal" in result.err and "\x1b" not in result.out


def test_a_query_over_an_old_archive_says_how_far_back_to_look(archive):
    """`0 of 0` reads like a query that finds nothing."""
    result = archive("query", "test", "bag", "--since", "1d")
    assert "0 of 0" in result.out and "--since 2026-03-02" in result.err


def test_a_round_with_nothing_due_says_so(run, tmp_path):
    (tmp_path / "c.toml").write_text(CONFIG, encoding="utf-8")
    first = run("--config", str(tmp_path / "c.toml"), "poll", "--once")
    assert first.code == 1 and "1 failed" in first.out
    second = run("--config", str(tmp_path / "c.toml"), "poll", "--once")
    assert second.code == 0 and "--all" in second.out


def test_a_key_that_no_source_has_is_named_with_its_line(run, tmp_path):
    """The line of the key, not of the section that it stands in."""
    (tmp_path / "c.toml").write_text(CONFIG + 'allow = "x"\n', encoding="utf-8")
    result = run("--config", str(tmp_path / "c.toml"), "poll", "--once")
    line = len(CONFIG.splitlines()) + 1
    assert result.code == 2 and f"c.toml:{line}:1: sources[0].allow" in result.err


def test_an_unknown_topic_is_answered_with_the_names_as_written(archive):
    result = archive("list", "--topic", "Nope")
    assert result.code == 2 and "Aurora, Borealis" in result.err


def test_sources_are_listed_by_either_command(run, tmp_path):
    (tmp_path / "c.toml").write_text(CONFIG, encoding="utf-8")
    config = ("--config", str(tmp_path / "c.toml"))
    assert run(*config, "sources", "list", "--json").json == run(*config, "sources", "--json").json != []


def test_the_doctor_tries_what_only_opening_a_source_would_show(run, tmp_path):
    """A tick beside a configuration that cannot collect sends people looking elsewhere."""
    (tmp_path / "c.toml").write_text(CONFIG + '[[sources]]\nkind = "feed"\nurll = "x"\n[[sources]]\nkind = "mastodn"\n', encoding="utf-8")
    result = run("--config", str(tmp_path / "c.toml"), "doctor")
    assert result.code == 1
    assert "sources[1].urll" in result.out and "sources[2].kind: there is no network 'mastodn'" in result.out
