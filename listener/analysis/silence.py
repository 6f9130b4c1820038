"""Is it quiet out there, or are we deaf? Silence of a source is the collector's incident, never the brand's.

While a source is silent its topics' baselines are frozen: push None for the count (see `spikes.Detector.push`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is known of one source."""

    source: str
    last_success: int | None
    """The last poll that was answered, UTC ms; None when there never was one."""
    since: int
    """When it was switched on or the collector started, UTC ms: the yardstick before the first success."""
    pace: int
    """The slowest interval at which it should answer, ms."""
    last_mention: int | None = None
    """When it last brought a mention, UTC ms."""
    gaps: Sequence[int] = ()
    """Milliseconds between the mentions that it brought over the last weeks."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that should have been heard."""

    source: str
    """Empty for the whole desk."""
    kind: Literal["deaf", "quiet", "desk"]
    """`deaf`: polls go unanswered. `quiet`: answered, but nothing comes where something always came. `desk`: all sources are deaf."""
    lasted: int
    """ms."""
    allowed: int
    """ms."""
    text: str


def allowed_gap(gaps: Sequence[int], *, factor: float = 3.0, least: int = 60 * MINUTE, enough: int = 20) -> int | None:
    """How long a pause may be before it is odd, ms: three times the longest of the past; None when too few are known."""
    return max(least, round(factor * max(gaps))) if len(gaps) >= enough else None


def silence_of(pulse: Pulse, now: int, *, polls: int = 3, least: int = 15 * MINUTE) -> Silence | None:
    """Why a source should count as silent at `now` (UTC ms), or None.

    Args:    polls: so many polls in a row must have failed. least: and it must have lasted so long, ms.
    """
    heard = pulse.since if pulse.last_success is None else max(pulse.last_success, pulse.since)
    allowed = max(least, polls * pulse.pace)
    if now - heard > allowed:
        return Silence(pulse.source, "deaf", now - heard, allowed, f"{pulse.source} has not answered for {lasting(now - heard)}")
    usual = allowed_gap(pulse.gaps)
    if usual is not None and pulse.last_mention is not None and now - max(pulse.last_mention, pulse.since) > usual:
        quiet = now - max(pulse.last_mention, pulse.since)
        longest = lasting(max(pulse.gaps))
        return Silence(
            pulse.source,
            "quiet",
            quiet,
            usual,
            f"{pulse.source} answers, but brought nothing for {lasting(quiet)}; its longest pause was {longest}",
        )
    return None


def silences(pulses: Sequence[Pulse], now: int) -> tuple[Silence, ...]:
    """Every silent source; one entry for the desk alone when two or more sources exist and all of them are deaf."""
    found = tuple(silence for pulse in pulses if (silence := silence_of(pulse, now)))
    if len(pulses) > 1 and len(found) == len(pulses) and all(silence.kind == "deaf" for silence in found):
        shortest = min(found, key=lambda silence: silence.lasted)
        return (Silence("", "desk", shortest.lasted, shortest.allowed, f"no source has answered for {lasting(shortest.lasted)}"),)
    return found


def lasting(ms: int) -> str:
    """`40 min`, `3 h`, `2 d`."""
    minutes = ms // MINUTE
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"
