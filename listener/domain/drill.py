"""How well was a rehearsed crisis handled? Times against what a good desk needs, and what a better run would have done."""

from __future__ import annotations

from dataclasses import dataclass

from listener.domain.case import Severity
from listener.domain.duration import MINUTE, about

DETECT = (15 * MINUTE, 60 * MINUTE)
"""Full points up to the first, none from the second on; likewise below."""
REPLY = (30 * MINUTE, 120 * MINUTE)
RESOLVE = (60 * MINUTE, 240 * MINUTE)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the story holds."""

    real: bool
    began: int
    """When it could first be seen, UTC ms."""
    over: int
    """When it was over by itself, UTC ms."""
    severity: Severity
    ended: int
    """When the rehearsal ended, UTC ms."""
    acknowledge_within: int
    """ms, for its severity."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the crew and the desk did, UTC ms; None for what did not happen."""

    detected: int | None = None
    acknowledged: int | None = None
    replied: int | None = None
    resolved: int | None = None
    called_real: bool | None = None
    severity: Severity = Severity.NONE
    pages: int = 0
    """Notices of what is the story's."""
    wrong_pages: int = 0
    """Notices of anything else, or of a false alarm as if it were grave."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the score."""

    name: str
    took: int | None
    """ms; None when it did not happen."""
    points: int
    most: int
    better: str
    """What a better run would have done; empty when there is nothing to say."""


def score(expected: Expected, run: Run) -> tuple[Mark, ...]:
    """The marks; their points add up to 100 at best."""
    return (_real if expected.real else _false_alarm)(expected, run)


def total(marks: tuple[Mark, ...]) -> int:
    return sum(mark.points for mark in marks)


def _real(expected: Expected, run: Run) -> tuple[Mark, ...]:
    detected, seen = _since(expected.began, run.detected), run.detected
    acknowledged, replied = _since(seen, run.acknowledged), _since(seen, run.replied)
    resolved = _since(expected.over, run.resolved)
    within = (expected.acknowledge_within, 4 * expected.acknowledge_within)
    early = run.resolved is not None and run.resolved < expected.over
    return (
        Mark("detect", detected, _part(detected, DETECT, 25), 25, _late("It was seen", detected, DETECT[0], "lower a threshold or add crisis words; `incidents backtest` tells what that costs")),
        Mark("acknowledge", acknowledged, _part(acknowledged, within, 20), 20, _late("It was acknowledged", acknowledged, within[0], "acknowledge first, look second: it stops the chase and tells the others that somebody is on it")),
        Mark("first reply", replied, _part(replied, REPLY, 20), 20, _late("The first answer came", replied, REPLY[0], "say in public what is known, and when the next word comes; the second wave is half as high")),
        Mark("resolve", resolved, 5 if early else _part(resolved, RESOLVE, 15), 15,
             "It was resolved while it was still going on: wait until the curve is under the line." if early
             else _late("It was resolved", resolved, RESOLVE[0], "close it with the cause when the curve is back under the line")),
        _verdict(run, right=True),
        _wrong(run),
    )  # fmt: skip


def _false_alarm(expected: Expected, run: Run) -> tuple[Mark, ...]:
    quiet = run.severity is Severity.NONE or run.severity >= Severity.SEV3
    seen = run.detected
    resolved = _since(seen, run.resolved)
    return (
        Mark("not overrated", None, 50 if quiet else 0, 50, "" if quiet else f"It stood as {run.severity}: look at who says what before taking it for a crisis."),
        Mark("resolve", resolved, 20 if seen is None else _part(resolved, RESOLVE, 20), 20, "" if seen is None else _late("It was closed", resolved, RESOLVE[0], "read the five loudest posts, then close it as not real")),
        _verdict(run, right=False) if seen is not None else Mark("verdict", None, 10, 10, ""),
        Mark("no rash answer", None, 10 if run.replied is None else 0, 10, "" if run.replied is None else "A public answer to a false alarm makes it one."),
        _wrong(run),
    )


def _verdict(run: Run, *, right: bool) -> Mark:
    good = run.called_real is right
    return Mark("verdict", None, 10 if good else 0, 10, "" if good else f"Say at the close whether it was real (it was{'' if right else ' not'}): the noise is measured by these answers.")


def _wrong(run: Run) -> Mark:
    points = max(0, 10 - 5 * run.wrong_pages)
    better = f"{run.wrong_pages} notices were about something else: mute, raise a threshold, or keep that channel for SEV2 and worse." if run.wrong_pages else ""
    return Mark("wrong pages", None, points, 10, better)


def _since(start: int | None, at: int | None) -> int | None:
    return None if start is None or at is None else max(0, at - start)


def _part(took: int | None, bounds: tuple[int, int], most: int) -> int:
    """All of it up to the first bound, none from the second on, in proportion between."""
    if took is None:
        return 0
    good, bad = bounds
    return round(most * min(1.0, max(0.0, (bad - took) / (bad - good))))


def _late(what: str, took: int | None, good: int, better: str) -> str:
    if took is None:
        return f"{what.replace('It was', 'It was never').replace('The first answer came', 'Nobody was answered')}: {better}."
    return "" if took <= good else f"{what} after {about(took)}, {about(good)} is good: {better}."
