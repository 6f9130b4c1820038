"""One topic's watch: buckets in, openings out. Live watching, warming up from an archive and backtests all go through here.

An opening starts a day during which everything that happens to the topic belongs to it: what is seen is kept, so the severity only
rises, and each rise is told as `again`. A safety, legal or privacy burst opens an incident of its own even then.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Literal

from listener.analysis.bursts import Burst, BurstWatch
from listener.analysis.families import FamilyWatch
from listener.analysis.opening import DEFAULT, Opening, Setting
from listener.analysis.severity import Evidence, judge
from listener.analysis.shares import CHANCE, ShareWatch
from listener.analysis.spikes import Detector, Verdict
from listener.domain.severity import GRAVE, SINGLE
from listener.domain.volume import PER_HOUR, SILENT, STEP, Bucket, dense, total
from listener.errors import InputError

Shares = tuple[list[float], list[tuple[int, int, int]]]
"""A saved ShareWatch."""


@dataclass(slots=True)
class Running:
    """An incident that is going on, with the worst of everything that was seen of it."""

    family: str
    began: int
    evidence: Evidence
    told: int = 0
    """Urgency that was last told."""
    hour: int = 0
    """Mentions of the hour at the opening."""
    terms: tuple[Burst, ...] = ()


class Lookout:
    """Watches one topic."""

    def __init__(self, setting: Setting = DEFAULT) -> None:
        self.setting = setting
        self.detector = Detector(setting.detection)
        self.verdict: Verdict | None = None
        """Of the newest bucket."""
        self.calm = True
        """The newest bucket shows no signal above half its threshold: kept for six hours, that resolves a mild incident."""
        self._complaints = ShareWatch()
        self._praise = ShareWatch()
        chance, authors = setting.rules.thresholds["burst"], int(setting.rules.thresholds["burst-authors"])
        self._families = FamilyWatch(chance, authors)
        self._terms = BurstWatch(chance=chance, authors=authors)
        self._recent: deque[Bucket] = deque(maxlen=2 * PER_HOUR)
        self._running: dict[str, Running] = {}
        """By grave family; "" holds the topic's common one."""

    @property
    def last(self) -> int | None:
        """Start of the newest bucket, UTC ms: feed what comes after it."""
        return self.detector.last

    def push(self, bucket: Bucket, *, known: bool = True) -> tuple[Opening, ...]:
        """Take in the next bucket; what there is to tell about it, mostly nothing.

        Args:    known: False while a source is silent: time passes, nothing is learned and nothing opens.
        """
        told: list[Opening] = []
        if self.last is not None and STEP < bucket.start - self.last <= self.setting.parameters.gap * STEP:
            for start in range(self.last + STEP, bucket.start, STEP):
                told += self._push(Bucket(start), known)
        return (*told, *self._push(bucket, known))

    def ahead(self, buckets: Iterable[Bucket]) -> tuple[Opening, ...]:
        """What there is to tell about buckets that are still filling; nothing is learned from them.

        Slow sources bring posts minutes after they were written. So a bucket is pushed when it has settled, and is looked at before
        that as often as one likes: what is told ahead is told again, or more, when it settles.
        """
        copy = Lookout.restore(self.state(), self.setting)
        return tuple(opening for bucket in buckets for opening in copy.push(bucket))

    def _push(self, bucket: Bucket, known: bool) -> tuple[Opening, ...]:
        verdict = self.verdict = self.detector.push(bucket.start, bucket.n if known else None)
        if verdict.late or not known:
            return ()
        self._recent.append(bucket)
        share = self._complaints.push(bucket.start, bucket.complaints, bucket.understood)
        praise = self._praise.push(bucket.start, bucket.positive, bucket.scored)
        families = self._families.push(bucket)
        terms = self._terms.push(bucket.n, bucket.terms)
        raised = self.setting.rules.thresholds["complaint-share"]
        self.calm = verdict.calm and not families and share.p > sqrt(raised)
        length = self.setting.parameters.cool_down * STEP
        self._running = {key: run for key, run in self._running.items() if 0 <= bucket.start - run.began < length}
        fresh = Evidence(
            role=self.setting.role,
            volume=verdict if verdict.step or (self._running and verdict.armed and verdict.agreeing >= 2) else None,
            complaints=share if verdict.armed and share.p < raised else None,
            bursts=families if verdict.armed else (),
            single=self._single(bucket),
            praise=praise if praise.p < CHANCE else None,
        )
        if not self._running and not (fresh.volume or fresh.complaints or fresh.bursts or fresh.single):
            return ()
        return tuple(self._told(bucket.start, fresh, terms))

    def _single(self, bucket: Bucket) -> frozenset[str]:
        loud = {family for family, uses in bucket.families.items() if uses.loudest.followers >= self.setting.loud}
        return frozenset(loud.intersection(SINGLE))

    def _told(self, at: int, fresh: Evidence, terms: tuple[Burst, ...]) -> Iterator[Opening]:
        """Share the evidence out: a grave burst goes to the incident of its family, all else to the newest that is going on."""
        grave = [burst for burst in fresh.bursts if burst.term in GRAVE]
        common = replace(fresh, bursts=tuple(burst for burst in fresh.bursts if burst not in grave))
        parts = {burst.term: replace(common, bursts=(burst, *common.bursts)) for burst in grave}
        if not parts:
            newest = max(self._running, key=lambda key: (self._running[key].began, key), default="")
            parts = {newest: common}
        hour = total(list(self._recent)[-PER_HOUR:])
        for key, evidence in sorted(parts.items()):
            run = self._running.get(key)
            if run is None:
                run = Running(_family(evidence, key), at, Evidence(role=fresh.role), hour=hour.n)
            self._running[key] = run
            run.terms = _merged(run.terms, terms)
            if not self._latch(run, evidence, hour, at):
                continue
            judgement = judge(run.evidence, self.setting.rules)
            urgency = judgement.severity.urgency
            repeated = run.told and evidence.volume and evidence.volume.step == "again"
            if urgency > run.told or (urgency and repeated):
                step: Literal["opened", "again"] = "again" if run.told else "opened"
                run.told = max(run.told, urgency)
                verdict = self.verdict or Verdict(at)
                yield Opening(at, step, run.family, run.began, judgement, run.terms, hour.n, verdict.bar)

    def _latch(self, run: Running, fresh: Evidence, hour: Bucket, at: int) -> bool:
        """Keep the worst of what was seen so far and what is seen now. False when nothing got worse: the mood then stays as it was too."""
        old = run.evidence
        loudest = hour.loudest if hour.loudest.followers >= self.setting.loud else SILENT
        loudest = loudest.louder(old.loudest or SILENT)
        worst = replace(
            old,
            volume=max((each for each in (old.volume, fresh.volume) if each), key=lambda each: each.agreeing, default=None),
            complaints=min((each for each in (old.complaints, fresh.complaints) if each), key=lambda each: each.p, default=None),
            bursts=_merged(old.bursts, fresh.bursts),
            loudest=loudest if loudest.followers else None,
            single=old.single | fresh.single,
            rising=old.rising or self._rising(run, hour.n, at),
            campaign=self.setting.campaign(run.began),
        )
        if worst == old:
            return False
        run.evidence = replace(worst, lately=self._lately(), praise=fresh.praise)
        return True

    def _lately(self) -> Bucket:
        """The newest fifty mentions, but an hour at most: the mood of the wave, not of the calm before it."""
        newest: list[Bucket] = []
        for bucket in list(self._recent)[: -PER_HOUR - 1 : -1]:
            newest.append(bucket)
            if sum(each.n for each in newest) >= 50:
                break
        return total(newest)

    def _rising(self, run: Running, now: int, at: int) -> tuple[int, int] | None:
        """The hour before and this one, when an hour or more after the opening it is still getting more."""
        before = sum(bucket.n for bucket in list(self._recent)[:-PER_HOUR])
        if at - run.began >= PER_HOUR * STEP and now > 1.1 * before >= run.hour:
            return before, now
        return None

    def state(self) -> bytes:
        """Everything that it knows, for a restart: it goes on as if nothing had happened."""
        import msgspec

        kept = _Kept(
            self.detector.state(),
            self._complaints.dump(),
            self._praise.dump(),
            self._families.dump(),
            self._terms.dump(),
            list(self._recent),
            self._running,
        )
        return zlib.compress(msgspec.json.encode(kept), 1)

    @classmethod
    def restore(cls, state: bytes, setting: Setting = DEFAULT) -> Lookout:
        """The watch as it was. Raises InputError when the state is damaged or its parameters were others: replay the history then."""
        import msgspec

        lookout = cls(setting)
        try:
            kept = msgspec.json.decode(zlib.decompress(state), type=_Kept)
            lookout.detector = Detector.restore(kept.detector, setting.detection)
            lookout._complaints.load(kept.complaints)
            lookout._praise.load(kept.praise)
            lookout._families.load(kept.families)
            lookout._terms.load(kept.terms)
        except (zlib.error, msgspec.MsgspecError, ValueError, KeyError, TypeError) as wrong:
            raise InputError("The saved state of a topic's watch cannot be read.", hint="It is learned again from the archive.") from wrong
        lookout._recent.extend(kept.recent)
        lookout._running = kept.running
        return lookout


