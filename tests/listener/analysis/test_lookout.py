"""One topic's watch: what is told, to whom it belongs, and that live, restarted and replayed watches agree."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.analysis.lookout import Lookout, replay
from listener.analysis.opening import Campaign, Opening, Setting
from listener.analysis.tally import Post, tally
from listener.analysis.vocabulary import Vocabularies
from listener.domain.case import Severity
from listener.domain.severity import Rules
from listener.domain.volume import PER_DAY, PER_HOUR, STEP, Bucket, Uses, Voice
from listener.errors import InputError

MONDAY = 1_767_571_200_000
DAYS = 5
BREAK = MONDAY + (DAYS * PER_DAY - 60) * STEP
"""When the trouble starts."""


def ordinary(days: int = DAYS, seed: int = 3) -> list[Bucket]:
    """A brand that is mentioned some thirty times an hour; a quarter of it complains."""
    dice = random.Random(seed)
    rows = []
    for index in range(days * PER_DAY):
        n = dice.randint(0, 5)
        complaints = sum(dice.random() < 0.25 for _ in range(n))
        positive = sum(dice.random() < 0.3 for _ in range(n - complaints))
        authors = frozenset(dice.randrange(4_000) for _ in range(n))
        rows.append(
            Bucket(
                MONDAY + index * STEP,
                n,
                negative=complaints,
                neutral=n - complaints - positive,
                positive=positive,
                complaints=complaints,
                authors=authors,
                loudest=Voice(dice.randrange(900), "somebody") if n else Voice(),
                terms={"flight": Uses(n, authors)} if n else {},
            )
        )
    return rows


def trouble(
    rows: list[Bucket],
    *,
    more: int = 40,
    complaints: float = 0.8,
    family: str = "",
    term: str = "",
    positive: float = 0.0,
    buckets: int = 30,
) -> list[Bucket]:
    """The same with a wave from BREAK on."""
    first = (BREAK - MONDAY) // STEP
    changed = list(rows)
    for index in range(first, first + buckets):
        authors = frozenset(range(10_000 + index * 50, 10_000 + index * 50 + more))
        hits = round(more * complaints)
        wave = Bucket(
            rows[index].start,
            more,
            negative=hits,
            positive=round(more * positive),
            neutral=more - hits - round(more * positive),
            complaints=hits,
            authors=authors,
            families={family: Uses(more, authors)} if family else {},
            terms={term: Uses(more, authors)} if term else {},
        )
        changed[index] = rows[index] + wave
    return changed


def test_ordinary_days_tell_nothing() -> None:
    """Woken by what matters and by nothing else."""
    assert list(replay(ordinary(8))) == []


def test_an_outage_is_told_at_once_with_its_label() -> None:
    """What, how bad, and which word came out of nowhere."""
    told = list(replay(trouble(ordinary(), family="operational", term="outage")))
    first = told[0]
    assert (first.step, first.family) == ("opened", "volume")
    assert BREAK <= first.at <= BREAK + STEP
    assert first.terms[0].term == "outage"
    assert first.judgement.severity <= Severity.SEV2
    assert {opening.began for opening in told} == {first.at}
    assert [opening.step for opening in told[1:]] == ["again"] * (len(told) - 1)
    assert len(told) <= 5


def test_complaints_alone_open_an_incident() -> None:
    """No more mentions than ever, but suddenly most of them complain."""
    rows = ordinary()
    first = (BREAK - MONDAY) // STEP
    for index in range(first, first + 50):
        rows[index] = replace(rows[index], complaints=rows[index].n, negative=rows[index].n, neutral=0, positive=0)
    told = list(replay(rows))
    assert told[0].family == "complaints"
    assert "complaints" in told[0].judgement.why


def test_a_grave_burst_opens_an_incident_of_its_own_beside_one_that_runs() -> None:
    """A fire is not news of yesterday's late parcels."""
    rows = trouble(ordinary(), family="operational")
    late = (BREAK - MONDAY) // STEP + 40
    people = frozenset(range(90_000, 90_009))
    rows[late] = rows[late] + Bucket(rows[late].start, 9, authors=people, families={"safety": Uses(9, people)})
    told = list(replay(rows))
    own = [opening for opening in told if opening.family == "safety"]
    assert [(opening.step, opening.at) for opening in own] == [("opened", rows[late].start)]
    assert own[0].judgement.severity.urgency >= Severity.SEV2.urgency
    assert any(opening.family == "volume" for opening in told)


def test_one_post_of_somebody_with_reach_opens_a_sev3_even_before_the_warm_up() -> None:
    """A newspaper's recall notice needs no statistics."""
    paper = Voice(250_000, "paper")
    post = Bucket(MONDAY, 1, authors=frozenset({1}), loudest=paper, families={"safety": Uses(1, frozenset({1}), paper)})
    (opening,) = replay([post])
    assert (opening.judgement.severity, opening.family) == (Severity.SEV3, "safety")
    small = Voice(400, "neighbour")
    assert not list(replay([replace(post, loudest=small, families={"safety": Uses(1, frozenset({1}), small)})]))


