from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.duration import DAY, HOUR, MINUTE, about, format_duration, parse_duration
from listener.errors import InputError


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2m", 2 * MINUTE),
        ("24h", DAY),
        ("7d", 7 * DAY),
        ("1h30m", HOUR + 30 * MINUTE),
        ("1.5 hours", 90 * MINUTE),
        ("90s", 90_000),
        ("0s", 0),
        ("2 weeks", 14 * DAY),
    ],
)
def test_lengths_of_time(text: str, ms: int) -> None:
    """Every unit, short and long."""
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "5", "m", "5x", "5m!", "-5m", "9999999w", "5 m m"])
def test_refused(text: str) -> None:
    """A bare number is refused too: nobody knows its unit."""
    with pytest.raises(InputError):
        parse_duration(text)


@given(st.integers(0, 10**12))
def test_round_trip(ms: int) -> None:
    """What is printed reads back exactly: the configuration editor writes durations."""
    assert parse_duration(format_duration(ms)) == ms


def test_about() -> None:
    """One unit is enough for people."""
    assert [about(ms) for ms in (40_000, 5 * MINUTE, 11 * HOUR, 3 * DAY)] == ["40 s", "5 min", "11 h", "3 days"]
