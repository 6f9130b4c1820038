"""The watch: incidents depend on what was written, not on when it arrived or how often the desk was restarted."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.config import Config
from listener.domain.incident import IncidentState
from listener.domain.life import Event
from listener.domain.topic import Topic
from listener.engine.evidence import EvidenceDesk
from listener.engine.watch import Watch
from listener.store.connection import Store
from listener.store.filters import Filter
from listener.store.incidents import IncidentStore
from listener.store.journal import Journal
from listener.store.mentions import Mentions
from listener.store.names import Topics
from tests.listener.engine.desk import HOURS, NOW, NOW_BUCKET, STEP, Clock, add, ordinary, post, wave

CONFIG = Config(topics=(Topic("Aurora", queries=("aurora",)),))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with Store(tmp_path / "desk.db", clock=clock) as opened:
        yield opened


def told(store):
    """What the incidents say, without ids and versions."""
    return sorted((i.topic, i.family, i.opened_at, str(i.severity), i.points, i.why, i.state.value, i.count, i.terms) for i in IncidentStore(store).all())


def test_an_imported_history_arms_the_watch_and_a_wave_opens_an_incident_at_once(store, clock):
    """Three days of history are read, and the wave of the last quarter of an hour is seen while its bucket still fills."""
    add(store, ordinary(until=NOW - 15 * 60_000))
    assert Watch(store, CONFIG).advance() == ()
    add(store, wave(at=NOW - 14 * 60_000, minutes=13))
    moved = Watch(store, CONFIG).advance()
    assert [one.before for one in moved] == [None]
    incident = IncidentStore(store).all()[0]
    assert (incident.topic, incident.state) == ("Aurora", IncidentState.OPEN)
    assert NOW - 14 * 60_000 <= incident.opened_at <= NOW + STEP
    assert "mentions in" in incident.why
    assert "outage" in incident.terms
    assert incident.signals


def test_looking_again_changes_nothing(store, clock):
    """Whoever looks every five seconds must not raise the count, the version or the journal."""
    add(store, [*ordinary(until=NOW - HOURS), *wave(at=NOW - HOURS)])
    watch = Watch(store, CONFIG)
    watch.advance()
    before, lines = IncidentStore(store).all(), len(Journal(store).recent(limit=1000))
    for seconds in (1, 5, 60):
        clock.at = NOW + seconds * 1000
        watch.advance()
        Watch(store, CONFIG).advance()
    assert (IncidentStore(store).all(), len(Journal(store).recent(limit=1000))) == (before, lines)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.booleans())
def test_neither_restarts_nor_the_order_of_arrival_matter(seed, restarts):
    """Posts in any order, a look after each part, with the same watch or with a new one each time: the same as all at once."""
    filings = [*ordinary(until=NOW - 2 * HOURS), *wave(at=NOW - 2 * HOURS)]
    dice = random.Random(seed)
    shuffled = filings[:]
    dice.shuffle(shuffled)
    cuts = sorted(dice.randrange(len(filings)) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder) / "one.db", clock=Clock()) as at_once:
            add(at_once, filings)
            Watch(at_once, CONFIG).advance()
            expected = told(at_once)
        with Store(Path(folder) / "two.db", clock=Clock()) as bit_by_bit:
            watch = Watch(bit_by_bit, CONFIG)
            for first, last in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
                add(bit_by_bit, shuffled[first:last])
                if restarts:
                    watch = Watch(bit_by_bit, CONFIG)
                watch.advance()
            assert told(bit_by_bit) == expected
        assert expected, "the wave must be seen, or this proves nothing"


@settings(max_examples=4, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=2, max_size=8), st.booleans())
def test_live_and_in_hindsight_are_the_same(minutes, restarts):
    """A desk that looked on, at any moments and through any restarts, tells what a desk tells that only reads the archive."""
    start = NOW - 6 * HOURS
    filings = sorted([*ordinary(until=NOW - STEP), *wave(at=start + HOURS), *wave(at=start + 4 * HOURS, posts=150, first=200_000)], key=lambda filing: filing.mention.created_at)
    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder) / "one.db", clock=Clock()) as hindsight:
            add(hindsight, filings)
            Watch(hindsight, CONFIG).advance()
            expected = told(hindsight)
        clock = Clock(start)
        with Store(Path(folder) / "two.db", clock=clock) as live:
            watch, done = Watch(live, CONFIG), 0
            for step in [0, *minutes, 10_000]:
                clock.at = min(NOW, clock.at + step * 60_000)
                upto = sum(filing.mention.created_at <= clock.at for filing in filings)
                add(live, filings[done:upto])
                done = upto
                watch = Watch(live, CONFIG) if restarts else watch
                watch.advance()
            assert told(live) == expected


def test_while_its_buckets_settle_an_incident_neither_vanishes_nor_changes_its_number(store, clock):
    """People refer to it by its number, and were told: every look, five minutes apart, must find the same one."""
    add(store, ordinary(until=NOW - HOURS))
    watch, ids = Watch(store, CONFIG), set()
    coming = sorted(wave(at=NOW - HOURS, minutes=120, posts=250), key=lambda filing: filing.mention.created_at)
    for step in range(36):
        clock.at = NOW - HOURS + step * STEP
        ready = [filing for filing in coming if filing.mention.created_at <= clock.at]
        coming = coming[len(ready) :]
        add(store, ready)
        watch.advance()
        ids |= {incident.id for incident in IncidentStore(store).all()}
    assert len(ids) == 1
    actions = [line.action for line in Journal(store).of("incident", ids.pop())]
    assert actions[0] == "incident.opened"
    assert set(actions[1:]) <= {"incident.worse", "incident.again"}


def test_what_it_is_about_may_become_clear_while_the_bucket_fills(store):
    """First the words burst, then the volume does, in the same five minutes: one incident, which now is about the volume."""
    rows = IncidentStore(store)

    def seen(family, urgency):
        return Event("opened", NOW_BUCKET + STEP, NOW_BUCKET, family, NOW_BUCKET, urgency, 2, "why")

    store.write(lambda connection: rows.take(connection, "Aurora", NOW_BUCKET - STEP, [seen("operational", 1)], [], NOW))
    store.write(lambda connection: rows.take(connection, "Aurora", NOW_BUCKET - STEP, [seen("volume", 2)], [], NOW))
    assert [(i.id, i.family, i.key, i.active) for i in rows.all()] == [(1, "volume", "Aurora/volume", True)]
    store.write(lambda connection: rows.take(connection, "Aurora", NOW_BUCKET - STEP, [seen("safety", 3)], [], NOW))
    assert [i.family for i in rows.all()] == ["safety"], "danger is never another incident's news; what nobody was told of goes without a trace"


def test_what_is_long_over_is_history(store, clock):
    """An archive pages nobody: its incidents stand where they happened, resolved."""
    old = NOW - 400 * 24 * HOURS
    add(store, [*ordinary(until=old), *wave(at=old - 2 * HOURS)])
    Watch(store, CONFIG).advance()
    incident = IncidentStore(store).all()[0]
    assert incident.historic
    assert incident.state is IncidentState.RESOLVED
    assert old - 2 * HOURS <= incident.opened_at <= old
    assert [line.action for line in Journal(store).of("incident", incident.id)] == ["incident.historic"]


def test_a_mild_incident_resolves_by_itself_and_a_grave_one_does_not(store, clock):
    add(store, [*ordinary(until=NOW - HOURS), *wave(at=NOW - HOURS, posts=60)])
    watch = Watch(store, CONFIG)
    watch.advance()
    incident = IncidentStore(store).all()[0]
    add(store, ordinary(days=0.9, until=NOW + 20 * HOURS, seed=9, first=300_000))
    clock.at = NOW + 20 * HOURS
    watch.advance()
    after = IncidentStore(store).get(incident.id)
    assert (after.state is IncidentState.RESOLVED) == (incident.severity.value >= 3)


def test_evidence_gets_the_severity_in_the_inbox(store, clock):
    """The posts of a crisis come to the top, and the journal says which incident brought them there."""
    add(store, [*ordinary(until=NOW - HOURS), *wave(at=NOW - HOURS)])
    Watch(store, CONFIG).advance()
    EvidenceDesk(store, CONFIG).gather()
    incident = IncidentStore(store).all()[0]
    mentions = Mentions(store)
    top = mentions.page(Filter(order="urgency"), limit=20).entries
    assert {entry.severity for entry in top} == {incident.severity}
    assert all("outage" in entry.text for entry in top)
    assert incident.evidence >= 80
    assert "outage" in mentions.get(incident.first_mention).text
    assert any(line.rule.startswith(f"incident {incident.id}") for line in Journal(store).of("mention", top[0].id))


def test_a_rival_never_raises_anything(store, clock):
    """A competitor's crisis is news: SEV4, no page, nothing in the inbox changes."""
    config = Config(topics=(Topic("Borealis", "competitor", queries=("borealis",)),))
    Topics(store).put(list(config.topics))
    add(store, [*ordinary(until=NOW - HOURS, topic="Borealis"), *wave(at=NOW - HOURS, topic="Borealis")])
    Watch(store, config).advance()
    EvidenceDesk(store, config).gather()
    incident = IncidentStore(store).all()[0]
    assert (str(incident.severity), incident.pages) == ("SEV4", False)
    assert all(not entry.severity for entry in Mentions(store).page(Filter(), limit=500).entries)


