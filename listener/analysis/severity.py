"""How bad is it, and why: evidence in, points and the sentence of a colleague out."""

from __future__ import annotations

from dataclasses import dataclass

from listener.analysis import reach
from listener.analysis.bursts import Burst
from listener.analysis.shares import CHANCE, Share
from listener.analysis.spikes import NAMES, Verdict
from listener.domain.case import Severity
from listener.domain.incident import Signal
from listener.domain.severity import Rules
from listener.domain.topic import Role
from listener.domain.volume import Bucket, Voice

COMPLAINTS = (CHANCE, 1e-8)
"""Chances below which the complaint share counts once, twice."""
DEFAULT_RULES = Rules()
GOOD_NEWS = "good news, SEV4 at most"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that speaks for or against an incident at one moment; what is absent is None or empty."""

    role: Role = "brand"
    volume: Verdict | None = None
    """A verdict in which signals agree."""
    complaints: Share | None = None
    bursts: tuple[Burst, ...] = ()
    """Families of crisis words that burst; `term` is the family."""
    loudest: Voice | None = None
    """The loudest author, when he has reach."""
    single: frozenset[str] = frozenset()
    """Families of one post that its author's reach makes worth a look by itself."""
    rising: tuple[int, int] | None = None
    """Mentions of the hour before and of the last hour, when it still rises an hour after the opening."""
    campaign: str = ""
    """The planned window that it falls into."""
    praise: Share | None = None
    """The share of positive mentions, when it is raised: against its own past, since a scorer may lean to one side."""
    lately: Bucket = Bucket(0)  # noqa: RUF009  (frozen, and the same for all)
    """The newest mentions as one bucket: the mood and the authors."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How bad it is, with everything that led there."""

    severity: Severity
    points: int
    signals: tuple[Signal, ...]
    """Every value with its threshold and points; those of 0 points are kept as evidence."""
    why: str
    pages: bool
    """Wake somebody."""
    limit: str = ""
    """Why the severity is not what the points say; empty when it is."""


def judge(evidence: Evidence, rules: Rules = DEFAULT_RULES) -> Judgement:
    """Add the points up, then mind the floors and the ceilings. In doubt, the more severe."""
    signals = (
        *_volume(evidence, rules),
        *_complaints(evidence, rules),
        *_bursts(evidence, rules),
        *_circumstances(evidence, rules),
    )
    points = sum(signal.points for signal in signals)
    severity, limit = _bounded(rules.level(points), evidence, rules)
    agreeing = evidence.volume.agreeing if evidence.volume else 0
    wakes = Severity.NONE < severity <= rules.page_at or (severity and 0 < rules.page_agreeing <= agreeing)
    pages = bool(wakes) and evidence.role != "competitor" and limit != GOOD_NEWS
    return Judgement(severity, points, signals, why(severity, points, signals, limit), pages, limit)


def why(severity: Severity, points: int, signals: tuple[Signal, ...], limit: str = "") -> str:
    """`SEV2 (5): 412 mentions in 1 h, peak of 14 days 260 (+2) · complaints 61 % against 34 % (+2) · @x 48 k followers (+1)`."""
    parts = [f"{signal.text} ({_signed(signal.points)})" for signal in signals if signal.points]
    parts += [signal.text for signal in signals if not signal.points and signal.name not in NAMES]
    told = " · ".join(part for part in (*parts, limit) if part)
    return f"{severity or 'no incident'} ({_signed(points).removeprefix('+')}): {told}"


def _signed(points: int) -> str:
    return f"{points:+d}".replace("-", "−")


def _volume(evidence: Evidence, rules: Rules) -> tuple[Signal, ...]:
    verdict = evidence.volume
    if verdict is None or verdict.agreeing < 2:
        return ()
    points = rules.volume[min(verdict.agreeing, 4) - 2]
    each = zip(NAMES, verdict.values, verdict.thresholds, strict=True)
    return (
        Signal("volume", verdict.agreeing, 2, points, volume_text(verdict)),
        *(Signal(name, round(value, 4), bar, 0, f"{name} {value:.2f}, fires at {bar:g}") for name, value, bar in each),
    )


