"""Saved replies are found by what people remember of them, suggested where they fit, and never sent half filled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.domain.author import Author
from listener.domain.case import Severity, State
from listener.domain.front_matter import parse
from listener.domain.mention import Engagement, Entry
from listener.domain.saved_replies import Filling, SavedReply, search, suggest
from listener.domain.sentiment import UNSCORED
from listener.domain.wording import changes, marked
from listener.errors import InputError

BAG = SavedReply("bag", "Lost bag, first steps", "Hello {name}, we are sorry about your suitcase. Which flight was it?", ("complaint",), words=("luggage",))
LEAD = SavedReply("lead", "To sales", "Hello {name|there}, sales writes to you.", ("sales-lead",))
DANKE = SavedReply("danke", "Danke", "Danke, {first_name}!", ("praise",), lang="de")
SORRY = SavedReply("sorry", "Sorry in general", "We are sorry. ^{initial}")
ALL = [BAG, LEAD, DANKE, SORRY]

MENTION = Entry(
    id=1, source="mastodon", native_id="1", text="where is my suitcase?", created_at=0, received_at=0, author_id=1, author=Author("1", "ann@x.example", "Ann  Lee"), url="",
    title="", lang="en", lang_confidence=1, parent_id="", thread_id="", visibility="public", engagement=Engagement(), edited_at=None, deleted_at=None, reply_ref="", own=False,
    topic="Aurora", topics=("Aurora",), sentiment=UNSCORED, machine=UNSCORED, kinds=(("complaint", 0.9),), tags=(), state=State.OPEN, severity=Severity.NONE, assignee="",
    task_kind=None, due_at=None, snoozed_until=None, duplicates=0, leader_id=None, permalinks=(), version=1,
)  # fmt: skip
FILLING = Filling.of(MENTION, "nora")


@pytest.mark.parametrize(("asked", "first"), [("lost", "bag"), ("lugg", "bag"), ("sales", "lead"), ("SUITCASE flight", "bag"), ("sorry", "sorry")])
def test_search_finds_by_title_tags_words_and_beginnings(asked, first):
    assert search(ALL, asked)[0].name == first


def test_search_wants_every_word_and_without_words_lists_all():
    assert search(ALL, "lost sales") == []
    assert len(search(ALL, " ")) == 4


def test_what_fits_the_mention_comes_first_and_says_why():
    best = suggest(ALL, MENTION, FILLING)
    assert best[0].saved is BAG and "suitcase" in best[0].why
    assert best[0].text.startswith("Hello Ann  Lee, we are sorry")
    assert DANKE not in [one.saved for one in best], "another language"
    tagged = suggest(ALL, replace(MENTION, tags=("sales-lead",), text="hi", kinds=()), FILLING)
    assert (tagged[0].saved, tagged[0].why) == (LEAD, "tagged sales-lead")


def test_at_most_three_are_suggested_and_none_where_none_fits():
    many = [replace(BAG, name=f"bag{n}") for n in range(9)]
    assert len(suggest(many, MENTION, FILLING)) == 3
    assert suggest([LEAD], replace(MENTION, kinds=(), text="zzz"), FILLING) == []


def test_a_placeholder_without_a_value_falls_back_or_stays_to_be_seen():
    nobody = Filling({"name": ""})
    assert nobody.fill("Hello {name|there}, {name}, { date }") == "Hello there, {name}, { date }"
    assert FILLING.fill("{first name} {handle} {initial}") == "Ann @ann@x.example N"


def test_a_name_cannot_bring_placeholders_of_its_own():
    sly = replace(MENTION, author=Author("1", "x", "{operator} \x1b[2J"))
    assert "{" not in Filling.of(sly, "nora").fill("{name}")
    assert "\x1b" not in Filling.of(sly, "nora").fill("{name}")


def test_front_matter_is_read_with_lists_in_every_spelling():
    read = parse('---\ntitle: "Lost bag"\ntags: [a, "b"]\nwords:\n  - c\n  - d\n# a comment\n---\n\nHello\n--- \nthere\n')
    assert (read.get("title"), read.words("tags"), read.words("words"), read.text) == ("Lost bag", ("a", "b"), ("c", "d"), "Hello\n--- \nthere")
    assert parse("just text").text == "just text"


@pytest.mark.parametrize("text", ["---\ntitle: x\nnever ends", "---\nno key\n---\n"])
def test_front_matter_that_cannot_be_read_names_the_file(text):
    with pytest.raises(InputError, match=r"bag\.md"):
        parse(text, where="bag.md")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_the_difference_of_two_wordings_holds_both(before, after):
    """Law: an approver who reads it has seen every word of both."""
    found = changes(before, after)
    assert "".join(text for what, text in found if what != "gone") == after
    assert "".join(text for what, text in found if what != "new") == before


def test_a_difference_reads_like_one():
    assert marked("We will see", "We shall see") == "We [-will-]{+shall+} see"
    assert marked("Please call +30 210 now", "Please send us your code now") == "Please [-call +30 210-]{+send us your code+} now", "one change, not four"
