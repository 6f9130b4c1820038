from __future__ import annotations

import pytest

from listener.domain.hours import ALWAYS, Shift, parse_hours, weekday
from listener.errors import InputError

NINE_TO_FIVE = (Shift(540, 1020),)


def test_split_shifts_and_groups() -> None:
    """The sketch of the configuration, as it stands in the documentation."""
    week = parse_hours("mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00")
    assert week == (*((Shift(540, 780), Shift(840, 1080)),) * 5, (Shift(600, 840),), ())


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("24/7", ALWAYS),
        ("00:00-24:00", ALWAYS),
        ("9-17", (NINE_TO_FIVE,) * 7),
        ("Weekdays 9:00 - 17:00", (*(NINE_TO_FIVE,) * 5, (), ())),
        ("mon, wed 9-17", (NINE_TO_FIVE, (), NINE_TO_FIVE, (), (), (), ())),
        ("sat-mon 9-17", (NINE_TO_FIVE, (), (), (), (), NINE_TO_FIVE, NINE_TO_FIVE)),
        ("22:00-06:00", ((Shift(1320, 1800),),) * 7),
        ("fri 22-00:00", ((), (), (), (), (Shift(1320, 1440),), (), ())),
        ("mon 9-12, 11-17", (NINE_TO_FIVE, (), (), (), (), (), ())),
    ],
)
def test_spellings(text: str, week: object) -> None:
    """Each way to write days and times that the documentation names."""
    assert parse_hours(text) == week


@pytest.mark.parametrize(
    "text", ["", "mon", "mon-fri", "noday 9-17", "mon 9", "mon 25-26", "mon 9:60-10", "mon 9-9", "mon 09:00-", "mon 9-17 tue 9-17", ";"]
)
def test_refused(text: str) -> None:
    """Never a guess about when the desk is open."""
    with pytest.raises(InputError):
        parse_hours(text)


def test_weekday() -> None:
    """Short and long names, but nothing that could be two days."""
    assert [weekday(name) for name in ("mon", "Tues", "SUNDAY")] == [0, 1, 6]
    with pytest.raises(InputError):
        weekday("t")
