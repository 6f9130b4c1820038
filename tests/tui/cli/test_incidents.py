"""`incidents`, `notify` on the command line: the promised keys, the acts, the exit codes, and no markup from strangers."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime, timedelta

import pytest

KEYS = {"id", "topic", "severity", "state", "opened_at", "why", "signals"}
BEGAN = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
def crisis(run, tmp_path):
    """Four days of an airline's mentions and an hour of an outage, imported."""
    dice, rows = random.Random(4), []
    for n in range(900):
        at = BEGAN - timedelta(seconds=dice.randrange(4 * 86_400))
        rows.append((f"a{n}", "Aurora", f"On board with aurora number {n}, window seat and a nice view", at, dice.randrange(500)))
    for n in range(80):
        at = BEGAN + timedelta(seconds=dice.randrange(2_400))
        rows.append((f"b{n}", "Aurora", f"aurora outage: \x1b[31mflight {n} cancelled, still waiting for a refund, this is terrible", at, 10 * n))
    file = tmp_path / "crisis.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "topic", "text", "created_at", "followers"])
        writer.writerows((id_, topic, text, at.isoformat(), followers) for id_, topic, text, at, followers in rows)
    assert run("import", str(file), "--map", "topic=topic").code == 0
    return run


def test_an_imported_archive_has_its_incidents_with_the_promised_keys(crisis):
    rows = crisis("incidents", "--json").json
    assert rows
    for row in rows:
        assert set(row) >= KEYS
        assert all(set(signal) >= {"name", "value", "threshold", "points", "text"} for signal in row["signals"])
    assert rows[0]["topic"] == "Aurora"
    assert rows[0]["opened_at"].startswith("2026-03-09T12:")
    assert rows[0]["severity"] in rows[0]["why"]


def test_an_empty_desk_has_an_empty_list(archive):
    found = archive("incidents", "--json")
    assert (found.code, found.json) == (0, [])
    assert "No incidents" in archive("incidents").err


def test_a_shift_on_one_incident(crisis):
    id_ = str(crisis("incidents", "--json").json[0]["id"])
    for arguments in (("reopen", id_), ("ack", id_), ("assign", id_, "theo"), ("note", id_, "on", "it"), ("mute", id_), ("mute", id_, "--off"), ("severity", id_, "SEV2")):
        assert crisis("incidents", *arguments).code == 0, arguments
    row = crisis("incidents", "--json").json[0]
    assert (row["state"], row["owner"], row["severity"]) == ("acknowledged", "theo", "SEV2")
    assert crisis("incidents", "resolve", id_, "--cause", "gateway", "--real").code == 0
    row = crisis("incidents", "--state", "resolved", "--json").json[0]
    assert (row["state"], row["cause"], row["real"]) == ("resolved", "gateway", True)
    assert crisis("incidents", "--state", "active", "--json").json == []


def test_split_and_merge(crisis):
    id_ = crisis("incidents", "--json").json[0]["id"]
    whole = crisis("incidents", "show", str(id_), "--json").json[0]
    part = [str(one) for one in whole["evidence_ids"][:3]]
    assert crisis("incidents", "split", str(id_), *part, "--label", "refunds").code == 0
    new = max(row["id"] for row in crisis("incidents", "--json").json)
    assert new != id_
    assert crisis("incidents", "merge", str(id_), str(new)).code == 0
    assert new not in [row["id"] for row in crisis("incidents", "--json").json]
    assert crisis("incidents", "split", str(new)).code == 0
    assert new in [row["id"] for row in crisis("incidents", "--json").json]


def test_what_is_shown_cannot_steer_the_terminal(crisis):
    id_ = str(crisis("incidents", "--json").json[0]["id"])
    for arguments in (("show", id_), ("report", id_), ("report", id_, "--format", "html")):
        assert "\x1b" not in crisis("incidents", *arguments).out


def test_evidence_opens_as_a_list(crisis):
    """Every number opens its mentions: the ids of the evidence are ids of `list`."""
    whole = crisis("incidents", "show", str(crisis("incidents", "--json").json[0]["id"]), "--json").json[0]
    assert len(whole["evidence_ids"]) == whole["facts"]["mentions"] >= 60
    assert "outage" in crisis("show", str(whole["evidence_ids"][0]), "--json").json[0]["text"]
    assert {"start", "counts", "hourly", "threshold_per_hour"} <= set(whole["curve"])


def test_a_backtest_of_stricter_rules_finds_less(crisis, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text("[severities]\nSEV4 = 90\nSEV3 = 91\nSEV2 = 92\nSEV1 = 93\n")
    found = crisis("incidents", "backtest", "--json")
    assert found.code == 0
    assert [row["topic"] for row in found.json[0]["fired"]] == [row["topic"] for row in crisis("incidents", "--json").json]
    strict = crisis("incidents", "backtest", "--rules", str(rules))
    assert "fall away" in strict.out
    rules.write_text("[points]\nnonsense = 1\n")
    wrong = crisis("incidents", "backtest", "--rules", str(rules))
    assert (wrong.code, "nonsense" in wrong.err) == (2, True)


def test_what_does_not_exist_is_named(crisis):
    for arguments in (("show", "99"), ("ack", "99"), ("split", "1", "999999"), ("resolve", "99", "--cause", "x")):
        wrong = crisis("incidents", *arguments)
        assert wrong.code == 2, arguments
        assert wrong.err.startswith("listener: ")


def test_channels_are_tried_out(crisis, tmp_path):
    """The test of a channel goes the whole way to the program, and a broken one fails the command."""
    import sys

    out = tmp_path / "told.json"
    config = tmp_path / "listener.toml"
    script = f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())"
    config.write_text(
        f'[[topics]]\nname = "Aurora"\nquery = "aurora"\n[[notify.channels]]\nname = "pager"\nkind = "command"\ncommand = {json.dumps([sys.executable, "-c", script])}\n'
        '[[notify.channels]]\nname = "broken"\nkind = "command"\ncommand = ["/nonexistent"]\n'
    )
    assert crisis("--config", str(config), "notify", "test", "pager").code == 0
    assert json.loads(out.read_text())["test"] is True
    both = crisis("--config", str(config), "notify", "test")
    assert (both.code, "broken" in both.err) == (1, True)
    assert crisis("--config", str(config), "notify", "log").code == 0


def test_the_drills_are_listed(run):
    listed = run("drill", db=None)
    assert listed.code == 0
    assert {"outage", "false_alarm", "product_recall"} <= {line.split()[0] for line in listed.out.splitlines()}
