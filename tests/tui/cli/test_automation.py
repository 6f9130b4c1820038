"""`rules`, `streams`, `history`, `undo` as scripts use them."""

from __future__ import annotations

import pytest

CONFIG = """
[desk]
time_zone = "Europe/Athens"
teams = { support = ["nora"] }

# what we wait for
[[streams]]
name = "Bags"
query = "bag"

[[rules]]
name = "bags"
when = "bag"
then = { assign = "support", tag = "bag" }

[[rules]]
name = "none"
when = "zeppelin"
"""


@pytest.fixture
def desk(archive, tmp_path):
    file = tmp_path / "listener.toml"
    file.write_text(CONFIG)

    def call(*arguments):
        return archive("--config", str(file), *arguments)

    call.file = file
    return call


def test_rules_are_tried_run_and_taken_back(desk):
    assert [rule["name"] for rule in desk("rules", "--json").json] == ["bags", "none"]
    tried = desk("rules", "test", "bags", "--since", "2026-01-01", "--json").json
    assert (tried["fits"], tried["looked_at"]) == (1, 4)
    dry = desk("rules", "run", "--dry-run", "--since", "2026-01-01", "--json").json
    assert [(deed["mention"], deed["dry"], deed["changes"]["assignee"]) for deed in dry] == [(1, True, "support")]
    assert desk("show", "1", "--json").json[0]["assignee"] is None
    assert desk("rules", "run", "--since", "2026-01-01").code == 0
    assert desk("rules", "run", "--since", "2026-01-01").code == 3
    assert desk("show", "1", "--json").json[0]["tags"] == ["bag"]
    assert desk("rules", "list", "--json").json[0]["dealt_with"] == 1
    (run,) = desk("history", "--rule", "bags", "--json").json
    assert (run["ids"], run["rule"], run["undoable"]) == ([1], "bags", True)
    assert desk("undo", "--rule", "bags", "--json").json == {"undone": "rule 'bags'", "changed": [1], "kept": []}
    assert desk("show", "1", "--json").json[0]["tags"] == []
    assert desk("undo", "--rule", "bags").code == 2


def test_any_batch_of_the_history_can_be_undone(desk):
    desk("tag", "1", "2", "late")
    desk("assign", "3", "nora")
    batch = next(stroke["batch"] for stroke in desk("history", "--json").json if stroke["actions"] == ["tag"])
    assert desk("undo", batch).code == 0
    rows = {row["id"]: row for row in desk("list", "--json").json}
    assert (rows[1]["tags"], rows[2]["tags"], rows[3]["assignee"]) == ([], [], "nora")
    assert next(stroke for stroke in desk("history", "--json").json if stroke["batch"] == batch)["undone"]


def test_streams_are_edited_in_the_file_and_its_comments_stay(desk):
    assert desk("streams", "add", "Late", "late OR delayed", "--key", "1", "--group", "ops").code == 0
    assert desk("streams", "change", "bags", "--query", "bag*").code == 0
    assert desk("streams", "add", "Broken", "bag AND").code == 2
    listed = {row["name"]: row for row in desk("streams", "--json").json}
    assert (listed["Late"]["key"], listed["Late"]["group"], listed["Bags"]["query"], listed["Bags"]["count"]) == ("1", "ops", "bag*", 1)
    assert [row["id"] for row in desk("streams", "show", "bags", "--json").json] == [1]
    assert desk("streams", "remove", "Late").code == 0
    assert "Late" not in desk("streams").out
    assert "# what we wait for" in desk.file.read_text()


@pytest.mark.parametrize("arguments", [("rules", "test", "bagz"), ("streams", "remove", "nope"), ("undo", "--since", "1d"), ("undo", "nosuchbatch")])
def test_what_does_not_exist_is_said_in_words(desk, arguments):
    result = desk(*arguments)
    assert result.code == 2 and result.err.startswith("listener: ") and "Traceback" not in result.err
