"""When does the volume of a topic break from its past? Six causal signals, and an opening where two of them agree.

A `Detector` is fed one five-minute bucket after another and does the same small amount of work for each. Its parameters are fixed:
the same for every brand. Measured on labelled brand volumes by `tests/bench/incidents.py`; docs/incidents.md tells what each one does.

Time that plays tricks:

- An empty stretch between two buckets is filled with zeros up to `Parameters.gap`; a longer one is skipped and nothing is learned from it
  (the desk was off, or a clock was set years ahead). `volume.dense` fills real silence, however long.
- A bucket that is not newer than the last one comes late and is left out: what was decided is not decided again. One that
  lies further back than `gap` means that the clock was ahead and has been put right: counting goes on from there.
- A bucket whose count is unknown (the source was silent) is pushed as None: time passes, baselines stay frozen.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from math import exp, isnan, log, sqrt
from typing import TYPE_CHECKING, Any, Literal

from listener.analysis.deviation import Deviation
from listener.analysis.parameters import DEFAULTS, Parameters
from listener.analysis.record import Record
from listener.analysis.seasonal import Profile, Surprise, Tail
from listener.domain.severity import VOLUME
from listener.domain.volume import PER_DAY, PER_HOUR, STEP, bucket_of
from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

Step = Literal["", "opened", "again"]
FORMAT = 1


WINDOWS = (1, PER_HOUR, 3 * PER_HOUR)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the detector thinks of one bucket."""

    start: int
    """UTC ms."""
    values: tuple[float, ...] = (0.0,) * 6
    """In the order of VOLUME."""
    thresholds: tuple[float, ...] = DEFAULTS.thresholds
    counts: tuple[int, ...] = (0, 0, 0)
    """Mentions in the last 5, 60 and 180 minutes."""
    peaks: tuple[float, ...] = (0.0, 0.0, 0.0)
    """Past peaks of the same windows, decayed."""
    usual: float = 0.0
    """Mean mentions an hour over the last week."""
    agreeing: int = 0
    armed: bool = False
    """False while warming up."""
    step: Step = ""
    """`opened`; `again` when, within the cool-down, 3 and then 4 signals agree for the first time."""
    late: bool = False
    """True when it was left out: see the module's rules for time."""

    @property
    def firing(self) -> tuple[str, ...]:
        return tuple(name for name, value, bar in zip(VOLUME, self.values, self.thresholds, strict=True) if value >= bar)

    @property
    def calm(self) -> bool:
        """Every signal is below half its threshold: kept for six hours, it resolves a mild incident."""
        return all(value < bar / 2 for value, bar in zip(self.values, self.thresholds, strict=True))

    @property
    def bar(self) -> float:
        """Mentions an hour at which record60 fires: the line to draw on a curve of hourly volume."""
        return (self.peaks[1] + 1) * exp(self.thresholds[1]) - 1


