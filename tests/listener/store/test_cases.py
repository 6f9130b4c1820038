"""Operators' actions: journalled, counted, undoable, and never lost to somebody else's."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from listener.domain.query.parse import parse
from listener.errors import Conflict, InputError
from listener.store.cases import Cases
from listener.store.filters import Filter
from listener.store.journal import Journal
from listener.store.mentions import Mentions

from .conftest import BAD, filing


def assign(who):
    return lambda work: replace(work, assignee=who)


def close(work):
    return replace(work, state="resolved")


def test_a_change_is_journalled_with_before_and_after(store, add):
    """Metrics, undo and the hand-over read nothing else."""
    (id_,) = add(filing(1)).new
    Cases(store).change([id_], "nora", "assign", assign("sam"))
    line = Journal(store).of("mention", id_)[-1]
    assert (line.operator, line.action, line.before, line.after) == ("nora", "assign", '{"assignee":""}', '{"assignee":"sam"}')


def test_undo_takes_back_a_whole_keystroke(store, add):
    """Marks act together, so they are undone together."""
    ids = add(*[filing(n) for n in range(4)]).new
    cases, mentions = Cases(store), Mentions(store)
    cases.change(ids, "nora", "close", close)
    assert mentions.count(Filter(parse("state:open"))).n == 0
    action, done = cases.undo("nora")
    assert (action, len(done.changed)) == ("close", 4)
    assert mentions.count(Filter(parse("state:open"))).n == 4
    with pytest.raises(InputError, match="nothing"):
        cases.undo("nora")


def test_undo_does_not_overwrite_what_a_colleague_did_since(store, add):
    (id_,) = add(filing(1)).new
    cases = Cases(store)
    cases.change([id_], "nora", "assign", assign("nora"))
    cases.change([id_], "sam", "assign", assign("sam"))
    with pytest.raises(Conflict):
        cases.undo("nora")
    assert Mentions(store).get(id_).assignee == "sam"


def test_a_stale_version_is_refused_and_says_who(store, add):
    (id_,) = add(filing(1)).new
    cases = Cases(store)
    version = Mentions(store).get(id_).version
    cases.change([id_], "sam", "assign", assign("sam"))
    with pytest.raises(Conflict, match="sam"):
        cases.change([id_], "nora", "assign", assign("nora"), expect={id_: version})


def test_a_closed_leader_closes_what_is_folded_into_it(store, add):
    add(filing(1), filing(2, leader="1"))
    Cases(store).change([1], "nora", "close", close, with_folded=True)
    assert [entry.state for entry in Mentions(store).many([1, 2])] == ["resolved", "resolved"]


def test_an_override_moves_the_roll_ups_and_comes_back(store, add):
    """The operator's verdict wins in reports; the machine's is kept beside it."""
    (id_,) = add(filing(1, sentiment=BAD)).new
    cases, mentions = Cases(store), Mentions(store)
    cases.change([id_], "nora", "sentiment", lambda work: replace(work, sentiment="positive"))
    entry = mentions.get(id_)
    assert (entry.sentiment.label, entry.sentiment.scorer, entry.machine.label) == ("positive", "operator", "negative")
    assert store.read().execute("SELECT negative, positive FROM volume").fetchone() == (0, 1)
    cases.undo("nora")
    assert mentions.get(id_).sentiment == BAD
    assert store.read().execute("SELECT n, negative, positive FROM rollup").fetchone() == (1, 1, 0)


def test_tags_keep_both_tag_tables_in_step(store, add):
    (id_,) = add(filing(1)).new
    cases, mentions = Cases(store), Mentions(store)
    cases.change([id_], "nora", "tag", lambda work: replace(work, tags=("lead", "vip")))
    assert [e.id for e in mentions.page(Filter(parse("tag:lead state:open"))).entries] == [id_]
    cases.change([id_], "nora", "severity", lambda work: replace(work, severity=2))
    assert store.read().execute("SELECT DISTINCT urgency FROM inbox_tag").fetchall() == [(3,)]
    cases.change([id_], "nora", "close", close)
    assert store.read().execute("SELECT count(*) FROM inbox_tag").fetchone()[0] == 0
    assert [e.id for e in mentions.page(Filter(parse("tag:lead"))).entries] == [id_]


def test_what_does_not_exist_changes_nothing(store, add):
    (id_,) = add(filing(1)).new
    with pytest.raises(InputError, match="no mention 99"):
        Cases(store).change([id_, 99], "nora", "close", close)
    assert Mentions(store).get(id_).state == "open"


def test_eight_hands_lose_no_update(store, add):
    """Read and write are one transaction: a counter of notes in `due_at` must end at the number of edits."""
    (id_,) = add(filing(1)).new
    cases = Cases(store)

    def hand():
        for _ in range(25):
            cases.change([id_], "nora", "due", lambda work: replace(work, due_at=(work.due_at or 0) + 1))

    threads = [threading.Thread(target=hand) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Mentions(store).get(id_).due_at == 200


def test_a_note_can_be_undone(store, add):
    (id_,) = add(filing(1)).new
    cases = Cases(store)
    cases.add_note(id_, "nora", "called her")
    assert [note.text for note in Mentions(store).notes(id_)] == ["called her"]
    cases.undo("nora")
    assert Mentions(store).notes(id_) == []
