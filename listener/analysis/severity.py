"""How bad is it, and why: evidence in, points and the sentence of a colleague out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from listener.analysis import reach
from listener.analysis.bursts import Burst
from listener.analysis.shares import Share
from listener.analysis.spikes import Verdict
from listener.domain.case import Severity
from listener.domain.incident import Signal
from listener.domain.severity import GRAVE, VOLUME, Rules
from listener.domain.topic import Role
from listener.domain.volume import Bucket, Voice

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
    agreeing = evidence.volume.agreeing if evidence.volume and "volume" not in rules.dry else 0
    wakes = Severity.NONE < severity <= rules.thresholds["page"] or (severity and agreeing >= rules.thresholds["page-agreeing"])
    pages = bool(wakes) and rules.page and evidence.role != "competitor" and limit != GOOD_NEWS
    return Judgement(severity, points, signals, why(severity, points, signals, limit), pages, limit)


def why(severity: Severity, points: int, signals: tuple[Signal, ...], limit: str = "") -> str:
    """`SEV2 (5): 412 mentions in 1 h, peak of 14 days 260 (+2) · complaints 61 % against 34 % (+2) · @x 48 k followers (+1)`."""
    parts = [f"{signal.text} ({_signed(signal.points)})" for signal in signals if signal.points]
    parts += [signal.text for signal in signals if not signal.points and signal.name not in VOLUME]
    told = " · ".join(part for part in (*parts, limit) if part)
    return f"{severity or 'no incident'} ({_signed(points).removeprefix('+')}): {told}"


def _signed(points: int) -> str:
    return f"{points:+d}".replace("-", "−")


def _signal(rules: Rules, name: str, value: float, threshold: float, text: str, worth: str = "") -> Signal:
    """A signal with its points; one that runs dry says what it would have been worth."""
    points = rules.points[worth or name]
    if name in rules.dry:
        return Signal(name, value, threshold, 0, f"{text}, dry run of {_signed(points)}")
    return Signal(name, value, threshold, points, text)


def _volume(evidence: Evidence, rules: Rules) -> tuple[Signal, ...]:
    verdict = evidence.volume
    if verdict is None or verdict.agreeing < 2:
        return ()
    worth = ("volume", "volume3", "volume4")[min(verdict.agreeing, 4) - 2]
    each = zip(VOLUME, verdict.values, verdict.thresholds, strict=True)
    return (
        _signal(rules, "volume", verdict.agreeing, 2, volume_text(verdict), worth),
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
    share, bar = evidence.complaints, rules.thresholds["complaint-share"]
    if share is None or share.p >= bar:
        return ()
    worth = "complaint-share-strong" if share.p < rules.thresholds["complaint-share-strong"] else "complaint-share"
    text = f"complaints {share.now * 100:.0f} % against {share.before * 100:.0f} %"
    return (_signal(rules, "complaint-share", share.p, bar, text, worth),)


def _bursts(evidence: Evidence, rules: Rules) -> tuple[Signal, ...]:
    """Each bursting family; only the one worth most counts, so that one wave of posts is not counted five times."""
    ranked = sorted(
        evidence.bursts, key=lambda burst: (f"burst:{burst.term}" in rules.dry, -rules.points[f"burst:{burst.term}"], burst.p, burst.term)
    )
    found = []
    for place, burst in enumerate(ranked):
        text = f"{burst.term} words in {burst.n} posts by {burst.authors} people, usually {burst.expected:.0f}"
        signal = _signal(rules, f"burst:{burst.term}", burst.n, round(burst.expected, 2), text)
        found.append(replace(signal, points=0) if place else signal)
    return tuple(found)


def _circumstances(evidence: Evidence, rules: Rules) -> tuple[Signal, ...]:
    found = []
    if evidence.loudest is not None:
        found.append(_signal(rules, "reach", evidence.loudest.followers, rules.thresholds["reach"], reach.text(evidence.loudest)))
    if evidence.single:
        found.append(Signal("single-mention", 1, 1, 0, f"{' and '.join(sorted(evidence.single))} words by somebody with reach"))
    if evidence.rising is not None:
        before, now = evidence.rising
        found.append(_signal(rules, "rising", now, before, f"still rising after an hour, {before} then {now}"))
    if evidence.campaign:
        found.append(_signal(rules, "campaign", 1, 1, f"planned: {evidence.campaign}"))
    if len(evidence.lately.authors) == 1 and evidence.lately.n > 1:
        found.append(_signal(rules, "single-author", 1, 1, "all by one author"))
    return tuple(found)


def _bounded(severity: Severity, evidence: Evidence, rules: Rules) -> tuple[Severity, str]:
    """The floors, then the ceilings, and the reason for whichever took effect."""
    urgency, limit = severity.urgency, ""
    least = rules.thresholds["burst-authors"]
    grave = [
        burst for burst in evidence.bursts if burst.term in GRAVE and burst.authors >= least and f"burst:{burst.term}" not in rules.dry
    ]
    if grave and urgency < Severity.SEV2.urgency:
        urgency, limit = Severity.SEV2.urgency, f"at least SEV2 for {grave[0].term}"
    if evidence.single and "single-mention" not in rules.dry and urgency < Severity.SEV3.urgency:
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
    return (lately.positive - lately.negative) / lately.scored >= rules.thresholds["praise"]
