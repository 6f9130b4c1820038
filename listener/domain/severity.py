"""What evidence is worth: names, points and thresholds that an operator can read, and tune per topic."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from types import MappingProxyType

from listener.domain.case import Severity
from listener.errors import ConfigError

FAMILIES = ("operational", "safety", "legal", "privacy", "conduct")
"""Families of crisis words; docs/incidents.md tells what belongs to which."""
GRAVE = ("safety", "legal", "privacy")
"""A burst of these is at least SEV2, and opens an incident of its own."""
SINGLE = ("safety", "legal")
"""One post with words of these by an author with reach is at least SEV3: the rule `single-mention`."""

VOLUME = ("record5", "record60", "record180", "hour15", "tail15", "deviation60")
"""The six volume signals, in the order in which they are stored."""

POINTS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "volume": (1, "two volume signals agree"),
        "volume3": (2, "three agree"),
        "volume4": (3, "four or more agree"),
        "complaint-share": (1, "more complaints than their earlier share explains"),
        "complaint-share-strong": (2, "far more"),
        "burst:operational": (1, "a burst of words of trouble: outage, cancelled, refund"),
        "burst:safety": (2, "of danger: fire, injured, recall"),
        "burst:legal": (2, "of law: lawsuit, fraud, fined"),
        "burst:privacy": (2, "of secrets: breach, leak, hacked"),
        "burst:conduct": (2, "of outrage: racist, boycott, harassment"),
        "reach": (1, "somebody with many followers takes part"),
        "rising": (1, "still rising an hour after the opening"),
        "campaign": (-2, "within a planned campaign"),
        "single-author": (-1, "all by one author"),
    }
)
"""Name → shipped points, and when they count. Of several bursts only the one worth most counts."""

THRESHOLDS: Mapping[str, tuple[float, str]] = MappingProxyType(
    {
        "record5": (0.10, "logarithm of 5 minutes over their past peak"),
        "record60": (0.10, "of an hour"),
        "record180": (0.10, "of three hours"),
        "hour15": (1.3, "15 minutes against the time of day, over the greatest surprise so far"),
        "tail15": (3.5, "−log10 of the chance of such a difference"),
        "deviation60": (3.3, "standard deviations of the hour over a week's hours"),
        "complaint-share": (1e-4, "chance below which complaints are raised"),
        "complaint-share-strong": (1e-8, "chance below which they are raised far"),
        "burst": (1e-6, "chance below which a word bursts"),
        "burst-authors": (5, "different authors that a burst needs"),
        "reach": (10_000, "followers from which an author has reach"),
        "praise": (0.4, "net sentiment from which a spike may be good news"),
        "page": (2, "severity that wakes people, and worse ones do: 2 is SEV2"),
        "page-agreeing": (4, "agreeing volume signals that wake people whatever the severity"),
    }
)
"""Name → shipped threshold, and what it bounds."""

SEVERITIES: Mapping[str, int] = MappingProxyType({"SEV1": 7, "SEV2": 5, "SEV3": 3, "SEV4": 1})
"""The least points for a severity."""

DRY = frozenset(name for name in (*POINTS, *THRESHOLDS) if name not in {"volume3", "volume4", "complaint-share-strong", "burst-authors", "page", "page-agreeing"}) | {"single-mention"}  # fmt: skip
"""What can run dry: evaluated and noted, but counting for nothing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a topic's incidents go by."""

    points: Mapping[str, int] = field(default_factory=lambda: {name: points for name, (points, _) in POINTS.items()})
    thresholds: Mapping[str, float] = field(default_factory=lambda: {name: value for name, (value, _) in THRESHOLDS.items()})
    severities: Mapping[str, int] = field(default_factory=lambda: dict(SEVERITIES))
    dry: frozenset[str] = frozenset()
    """Names out of DRY."""
    page: bool = True
    """Whether anybody may be woken at all."""

    def level(self, points: int) -> Severity:
        """The severity that so many points make."""
        for severity in (Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV4):
            if points >= self.severities[str(severity)]:
                return severity
        return Severity.NONE

    def threshold(self, name: str) -> float:
        """The bound as it counts: out of reach for a volume signal that runs dry."""
        return inf if name in self.dry and name in VOLUME else self.thresholds[name]

    def tuned(
        self,
        points: Mapping[str, int] = MappingProxyType({}),
        thresholds: Mapping[str, float] = MappingProxyType({}),
        severities: Mapping[str, int] = MappingProxyType({}),
        dry: tuple[str, ...] = (),
        page: bool = True,
    ) -> Rules:
        """These rules with some values changed. Raises ConfigError that says which name does not exist, or which value cannot be."""
        _known("points", points, POINTS)
        _known("thresholds", thresholds, THRESHOLDS)
        _known("severities", severities, SEVERITIES)
        _known("dry_run", dry, DRY)
        for name, value in thresholds.items():
            if not value >= 0:
                raise ConfigError(f"incidents.thresholds: “{name}” cannot be {value:g}.", hint="It is 0 or more.")
        levels = {**self.severities, **severities}
        ranked = [levels[name] for name in SEVERITIES]
        if ranked != sorted(ranked, reverse=True):
            raise ConfigError("incidents.severities must fall from SEV1 to SEV4.", hint="Shipped: SEV1 7, SEV2 5, SEV3 3, SEV4 1.")
        return replace(
            self,
            points={**self.points, **points},
            thresholds={**self.thresholds, **thresholds},
            severities=levels,
            dry=self.dry | set(dry),
            page=self.page and page,
        )


def _known(key: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ConfigError(f"incidents.{key}: there is no “{name}”.", hint=f"Known: {', '.join(sorted(known))}.")