@dataclass(frozen=True, slots=True)
class _Kept:
    """A saved Lookout."""

    detector: bytes
    complaints: Shares
    praise: Shares
    families: dict[str, Any]
    terms: dict[str, Any]
    recent: list[Bucket]
    running: dict[str, Running]


def replay(
    buckets: Iterable[Bucket],
    setting: Setting = DEFAULT,
    *,
    lookout: Lookout | None = None,
    until: int | None = None,
) -> Iterator[Opening]:
    """What would have been told about a stretch of history: a backtest, or a warm-up.

    Args:    buckets: any order, empty ones may be left out; those not newer than `lookout.last` are passed over.
             lookout: goes on with this one, and leaves it warm; by default a new one with `setting`.
             until: UTC ms; the last bucket is the one that had ended by then. None: the newest of `buckets`.
    """
    watch = lookout or Lookout(setting)
    for bucket in dense(buckets, until, watch.last):
        yield from watch.push(bucket)


def _family(fresh: Evidence, key: str) -> str:
    if key:
        return key
    if fresh.volume:
        return "volume"
    if fresh.complaints:
        return "complaints"
    return fresh.bursts[0].term if fresh.bursts else min(fresh.single)


def _merged(old: tuple[Burst, ...], new: tuple[Burst, ...]) -> tuple[Burst, ...]:
    """Each term once, as it was at its largest; the least likely first, ten at most."""
    best: dict[str, Burst] = {}
    for burst in (*old, *new):
        if burst.term not in best or burst.n > best[burst.term].n:
            best[burst.term] = burst
    return tuple(sorted(best.values(), key=lambda burst: (burst.p, -burst.n, burst.term))[:10])