def test_a_planned_campaign_is_expected() -> None:
    """Two points less: the launch that marketing announced wakes nobody by its volume alone."""
    rows = trouble(ordinary(), complaints=0.2, more=12, buckets=12)
    bare = list(replay(rows))
    planned = list(replay(rows, Setting(campaigns=(Campaign("launch", BREAK - STEP, BREAK + 40 * STEP),))))
    assert bare
    assert max((o.judgement.points for o in planned), default=-1) == max(o.judgement.points for o in bare) - 2


def test_praise_and_rivals_stay_mild() -> None:
    """News, not alarms."""
    happy = list(replay(trouble(ordinary(), complaints=0.0, positive=0.9)))
    assert {opening.judgement.severity for opening in happy} == {Severity.SEV4}
    rival = list(replay(trouble(ordinary(), family="safety"), Setting(role="competitor")))
    assert {opening.judgement.severity for opening in rival} == {Severity.SEV4}
    assert not any(opening.judgement.pages for opening in happy + rival)


def test_still_rising_after_an_hour_adds_its_point() -> None:
    """A wave that goes on growing is worse than one that breaks."""
    rows = ordinary()
    first = (BREAK - MONDAY) // STEP
    for index in range(first, first + 40):
        n = 10 + 2 * (index - first)
        rows[index] = rows[index] + Bucket(rows[index].start, n, neutral=n, authors=frozenset(range(n)))
    last = list(replay(rows, Setting(rules=Rules().tuned({"volume3": 1, "volume4": 1, "rising": 5}))))[-1]
    assert any(signal.name == "rising" and signal.points == 5 for signal in last.judgement.signals)
    assert last.at >= last.began + PER_HOUR * STEP


def test_back_filled_history_arms_at_once() -> None:
    """Importing two weeks arms the detector: one code path for history and for the living."""
    rows = ordinary(5)
    lookout = Lookout()
    assert list(replay(rows[:-60], lookout=lookout)) == []
    assert lookout.detector.armed
    live = [opening for row in trouble(rows)[-60:] for opening in lookout.push(row)]
    assert live
    assert live == list(replay(trouble(rows)))


def test_calm_returns_some_hours_after_the_wave() -> None:
    """What resolves a mild incident by itself."""
    lookout, first = Lookout(), (BREAK - MONDAY) // STEP
    calm = []
    for row in trouble(ordinary(6), buckets=10):
        lookout.push(row)
        calm.append(lookout.calm)
    assert not any(calm[first : first + 10])
    assert all(calm[first + 10 + PER_DAY // 2 : first + PER_DAY])


def test_a_silent_source_opens_nothing_on_its_return() -> None:
    """Frozen while deaf, and no spike because the window is full again."""
    rows = ordinary(6)
    lookout = Lookout()
    told: list[Opening] = []
    for index, row in enumerate(rows):
        told += lookout.push(row, known=not 4 * PER_DAY < index < 5 * PER_DAY)
    assert told == []


@settings(max_examples=15, deadline=None)
@given(cut=st.integers(1, DAYS * PER_DAY - 1))
def test_a_restart_at_any_bucket_tells_the_same(cut: int) -> None:
    """Including in the middle of an incident."""
    rows = trouble(ordinary(), family="safety", term="fire")
    whole = list(replay(rows))
    lookout = Lookout()
    told = [opening for row in rows[:cut] for opening in lookout.push(row)]
    lookout = Lookout.restore(lookout.state())
    told += [opening for row in rows[cut:] for opening in lookout.push(row)]
    assert told == whole


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_a_restart_during_the_wave_tells_the_same(minute: int) -> None:
    """Random cuts seldom fall into the hour that matters."""
    rows = trouble(ordinary(), family="safety", term="fire")
    cut = (BREAK - MONDAY) // STEP + minute
    lookout = Lookout()
    told = [opening for row in rows[:cut] for opening in lookout.push(row)]
    lookout = Lookout.restore(lookout.state())
    assert told + [opening for row in rows[cut:] for opening in lookout.push(row)] == list(replay(rows))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1_000))
def test_the_order_of_arrival_inside_a_bucket_is_irrelevant(seed: int) -> None:
    """Posts of one bucket reach us in any order and in any number of pages."""
    rows = trouble(ordinary(), family="operational", term="outage", buckets=6)
    posts = [
        Bucket(row.start, 1, neutral=1, authors=frozenset({author}), terms={"flight": Uses(1, frozenset({author}))})
        for row in rows
        for author in row.authors
    ]
    shuffled = posts.copy()
    random.Random(seed).shuffle(shuffled)
    assert list(replay(shuffled)) == list(replay(posts))


@settings(max_examples=10, deadline=None)
@given(cut=st.integers(4 * PER_DAY, DAYS * PER_DAY - 1))
def test_the_future_never_changes_what_was_told(cut: int) -> None:
    """A backtest that looks ahead promises what no live desk can keep."""
    rows = trouble(ordinary(), family="operational", term="outage")
    whole = list(replay(rows))
    assert list(replay(rows[:cut])) == [opening for opening in whole if opening.at < rows[cut].start]


