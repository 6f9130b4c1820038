"""The points table, and how a configuration changes it."""

from __future__ import annotations

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


def test_rules_are_tuned_by_a_table_of_the_configuration() -> None:
    """An owner writes TOML, not Python."""
    rules = Rules.of({"volume": [2, 3, 4], "bursts": {"conduct": 4}, "page_at": 1, "positive_at": 1})
    assert rules.volume == (2, 3, 4)
    assert rules.bursts == {"operational": 1, "safety": 2, "legal": 2, "privacy": 2, "conduct": 4}
    assert rules.positive_at == 1.0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"volumes": [1, 2, 3]}, "volumes"),
        ({"volume": [1, 2]}, "volume"),
        ({"volume": 3}, "volume"),
        ({"volume": [1, 2, "3"]}, "volume"),
        ({"reach": "much"}, "reach"),
        ({"reach": True}, "reach"),
        ({"bursts": {"weather": 2}}, "weather"),
        ({"bursts": {"legal": "2"}}, "bursts"),
        ({"grave": ["weather"]}, "weather"),
        ({"levels": [1, 3, 5, 7]}, "levels"),
    ],
)
def test_a_wrong_table_is_named_with_its_key(table: dict[str, object], said: str) -> None:
    """A typo must not quietly leave a rule at its default."""
    with pytest.raises(ConfigError, match=said):
        Rules.of(table)
