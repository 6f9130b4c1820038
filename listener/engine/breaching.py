"""The Breaching stream: what is late, or about to be, as a plain filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.domain.duration import DAY
from listener.domain.query.ast import Field, Node, Query, all_of, any_of, negate
from listener.store.filters import Filter

if TYPE_CHECKING:
    from listener.config import Config
    from listener.config.answers import SlaPolicy
    from listener.domain.calendar import BusinessCalendar

_LONG_AGO = 20 * 366 * DAY


def breaching(config: Config, calendar: BusinessCalendar, now: int, *, soon: bool = True) -> Filter:
    """The Breaching stream: open, ours, unanswered, and due or about to be. A plain filter, so that it costs no more than any list.

    For each policy there is one instant: what was written before it is late. `soon` takes in what `warn` says is about to be late.
    """
    legs: list[Node] = []
    earlier: list[Node] = []
    for policy in config.sla:
        terms: list[Node] = [Field("severity", int(policy.severity[-1]))] if policy.severity else []
        terms += [Field("task", policy.kind)] if policy.kind else []
        if policy.stream:
            from listener.domain.query.parse import parse

            setting = next((one for one in config.streams if one.name == policy.stream), None)
            if setting is None:
                continue
            terms.append(parse(setting.query).root)
        bound = Field("until", _iso(_bound(policy, calendar, now, policy.warn if soon else 1.0) + 1))
        legs.append(all_of([*terms, bound, *(negate(node) for node in earlier)]))
        if not terms:
            break
        earlier.append(all_of(terms))
    late = any_of(legs) if legs else Field("id", -1)
    return Filter(Query(all_of([Field("state", "open"), Field("role", "brand"), negate(Field("is", "own")), negate(Field("has", "answer")), late])), "oldest")


def _bound(policy: SlaPolicy, calendar: BusinessCalendar, now: int, share: float) -> int:
    """The latest instant of writing whose clock has run for that share of the policy's time by `now`."""
    wanted = round(policy.respond * share)
    if policy.clock == "wall":
        return now - wanted
    low, high = now - _LONG_AGO, now
    while high - low > 1:
        middle = (low + high) // 2
        if calendar.business_ms(middle, now) >= wanted:
            low = middle
        else:
            high = middle
    return low


def _iso(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