def test_one_post_about_safety_by_somebody_with_reach_is_a_sev3_without_any_history(store, clock):
    add(store, [post(1, NOW - 60_000, text="Aurora: my child was injured by the seat, an ambulance came", followers=80_000)])
    Watch(store, CONFIG).advance()
    incident = IncidentStore(store).all()[0]
    assert (incident.family, str(incident.severity)) == ("safety", "SEV3")


def test_a_post_from_next_year_does_no_harm(store, clock):
    add(store, [*ordinary(until=NOW - HOURS), post(900_000, NOW + 300 * 24 * HOURS), *wave(at=NOW - HOURS)])
    Watch(store, CONFIG).advance()
    assert len(IncidentStore(store).all()) == 1


def test_a_damaged_memory_is_learned_again(store, clock):
    """A half-written blob must cost a replay, never the watch."""
    add(store, [*ordinary(until=NOW - HOURS), *wave(at=NOW - HOURS)])
    Watch(store, CONFIG).advance()
    expected = told(store)
    store.write(lambda connection: connection.execute("UPDATE lookout SET state = x'00ff'") and None)
    Watch(store, CONFIG).advance(NOW + STEP)
    assert told(store) == expected


def test_a_text_that_many_post_at_once_is_tagged_for_people_to_judge(store, clock):
    """Copies by eight accounts within half an hour look arranged: a tag, and no points for it."""
    from dataclasses import replace

    add(store, [*ordinary(until=NOW - HOURS), *wave(at=NOW - HOURS)])
    first = post(500_000, NOW - 50 * 60_000, wave=True, text="aurora outage: they knew it all along, share this before they delete it")
    copies = [replace(post(500_000 + n, NOW - 50 * 60_000 + n * 60_000, wave=True, text=first.mention.text, author=f"new{n}"), leader="500000") for n in range(1, 9)]
    add(store, [first, *copies])
    Watch(store, CONFIG).advance()
    EvidenceDesk(store, CONFIG).gather()
    mentions = Mentions(store)
    arranged = [entry for entry in mentions.page(Filter(order="newest"), limit=500).entries if "coordinated" in entry.tags]
    assert [entry.native_id for entry in arranged] == ["500000"]
    assert not any("coordinat" in signal.name and signal.points for signal in IncidentStore(store).all()[0].signals)
