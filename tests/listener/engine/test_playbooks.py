"""Playbooks: read from files, found by tag, ticked by people, complained about when they do not add up."""

from __future__ import annotations

import contextlib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.config import Config, Replies, loads
from listener.config import Playbooks as Setting
from listener.domain.case import Severity
from listener.domain.playbook import fitting, lint, parse
from listener.engine.playbooks import Playbooks, boxes, tick
from listener.errors import InputError
from listener.store.connection import Store
from listener.store.journal import Journal

LEAD = """---
tags: [sales-lead, Quote]
title: Somebody wants to buy
owner: sales
severity: SEV4
naming: quote as soon as a price was named
replies: [lead]
---
What it is: a charter.

- [ ] Thank them.
- [ ] Assign to sales.

Ask the lead of sales when in doubt.
"""


def test_a_playbook_is_read_whole():
    book = parse(LEAD, "sales-lead")
    assert (book.tags, book.owner, book.severity, book.replies) == (("sales-lead", "quote"), "sales", Severity.SEV4, ("lead",))
    assert (book.meaning, book.steps, book.after) == ("What it is: a charter.", ("Thank them.", "Assign to sales."), "Ask the lead of sales when in doubt.")


def test_it_is_found_by_tag_before_kind():
    lead, sorry = parse(LEAD, "sales-lead"), parse("---\ntag: complaint\n---\n- [ ] Sorry.", "complaint")
    assert fitting([sorry, lead], ("quote",), ("complaint",)) == [lead, sorry]
    assert fitting([sorry, lead], (), ("lead",)) == [lead]
    assert fitting([sorry, lead], ("nothing",)) == []


def test_lint_says_what_does_not_add_up():
    """Each complaint once, in words that say what to mend."""
    books = [parse(LEAD, "one"), parse("---\ntag: quote\nowner: nobody\ncolour: red\n---\n- [ ] a\n- [ ] a", "two"), parse("text", "three")]
    said = {f"{name}: {text}" for name, text in lint(books, people={"sales"}, replies={"sorry"}, used=["refund", "quote"])}
    for part in ("one: names a saved reply", "two: belongs to 'nobody'", "two: has the same step twice", "two: has a key", "two: explains 'quote'", "three: has no tag", "three: has no steps", "three: has no owner", ": The tag 'refund'"):
        assert any(line.startswith(part) for line in said), part


@pytest.mark.parametrize("content", ["---\ntag: a\n", "---\nseverity: bad\n---\n", "---\ntag: a(b\n---\n"])
def test_what_cannot_be_read_names_its_file(content):
    with pytest.raises(InputError, match=r"broken\.md"):
        parse(content, "broken", where="broken.md")


@given(st.text())
def test_no_text_breaks_the_reader(content):
    """Somebody edits these files at night: InputError or a playbook, nothing else."""
    with contextlib.suppress(InputError):
        parse(content, "any")


def test_boxes_are_ticked_for_one_case_and_journalled(tmp_path):
    book = parse(LEAD, "sales-lead")
    with Store(tmp_path / "desk.db", clock=lambda: 1_774_000_000_000) as store:
        tick(store, "incident", 7, book, 2, "nora")
        tick(store, "incident", 7, book, 2, "theo")
        assert [box.done.operator if box.done else None for box in boxes(store, "incident", 7, book)] == [None, "nora"]
        assert not any(box.done for box in boxes(store, "mention", 7, book))
        reordered = parse(LEAD.replace("- [ ] Thank them.\n", ""), "sales-lead")
        assert boxes(store, "incident", 7, reordered)[0].done is not None
        tick(store, "incident", 7, book, 2, "theo", done=False)
        assert [line.action for line in Journal(store).of("incident", 7)] == ["step.done", "step.undone"]
        with pytest.raises(InputError, match="no step 3"):
            tick(store, "incident", 7, book, 3, "nora")


def test_the_demos_playbooks_have_nothing_wrong_with_them(tmp_path):
    """They are what people copy."""
    folder = files("sources.sandbox").joinpath("demo_desk")
    for kind in ("playbooks", "replies"):
        (tmp_path / kind).mkdir()
        for entry in folder.joinpath(kind).iterdir():
            (tmp_path / kind / entry.name).write_text(entry.read_text("utf-8"), "utf-8")
    config = loads('[desk]\nteams = { support = ["a"], sales = ["b"], duty = ["c"] }\n').changed(playbooks=Setting(str(tmp_path / "playbooks")), replies=Replies(saved=str(tmp_path / "replies")))
    books = Playbooks(config)
    assert len(books.all()) >= 6
    assert books.problems() == []
    assert Playbooks(Config().changed(playbooks=Setting(str(tmp_path / "nowhere")))).problems()[0][1].endswith("does not exist.")
