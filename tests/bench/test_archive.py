"""The generator of archives."""

from __future__ import annotations

from pathlib import Path

from listener.store.connection import Store
from tests.bench import archive


def test_what_the_generator_wrote_past_the_store_is_what_the_store_would_have_written(tmp_path: Path) -> None:
    """Benches would measure a database that cannot exist: counters, tag tables and the index must agree with the rows."""
    with archive.make(tmp_path / "a.db", 600, open_=200) as store:
        read = store.read()
        assert read.execute("SELECT count(*) FROM mention").fetchone()[0] == 600
        counted = read.execute("SELECT topic_id, urgency, state, count(*) FROM mention WHERE leader_id IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3").fetchall()
        assert read.execute("SELECT * FROM counter WHERE n <> 0 ORDER BY 1, 2, 3").fetchall() == counted
        tagged = "SELECT t.id, m.urgency, m.created_at, m.id FROM mention m JOIN tag t ON t.name = m.tags WHERE m.state = 0 AND m.leader_id IS NULL ORDER BY 1, 2, 3, 4"
        assert read.execute("SELECT * FROM inbox_tag ORDER BY 1, 2, 3, 4").fetchall() == read.execute(tagged).fetchall()
        assert read.execute("SELECT count(*) FROM mention_tag").fetchone() == read.execute("SELECT count(*) FROM mention WHERE tags <> ''").fetchone()
        assert read.execute("SELECT sum(n) FROM volume").fetchone() == read.execute("SELECT sum(n) FROM rollup").fetchone()
        assert store.check(full=True) == "ok"


def test_the_same_seed_is_the_same_archive(tmp_path: Path) -> None:
    """Figures of two machines can only be compared over the same rows."""
    assert list(archive.filings(50, seed=4)) == list(archive.filings(50, seed=4)) != list(archive.filings(50, seed=5))
    with archive.make(tmp_path / "a.db", 300, seed=4, open_=100) as one, Store(tmp_path / "a.db") as again:
        assert one.read().execute("SELECT sum(urgency), sum(state) FROM mention").fetchone() == again.read().execute("SELECT sum(urgency), sum(state) FROM mention").fetchone()
