"""The desk as it was: whatever happens afterwards, an export of that instant comes out byte for byte."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.domain.author import Author
from listener.domain.mention import Engagement, Filing, Mention
from listener.errors import ListenerError
from listener.reports.export import write_csv
from listener.store.connection import Store
from listener.store.facts import Facts
from listener.store.figures import Figures, Scope
from listener.store.filters import Filter
from listener.store.intake import Intake
from listener.store.mentions import Mentions
from listener.store.rewind import as_of
from listener.store.surveys import Surveys
from tests.listener.reports.conftest import ADesk
from tests.listener.reports.test_recount import facts_of, play, step

KEPT = ("counter", "volume", "rollup", "mention_tag", "inbox_tag", "journal", "note")


def picture(store: Store) -> dict[str, object]:
    """Everything that readers see."""
    Facts(store).catch_up()
    out = io.StringIO()
    write_csv(store, Filter(folded=False), out)
    read = store.read().execute
    tables = {name: list(read(f"SELECT * FROM {name} ORDER BY 1, 2, 3")) for name in KEPT}
    for name in ("counter", "volume", "rollup"):  # rows that count nothing may be there or not
        width = {"counter": 3, "volume": 2, "rollup": 4}[name]
        tables[name] = [row for row in tables[name] if any(abs(value) > 1e-9 for value in row[width:])]
    for name in ("rollup",):
        tables[name] = [tuple(round(value, 6) if isinstance(value, float) else value for value in row) for row in tables[name]]
    versions = read("SELECT id, version FROM mention ORDER BY id").fetchall()
    voices = {key: voice for key, voice in Figures(store).counted(Scope(0, 1 << 60)).items() if voice.n}
    words = Mentions(store).ids(Filter(folded=False, order="oldest"))
    return {"csv": out.getvalue(), "versions": versions, "voices": voices, "ids": words, **tables}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, min_size=1, max_size=12), st.lists(step, max_size=12))
def test_what_was_exported_then_is_exported_again(before, after):
    """One law for every act of people, networks and the machine."""
    with tempfile.TemporaryDirectory() as folder:
        desk = ADesk(Path(folder) / "desk.db")
        desk.at("2026-03-28 20:00")
        for act, which, how in before:
            _play(desk, act, which, how)
        then, told = desk.time, picture(desk.store)
        told["facts"] = facts_of(desk)
        for act, which, how in after:
            _play(desk, act, which, how)
        with as_of(desk.store, then) as scratch:
            again = picture(scratch)
            again["facts"] = scratch.read().execute("SELECT * FROM fact ORDER BY mention_id").fetchall()
        for name, value in told.items():
            assert again[name] == value, name
        desk.store.close()


def _play(desk, act, which, how):
    with contextlib.suppress(ListenerError):
        play(desk, act, which, how)


def test_authors_edits_replies_and_answers_go_back_too(tmp_path):
    desk = ADesk(tmp_path / "desk.db")
    desk.at("2026-03-20 09:00")
    one = desk.arrive(text="the first words", author="ann", followers=10)
    Surveys(desk.store)
    then, told = desk.time, picture(desk.store)
    desk.time += 1_000
    seen = Mention("mastodon", "n1", "other words", then, Author("ann", "ann", "Ann", followers=99), engagement=Engagement(5, 5, 5), edited_at=desk.time)
    desk.store.write(lambda c: Intake(desk.store).add(c, [Filing(seen, ("Aurora",), "en", 0.9, Mentions(desk.store).get(one).sentiment)]))
    desk.arrive(author="ann", followers=500)
    desk.answer(one)
    with as_of(desk.store, then) as scratch:
        assert picture(scratch) == told
        assert Mentions(scratch).get(one).author.followers == 10
        assert Mentions(scratch).ids(Filter(_query("first"), folded=False)) == [one], "the index finds the words of then"
        assert Mentions(scratch).ids(Filter(_query("other"), folded=False)) == []
    assert Mentions(desk.store).get(one).text == "other words", "the desk itself is untouched"
    desk.store.close()


def _query(text):
    from listener.domain.query.parse import parse

    return parse(text)


def test_erased_words_do_not_come_back(tmp_path):
    """A right that outlives every report."""
    from listener.store.erasure import erase

    desk = ADesk(tmp_path / "desk.db")
    desk.at("2026-03-20 09:00")
    one = desk.arrive(text="my address is …")
    then = desk.time
    desk.time += 1_000
    erase(desk.store, [one], "nora")
    with as_of(desk.store, then) as scratch:
        assert "address" not in Mentions(scratch).get(one).text
    desk.store.close()
