"""People: found by any of their names, linked by hand, undone like everything else, and sorted by what their history says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.query.parse import parse
from listener.domain.segments import SEGMENTS, History, pack, segments, unpack
from listener.engine.people import person, resolve
from listener.engine.triage import Triage
from listener.errors import Conflict, InputError, QueryError
from listener.store.filters import Filter
from listener.store.mentions import Mentions
from listener.store.people import People

from .conftest import BAD, GOOD, NOW, filing

DAY = 86_400_000


@pytest.fixture
def crowd(store, add):
    """ann on two networks under one handle, bo who links to cy's page, an angry regular, a loud voice."""
    ids = add(
        filing(1, author="annika"),
        filing(2, author="annika@social.example", source="bluesky"),
        filing(3, "see https://cy.example/me.", author="boris"),
        filing(4, author="cy"),
        *(filing(10 + n, author="dora", sentiment=BAD, created_at=NOW - n * DAY) for n in range(5)),
        *(filing(20 + n, author="emil", sentiment=GOOD, source="bluesky") for n in range(2)),
    ).new
    store.write(lambda connection: connection.execute("UPDATE author SET url = 'https://cy.example/me' WHERE handle = 'cy'") and None)
    store.write(lambda connection: connection.execute("UPDATE author SET followers = 20000 WHERE handle = 'cy'") and None)
    people = People(store)
    people.refresh(ids)
    return people


def author(store, handle):
    return store.read().execute("SELECT id FROM author WHERE handle = ?", (handle,)).fetchone()[0]


def test_segments_follow_from_history_and_are_usable_in_queries(store, crowd):
    """What is shown in the list is what a query finds."""
    mentions = Mentions(store)
    for name, handles in {"first-timer": {"annika", "annika@social.example", "boris", "cy"}, "regular": {"dora"}, "detractor": {"dora"}, "promoter": {"emil"}, "influencer": {"cy"}}.items():
        found = mentions.page(Filter(parse(f"segment:{name}"))).entries
        assert {entry.author.handle for entry in found} == handles, name
        assert all(name in entry.segments for entry in found)
    with pytest.raises(QueryError, match="no segment"):
        mentions.count(Filter(parse("segment:gold")))


def test_a_handle_elsewhere_and_a_link_are_only_guesses(store, crowd):
    """Two people may share a name: somebody has to say so."""
    annika, boris = author(store, "annika"), author(store, "boris")
    assert [(guess.identity.handle, guess.why) for guess in crowd.guesses(annika)] == [("annika@social.example", "the same handle as @annika")]
    assert [(guess.identity.handle, guess.why) for guess in crowd.guesses(boris)] == [("cy", "links to https://cy.example/me")]
    assert crowd.members(annika) == [annika]
    with pytest.raises(InputError, match="Several people"):
        resolve(store, "@annika")


def test_linked_accounts_are_one_page_and_one_history(store, crowd):
    one, other = author(store, "annika"), author(store, "annika@social.example")
    crowd.link(one, other, "nora")
    page = person(store, resolve(store, "annika"))
    assert ({entry.author.handle for entry in page.mentions}, page.total, page.guesses) == ({"annika", "annika@social.example"}, 2, [])
    assert "first-timer" not in page.segments == crowd.segments(other)
    with pytest.raises(InputError, match="already"):
        crowd.link(other, one, "nora")


def test_links_are_undone_like_any_keystroke(store, crowd):
    one, other, third = author(store, "annika"), author(store, "annika@social.example"), author(store, "boris")
    hands = Triage(store, "nora")
    crowd.link(one, other, "nora")
    crowd.link(third, other, "nora")
    assert crowd.members(one) == sorted([one, other, third])
    hands.undo()
    assert crowd.members(one) == sorted([one, other]) and crowd.members(third) == [third]
    crowd.unlink(one, "nora")
    assert crowd.members(one) == [one] and crowd.segments(one) == ("first-timer",)
    hands.undo()
    assert crowd.members(one) == sorted([one, other])


def test_undo_does_not_overwrite_what_a_colleague_linked_since(store, crowd):
    one, other, third = author(store, "annika"), author(store, "annika@social.example"), author(store, "boris")
    crowd.link(one, other, "nora")
    crowd.link(one, third, "sam")
    with pytest.raises(Conflict):
        Triage(store, "nora").undo()
    assert crowd.members(one) == sorted([one, other, third])


def test_a_page_shows_everything_that_was_said_and_done(store, crowd):
    """Customers never repeat themselves: whoever opens the page knows what the others know."""
    dora = author(store, "dora")
    (newest, *_) = crowd.mention_ids([dora])
    hands = Triage(store, "nora")
    hands.tag([newest], "refund")
    hands.note(newest, "called her")
    page = person(store, dora)
    assert [(note[0], note[3]) for note in page.notes] == [(newest, "called her")]
    assert page.tags == [("refund", 1)]
    assert sum(month.n for month in page.months) == 5 and all(month.compound == -0.6 for month in page.months)
    assert set(page.segments) == {"regular", "detractor"}


def test_authors_nobody_has_looked_at_are_caught_up_with(store, add):
    add(filing(1, author="annika"))
    people = People(store)
    assert Mentions(store).count(Filter(parse("segment:first-timer"))).n == 0
    assert people.catch_up() == 1
    assert people.catch_up() == 0
    assert Mentions(store).count(Filter(parse("segment:first-timer"))).n == 1


@given(st.lists(st.integers(0, NOW), max_size=60), st.integers(0, 20), st.integers(0, 20), st.integers(0, 50_000))
def test_nobody_is_for_and_against_us_at_once(at, positive, negative, followers):
    """Whatever the numbers, segments are names of the table and do not contradict one another."""
    found = segments(History(at, positive, negative, followers))
    assert set(found) <= set(SEGMENTS) and not {"promoter", "detractor"} <= set(found) and not {"first-timer", "regular"} <= set(found)
    assert unpack(pack(found)) == found


def test_only_what_has_reached_them_counts_as_an_answer(store, crowd):
    """"2 replies from us" on a card must not count drafts and failures."""
    author_id, mention_id = store.read().execute("SELECT author_id, id FROM mention LIMIT 1").fetchone()
    assert People(store).answered(author_id) == 0
    row = "INSERT INTO outbox (mention_id, source_id, text, digest, key, state, author, created_at) SELECT ?, source_id, 't', 'd', ?, ?, 'nora', 1 FROM mention WHERE id = ?"
    for key, state in enumerate(("draft", "sent", "failed", "sent", "unknown")):
        store.write(lambda connection, key=key, state=state: connection.execute(row, (mention_id, str(key), state, mention_id)) and None)
    assert People(store).answered(author_id) == 2