def volume_text(verdict: Verdict) -> str:
    """What the volume does, by the signal that people understand best: a record of the hour, of three hours, of five minutes."""
    spans = {"record60": (1, "1 h"), "record180": (2, "3 h"), "record5": (0, "5 min")}
    for name, (index, span) in spans.items():
        if name in verdict.firing:
            return f"{verdict.counts[index]} mentions in {span}, peak of 14 days {verdict.peaks[index]:.0f}"
    return f"{verdict.counts[1]} mentions in 1 h, usually {verdict.usual:.0f}"


def _complaints(evidence: Evidence, rules: Rules) -> tuple[Signal, ...]:
    share = evidence.complaints
    if share is None or share.p >= COMPLAINTS[0]:
        return ()
    points = rules.complaints[1 if share.p < COMPLAINTS[1] else 0]
    return (
        Signal("complaint-share", share.p, COMPLAINTS[0], points, f"complaints {share.now * 100:.0f} % against {share.before * 100:.0f} %"),
    )


def _bursts(evidence: Evidence, rules: Rules) -> tuple[Signal, ...]:
    """Each bursting family; only the one worth most counts, so that one wave of posts is not counted five times."""
    ranked = sorted(evidence.bursts, key=lambda burst: (-rules.bursts.get(burst.term, 0), burst.p, burst.term))
    return tuple(
        Signal(
            f"burst:{burst.term}",
            burst.n,
            round(burst.expected, 2),
            0 if place else rules.bursts.get(burst.term, 0),
            f"{burst.term} words in {burst.n} posts by {burst.authors} people, usually {burst.expected:.0f}",
        )
        for place, burst in enumerate(ranked)
    )


def _circumstances(evidence: Evidence, rules: Rules) -> tuple[Signal, ...]:
    found = []
    if evidence.loudest is not None:
        found.append(Signal("reach", evidence.loudest.followers, 0, rules.reach, reach.text(evidence.loudest)))
    if evidence.single:
        found.append(Signal("single-mention", 1, 1, 0, f"{' and '.join(sorted(evidence.single))} words by somebody with reach"))
    if evidence.rising is not None:
        before, now = evidence.rising
        found.append(Signal("rising", now, before, rules.rising, f"still rising after an hour, {before} then {now}"))
    if evidence.campaign:
        found.append(Signal("campaign", 1, 1, rules.campaign, f"planned: {evidence.campaign}"))
    if len(evidence.lately.authors) == 1 and evidence.lately.n > 1:
        found.append(Signal("single-author", 1, 1, rules.single_author, "all by one author"))
    return tuple(found)


def _bounded(severity: Severity, evidence: Evidence, rules: Rules) -> tuple[Severity, str]:
    """The floors, then the ceilings, and the reason for whichever took effect."""
    urgency, limit = severity.urgency, ""
    grave = [burst for burst in evidence.bursts if burst.term in rules.grave and burst.authors >= rules.grave_authors]
    if grave and urgency < Severity.SEV2.urgency:
        urgency, limit = Severity.SEV2.urgency, f"at least SEV2 for {grave[0].term}"
    if evidence.single and urgency < Severity.SEV3.urgency:
        urgency, limit = Severity.SEV3.urgency, "at least SEV3 by rule"
    rival = evidence.role == "competitor"
    if urgency and (rival or _good_news(evidence, rules)):
        urgency, limit = Severity.SEV4.urgency, "a competitor's news, SEV4 at most" if rival else GOOD_NEWS
    return Severity.from_urgency(urgency), limit


def _good_news(evidence: Evidence, rules: Rules) -> bool:
    """Whether it is praise that came out of nowhere, and nothing speaks against it."""
    lately = evidence.lately
    if evidence.praise is None or evidence.complaints is not None or evidence.bursts or evidence.single or not lately.scored:
        return False
    return (lately.positive - lately.negative) / lately.scored >= rules.positive_at
