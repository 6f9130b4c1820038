"""Silence: the collector's incident, held apart from the brand's, and judged in hindsight when it ends."""

from __future__ import annotations

import pytest

from listener.config import Config
from listener.domain.incident import IncidentState
from listener.domain.topic import Topic
from listener.engine.hearing import Hearing
from listener.engine.watch import Watch
from listener.store.checkpoints import Checkpoints
from listener.store.connection import Store
from listener.store.incidents import IncidentStore
from tests.listener.engine.desk import HOURS, NOW, Clock, add, ordinary, wave

MINUTE = 60_000
CONFIG = Config(topics=(Topic("Aurora", queries=("aurora",)),))


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def store(tmp_path, clock):
    with Store(tmp_path / "desk.db", clock=clock) as opened:
        Checkpoints(opened).describe([("mastodon", "mastodon"), ("bluesky", "bluesky")])
        yield opened


def answered(store, *sources):
    points = Checkpoints(store)
    for source in sources:
        store.write(lambda connection, source=source: points.healthy(connection, source, newest=None, received=0, next_poll=0))


def minutes(clock, hearing, count, store=None, *sources):
    for _ in range(count):
        clock.at += MINUTE
        answered(store, *sources) if sources else None
        hearing.look()


def collector(store):
    return [(i.key, str(i.severity), i.state) for i in IncidentStore(store).all() if i.family == "collector"]


def test_a_deaf_source_is_an_incident_of_the_collector_and_ends_when_it_is_heard(store, clock):
    hearing = Hearing(store, {"mastodon": MINUTE, "bluesky": MINUTE})
    answered(store, "mastodon", "bluesky")
    minutes(clock, hearing, 20, store, "bluesky")
    assert collector(store) == [("collector/mastodon", "SEV3", IncidentState.OPEN)]
    assert "mastodon has not answered for" in IncidentStore(store).all()[0].why
    minutes(clock, hearing, 1, store, "mastodon", "bluesky")
    assert collector(store) == [("collector/mastodon", "SEV3", IncidentState.RESOLVED)]


def test_all_deaf_is_one_incident_of_the_desk(store, clock):
    hearing = Hearing(store, {"mastodon": MINUTE, "bluesky": MINUTE})
    answered(store, "mastodon", "bluesky")
    minutes(clock, hearing, 20)
    assert collector(store) == [("collector/desk", "SEV2", IncidentState.OPEN)]


def test_a_machine_that_slept_accuses_nobody(store, clock):
    """After eight hours of a closed lid every source has been unheard for eight hours, and none of them is at fault."""
    hearing = Hearing(store, {"mastodon": MINUTE, "bluesky": MINUTE})
    answered(store, "mastodon", "bluesky")
    hearing.look()
    clock.at += 8 * HOURS
    hearing.look()
    assert collector(store) == []


def test_a_restart_does_not_open_it_again(store, clock):
    answered(store, "mastodon", "bluesky")
    minutes(clock, Hearing(store, {"mastodon": MINUTE, "bluesky": MINUTE}), 20, store, "bluesky")
    minutes(clock, Hearing(store, {"mastodon": MINUTE, "bluesky": MINUTE}), 20, store, "bluesky")
    assert len(collector(store)) == 1
    assert IncidentStore(store).all()[0].count == 1


def test_silence_holds_the_brand_back_and_the_backlog_is_judged_in_hindsight(store, clock):
    """Nothing opens while the source is deaf; when its backlog comes, the wave that was missed is found where it happened."""
    hearing = Hearing(store, {"mastodon": MINUTE, "bluesky": MINUTE})
    watch = Watch(store, CONFIG, before=hearing.look, unknown=hearing.unknown)
    add(store, ordinary(until=NOW))
    answered(store, "mastodon", "bluesky")
    watch.look()
    for _ in range(120):
        clock.at += MINUTE
        answered(store, "bluesky")
        hearing.look()
    watch.look()
    topic_id = 1
    assert hearing.unknown(topic_id, NOW + HOURS)
    assert [i.family for i in IncidentStore(store).all()] == ["collector"]
    add(store, wave(at=NOW + HOURS, posts=90, minutes=40))
    watch.look()
    assert [i.family for i in IncidentStore(store).all()] == ["collector"], "still deaf: one page of a backlog proves nothing"
    answered(store, "mastodon", "bluesky")
    clock.at += MINUTE
    watch.look()
    found = [i for i in IncidentStore(store).all() if i.family != "collector"]
    assert len(found) == 1
    assert NOW + HOURS <= found[0].opened_at <= NOW + 2 * HOURS
