"""Business time: the part of an interval in which the desk is open.

Opening hours are wall-clock times of the desk's time zone. A window is every instant between its two wall-clock times, so
that 09:00–17:00 lasts eight hours on any day, and 22:00–06:00 seven or nine on the nights on which the clocks change. A time
that the clocks skip stands for the instant of the change; of a time that they show twice, a window takes both.
A shift belongs to the day on which it begins: on a holiday none begins, but last night's still ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from listener.domain.hours import Week, parse_hours
from listener.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST_YEAR, LAST_YEAR = 1900, 2200
_EVER = 20
"""Years in which a desk must open at least once."""


@dataclass(frozen=True, slots=True)
class _Year:
    """The windows of one local year, cut at its borders and merged."""

    start: int
    end: int
    opens: list[int]
    closes: list[int]
    before: list[int]
    """Open ms of this year before each window; one more entry than windows, the last is the year's total."""

    def elapsed(self, at: int) -> int:
        """Open ms between the start of the year and `at`."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at, self.closes[index]) - self.opens[index]


class BusinessCalendar:
    """When a desk is open. All instants are UTC ms; a year is worked out when it is first asked for, and kept."""

    def __init__(
        self,
        hours: str = "mon-fri 09:00-17:00",
        zone: str = "UTC",
        *,
        holidays: str = "",
        closed: Iterable[str] = (),
        open_days: Iterable[str] = (),
    ) -> None:
        """Take the desk's settings.

        Args:    holidays: ISO 3166 code, "GR" or "US-CA"; empty for none. closed: further dates, "2026-12-24".
                 open_days: public holidays on which the desk works.
        Raises:  InputError: hours, zone or a date that cannot be read; the country when a year is first asked for.
        """
        self.week: Week = parse_hours(hours)
        self.zone = zone_of(zone)
        self._country = holidays
        self._closed = frozenset(_date(text) for text in closed)
        self._open = frozenset(_date(text) for text in open_days)
        self._years: dict[int, _Year] = {}

    def business_ms(self, start: int, end: int) -> int:
        """Open ms in [start, end); negative when end lies before start."""
        if end < start:
            return -self.business_ms(end, start)
        first, last = self._year_of(start), self._year_of(end)
        if first is last:
            return first.elapsed(end) - first.elapsed(start)
        total = first.before[-1] - first.elapsed(start) + last.elapsed(end)
        year = self._year_of(first.end)
        while year is not last:
            total += year.before[-1]
            year = self._year_of(year.end)
        return total

    def business_ms_many(self, starts: Sequence[int], ends: Sequence[int]) -> NDArray[np.int64]:
        """`business_ms` of many intervals at once, for reports; several times as fast. Shapes: starts (n,), ends (n,) → (n,)."""
        import numpy as np

        since, until = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
        if not since.size:
            return np.zeros(0, np.int64)
        years = [self._year_of(int(min(since.min(), until.min())))]
        latest = int(max(since.max(), until.max()))
        while years[-1].end <= latest:
            years.append(self._year_of(years[-1].end))
        opens = np.array([years[0].start, *(at for year in years for at in year.opens)], np.int64)
        closes = np.array([years[0].start, *(at for year in years for at in year.closes)], np.int64)
        before = np.concatenate(([0], np.cumsum(closes - opens)[:-1]))

        def elapsed(at: NDArray[np.int64]) -> NDArray[np.int64]:
            index = np.searchsorted(opens, at, side="right") - 1
            passed: NDArray[np.int64] = before[index] + np.minimum(at, closes[index]) - opens[index]
            return passed

        return elapsed(until) - elapsed(since)

    def due(self, start: int, ms: int) -> int:
        """The earliest instant at which `ms` of business time have passed since `start`; `start` itself when ms is 0.

        Raises:  InputError: the desk is not open for that long in all the years that are known.
        """
        if ms <= 0:
            return start
        year = self._year_of(start)
        wanted = ms + year.elapsed(start)
        while wanted > year.before[-1]:
            wanted -= year.before[-1]
            year = self._year_of(year.end)
        index = _first_at_least(year.before, wanted) - 1
        return year.opens[index] + wanted - year.before[index]

    def is_open(self, at: int) -> bool:
        year = self._year_of(at)
        index = bisect_right(year.opens, at) - 1
        return index >= 0 and at < year.closes[index]

    def next_opening(self, at: int) -> int:
        """The next instant after `at` at which the closed desk opens; `at` itself when it never closes."""
        return self._next(at, opening=True)

    def next_closing(self, at: int) -> int:
        """The next instant after `at` at which the open desk closes; `at` itself when it never closes."""
        return self._next(at, opening=False)

    def next_business_day(self, at: int) -> int:
        """The opening on the first local date after that of `at` on which the desk opens."""
        midnight = datetime.combine(self.local(at).date() + timedelta(days=1), datetime.min.time())
        start = self.instant(midnight)
        return start if self.is_open(start) and self.opening_on(midnight.date()) == start else self.next_opening(start)

    def opening_on(self, day: date) -> int | None:
        """When the desk first opens on a local date; None when no shift begins on it."""
        shifts = [] if self._is_holiday(day) else self.week[day.weekday()]
        return self._wall(day, shifts[0].start, last=False) if shifts else None

    def closing_on(self, day: date) -> int | None:
        """When the last shift that begins on a local date ends; None when none does."""
        shifts = [] if self._is_holiday(day) else self.week[day.weekday()]
        return self._wall(day, shifts[-1].end, last=True) if shifts else None

    def local(self, at: int) -> datetime:
        """An instant on the desk's clock."""
        return datetime.fromtimestamp(at / 1000, self.zone)

    def instant(self, wall: datetime) -> int:
        """The first instant at which the desk's clock shows a naive time; where it skips it, the instant of the change."""
        return instant_of(wall, self.zone)

    def _next(self, at: int, *, opening: bool) -> int:
        year = self._year_of(at)
        limit = self.local(at).year + _EVER
        while self.local(year.start).year <= limit:
            edges = year.opens if opening else year.closes
            for edge in edges[bisect_right(edges, at) :]:
                if self._is_edge(edge, opening=opening):
                    return edge
            year = self._year_of(year.end)
        return at

    def _is_edge(self, at: int, *, opening: bool) -> bool:
        """Whether the desk really changes at the border of a window: those at New Year may only be where a year was cut."""
        return not self.is_open(at - 1 if opening else at)

    def _year_of(self, at: int) -> _Year:
        number = 1970 + at // 31_556_952_000
        year = self._year(number)
        while at < year.start:
            number -= 1
            year = self._year(number)
        while at >= year.end:
            number += 1
            year = self._year(number)
        return year

    def _year(self, number: int) -> _Year:
        known = self._years.get(number)
        if known is None:
            if not FIRST_YEAR <= number <= LAST_YEAR:
                raise InputError(f"The calendar knows the years from {FIRST_YEAR} to {LAST_YEAR}, not {number}.", hint="Is the desk ever open?")
            known = self._years[number] = self._work_out(number)
        return known

    def _work_out(self, number: int) -> _Year:
        start = instant_of(datetime(number, 1, 1), self.zone)  # noqa: DTZ001 - wall-clock time, the zone is given beside it
        end = instant_of(datetime(number + 1, 1, 1), self.zone)  # noqa: DTZ001
        opens: list[int] = []
        closes: list[int] = []
        for opened, closed in sorted(self._windows(number)):
            opened, closed = max(opened, start), min(closed, end)
            if closed <= opened:
                continue
            if closes and opened <= closes[-1]:
                closes[-1] = max(closes[-1], closed)
            else:
                opens.append(opened)
                closes.append(closed)
        before = [0]
        for opened, closed in zip(opens, closes, strict=True):
            before.append(before[-1] + closed - opened)
        return _Year(start, end, opens, closes, before)

    def _windows(self, number: int) -> Iterator[tuple[int, int]]:
        day, last = date(number - 1, 12, 31), date(number, 12, 31)
        while day <= last:
            if not self._is_holiday(day):
                for shift in self.week[day.weekday()]:
                    yield self._wall(day, shift.start, last=False), self._wall(day, shift.end, last=True)
            day += timedelta(days=1)

    def _wall(self, day: date, minutes: int, *, last: bool) -> int:
        return instant_of(datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes), self.zone, last=last)

    def _is_holiday(self, day: date) -> bool:
        return day in self._closed or (bool(self._country) and day not in self._open and day in public_holidays(self._country, day.year))


