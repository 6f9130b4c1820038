"""What people do with incidents: every act is an event and a line, and none of it is lost when the watch looks again."""

from __future__ import annotations

import pytest

from listener.config import Config
from listener.domain.case import Severity
from listener.domain.incident import IncidentState
from listener.domain.topic import Topic
from listener.engine.evidence import EvidenceDesk
from listener.engine.incidents import Incidents
from listener.engine.watch import Watch
from listener.errors import Conflict, InputError
from listener.store.connection import Store
from tests.listener.engine.desk import HOURS, NOW, Clock, add, ordinary, wave

CONFIG = Config(topics=(Topic("Aurora", queries=("aurora",)),))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A desk on which a wave has opened an incident; copied for each test."""
    path = tmp_path_factory.mktemp("archive") / "desk.db"
    with Store(path, clock=Clock()) as store:
        add(store, [*ordinary(until=NOW - HOURS), *wave(at=NOW - HOURS), *wave(at=NOW - HOURS, topic="Borealis", first=300_000), *ordinary(until=NOW - HOURS, topic="Borealis", first=400_000)])
        Watch(store, CONFIG).advance()
        EvidenceDesk(store, CONFIG).gather()
        store.compact()
    return path


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock, archive):
    (tmp_path / "desk.db").write_bytes(archive.read_bytes())
    with Store(tmp_path / "desk.db", clock=clock) as opened:
        yield opened


@pytest.fixture
def board(store):
    return Incidents(store, "nora")


@pytest.fixture
def one(board):
    return board.board(topic="Aurora")[0]


def test_the_life_of_an_incident(board, one):
    acknowledged = board.ack(one.id, expect=one.version)
    assert (acknowledged.state, acknowledged.owner) == (IncidentState.ACKNOWLEDGED, "nora")
    board.note(one.id, "Operations say the gateway is down.")
    resolved = board.resolve(one.id, "gateway", real=True)
    assert (resolved.state, resolved.cause, resolved.real) == (IncidentState.RESOLVED, "gateway", True)
    assert board.reopen(one.id).state is IncidentState.OPEN
    assert [line.action for line in board.timeline(one.id)][-4:] == ["incident.ack", "incident.note", "incident.resolve", "incident.reopen"]


def test_what_people_did_survives_the_watch_and_a_restart(store, board, one, clock):
    board.ack(one.id)
    board.assign(one.id, "theo")
    for minutes in (1, 31, 61):
        clock.at = NOW + minutes * 60_000
        Watch(store, CONFIG).advance()
    after = board.get(one.id)
    assert (after.state, after.owner) == (IncidentState.ACKNOWLEDGED, "theo")


def test_two_at_once_the_second_is_told(board, one):
    board.ack(one.id, expect=one.version)
    with pytest.raises(Conflict, match="changed meanwhile"):
        board.resolve(one.id, "x", expect=one.version)


@pytest.mark.parametrize(
    "act",
    [
        lambda board, one: board.ack(999_999), lambda board, one: board.resolve(one.id, "  "), lambda board, one: board.reopen(one.id), lambda board, one: board.note(one.id, ""),
        lambda board, one: board.mute(one.id, NOW - 1), lambda board, one: board.merge(one.id, [one.id]), lambda board, one: board.unmerge(one.id),
        lambda board, one: board.split(one.id, [999_999]), lambda board, one: board.assign(one.id, "a\nb"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(board, one, act):
    with pytest.raises(InputError):
        act(board, one)
    assert board.get(one.id) == one


def test_muted_is_hidden_and_counts_on(board, one, clock):
    board.mute(one.id, NOW + HOURS)
    assert one.id not in [i.id for i in board.board(muted=False)]
    assert one.id in [i.id for i in board.board()]
    clock.at = NOW + 2 * HOURS
    assert one.id in [i.id for i in board.board(muted=False)]


def test_a_merge_is_one_incident_and_can_be_taken_back(board, one):
    other = board.board(topic="Borealis")[0]
    board.severity(other.id, Severity.SEV1)
    merged = board.merge(one.id, [other.id])
    assert [i.id for i in board.board()] == [one.id]
    assert merged.severity is Severity.SEV1
    assert set(board.evidence(one.id)) > set(board.evidence(other.id))
    board.unmerge(other.id)
    assert {i.id for i in board.board()} == {one.id, other.id}
    assert board.get(one.id).severity is one.severity


def test_a_split_takes_its_posts_along_and_merging_puts_them_back(board, one):
    evidence = board.evidence(one.id)
    part = board.split(one.id, evidence[:5], "refunds")
    assert (board.evidence(part.id), len(board.evidence(one.id))) == (evidence[:5], len(evidence) - 5)
    assert (part.severity, part.terms, part.first_mention) == (one.severity, ("refunds",), evidence[0])
    board.merge(one.id, [part.id])
    assert board.evidence(one.id) == evidence


def test_the_curve_shows_the_wave_over_the_threshold(board, one):
    curve = board.curve(one.id)
    assert len(curve.counts) == len(curve.hourly)
    assert max(curve.hourly) > curve.bar > 0
    assert curve.start <= one.opened_at
    assert sum(curve.counts[-13:]) == curve.hourly[-1] + curve.counts[-13]
    assert ("opened" in [kind for _, kind in curve.marks]) is True


def test_the_facts_count_the_evidence(board, one):
    facts = board.facts(one.id)
    assert facts.mentions == len(board.evidence(one.id)) == one.evidence
    assert facts.sources == (("mastodon", facts.mentions),)
    assert dict(facts.languages) == {"en": facts.mentions}
    assert facts.replied is None


def test_a_backtest_finds_what_the_watch_found_and_changes_nothing(store, board, one):
    from listener.engine.backtest import backtest, stretch

    before, span = board.board(), stretch(store)
    board.resolve(one.id, "a rumour", real=False)
    found = backtest(store, CONFIG, *span)
    assert sorted((f.topic, f.family, f.opened_at, f.severity) for f in found.fired) == sorted((i.topic, i.family, i.opened_at, i.severity) for i in before)
    assert {f.real for f in found.fired if f.topic == "Aurora"} == {False}
    assert found.a_week() > 0
    deaf = Config(topics=CONFIG.topics, incidents=CONFIG.incidents.changed(severities={"SEV4": 50, "SEV3": 60, "SEV2": 70, "SEV1": 80}))
    assert backtest(store, deaf, *span).fired == ()


def test_the_report_tells_the_story_and_strangers_cannot_write_markup_into_it(store, board, one):
    from zoneinfo import ZoneInfo

    from listener.reports.incident import Story, html, markdown
    from listener.store.mentions import Mentions
    from listener.store.notices import Notices

    evil = "<script>alert(1)</script> [x](javascript:1) `y`"
    board.resolve(one.id, evil, real=True)
    curve, facts = board.curve(one.id), board.facts(one.id)
    mentions = Mentions(store)
    told = Story(
        board.get(one.id), facts, [(line.at, line.who, line.text) for line in board.timeline(one.id)], mentions.get(one.first_mention), mentions.many(facts.top),
        Notices(store).log(incident_id=one.id), curve.start, curve.hourly, curve.bar, [("Say what is known", "nora"), ("Answer", "")],
    )  # fmt: skip
    text, page = markdown(told, ZoneInfo("Europe/Athens")), html(told, ZoneInfo("Europe/Athens"))
    assert "<script>" not in page
    assert "[x](" not in text
    assert "Time to detect" in text
    assert "- [x] Say what is known (nora)" in text
    assert "<svg" in page
    assert str(len(board.evidence(one.id))) in text
