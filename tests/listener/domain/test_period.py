from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.period import parse_period, parse_since, parse_until
from listener.errors import InputError

ATHENS = ZoneInfo("Europe/Athens")


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ATHENS).timestamp() * 1000)


NOW = at("2026-11-19T21:30")


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("24h", "2026-11-18T21:30", "2026-11-19T21:30"),
        ("last 30d", "2026-10-20T22:30", "2026-11-19T21:30"),
        ("today", "2026-11-19", "2026-11-19T21:30"),
        ("yesterday", "2026-11-18", "2026-11-19"),
        ("this-week", "2026-11-16", "2026-11-19T21:30"),
        ("last-week", "2026-11-09", "2026-11-16"),
        ("last week", "2026-11-09", "2026-11-16"),
        ("last-month", "2026-10-01", "2026-11-01"),
        ("last-year", "2025-01-01", "2026-01-01"),
        ("2026-10", "2026-10-01", "2026-11-01"),
        ("2025", "2025-01-01", "2026-01-01"),
        ("2026-10-25", "2026-10-25", "2026-10-26"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-16"),
        ("2026-11-01T09:00..2026-11-01T17:00", "2026-11-01T09:00", "2026-11-01T17:00"),
        ("2026-11-01..", "2026-11-01", "2026-11-19T21:30"),
        ("last-month..yesterday", "2026-10-01", "2026-11-19"),
    ],
)
def test_periods(text: str, since: str, until: str) -> None:
    """Days of the desk's clock; 25 October 2026 has 25 hours in Athens, so thirty times 24 hours began an hour "later"."""
    assert parse_period(text, NOW, "Europe/Athens") == (at(since), at(until))


def test_since_and_until() -> None:
    """`--until 2026-11-15` takes that day in; `--until 2d` stops two days ago."""
    assert parse_since("last-week", NOW, ATHENS) == at("2026-11-09")
    assert parse_since("2026-11-01T00:00:00Z", NOW, ATHENS) == at("2026-11-01T02:00")
    assert parse_until("2026-11-15", NOW, ATHENS) == at("2026-11-16")
    assert parse_until("2d", NOW, ATHENS) == at("2026-11-17T21:30")


@pytest.mark.parametrize("text", ["", "soon", "2026-13", "2026-02-30", "2026-11-15..2026-11-01", "..", "last-century"])
def test_refused(text: str) -> None:
    """Never a report over another period than the one that was meant."""
    with pytest.raises(InputError):
        parse_period(text, NOW, ATHENS)


@given(st.text(alphabet="0123456789:-+. adehilmnorstuwyzT", max_size=20))
def test_any_text_ends_in_a_stretch_or_in_words(text: str) -> None:
    """Whatever is typed, there is no traceback."""
    try:
        since, until = parse_period(text, NOW, ATHENS)
    except InputError:
        return
    assert since < until
