from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.domain.calendar import BusinessCalendar, instant_of
from listener.domain.duration import DAY, HOUR, MINUTE
from listener.errors import InputError

ATHENS = "Europe/Athens"


def at(text: str, zone: str = ATHENS) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


OFFICE = BusinessCalendar("mon-fri 09:00-17:00", ATHENS)
SPLIT = BusinessCalendar("mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00", ATHENS, holidays="GR", closed=["2026-12-24"])
NIGHT = BusinessCalendar("22:00-06:00", ATHENS)
ALWAYS = BusinessCalendar("24/7", ATHENS)


def test_friday_half_past_four_and_an_hour() -> None:
    """The contract's own example: Fri 16:30 + 1 h on Mon–Fri 9–17 is due on Mon 09:30."""
    assert OFFICE.due(at("2026-11-20T16:30"), HOUR) == at("2026-11-23T09:30")
    assert OFFICE.business_ms(at("2026-11-20T16:30"), at("2026-11-23T09:30")) == HOUR


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-20T12:00", "2026-11-20T15:00", 120),  # over the lunch break
        ("2026-11-20T17:30", "2026-11-21T10:30", 60),  # Friday evening, Saturday morning
        ("2026-11-21T14:00", "2026-11-23T09:00", 0),  # the week-end
        ("2026-12-23T17:00", "2026-12-28T10:00", 120),  # the 24th by hand, 25th and 26th public holidays, then Sunday
        ("2026-11-16T00:00", "2026-11-23T00:00", 5 * 480 + 240),
    ],
)
def test_split_shifts_and_holidays_by_hand(start: str, end: str, minutes: int) -> None:
    """Counted with a pencil."""
    assert SPLIT.business_ms(at(start), at(end)) == minutes * MINUTE


def test_a_holiday_can_be_worked() -> None:
    """Some desks are open when the country is not."""
    desk = BusinessCalendar("09:00-17:00", ATHENS, holidays="GR", open_days=["2026-12-25"])
    assert desk.is_open(at("2026-12-25T12:00"))
    assert not desk.is_open(at("2026-12-26T12:00"))


def test_dst_nights() -> None:
    """In Athens clocks go 03→04 on 29 March 2026 and 04→03 on 25 October: the night shift has seven and nine hours."""
    assert NIGHT.business_ms(at("2026-03-28T22:00"), at("2026-03-29T06:00")) == 7 * HOUR
    assert NIGHT.business_ms(at("2026-10-24T22:00"), at("2026-10-25T06:00")) == 9 * HOUR
    assert NIGHT.business_ms(at("2026-11-01T22:00"), at("2026-11-02T06:00")) == 8 * HOUR
    assert NIGHT.due(at("2026-03-28T22:00"), 8 * HOUR) == at("2026-03-29T23:00")
    assert ALWAYS.business_ms(at("2026-03-29T00:00"), at("2026-03-30T00:00")) == 23 * HOUR


def test_office_hours_are_eight_hours_on_both_sides_of_a_change() -> None:
    """Opening follows the clock on the wall, not a fixed offset from UTC."""
    for day in ("2026-03-27", "2026-03-30", "2026-10-23", "2026-10-26"):
        assert OFFICE.business_ms(at(f"{day}T00:00"), at(f"{day}T23:59")) == 8 * HOUR
    assert OFFICE.due(at("2026-03-27T16:00"), 2 * HOUR) == at("2026-03-30T10:00")


def test_edges_inside_a_change() -> None:
    """A shift that ends at 03:30 when 03:00–04:00 is skipped ends at the change; one that ends in a doubled hour takes both."""
    desk = BusinessCalendar("01:00-03:30", ATHENS)
    assert desk.business_ms(at("2026-03-29T00:00"), at("2026-03-29T12:00")) == 2 * HOUR
    assert desk.business_ms(at("2026-10-25T00:00"), at("2026-10-25T12:00")) == 3 * HOUR + 30 * MINUTE
    late = BusinessCalendar("03:30-06:00", ATHENS)
    assert late.business_ms(at("2026-03-29T00:00"), at("2026-03-29T12:00")) == 2 * HOUR
    assert instant_of(datetime(2026, 3, 29, 3, 30), ZoneInfo(ATHENS)) == at("2026-03-29T04:00")


def test_open_and_next() -> None:
    """What a snooze and a rule ask."""
    assert OFFICE.is_open(at("2026-11-20T09:00"))
    assert not OFFICE.is_open(at("2026-11-20T17:00"))
    assert OFFICE.next_opening(at("2026-11-20T03:00")) == at("2026-11-20T09:00")
    assert OFFICE.next_opening(at("2026-11-20T09:00")) == at("2026-11-23T09:00")
    assert SPLIT.next_opening(at("2026-11-20T12:00")) == at("2026-11-20T14:00")
    assert OFFICE.next_closing(at("2026-11-20T12:00")) == at("2026-11-20T17:00")
    assert OFFICE.next_business_day(at("2026-11-20T03:00")) == at("2026-11-23T09:00")
    assert SPLIT.next_business_day(at("2026-12-23T12:00")) == at("2026-12-28T09:00")
    assert SPLIT.opening_on(date(2026, 12, 25)) is None
    assert SPLIT.closing_on(date(2026, 12, 23)) == at("2026-12-23T18:00")


