from __future__ import annotations

from pathlib import Path

import pytest

from listener.config import Config, load, loads
from listener.config.who import operator
from listener.domain.operator import Operator

NIGHT = """
[desk]
time_zone = "Europe/Athens"
hours = "mon-fri 09:00-17:00"
closed = ["2026-11-23"]
teams = { sales = ["ana"], night = ["bo"] }

[incidents]
escalation = ["on-call", "sales", "everybody"]

[[incidents.rota]]
team = "night"
hours = "22:00-06:00"

[[sla]]
severity = "SEV1"
respond = "15m"

[[sla]]
stream = "Leads"
kind = "lead"
respond = "4h"

[[sla]]
"""
FRIDAY = 1795185000000  # 20 November 2026, 16:30 in Athens
MIDNIGHT = FRIDAY + 27_000_000


def test_the_desks_calendar() -> None:
    """The settings reach the calendar: Monday is closed by hand, so Friday 16:30 + 1 h is Tuesday 09:30."""
    assert loads(NIGHT).calendar().due(FRIDAY, 3_600_000) == FRIDAY + 89 * 3_600_000


def test_on_call_and_escalation() -> None:
    """At midnight the night team, then sales, then whoever is left: nobody, so no third step."""
    config = loads(NIGHT)
    assert config.on_call(MIDNIGHT) == ("bo",)
    assert config.on_call(FRIDAY) == ()
    assert config.escalation(MIDNIGHT) == (("bo",), ("ana",))
    assert config.escalation(FRIDAY) == (("ana",), ("bo",))


def test_the_first_policy_that_fits_counts() -> None:
    """Conditions are all to be met; the one without any is the last resort."""
    config = loads(NIGHT)
    found = [config.policy(severity="SEV1"), config.policy(streams=["Leads"], kind="lead"), config.policy(streams=["Leads"])]
    assert [one.respond // 60_000 for one in found if one] == [15, 240, 1440]


def test_paths_start_beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk's folder can be moved, or kept in git, as a whole."""
    file = tmp_path / "listener.toml"
    file.write_text("")
    assert load(file).path("playbooks") == tmp_path / "playbooks"
    assert load(file).path("/etc/x") == Path("/etc/x")
    monkeypatch.setenv("LISTENER_HOME", "/srv/desk")
    assert Config().path("playbooks") == Path("/srv/desk/playbooks")


def test_who_sits_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's name with the rights that the file gives it; control characters never reach a screen or the journal."""
    config = loads('[desk]\nteams = { sales = ["ana"] }\n[[desk.operators]]\nname = "ana"\ncan_approve = true\n')
    monkeypatch.setenv("LISTENER_OPERATOR", "ana")
    assert operator(config) == Operator("ana", ("sales",), can_approve=True)
    monkeypatch.setenv("LISTENER_OPERATOR", "\x1b[31mguest")
    assert operator(config) == Operator("[31mguest")
    monkeypatch.delenv("LISTENER_OPERATOR")
    monkeypatch.setenv("LOGNAME", "nightowl")
    assert operator(config).name == "nightowl"
