"""The points table, and how a configuration changes it."""

from __future__ import annotations

from typing import Any

import pytest

from listener.domain.severity import Rules
from listener.errors import ConfigError


@pytest.mark.parametrize(
    ("points", "severity"),
    [(9, "SEV1"), (7, "SEV1"), (6, "SEV2"), (5, "SEV2"), (4, "SEV3"), (3, "SEV3"), (2, "SEV4"), (1, "SEV4"), (0, ""), (-1, "")],
)
def test_points_make_levels(points: int, severity: str) -> None:
    """The table of docs/incidents.md."""
    assert str(Rules().level(points)) == severity


def test_a_configuration_changes_single_values() -> None:
    """An owner writes a name and a number; all else stays as shipped."""
    rules = Rules().tuned({"burst:conduct": 4}, {"reach": 500}, {"SEV1": 9}, ("tail15",), page=False)
    assert (rules.points["burst:conduct"], rules.points["reach"]) == (4, 1)
    assert (rules.thresholds["reach"], rules.thresholds["record60"]) == (500, 0.10)
    assert (str(rules.level(8)), str(rules.level(9))) == ("SEV2", "SEV1")
    assert rules.dry == {"tail15"}
    assert not rules.page


def test_a_topics_values_go_over_those_of_all() -> None:
    """`[incidents]` first, then `[incidents.topics.…]`."""
    everywhere = Rules().tuned({"reach": 2, "rising": 0}, dry=("praise",))
    here = everywhere.tuned({"reach": 3}, dry=("burst:legal",))
    assert (here.points["reach"], here.points["rising"]) == (3, 0)
    assert here.dry == {"praise", "burst:legal"}
    assert not Rules().tuned(page=False).tuned(page=True).page, "what is silent everywhere is silent here"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"points": {"volumes": 1}}, "volumes"),
        ({"points": {"burst:weather": 1}}, "burst:weather"),
        ({"thresholds": {"record61": 1.0}}, "record61"),
        ({"thresholds": {"reach": -1.0}}, "reach"),
        ({"thresholds": {"reach": float("nan")}}, "reach"),
        ({"severities": {"SEV5": 1}}, "SEV5"),
        ({"severities": {"SEV1": 2}}, "fall"),
        ({"dry": ("tail",)}, "tail"),
    ],
)
def test_a_wrong_name_or_value_is_named(wrong: dict[str, Any], said: str) -> None:
    """A typo must not quietly leave a rule at its default."""
    with pytest.raises(ConfigError, match=said):
        Rules().tuned(**wrong)


def test_a_volume_signal_that_runs_dry_cannot_fire() -> None:
    """Its value is still measured and stored."""
    rules = Rules().tuned(dry=("tail15",))
    assert rules.threshold("tail15") == float("inf")
    assert rules.threshold("record60") == 0.10
