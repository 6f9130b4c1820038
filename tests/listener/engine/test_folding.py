"""Copies on their way in: one row with a count, also across sources, pages and restarts."""

from __future__ import annotations

import pytest

from listener.domain.author import Author
from listener.domain.mention import Mention
from listener.domain.topic import Topic
from listener.engine.folding import Copies
from listener.engine.ingest import Ingest
from listener.store.connection import Store
from listener.store.filters import Filter
from listener.store.mentions import Mentions

NOW = 1_774_000_000_000
TEXT = "Aurora is hiding a fuel leak on its new jets, ask your crew before you board tonight"
TOPICS = (Topic("Aurora", queries=("aurora",)), Topic("Borealis", "competitor", queries=("borealis",)))


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "desk.db", clock=lambda: NOW) as opened:
        yield opened


def mention(n, text=TEXT, *, source="mastodon", **more):
    return Mention(source, str(n), text, NOW - 60_000 + n * 1000, Author(f"p{n}", f"p{n}"), **more)


def take(store, *mentions, copies=None):
    ingest = Ingest(store, TOPICS, None, copies or Copies(store))
    ingest.store_page(ingest.file(mentions))


def shown(store):
    return [(entry.native_id, entry.duplicates) for entry in Mentions(store).page(Filter(order="oldest")).entries]


def test_copies_of_one_page_are_one_row(store):
    take(store, mention(1), mention(2, TEXT + "!"), mention(3, "RT " + TEXT), mention(4, "Aurora lost my bag again, third time this year"))
    assert shown(store) == [("1", 2), ("4", 0)]


def test_a_copy_on_another_network_after_a_restart_folds_too(store):
    """The storm does not stop at a network's border, and a restart must not begin a second row."""
    take(store, mention(1))
    take(store, mention(2, TEXT + " #boycott", source="bluesky"))
    take(store, mention(3, TEXT.upper(), source="bluesky"))
    assert shown(store) == [("1", 2)]
    first = Mentions(store).page(Filter()).entries[0]
    assert [entry.source for entry in Mentions(store).folded(first.id)] == ["bluesky", "bluesky"]


def test_a_page_that_is_read_twice_counts_once(store):
    copies = Copies(store)
    for _ in range(2):
        take(store, mention(1), mention(2), copies=copies)
    assert shown(store) == [("1", 1)]


def test_topics_do_not_share_rows(store):
    """A text about a rival is not hidden in a row of ours."""
    take(store, mention(1, "aurora what a journey, thank you all for everything"), mention(2, "borealis what a journey, thank you all for everything"))
    assert len(shown(store)) == 2


@pytest.mark.parametrize("more", [{"own": True}, {"visibility": "direct"}])
def test_own_and_private_posts_stand_for_themselves(store, more):
    take(store, mention(1), mention(2, **more))
    assert sum(entry.duplicates for entry in Mentions(store).page(Filter()).entries) == 0


def test_a_short_answer_in_a_thread_is_never_folded(store):
    """Two customers who say thank you are two people who wait or do not."""
    take(store, mention(1, "thank you aurora"), mention(2, "thank you aurora", parent_id="77"), mention(3, "thank you aurora", parent_id="78"))
    assert len(shown(store)) == 3
