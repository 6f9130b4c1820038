from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from listener.domain.rota import Swap, Turn, chain, check, on_call
from listener.errors import InputError

ATHENS = "Europe/Athens"


def at(text: str, zone: str = ATHENS) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


WEEKLY = Turn(people=("ana", "bo", "cy"), handover="mon 09:00", since="2026-11-02")


@pytest.mark.parametrize(
    ("instant", "who"),
    [
        ("2026-11-02T09:00", "ana"),
        ("2026-11-09T08:59", "ana"),
        ("2026-11-09T09:00", "bo"),
        ("2026-11-16T09:00", "cy"),
        ("2026-11-23T09:00", "ana"),
        ("2026-10-26T09:00", "cy"),
    ],
)
def test_weekly_turns(instant: str, who: str) -> None:
    """The turn changes at the handover, goes round, and reaches back before its own beginning."""
    assert on_call([WEEKLY], at(instant), zone=ATHENS) == (who,)


def test_a_handover_stays_on_the_clock_across_dst() -> None:
    """Athens left DST on 25 October 2026: the handover after it is at 09:00 by the new clock."""
    turn = Turn(people=("ana", "bo"), handover="mon 09:00", since="2026-10-19")
    assert on_call([turn], at("2026-10-26T08:59"), zone=ATHENS) == ("ana",)
    assert on_call([turn], at("2026-10-26T09:00"), zone=ATHENS) == ("bo",)


def test_a_night_shift_is_not_cut_in_two() -> None:
    """The handover at Monday 00:00 waits until the shift that began on Sunday evening has ended."""
    turn = Turn(people=("ana", "bo"), hours="22:00-06:00", since="2026-11-02")
    assert on_call([turn], at("2026-11-08T23:00"), zone=ATHENS) == ("ana",)
    assert on_call([turn], at("2026-11-09T05:59"), zone=ATHENS) == ("ana",)
    assert on_call([turn], at("2026-11-09T06:00"), zone=ATHENS) == ()
    assert on_call([turn], at("2026-11-09T22:00"), zone=ATHENS) == ("bo",)


def test_lines_in_other_time_zones_follow_the_sun() -> None:
    """Days in Manila and days in Athens: at one instant one of them is on call."""
    rota = [Turn(people=("mara",), hours="09:00-17:00", time_zone="Asia/Manila"), Turn(people=("ana",), hours="09:00-17:00")]
    assert on_call(rota, at("2026-11-10T03:30"), zone=ATHENS) == ("mara",)
    assert on_call(rota, at("2026-11-10T12:00"), zone=ATHENS) == ("ana",)


def test_daily_turns_teams_and_all_together() -> None:
    """The other rotations; members of a team come after the people who are named."""
    daily = Turn(people=("ana",), team="night", rotation="daily", since="2026-11-02")
    teams = {"night": ("bo", "ana")}
    assert [on_call([daily], at(f"2026-11-0{day}T12:00"), zone=ATHENS, teams=teams) for day in (2, 3, 4)] == [("ana",), ("bo",), ("ana",)]
    together = Turn(people=("ana",), team="night", rotation="none")
    assert on_call([together, daily], at("2026-11-03T12:00"), zone=ATHENS, teams=teams) == ("ana", "bo")


def test_swap() -> None:
    """Somebody stands in, from its first instant to the first after."""
    swap = Swap("ana", "dee", at("2026-11-03T00:00"), at("2026-11-04T00:00"))
    assert on_call([WEEKLY], at("2026-11-03T00:00"), zone=ATHENS, swaps=[swap]) == ("dee",)
    assert on_call([WEEKLY], at("2026-11-04T00:00"), zone=ATHENS, swaps=[swap]) == ("ana",)


def test_escalation_tells_nobody_twice_and_wastes_no_step() -> None:
    """A step whose people all know already is left out: waiting for it would only lose time."""
    steps = ["on-call", "ana", "night", "everybody"]
    told = chain(steps, at("2026-11-03T12:00"), [WEEKLY], zone=ATHENS, teams={"night": ("bo",)}, operators=("ana", "bo", "cy"))
    assert told == (("ana",), ("bo",), ("cy",))


@pytest.mark.parametrize(
    "turn",
    [
        Turn(),
        Turn(people=("a",), hours="x"),
        Turn(people=("a",), handover="noon"),
        Turn(people=("a",), since="soon"),
        Turn(team="t", handover="xyz 09:00"),
    ],
)
def test_check(turn: Turn) -> None:
    """Whatever the configuration cannot mean is refused when it is read, not at 03:00."""
    with pytest.raises(InputError):
        check(turn)