def test_sparse_roll_ups_tell_the_same_as_dense_ones() -> None:
    """The store keeps no row for a bucket in which nobody spoke."""
    rows = trouble(ordinary(), family="operational")
    assert list(replay([row for row in rows if row.n])) == list(replay(rows))
    lookout = Lookout()
    assert [opening for row in rows if row.n for opening in lookout.push(row)] == list(replay(rows))


def test_a_post_from_next_year_is_left_out() -> None:
    """A clock somewhere is wrong; the backtest still ends, and ends the same."""
    rows = trouble(ordinary())
    until = rows[-1].start + STEP
    assert list(replay([*rows, Bucket(until + 365 * PER_DAY * STEP, 5)], until=until)) == list(replay(rows))


def test_rules_are_the_topics_own() -> None:
    """Tunable per topic: here volume is worth nothing, and nothing is told."""
    rows = trouble(ordinary(), complaints=0.25)
    deaf = Rules().tuned({"volume": 0, "volume3": 0, "volume4": 0, "complaint-share": 0, "complaint-share-strong": 0, "rising": 0})
    assert list(replay(rows))
    assert not list(replay(rows, Setting(rules=deaf)))


def test_looking_ahead_tells_early_and_learns_nothing() -> None:
    """A slow feed brings half of a bucket ten minutes late: the desk must neither wait for it nor count it for good."""
    rows = trouble(ordinary())
    first = (BREAK - MONDAY) // STEP
    lookout = Lookout()
    list(replay(rows[:first], lookout=lookout))
    before = lookout.state()
    early = lookout.ahead([replace(rows[first], n=rows[first].n - 5), rows[first + 1]])
    assert next((opening.step, opening.family) for opening in early) == ("opened", "volume")
    assert lookout.state() == before
    assert [opening for row in rows[first:] for opening in lookout.push(row)] == list(replay(rows))


@pytest.mark.parametrize("jump", [400 * PER_DAY * STEP, 30 * PER_DAY * STEP])
def test_a_clock_far_ahead_that_is_put_right_tells_nothing_wrong(jump: int) -> None:
    """And the real trouble a day later is still told."""
    rows = trouble(ordinary())
    wrong = 4 * PER_DAY
    lookout = Lookout()
    told = [opening for row in rows[:wrong] for opening in lookout.push(row)]
    told += [opening for row in rows[wrong : wrong + 5] for opening in lookout.push(replace(row, start=row.start + jump))]
    assert told == []
    told += [opening for row in rows[wrong + 5 :] for opening in lookout.push(row)]
    assert [opening.step for opening in told].count("opened") == 1
    assert BREAK <= told[0].at <= BREAK + STEP


def test_the_loudest_voice_is_named() -> None:
    """Reach is worth a point and a name."""
    rows = trouble(ordinary())
    first = (BREAK - MONDAY) // STEP
    rows[first] = rows[first] + Bucket(rows[first].start, 1, neutral=1, authors=frozenset({77}), loudest=Voice(48_000, "x"))
    assert "@x 48 k followers (+1)" in next(replay(rows)).judgement.why


def test_signals_that_run_dry_open_nothing() -> None:
    """All six volume signals evaluated, none counted; the values are there for the curve."""
    names = ("record5", "record60", "record180", "hour15", "tail15", "deviation60")
    lookout = Lookout(Setting(rules=Rules().tuned(dry=names)))
    rows = trouble(ordinary(), complaints=0.25)
    assert not list(replay(rows, lookout=lookout))
    assert lookout.verdict is not None
    assert any(lookout.verdict.values)


def test_thresholds_may_change_without_learning_anew() -> None:
    """Tuning must not cost two days of warm-up."""
    rows = trouble(ordinary())
    lookout = Lookout()
    first = (BREAK - MONDAY) // STEP
    list(replay(rows[:first], lookout=lookout))
    numb = dict.fromkeys(("record5", "record60", "record180", "hour15", "tail15", "deviation60"), 99.0)
    tuned = Lookout.restore(lookout.state(), Setting(rules=Rules().tuned(thresholds=numb)))
    assert not [opening for row in rows[first:] for opening in tuned.push(row) if opening.family == "volume"]
    again = Lookout.restore(lookout.state())
    assert [opening for row in rows[first:] for opening in again.push(row) if opening.family == "volume"]


def test_a_storm_of_copies_is_named_by_its_leader() -> None:
    """Forty accounts paste one text: one row with a count, and the incident says which."""
    rows = ordinary()
    first = (BREAK - MONDAY) // STEP
    copies = [Post(rows[first].start, "Aurora hides a leak", "en", "negative", True, 50_000 + number, leader=4711) for number in range(40)]
    (storm,) = tally(copies, Vocabularies())
    rows[first] = rows[first] + storm
    opening = next(replay(rows))
    assert opening.storms == (4711,)
    assert "aurora" in opening.labels
    assert not any(label.startswith("copies") for label in opening.labels)


def test_a_damaged_state_is_refused_in_words() -> None:
    """The engine then replays the archive."""
    for state in (b"", b"{}", Lookout().state()[:-4]):
        with pytest.raises(InputError, match="archive"):
            Lookout.restore(state)
