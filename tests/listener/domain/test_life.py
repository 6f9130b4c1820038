"""The life of an incident as a sum: whatever the order in which its events were written down."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from listener.domain.incident import IncidentState
from listener.domain.life import Event, standing

HOUR = 3_600_000
MINUTE = 60_000


def seen(kind, at, urgency=3, **more):
    return Event(kind, at, at, "volume", 0, urgency, urgency + 2, f"why at {at}", **more)


def person(kind, at, after, **more):
    return Event(kind, at, operator="nora", after=after, **more)


OPENED = seen("opened", HOUR)


def state(*events, historic=False):
    return standing(events, historic=historic).state


def test_nothing_seen_is_no_incident():
    assert standing([person("ack", 1, 0)]) is None


def test_what_gets_worse_than_was_acknowledged_opens_again():
    ack = person("ack", 2 * HOUR, HOUR)
    assert state(OPENED, ack) is IncidentState.ACKNOWLEDGED
    assert state(OPENED, ack, seen("again", 3 * HOUR, 3)) is IncidentState.ACKNOWLEDGED
    assert state(OPENED, ack, seen("again", 3 * HOUR, 4)) is IncidentState.OPEN


def test_a_rise_that_was_not_known_when_it_was_acknowledged_opens_it_although_it_lies_before():
    """The bucket ended at 2 h, its posts came at 2 h 10, the acknowledgement was given at 2 h 05: nobody has seen the rise."""
    assert state(OPENED, seen("again", 2 * HOUR, 4), person("ack", 2 * HOUR + 5 * MINUTE, HOUR)) is IncidentState.OPEN


def test_what_comes_back_after_a_resolve_has_regressed_and_is_judged_anew():
    now = standing([seen("opened", HOUR, 4), person("resolve", 2 * HOUR, HOUR, text="a rumour", real=False), seen("again", 3 * HOUR, 2)])
    assert (now.state, now.urgency, now.count, now.cause, now.real) == (IncidentState.REGRESSED, 2, 2, "", None)


def test_quiet_resolves_the_mild_and_history_but_nothing_grave():
    quiet = seen("quiet", 9 * HOUR)
    assert state(seen("opened", HOUR, 2), quiet) is IncidentState.RESOLVED
    assert state(seen("opened", HOUR, 3), quiet) is IncidentState.OPEN
    assert state(seen("opened", HOUR, 4), quiet, historic=True) is IncidentState.RESOLVED


def test_a_persons_severity_counts_until_the_watch_sees_worse_than_it_had():
    milder = [seen("opened", HOUR, 3), person("severity", 2 * HOUR, HOUR, urgency=1)]
    assert standing(milder).urgency == 1
    assert standing([*milder, seen("again", 3 * HOUR, 3)]).urgency == 1
    assert standing([*milder, seen("again", 3 * HOUR, 4)]).urgency == 4
    assert standing([*milder, person("severity", 4 * HOUR, HOUR, urgency=0)]).urgency == 3


@given(st.lists(st.tuples(st.sampled_from(["opened", "again", "quiet"]), st.integers(1, 50), st.integers(1, 4)), min_size=1, max_size=12, unique_by=lambda one: one[1]), st.integers(0, 99))
def test_the_order_of_writing_does_not_matter(rows, seed):
    events = [seen(kind, at * HOUR, urgency) for kind, at, urgency in rows] + [person("ack", 7 * HOUR + 1, 7 * HOUR), person("resolve", 30 * HOUR + 1, 30 * HOUR, text="x")]
    shuffled = events[:]
    random.Random(seed).shuffle(shuffled)
    assert standing(shuffled) == standing(events)


@given(st.lists(st.tuples(st.sampled_from(["opened", "again", "quiet", "ack", "resolve", "reopen"]), st.integers(1, 4)), min_size=1, max_size=20))
def test_a_resolved_incident_says_when_and_an_active_one_does_not(rows):
    events = [OPENED, *(seen(kind, (n + 2) * HOUR, urgency) if kind in ("opened", "again", "quiet") else person(kind, (n + 2) * HOUR, (n + 1) * HOUR, text="x") for n, (kind, urgency) in enumerate(rows))]
    now = standing(events)
    assert (now.resolved_at is not None) == (now.state is IncidentState.RESOLVED)
    assert now.count >= 1
    assert now.opened_at == HOUR
