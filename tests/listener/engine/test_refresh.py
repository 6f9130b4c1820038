"""Deletions are honoured, edits become revisions, counts stay fresh; and nobody is asked twice in an hour."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.domain.topic import Topic
from listener.engine.ingest import Ingest
from listener.engine.refresh import Refresh
from listener.errors import Unreachable
from listener.source import Budget, Capabilities, Freshness
from listener.store.connection import Store
from listener.store.journal import Journal
from listener.store.mentions import Mentions

NOW = 1_774_000_000_000


def post(n, text="aurora lost my bag", **more):
    return Mention("net", str(n), f"{text} {n}", NOW - 3_600_000, Author("a", "a"), **more)


@dataclass
class Network:
    name: str = "net"
    kind: str = "fake"
    capabilities: Capabilities = Capabilities(deletion_check=True, counts=True)
    answers: list[Freshness] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fails: bool = False
    left: float = 100

    def channels(self, topics):
        return []

    async def fetch(self, channel, cursor):
        raise AssertionError

    async def check(self):
        return []

    def budgets(self):
        return [Budget("calls", self.left, 100)]

    async def refresh(self, mentions):
        self.asked += [mention.native_id for mention in mentions]
        if self.fails:
            raise Unreachable("down")
        return self.answers

    async def aclose(self):
        pass


@pytest.fixture
def desk(tmp_path):
    now = [NOW]
    with Store(tmp_path / "desk.db", clock=lambda: now[0]) as store:
        ingest = Ingest(store, [Topic("Aurora", queries=("aurora",))], None)
        ingest.store_page(ingest.file([post(1), post(2), post(3)]))
        now[0] += 2 * 3_600_000
        network = Network()
        yield store, network, Refresh(store, Mentions(store), ingest, [network]), now


async def test_what_happened_to_posts_is_taken_over(desk):
    store, network, refresh, _ = desk
    network.answers = [Freshness("1", deleted=True), Freshness("2", engagement=Engagement(likes=7)), Freshness("3", edited=post(3, "aurora found my bag", edited_at=NOW))]
    await refresh.once()
    one, two, three = Mentions(store).many([1, 2, 3])
    assert "lost" not in one.text and one.deleted_at
    assert [change.action for change in Journal(store).of("mention", 1)] == ["deleted"]
    assert two.engagement.likes == 7
    assert "found" in three.text and len(Mentions(store).revisions(3)) == 1


async def test_each_is_asked_about_once_an_hour_also_after_a_failure(desk):
    _, network, refresh, now = desk
    network.fails = True
    await refresh.once()
    await refresh.once()
    assert network.asked == ["1", "2", "3"]
    now[0] += 3_700_000
    network.fails = False
    await refresh.once()
    assert len(network.asked) == 6


async def test_a_tight_budget_is_left_to_polling(desk):
    _, network, refresh, _ = desk
    network.left = 10
    await refresh.once()
    assert network.asked == []