def test_a_desk_that_never_closes() -> None:
    """There is no next opening: now. The border between two years is none either."""
    now = at("2026-12-31T12:00")
    assert ALWAYS.next_opening(now) == ALWAYS.next_closing(now) == now
    assert ALWAYS.next_business_day(now) == at("2027-01-01T00:00")
    assert NIGHT.next_opening(at("2026-12-31T21:00")) == at("2026-12-31T22:00")
    assert NIGHT.next_opening(at("2026-12-31T23:00")) == at("2027-01-01T22:00")
    assert NIGHT.next_closing(at("2026-12-31T23:00")) == at("2027-01-01T06:00")


def test_new_year_is_counted_once() -> None:
    """A shift over midnight on 31 December belongs to two years' tables."""
    assert NIGHT.business_ms(at("2026-12-31T22:00"), at("2027-01-01T06:00")) == 8 * HOUR
    assert NIGHT.due(at("2026-12-31T23:30"), HOUR) == at("2027-01-01T00:30")


def test_a_desk_that_is_never_open_says_so() -> None:
    """No endless search for a due date."""
    desk = BusinessCalendar("mon 09:00-10:00", "UTC", closed=[])
    desk.week = ((),) * 7
    with pytest.raises(InputError):
        desk.due(0, HOUR)


@pytest.mark.parametrize("arguments", [{"hours": "x"}, {"zone": "Moon/Tycho"}, {"closed": ["soon"]}])
def test_refused(arguments: dict[str, object]) -> None:
    """Settings are refused when the calendar is made."""
    with pytest.raises(InputError):
        BusinessCalendar(**arguments)  # type: ignore[arg-type]


def test_an_unknown_country_is_an_input_error() -> None:
    """The holidays package raises NotImplementedError; an operator should read words."""
    with pytest.raises(InputError, match="ZZ"):
        BusinessCalendar(holidays="ZZ").is_open(0)


CALENDARS = st.sampled_from(
    [
        OFFICE,
        SPLIT,
        NIGHT,
        ALWAYS,
        BusinessCalendar("mon-sun 00:30-03:30, 05:00-23:45", "America/St_Johns"),
        BusinessCalendar("fri 23:00-08:00; sun 01:00-02:30", "Australia/Lord_Howe"),
        BusinessCalendar("09:00-17:00", "Africa/Casablanca"),
    ]
)
INSTANTS = st.integers(at("2024-01-01T00:00"), at("2028-01-01T00:00"))


@given(CALENDARS, INSTANTS, INSTANTS, INSTANTS)
def test_business_time_adds_up_and_never_runs_backwards(calendar: BusinessCalendar, one: int, two: int, three: int) -> None:
    """Additive, antisymmetric, monotone, and never more than the clock says."""
    a, b, c = sorted((one, two, three))
    assert calendar.business_ms(a, c) == calendar.business_ms(a, b) + calendar.business_ms(b, c)
    assert calendar.business_ms(b, a) == -calendar.business_ms(a, b)
    assert 0 <= calendar.business_ms(a, b) <= b - a


@given(CALENDARS, INSTANTS, st.integers(0, 60 * DAY))
def test_due_is_the_inverse(calendar: BusinessCalendar, start: int, ms: int) -> None:
    """Exactly so much business time has passed when it is due, and not a moment sooner."""
    due = calendar.due(start, ms)
    assert calendar.business_ms(start, due) == ms
    if ms:
        assert calendar.business_ms(start, due - 1) == ms - 1
        assert calendar.is_open(due - 1)


@given(CALENDARS, INSTANTS)
def test_opening_and_closing_are_edges(calendar: BusinessCalendar, now: int) -> None:
    """Between now and the next edge nothing changes; at the edge it does."""
    opening, closing = calendar.next_opening(now), calendar.next_closing(now)
    if opening != now:
        assert calendar.is_open(opening)
        assert not calendar.is_open(opening - 1)
        assert not calendar.is_open(closing)
        assert calendar.is_open(closing - 1)
        assert calendar.business_ms(now, min(opening, closing)) == (min(opening, closing) - now if calendar.is_open(now) else 0)


@given(CALENDARS, st.lists(st.tuples(INSTANTS, INSTANTS), max_size=5))
def test_many_at_once_are_the_same_numbers(calendar: BusinessCalendar, spans: list[tuple[int, int]]) -> None:
    """The figures of a report come from the fast way, a single case's from the plain one."""
    many = calendar.business_ms_many([start for start, _ in spans], [end for _, end in spans])
    assert many.tolist() == [calendar.business_ms(start, end) for start, end in spans]


@settings(max_examples=40)
@given(CALENDARS, st.integers(at("2025-01-01T00:00"), at("2027-01-01T00:00")), st.integers(0, 3 * DAY))
def test_counting_minutes_gives_the_same(calendar: BusinessCalendar, start: int, length: int) -> None:
    """The slow definition: look at the wall clock of every minute. Holidays aside, it must agree."""
    start -= start % MINUTE
    length -= length % MINUTE
    if calendar is SPLIT:
        return
    counted = sum(_wall_open(calendar, start + minute * MINUTE) for minute in range(length // MINUTE))
    assert calendar.business_ms(start, start + length) == counted * MINUTE


def _wall_open(calendar: BusinessCalendar, instant: int) -> bool:
    local = calendar.local(instant)
    minute = local.hour * 60 + local.minute
    today, yesterday = calendar.week[local.weekday()], calendar.week[(local.weekday() - 1) % 7]
    return any(one.start <= minute < one.end for one in today) or any(one.start <= minute + 1440 < one.end for one in yesterday)