def instant_of(wall: datetime, zone: ZoneInfo, *, last: bool = False) -> int:
    """The UTC ms at which the clocks of a zone show a naive time: the first such instant, or with `last` the last.

    A time that the clocks skip is the instant of the change.
    """
    first = round(wall.replace(tzinfo=zone, fold=0).timestamp() * 1000)
    second = round(wall.replace(tzinfo=zone, fold=1).timestamp() * 1000)
    if first > second:
        return _change(zone, second, first)
    return second if last else first


def zone_of(name: str) -> ZoneInfo:
    """Raises InputError when no time zone has this name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InputError(f"{name!r} is not a time zone.", hint='Write an IANA name, such as "Europe/Athens".') from None


_HOLIDAYS: dict[tuple[str, int], frozenset[date]] = {}


def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of "GR" or "US-CA" in a year. Raises InputError for a country or subdivision that is not known."""
    key = (country, year)
    if key not in _HOLIDAYS:
        import holidays

        code, _, part = country.partition("-")
        try:
            _HOLIDAYS[key] = frozenset(holidays.country_holidays(code, subdiv=part or None, years=year))
        except NotImplementedError:
            raise InputError(f"The public holidays of {country!r} are not known.", hint='Write an ISO 3166 code: "GR", "US-CA".') from None
    return _HOLIDAYS[key]


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The instant in (low, high] at which the zone's offset changes."""
    before = datetime.fromtimestamp(low / 1000, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle / 1000, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _first_at_least(sums: list[int], wanted: int) -> int:
    return bisect_right(sums, wanted - 1)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date.", hint='Write "2026-12-24".') from None
