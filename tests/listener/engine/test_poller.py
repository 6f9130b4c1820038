"""The poller: pages in order, cursors with their mentions, one bad source never stops another."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from listener.domain.author import Author
from listener.domain.mention import Mention
from listener.domain.topic import Topic
from listener.engine.ingest import Ingest
from listener.engine.poller import Poller
from listener.errors import RateLimited, StoreError, Unreachable
from listener.source import Capabilities, Channel, Page
from listener.store.checkpoints import Checkpoints, Leases
from listener.store.connection import Store
from listener.store.filters import Filter
from listener.store.mentions import Mentions

NOW = 1_774_000_000_000


@dataclass
class Network:
    """Posts numbered from 0, a few a page, the cursor being the next number; what stands in `wrong` is raised once."""

    name: str
    total: int = 7
    kind: str = "fake"
    wrong: list[Exception] = field(default_factory=list)
    capabilities: Capabilities = Capabilities(pace=60)
    asked: list[str] = field(default_factory=list)
    text: str = "aurora post"

    def channels(self, topics):
        return [Channel("all", "all")]

    async def fetch(self, channel, cursor):
        self.asked.append(cursor)
        if self.wrong:
            raise self.wrong.pop()
        first = int(cursor or 0)
        last = min(first + 3, self.total)
        posts = [Mention(self.name, str(n), f"{self.text} {n}", NOW - n * 1000, Author("a", "a")) for n in range(first, last)]
        return Page(posts, str(last), more=last < self.total)

    async def check(self):
        return []

    def budgets(self):
        return []

    async def aclose(self):
        pass


@pytest.fixture
def store(tmp_path):
    now = [NOW]
    with Store(tmp_path / "desk.db", clock=lambda: now[0]) as opened:
        opened.now = now
        yield opened


def poller(store, *sources, fence=0):
    topics = [Topic("Aurora", queries=("aurora",))]
    return Poller(store, Checkpoints(store), Ingest(store, topics, None), sources, topics, fence=fence, rng=random.Random(1))


async def test_a_round_reads_to_the_end_and_the_next_one_goes_on_from_there(store):
    source = Network("one")
    result = await poller(store, source).once()
    assert (result.pages, result.new) == (3, 7)
    source.total = 9
    assert (await poller(store, source).once()).polled == 0, "not due yet"
    assert (await poller(store, source).once(everything=True)).new == 2


async def test_a_failure_keeps_the_cursor_and_waits_as_told(store):
    """What failed is asked again from the same place, not before the network wishes."""
    source = Network("one", wrong=[RateLimited("slow down", retry_after=120)])
    assert (await poller(store, source).once()).failed == 1
    point = Checkpoints(store).get("one", "all")
    assert (point.cursor, point.errors) == ("", 1)
    assert 120_000 <= point.next_check - NOW <= 140_000
    store.now[0] = point.next_check
    assert (await poller(store, source).once()).new == 7
    assert Checkpoints(store).get("one", "all").error == ""


async def test_one_dead_network_does_not_stop_another(store):
    dead, alive = Network("dead", wrong=[Unreachable("no answer")]), Network("alive")
    result = await poller(store, dead, alive).once()
    assert (result.failed, result.new) == (1, 7)
    health = {h.source: h for h in Checkpoints(store).health()}
    assert health["dead"].error.startswith("no answer") and health["alive"].error == ""


async def test_back_off_grows_with_each_failure(store):
    source = Network("one", wrong=[Unreachable("x")] * 6)
    waits = []
    for _ in range(6):
        await poller(store, source).once(everything=True)
        waits.append(Checkpoints(store).get("one", "all").next_check - NOW)
    assert waits[-1] > waits[0] and all(wait >= 60_000 for wait in waits)


async def test_what_matches_nothing_is_left_out_but_moves_the_cursor(store):
    await poller(store, Network("one", text="weather")).once()
    assert Mentions(store).count(Filter()).n == 0
    assert Checkpoints(store).get("one", "all").cursor == "7"


async def test_a_collector_that_lost_its_lease_can_write_no_cursor(store):
    """Two collectors would each skip what the other read."""
    await poller(store, Network("one"), fence=5).once()
    with pytest.raises(StoreError, match="taken over"):
        await poller(store, Network("one", total=9), fence=4).once(everything=True)
    assert Mentions(store).count(Filter()).n == 7


async def test_it_stops_when_told_to_even_while_a_network_hangs(store):
    class Hanging(Network):
        async def fetch(self, channel, cursor):
            await asyncio.sleep(3600)

    one = poller(store, Hanging("hangs"), Network("alive"))
    stop = asyncio.Event()
    running = asyncio.create_task(one.run(stop))
    while not Mentions(store).count(Filter()).n:
        await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 5)


def test_a_lease_has_one_holder_and_a_fence_that_grows(store):
    leases = Leases(store)
    assert leases.take("collector", "a", 1000) == 1
    assert leases.take("collector", "b", 1000) is None
    store.now[0] += 2000
    assert leases.take("collector", "b", 1000) == 2
    assert leases.take("collector", "a", 1000) is None
    leases.release("collector", "b")
    assert leases.take("collector", "a", 1000) == 3


def test_a_crash_between_pages_repeats_and_never_skips(store, monkeypatch):
    """The cursor moves in the transaction of the mentions that it covers."""
    one = poller(store, Network("one"))
    take = one._ingest.store_page
    calls = []

    def breaks(filings, advance=None):
        calls.append(1)
        if len(calls) == 2:
            raise StoreError("disk full")
        return take(filings, advance)

    monkeypatch.setattr(one._ingest, "store_page", breaks)
    with pytest.raises(StoreError):
        asyncio.run(one.once())
    assert (Mentions(store).count(Filter()).n, Checkpoints(store).get("one", "all").cursor) == (3, "3")
    monkeypatch.undo()
    asyncio.run(poller(store, Network("one")).once(everything=True))
    assert Mentions(store).count(Filter()).n == 7
    assert Checkpoints(store).get("one", "all").cursor == "7"
