from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.calendar import BusinessCalendar
from listener.domain.when import describe, parse_when
from listener.errors import InputError

ATHENS = ZoneInfo("Europe/Athens")
DESK = BusinessCalendar("mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00", "Europe/Athens")


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ATHENS).timestamp() * 1000)


THURSDAY_NIGHT = at("2026-11-19T21:30")


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("in 2h", "2026-11-19T23:30"),
        ("1h30m", "2026-11-19T23:00"),
        ("+15 min", "2026-11-19T21:45"),
        ("22:00", "2026-11-19T22:00"),
        ("17:30", "2026-11-20T17:30"),
        ("9", "2026-11-20T09:00"),
        ("9am", "2026-11-20T09:00"),
        ("11 pm", "2026-11-19T23:00"),
        ("12am", "2026-11-20T00:00"),
        ("noon", "2026-11-20T12:00"),
        ("today 23:15", "2026-11-19T23:15"),
        ("Tomorrow", "2026-11-20T09:00"),
        ("tomorrow 9", "2026-11-20T09:00"),
        ("tomorrow at 8:15", "2026-11-20T08:15"),
        ("fri", "2026-11-20T09:00"),
        ("sat", "2026-11-21T10:00"),
        ("sunday", "2026-11-22T09:00"),
        ("mon 08:30", "2026-11-23T08:30"),
        ("thu 22:00", "2026-11-19T22:00"),
        ("thu 20:00", "2026-11-26T20:00"),
        ("next thu 22:00", "2026-11-26T22:00"),
        ("next fri", "2026-11-20T09:00"),
        ("next week", "2026-11-23T09:00"),
        ("next business day", "2026-11-20T09:00"),
        ("next business day 10:30", "2026-11-20T10:30"),
        ("next opening", "2026-11-20T09:00"),
        ("eod", "2026-11-20T18:00"),
        ("2026-12-01", "2026-12-01T09:00"),
        ("2026-12-01 08:30", "2026-12-01T08:30"),
        ("2026-12-01T08:30:00", "2026-12-01T08:30"),
        ("2026-12-01T08:30:00+02:00", "2026-12-01T08:30"),
        ("2026-12-01T06:30Z", "2026-12-01T08:30"),
        ("1 dec", "2026-12-01T09:00"),
        ("December 1, 17:00", "2026-12-01T17:00"),
        ("5 jan 9", "2027-01-05T09:00"),
        ("5 jan 2028 9", "2028-01-05T09:00"),
    ],
)
def test_what_is_understood(text: str, then: str) -> None:
    """Typed on a Thursday at 21:30, on a desk with split shifts."""
    assert describe(parse_when(text, THURSDAY_NIGHT, DESK), THURSDAY_NIGHT, ATHENS) == describe(at(then), THURSDAY_NIGHT, ATHENS)


@pytest.mark.parametrize(
    ("now", "text", "then"),
    [
        ("2026-11-19T03:00", "tonight", "2026-11-19T20:00"),
        ("2026-11-19T12:00", "eod", "2026-11-19T18:00"),
        ("2026-11-21T15:00", "eod", "2026-11-23T18:00"),
        ("2026-11-22T12:00", "next week", "2026-11-23T09:00"),
        ("2026-11-23T08:00", "mon", "2026-11-23T09:00"),
        ("2026-11-23T10:00", "mon", "2026-11-30T09:00"),
        ("2026-11-19T12:00", "next opening", "2026-11-19T14:00"),
        ("2026-03-28T23:00", "03:30", "2026-03-29T04:00"),  # a time that the clocks skip
        ("2026-10-24T23:00", "in 6h", "2026-10-25T04:00"),  # the night has an hour more
    ],
)
def test_it_depends_on_now(now: str, text: str, then: str) -> None:
    """The same words at other hours."""
    assert parse_when(text, at(now), DESK) == at(then)


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "9:75", "13pm", "in", "tomorrow maybe", "32 dec", "2026-02-30", "99999d9", "next", "mon tue", "２ｈ" * 9]
)
def test_what_is_not_understood_lists_what_is(text: str) -> None:
    """Somebody new on the desk learns it from the error."""
    with pytest.raises(InputError) as caught:
        parse_when(text, THURSDAY_NIGHT, DESK)
    assert "next business day" in caught.value.hint


@pytest.mark.parametrize("text", ["today 9", "tonight", "2020-01-01", "0m"])
def test_the_past_is_refused(text: str) -> None:
    """A snooze into the past would be a mention that nobody sees again; the message shows what was understood."""
    with pytest.raises(InputError, match="not in the future"):
        parse_when(text, THURSDAY_NIGHT, DESK)


def test_describe() -> None:
    """As the composer shows it before it is taken; the year only where it is another one."""
    assert describe(at("2026-11-23T08:30"), at("2026-11-22T21:30"), "Europe/Athens") == "Mon 23 Nov 08:30 (in 11 h)"
    assert describe(at("2027-01-04T08:30"), at("2026-12-28T08:30"), ATHENS) == "Mon 4 Jan 2027 08:30 (in 7 days)"
    assert describe(at("2026-11-22T21:25"), at("2026-11-22T21:30"), ATHENS) == "Sun 22 Nov 21:25 (5 min ago)"


@given(st.text(alphabet="0123456789:-+. abdehimnortuwxyz²½", max_size=24))
def test_any_text_ends_in_a_future_time_or_in_words(text: str) -> None:
    """Whatever is typed, there is no traceback."""
    with suppress(InputError):
        assert parse_when(text, THURSDAY_NIGHT, DESK) > THURSDAY_NIGHT
