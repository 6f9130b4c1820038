"""What a network costs must be counted over restarts, and never beyond the limit that the owner set."""

from __future__ import annotations

from datetime import UTC, datetime

from sources.allowance import Allowance

NOON = round(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000


def test_a_restart_remembers_the_largest_sum_that_a_cursor_knows() -> None:
    """Each channel's cursor saw the sum at its own last page."""
    before = Allowance("dollars", 10, "month")
    before.spend(2.5, NOON)
    early = {"spent": before.note()}
    before.spend(1, NOON)
    late = {"spent": before.note()}
    after = Allowance("dollars", 10, "month")
    after.recall(early, NOON)
    after.recall(late, NOON)
    after.recall(early, NOON)
    assert (after.spent, after.left) == (3.5, 6.5)


def test_a_new_month_starts_with_all_of_it() -> None:
    """Last month's cursor says nothing about this month."""
    money = Allowance("dollars", 10, "month")
    money.spend(9, NOON)
    old = {"spent": money.note()}
    later = NOON + 20 * DAY
    assert money.budget(later).left == 10
    money.recall(old, later)
    assert money.left == 10
    assert money.budget(later).resets_at == round(datetime(2027, 1, 1, tzinfo=UTC).timestamp() * 1000)


def test_a_day_turns_at_midnight_of_its_zone() -> None:
    """Google's day ends in California, also on the day on which the clocks change."""
    units = Allowance("units", 100, "day", "America/Los_Angeles")
    units.spend(100, NOON)
    assert units.seconds_left(NOON) == 20 * 3600
    assert units.budget(NOON + 19 * 3_600_000).left == 0
    assert units.budget(NOON + 21 * 3_600_000).left == 100
    autumn = round(datetime(2026, 11, 1, 8, tzinfo=UTC).timestamp() * 1000)
    assert units.seconds_left(autumn) == 24 * 3600


def test_nonsense_in_a_cursor_costs_nothing() -> None:
    """A damaged cursor must not lock the source."""
    money = Allowance("dollars", 10, "month")
    for state in (
        None,
        [],
        {"spent": 5},
        {"spent": {"period": "2026-11", "amount": "much"}},
        {"spent": {"period": "2026-11", "amount": float("nan")}},
    ):
        money.recall(state, NOON)
    assert money.left == 10