class Detector:
    """Watches the volume of one topic."""

    __slots__ = (
        "_deviation", "_last", "_level", "_opened", "_p", "_profile", "_pushed", "_records", "_ring", "_since", "_surprise", "_tail", "_total",
    )  # fmt: skip

    def __init__(self, parameters: Parameters = DEFAULTS) -> None:
        p = self._p = parameters
        self._records = [Record(p.peak_half_life) for _ in WINDOWS]
        self._profile = Profile(PER_DAY, p.season_weight)
        self._surprise = Surprise(p.scale_half_life, p.surprise_half_life, p.lag + 3, p.least_surprise)
        self._tail = Tail(p.tail_window, p.tail_share, p.lag, PER_DAY)
        self._deviation = Deviation(p.deviation_window)
        self._ring = [0] * (p.deviation_window + 2 * PER_HOUR + p.lag + 6 * PER_HOUR)
        """Running totals of the last buckets: any window's sum is one subtraction."""
        self._total = 0
        self._pushed = 0
        """Buckets that were learned from."""
        self._last: int | None = None
        self._opened = -p.cool_down
        """`_pushed` at the last opening."""
        self._level = 0
        """The most signals that agreed since then."""
        self._since: int | None = None

    @property
    def last(self) -> int | None:
        """Start of the newest bucket, UTC ms; None before the first. Feed what comes after it."""
        return self._last

    @property
    def armed(self) -> bool:
        return self._pushed >= self._p.warm_up

    @property
    def opened(self) -> int | None:
        """Start of the bucket of the last opening, UTC ms."""
        return self._since

    def push(self, start: int, count: int | None) -> Verdict:
        """Take in the next bucket and judge it.

        Args:    start: UTC ms; rounded down to the grid.
                 count: mentions written in it; None when nobody knows.
        """
        start = bucket_of(start)
        if self._last is not None:
            missing = (start - self._last) // STEP - 1
            if -self._p.gap <= missing < 0:
                return Verdict(start, late=True, armed=self.armed)
            if 0 < missing <= self._p.gap:
                for empty in range(self._last + STEP, start, STEP):
                    self._learn(empty, 0)
        self._last = start
        if count is None:
            return Verdict(start, thresholds=self._p.thresholds, armed=self.armed)
        return self._learn(start, count)

    def _learn(self, start: int, count: int) -> Verdict:
        p, ring, size, now = self._p, self._ring, len(self._ring), self._pushed
        self._total += count
        ring[now % size] = self._total

        def total(back: int) -> int:
            """All mentions up to `back` buckets ago."""
            return ring[(now - back) % size] if now >= back else 0

        counts, beyond = [], []
        for width, record in zip(WINDOWS, self._records, strict=True):
            counts.append(self._total - total(width))
            beyond.append(record.push(counts[-1], total(width + p.lag) - total(2 * width + p.lag)))

        level = log(self._total - total(3) + 1)
        usual = self._profile.push((start // STEP) % PER_DAY, level)
        surprise = tail = 0.0
        if not isnan(usual):
            surprise = self._surprise.push(level - usual)
            tail = self._tail.push(level - usual)

        deviation = self._deviation.of(counts[1]) if self._deviation.seen >= PER_DAY else 0.0
        if now >= p.lag:
            old = p.lag + p.deviation_window
            self._deviation.learn(total(p.lag) - total(p.lag + PER_HOUR), total(old) - total(old + PER_HOUR))

        self._pushed += 1
        values = (*beyond, surprise, tail, deviation)
        return self._judge(start, values, (counts[0], counts[1], counts[2]))

    def _judge(self, start: int, values: tuple[float, ...], counts: tuple[int, ...]) -> Verdict:
        p, thresholds = self._p, self._p.thresholds
        agreeing = sum(value >= bar for value, bar in zip(values, thresholds, strict=True))
        step: Step = ""
        if agreeing >= p.need and self.armed:
            if self._pushed - self._opened >= p.cool_down:
                if self._more_than_chance(counts):
                    step, self._opened, self._since, self._level = "opened", self._pushed, start, agreeing
            elif agreeing > max(self._level, p.need):
                step = "again" if self._level < 4 else ""
                self._level = agreeing
        peaks = tuple(record.peak for record in self._records)
        return Verdict(start, values, thresholds, counts, peaks, self._deviation.mean, agreeing, self.armed, step)

    def _more_than_chance(self, counts: Iterable[int]) -> bool:
        mean = self._deviation.mean / PER_HOUR
        expected = [mean * width for width in WINDOWS]
        return any(
            count >= self._p.fewest and count - usual >= self._p.surplus * sqrt(usual + 1)
            for count, usual in zip(counts, expected, strict=True)
        )

    def state(self) -> bytes:
        """Everything that it has learned: some ten kilobytes. A detector restored from it goes on as if nothing had happened."""
        size, now = len(self._ring), self._pushed
        kept = min(size, now)
        totals = [self._ring[index % size] for index in range(now - kept, now)]
        learned = {
            "format": FORMAT,
            "parameters": self._p.learning,
            "last": self._last,
            "pushed": self._pushed,
            "opened": [self._opened, self._level, self._since],
            "totals": [self._total, *totals],
            "peaks": [record.peak for record in self._records],
            "profile": [None if isnan(level) else level for level in self._profile.levels],
            "recent": list(self._profile.recent),
            "surprise": self._surprise.dump(),
            "tail": self._tail.dump(),
            "deviation": self._deviation.dump(),
        }
        return zlib.compress(json.dumps(learned, separators=(",", ":")).encode(), 1)

    @classmethod
    def restore(cls, state: bytes, parameters: Parameters = DEFAULTS) -> Detector:
        """The detector as it was. Raises InputError when the state is damaged or was learned with other parameters: replay the history then."""
        try:
            learned = json.loads(zlib.decompress(state))
            if learned["format"] != FORMAT or tuple(learned["parameters"]) != parameters.learning:
                raise InputError("The detector's saved state was made with other parameters.", hint="It is learned again from the archive.")
            detector = cls(parameters)
            detector._load(learned)
        except (zlib.error, ValueError, KeyError, TypeError, IndexError) as wrong:
            raise InputError("The detector's saved state cannot be read.", hint="It is learned again from the archive.") from wrong
        return detector

    def _load(self, learned: dict[str, Any]) -> None:
        self._last, self._pushed = learned["last"], learned["pushed"]
        self._opened, self._level, self._since = learned["opened"]
        self._total, *totals = learned["totals"]
        size = len(self._ring)
        for index, value in zip(range(self._pushed - len(totals), self._pushed), totals, strict=True):
            self._ring[index % size] = value
        for record, peak in zip(self._records, learned["peaks"], strict=True):
            record.peak = peak
        self._profile.levels = [float("nan") if level is None else level for level in learned["profile"]]
        self._profile.recent.extend(learned["recent"])
        self._surprise.load(learned["surprise"])
        self._tail.load(learned["tail"])
        self._deviation.load(learned["deviation"])
