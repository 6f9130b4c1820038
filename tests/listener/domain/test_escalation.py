"""Who is told when: the chain step by step, repeats, and silence once somebody is on it."""

from __future__ import annotations

import pytest

from listener.domain.case import Severity
from listener.domain.escalation import Call, Told, call, loudness
from listener.domain.incident import Incident, IncidentState

NOW = 1_774_000_000_000
MINUTE = 60_000
WITHIN = {"SEV1": 5 * MINUTE, "SEV2": 15 * MINUTE, "SEV3": 60 * MINUTE}


def incident(severity=Severity.SEV2, state=IncidentState.OPEN, pages=False):
    return Incident(1, "Aurora", "volume", "Aurora/volume", severity, 5, state, NOW, NOW, None, None, "", 1, "why", (), None, (), "", None, 1, pages)


def ask(one, told, minutes=0, steps=2, changes=0):
    return call(one, told, NOW + minutes * MINUTE, steps=steps, within=WITHIN, repeat=240 * MINUTE, changes=changes)


def test_a_new_incident_is_told_to_the_first_step():
    assert ask(incident(), Told()) == Call("opened", 0)


@pytest.mark.parametrize(("severity", "minutes"), [(Severity.SEV1, 5), (Severity.SEV2, 15), (Severity.SEV3, 60)])
def test_each_severity_waits_its_own_time_for_somebody(severity, minutes):
    told = Told(severity.urgency, NOW, 0)
    assert ask(incident(severity), told, minutes - 1) is None
    assert ask(incident(severity), told, minutes) == Call("nobody acknowledged", 1)


def test_nobody_is_chased_for_a_sev4():
    assert ask(incident(Severity.SEV4), Told(1, NOW, 0), 100_000) is None


def test_after_the_last_step_everybody_is_told_again_every_four_hours():
    assert ask(incident(), Told(3, NOW, 1), 239) is None
    assert ask(incident(), Told(3, NOW, 1), 240) == Call("still waiting", 1)


@pytest.mark.parametrize("state", [IncidentState.ACKNOWLEDGED, IncidentState.RESOLVED])
def test_somebody_on_it_is_left_alone(state):
    assert ask(incident(state=state), Told(3, NOW, 0), 10_000) is None


def test_worse_begins_the_chain_again():
    assert ask(incident(Severity.SEV1), Told(3, NOW, 1), 1) == Call("worse", 0)


def test_what_comes_back_after_a_resolve_is_told():
    assert ask(incident(state=IncidentState.REGRESSED), Told(0, NOW, 0), 1) == Call("came back", 0)


def test_flapping_is_damped_but_never_a_sev1():
    """Up and down in half an hour is one message; the worst is never held back."""
    assert ask(incident(Severity.SEV2), Told(2, NOW, 0), 5, changes=3) is None
    assert ask(incident(Severity.SEV2), Told(2, NOW, 0), 31, changes=3) == Call("worse", 0)
    assert ask(incident(Severity.SEV1), Told(2, NOW, 0), 5, changes=3) == Call("worse", 0)


def test_four_agreeing_signals_count_as_sev2_for_the_telling():
    assert loudness(incident(Severity.SEV4, pages=True)) is Severity.SEV2
    assert ask(incident(Severity.SEV4, pages=True), Told(1, NOW, 0), 15) == Call("nobody acknowledged", 1)
