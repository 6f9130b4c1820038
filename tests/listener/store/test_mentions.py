"""Pages are keyset walks: whatever the filter, all rows come once, in order, forwards and backwards."""

from __future__ import annotations

import pytest

from listener.domain.query.parse import parse
from listener.errors import QueryError
from listener.store import filters
from listener.store.cases import Cases
from listener.store.filters import Filter
from listener.store.mentions import Mentions

from .conftest import BAD, GOOD, filing

WORDS = ("refund please", "delayed again", "lovely crew", "航班取消了", "η πτήση καθυστέρησε")


@pytest.fixture
def mentions(store, add):
    """Forty posts of two topics, some of both, some urgent, some tagged, some closed."""
    from dataclasses import replace

    add(
        *[
            filing(
                n,
                f"{WORDS[n % 5]} {n}",
                source=("mastodon", "bluesky")[n % 2],
                topics=(("Aurora",), ("Borealis",), ("Aurora", "Borealis"))[n % 3],
                sentiment=(BAD, GOOD)[n % 2],
                lang=("en", "el")[n % 2],
                created_at=1_774_000_000_000 - (n // 2) * 60_000,
                author=f"user{n % 7}",
                kinds=(("complaint", 0.8),) if n % 4 == 0 else (),
            )
            for n in range(40)
        ]
    )
    cases = Cases(store)
    cases.change(range(1, 41, 5), "nora", "severity", lambda work: replace(work, severity=2))
    cases.change(range(1, 41, 4), "nora", "tag", lambda work: replace(work, tags=("vip",)))
    cases.change(range(1, 41, 9), "nora", "close", lambda work: replace(work, state="resolved"))
    return Mentions(store)


QUERIES = ["", "state:open", "topic:aurora", "topic:Borealis state:open", "tag:vip state:open", "tag:vip", "refund", "航班", "ΠΤΗΣΗ", "refund OR lovely", "refu* -lang:el",
           "lang:el sentiment:positive", "sentiment:<-0.3", "severity:<=2", "source:bluesky refund", "topic:aurora refund", "tag:vip topic:aurora state:open", "author:user3",
           "followers:>100", "kind:complaint", "NOT kind:complaint state:open", "is:contested", '"delayed again"', "delayed NEAR/2 again", "assignee:none", "since:2026-03-20"]  # fmt: skip


@pytest.mark.parametrize("order", ["urgency", "newest", "oldest", "due", "reach", "engagement", "sentiment"])
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("common", [5_000, 3])
def test_small_pages_give_what_one_big_page_gives(mentions, monkeypatch, query, order, common):
    """The virtual list shows pages; none may repeat or skip a row, and going up must be going down reversed."""
    monkeypatch.setattr(filters, "COMMON", common)
    filter_ = Filter(parse(query), order)
    whole = mentions.page(filter_, limit=1000)
    ids = [entry.id for entry in whole.entries]
    assert len(set(ids)) == len(ids)
    assert len(ids) == mentions.count(filter_).n
    down, key = [], None
    while rows := mentions.page(filter_, after=key, limit=7):
        down += [entry.id for entry in rows.entries]
        if len(rows.entries) < 7:
            break
        key = rows.keys[-1]
    assert down == ids
    up, key = [], None
    while rows := mentions.page(filter_, after=key, limit=7, backwards=True):
        up = [entry.id for entry in rows.entries] + up
        if len(rows.entries) < 7:
            break
        key = rows.keys[0]
    assert up == ids


def test_the_queries_above_find_something(mentions):
    """The walk test would hold for empty lists too."""
    empty = [query for query in QUERIES if not mentions.page(Filter(parse(query))).entries]
    assert empty == []


def test_orders_mean_what_they_say(mentions):
    urgent = mentions.page(Filter(parse("state:open"))).entries
    assert [e.severity.urgency for e in urgent] == sorted((e.severity.urgency for e in urgent), reverse=True)
    newest = mentions.page(Filter(order="newest")).entries
    assert [e.created_at for e in newest] == sorted((e.created_at for e in newest), reverse=True)


def test_an_unknown_topic_is_named_with_those_that_exist(mentions):
    with pytest.raises(QueryError, match="Aurora"):
        mentions.page(Filter(parse("topic:nonsense")))


def test_every_inbox_page_walks_an_index(mentions, store):
    """A sort or a scan is invisible at forty rows and a second at a million."""
    for query, order in [("state:open", "urgency"), ("state:open", "newest"), ("tag:vip state:open", "urgency"), ("", "newest"),
                         ("topic:aurora", "newest"), ("sentiment:negative state:open", "urgency")]:  # fmt: skip
        road = filters.plan(Filter(parse(query), order), store.read(), {"aurora": 1}, 0)
        from listener.store.mentions import _statement

        statement, values = _statement(road, None, 128, False)
        steps = " / ".join(row[3] for row in store.read().execute(f"EXPLAIN QUERY PLAN {statement}", values))
        assert "TEMP B-TREE" not in steps, (query, order, steps)
        assert "SCAN m" not in steps or "USING INDEX" in steps, (query, order, steps)


def test_positions_and_anchors_agree(mentions):
    filter_ = Filter(parse("state:open"))
    key = mentions.anchor(filter_, 11)
    assert mentions.position(filter_, key).n == 11
    assert mentions.page(filter_, after=mentions.anchor(filter_, 10), limit=1).keys[0] == key


@pytest.mark.parametrize("order", ["urgency", "newest", "due"])
@pytest.mark.parametrize("query", ["", "state:open", "topic:aurora", "tag:vip state:open", "refund"])
def test_a_jump_by_number_lands_where_walking_does(mentions, query, order):
    """The scroll bar and the arrow keys look at one list."""
    filter_ = Filter(parse(query), order)
    whole = mentions.page(filter_, limit=1000)
    middle = len(whole.keys) // 2
    for skip in (0, 1, middle):
        assert mentions.page(filter_, limit=3, skip=skip).keys == whole.keys[skip : skip + 3]
        assert mentions.page(filter_, limit=3, skip=skip, backwards=True).keys == whole.keys[: len(whole.keys) - skip][-3:]
        assert mentions.page(filter_, after=whole.keys[0], limit=3, skip=skip).keys == whole.keys[1 + skip : 4 + skip]
    ids = [entry.id for entry in whole.entries]
    assert mentions.ids(filter_) == ids
    assert mentions.ids(filter_, whole.keys[1], whole.keys[middle]) == ids[1 : middle + 1]
    assert mentions.ids(filter_, whole.keys[1], whole.keys[1]) == ids[1:2]


def test_a_list_that_was_opened_takes_in_nothing_that_arrived_later(mentions):
    """New mentions wait until somebody asks for them, wherever the order would put them."""
    filter_ = Filter(parse("state:open"), "urgency", up_to=30)
    whole = mentions.page(filter_, limit=1000)
    assert {entry.id for entry in whole.entries} == {entry.id for entry in mentions.page(Filter(parse("state:open"))).entries if entry.id <= 30}
    assert mentions.count(filter_).n == len(whole.entries)
    assert mentions.arrived_since(30, Filter(parse("state:open"))).n + len(whole.entries) == mentions.count(Filter(parse("state:open"))).n


def test_a_count_that_is_asked_again_and_again_stays_exact(mentions):
    """SQLite counts the steps of a cached statement on and on: the limit of effort must not remember earlier counts."""
    filter_ = Filter(parse('"delayed again"'))
    first = mentions.count(filter_)
    assert first.exact and first.n
    assert {str(mentions.count(filter_)) for _ in range(400)} == {str(first)}
