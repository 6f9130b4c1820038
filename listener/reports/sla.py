"""When answers are due, and whether they came in time.

The clock starts when a mention was written. An answer of a person in time is a *hit*. Later than due, or due and still waiting, is *missed*.
Waiting with the last part of the time running (a policy's `warn`) is *breaching*, before that *running*, and *paused* while it is snoozed
where the policy says that snoozing stops the clock. Resolved in time without an answer is *waived*: nothing was owed any more.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from listener.config import Config
    from listener.config.answers import SlaPolicy
    from listener.domain.calendar import BusinessCalendar

Promise = tuple[int, int, int, str, int | None, int | None, str]
"""(mention, created_at, severity, task kind, replied_at, resolved_at, pauses): a row of `Figures.promised`."""


@dataclass(frozen=True, slots=True)
class Sla:
    """How the promises of a period were kept; counts of mentions."""

    hit: int = 0
    missed: int = 0
    breaching: int = 0
    running: int = 0
    paused: int = 0
    waived: int = 0
    overdue: int = 0
    """Of the missed, those that still wait."""

    @property
    def rate(self) -> float | None:
        """Hits among those that are decided, per cent."""
        decided = self.hit + self.missed
        return 100 * self.hit / decided if decided else None


class Judge:
    """Policies applied to mentions.

    Args:  now: UTC ms. streams: name of a stream → ids of the mentions in it, for the policies that name one.
    """

    def __init__(self, config: Config, calendar: BusinessCalendar, now: int, streams: Callable[[str], Collection[int]] = lambda name: ()) -> None:
        self._policies, self._calendar, self._now, self._streams = config.sla, calendar, now, streams
        self._ids = {policy.stream: frozenset(streams(policy.stream)) for policy in config.sla if policy.stream}

    def policy_of(self, row: Promise) -> SlaPolicy | None:
        """The first policy that fits."""
        severity = f"SEV{row[2]}" if row[2] else ""
        inside = {name for name, ids in self._ids.items() if row[0] in ids}
        return next((policy for policy in self._policies if policy.fits(streams=inside, severity=severity, kind=row[3])), None)

    def verdicts(self, rows: Sequence[Promise]) -> dict[int, str]:
        """Mention → its state; those that no policy fits are left out."""
        groups: dict[int, list[Promise]] = defaultdict(list)
        if self._policies and all(not (p.stream or p.severity or p.kind) for p in self._policies[:1]):
            groups[0] = list(rows)
        else:
            known: dict[Any, int | None] = {}
            for row in rows:
                key = (row[2], row[3]) if not self._ids else row[0]
                if key not in known:
                    policy = self.policy_of(row)
                    known[key] = None if policy is None else self._policies.index(policy)
                if known[key] is not None:
                    groups[known[key]].append(row)  # type: ignore[index]
        found: dict[int, str] = {}
        for index, members in groups.items():
            found.update(self._judge(self._policies[index], members))
        return found

    def count(self, rows: Sequence[Promise]) -> Sla:
        """How a period's promises were kept."""
        return kept(rows, self.verdicts(rows))

    def _judge(self, policy: SlaPolicy, rows: Sequence[Promise]) -> dict[int, str]:
        ends = [min(row[4] if row[4] is not None else row[5] if row[5] is not None else self._now, self._now) for row in rows]
        starts = [row[1] for row in rows]
        used: list[int] = self._calendar.business_ms_many(starts, ends).tolist() if policy.clock == "business" else [e - s for s, e in zip(starts, ends, strict=True)]
        found = {}
        for row, end, spent in zip(rows, ends, used, strict=True):
            left_out, asleep = self._asleep(policy, row, end) if row[6] != "[]" and policy.pause_snoozed else (0, False)
            found[row[0]] = _state(policy, row, spent - left_out, asleep)
        return found

    def _asleep(self, policy: SlaPolicy, row: Promise, end: int) -> tuple[int, bool]:
        """(ms of the policy's clock that were slept through, whether it sleeps now)."""
        slept, asleep = 0, False
        for since, until in json.loads(row[6]):
            begin, stop = max(since, row[1]), min(end if until is None else until, end)
            asleep = until is None
            if stop > begin:
                slept += self._calendar.business_ms(begin, stop) if policy.clock == "business" else stop - begin
        return slept, asleep

    def due_at(self, row: Promise) -> int | None:
        """When the answer is due, UTC ms; moved on by what was slept through. None: no policy fits."""
        policy = self.policy_of(row)
        return None if policy is None else due(policy, self._calendar, row[1], json.loads(row[6]))


def kept(rows: Sequence[Promise], states: Mapping[int, str]) -> Sla:
    """The sum of some verdicts."""
    counts = Counter(states[row[0]] for row in rows if row[0] in states)
    overdue = sum(states.get(row[0]) == "missed" and row[4] is None and row[5] is None for row in rows)
    return Sla(counts["hit"], counts["missed"], counts["breaching"], counts["running"], counts["paused"], counts["waived"], overdue)


def _state(policy: SlaPolicy, row: Promise, spent: int, asleep: bool) -> str:
    if row[4] is not None:
        return "hit" if spent <= policy.respond else "missed"
    if row[5] is not None:
        return "waived" if spent <= policy.respond else "missed"
    if spent >= policy.respond:
        return "missed"
    if asleep:
        return "paused"
    return "breaching" if spent >= policy.warn * policy.respond else "running"


def due(policy: SlaPolicy, calendar: BusinessCalendar, start: int, pauses: Sequence[Sequence[int | None]] = ()) -> int:
    """When an answer is due, UTC ms: the policy's time after `start`, counted on its clock; a pause that lasts moves nothing yet."""

    def after(begin: int, ms: int) -> int:
        return calendar.due(begin, ms) if policy.clock == "business" else begin + ms

    def between(begin: int, end: int) -> int:
        return calendar.business_ms(begin, end) if policy.clock == "business" else end - begin

    left, begin = policy.respond, start
    for since, until in pauses if policy.pause_snoozed else ():
        if since is None or until is None or until <= begin or since >= after(begin, left):
            continue
        left -= max(0, between(begin, max(since, begin)))
        begin = until
    return after(begin, left)
