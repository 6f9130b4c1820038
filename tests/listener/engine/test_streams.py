"""Streams: the set that every desk has, what the configuration adds, and counts that cost nothing while nothing happens."""

from __future__ import annotations

import pytest

from listener.config import loads
from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import UNSCORED
from listener.engine.streams import LiveCounts, groups, named, streams
from listener.engine.triage import Triage
from listener.errors import InputError
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.mentions import Mentions

NOW = 1_774_000_000_000
CONFIG = loads("""
[desk]
teams = { sales = ["nora"], night = ["theo"] }
[[streams]]
name = "Bags"
query = "bag"
order = "oldest"
columns = ["age", "text"]
key = "b"
group = "airport"
[[streams]]
name = "Lost"
query = "lost"
group = "airport"
[[streams]]
name = "Leads"
query = "charter"
""")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "desk.db", clock=lambda: NOW) as opened:
        yield opened


def add(store, *texts, first=0):
    filings = [Filing(Mention("net", str(first + n), text, NOW - n * 1000, Author("a", "a")), ("Aurora",), "en", 0.9, UNSCORED) for n, text in enumerate(texts)]
    return list(store.write(lambda connection: Intake(store).add(connection, filings)).new)


def test_streams_of_the_configuration_follow_and_replace_by_name():
    names = [one.name for one in streams(CONFIG, "nora")]
    assert names[:4] == ["All", "Mine", "My team", "Unassigned"] and names[-3:] == ["Bags", "Lost", "Leads"]
    assert names.count("Leads") == 1
    bags = named(CONFIG, "nora", "bags")
    assert (bags.filter.order, bags.columns, bags.key, bags.own) == ("oldest", ("age", "text"), "b", True)
    assert [one.name for one in groups(streams(CONFIG, "nora"))["airport"]] == ["Bags", "Lost"]
    with pytest.raises(InputError, match="no stream"):
        named(CONFIG, "nora", "bagz")


def test_every_stream_can_be_read_and_counted(store):
    """A stream that the store cannot answer would be a dead key on the screen."""
    ids = add(store, "my bag is lost", "bag", "we want to charter", "hello")
    hands = Triage(store, "nora")
    hands.assign(ids[:1], "nora")
    hands.assign(ids[1:2], "sales")
    hands.due(ids[2:3], NOW - 1)
    hands.snooze(ids[3:], NOW + 1_000)
    every = streams(CONFIG, "nora")
    counts = LiveCounts(store).refresh(every, budget_s=60)
    mentions = Mentions(store)
    for one in every:
        assert counts[one.name].n == len(mentions.page(one.filter).entries), one.name
    assert {name: counts[name].n for name in ("All", "Mine", "My team", "Breaching", "Snoozed", "Bags", "Everything")} == {
        "All": 3, "Mine": 1, "My team": 1, "Breaching": 1, "Snoozed": 1, "Bags": 2, "Everything": 4,
    }  # fmt: skip


def test_counts_are_kept_until_something_changes(store, monkeypatch):
    add(store, "bag")
    every = [one for one in streams(CONFIG, "nora") if one.name in ("Bags", "Lost", "All")]
    live, asked = LiveCounts(store), []
    count = Mentions.count
    monkeypatch.setattr(Mentions, "count", lambda self, filter_, **more: asked.append(filter_) or count(self, filter_, **more))
    live.refresh(every, budget_s=60)
    live.refresh(every, budget_s=60)
    assert len(asked) == 3
    add(store, "another bag", first=10)
    assert live.refresh(every, budget_s=60)["Bags"].n == 2
    assert len(asked) == 6


def test_a_spent_budget_delays_and_never_starves(store):
    """A slow stream must not keep the others from ever being counted."""
    add(store, "bag")
    every, live = streams(CONFIG, "nora"), LiveCounts(store)
    seen = [len(live.refresh(every, budget_s=0)) for _ in every]
    assert seen == list(range(1, len(every) + 1))
