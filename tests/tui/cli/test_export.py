"""`export` and `metrics` as scripts call them."""

from __future__ import annotations

import json


def test_a_profile_keeps_columns(archive, tmp_path):
    assert archive("export", "--columns", "id,author", "--save-profile", "short", "-o", str(tmp_path / "a.csv")).code == 0
    assert archive("export", "--profile", "short", "-o", str(tmp_path / "b.csv")).code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    result = archive("export", "--profile", "shrt")
    assert result.code == 2 and "short" in result.err


def test_an_earlier_export_comes_out_again(archive, tmp_path):
    """A figure in last week's slides must be found again, whatever was done since."""
    import time
    from datetime import UTC, datetime

    assert archive("tag", "1", "lost-bag").code == 0
    assert archive("export", "-o", str(tmp_path / "then.csv")).code == 0
    then = datetime.now(UTC).isoformat()
    time.sleep(0.01)
    for command in (("tag", "2", "praise"), ("close", "1"), ("assign", "3", "sam"), ("untag", "1", "lost-bag")):
        assert archive(*command).code == 0
    assert archive("export", "-o", str(tmp_path / "now.csv")).code == 0
    assert archive("export", "--as-of", then, "-o", str(tmp_path / "again.csv")).code == 0
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "then.csv").read_bytes() != (tmp_path / "now.csv").read_bytes()
    assert [row["id"] for row in archive("list", "--tag", "lost-bag", "--as-of", then, "--json").json] == [1]
    assert archive("list", "--as-of", "2999-01-01").code == 2


def test_a_stream_and_an_unknown_incident(archive, tmp_path):
    archive("assign", "1", "me")
    assert len(archive("export", "--stream", "mine", "--columns", "id").out.splitlines()) == 2
    assert archive("export", "--incident", "99").code == 2


def test_metrics_print_json_and_open_their_rows(archive):
    archive("close", "1")
    told = json.loads(archive("metrics", "--since", "2026-01-01", "--by", "operator", "--json").out)
    assert told["figures"]["resolution"]["n"] == 1 and told["figures"]["resolution"]["formula"]
    assert told["groups"][0]["name"] == "nora"
    assert archive("metrics", "--rows", "resolution").out.split() == ["1"]
    assert archive("metrics", "--rows", "nonsense").code == 2
    assert "First response time" in archive("metrics").out
