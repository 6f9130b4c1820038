"""What we have spent of something that a network counts and does not tell: money by the month, units by the day.

The sum travels in every cursor, which the store keeps with the mentions that it paid for. After a restart the largest sum
that any cursor of this period knows counts, so at most one page of each other channel is forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from listener.source import Budget
from sources.fields import mapping, number, string

if TYPE_CHECKING:
    from collections.abc import Mapping


class Allowance:
    """A limit for each month or day of a time zone.

    Args:  limit: in the unit that `spend` gets; nothing may be spent beyond it.
    """

    def __init__(self, name: str, limit: float, period: Literal["month", "day"], zone: str = "UTC") -> None:
        self.name, self.limit = name, limit
        self._by_month, self._zone = period == "month", ZoneInfo(zone)
        self._period, self.spent = "", 0.0

    def recall(self, state: object, now: int) -> None:
        """Take over what a cursor knows, when it is of this period and more than what we know. `now`: UTC ms."""
        self._turn(now)
        known = mapping(state, "spent")
        amount = number(known.get("amount"))
        if string(known, "period") == self._period and amount is not None:
            self.spent = max(self.spent, amount)

    def spend(self, amount: float, now: int) -> None:
        self._turn(now)
        self.spent = round(self.spent + amount, 6)

    def note(self) -> Mapping[str, object]:
        """For the cursor, under `spent`."""
        return {"period": self._period, "amount": self.spent}

    @property
    def left(self) -> float:
        return max(0.0, self.limit - self.spent)

    def seconds_left(self, now: int) -> float:
        """Until the next period."""
        return (self._end(now) - now) / 1000

    def budget(self, now: int) -> Budget:
        self._turn(now)
        return Budget(self.name, self.left, self.limit, self._end(now))

    def _turn(self, now: int) -> None:
        here = datetime.fromtimestamp(now / 1000, self._zone)
        period = here.strftime("%Y-%m" if self._by_month else "%Y-%m-%d")
        if period != self._period:
            self._period, self.spent = period, 0.0

    def _end(self, now: int) -> int:
        here = datetime.fromtimestamp(now / 1000, self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        turn = (here.replace(day=1) + timedelta(days=32)).replace(day=1) if self._by_month else here + timedelta(days=1)
        return round(turn.timestamp() * 1000)
