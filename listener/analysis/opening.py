"""What a topic's watch goes by, and what it has to tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from listener.analysis.bursts import Burst
from listener.analysis.parameters import DEFAULTS, Parameters
from listener.analysis.severity import DEFAULT_RULES, Judgement
from listener.analysis.tally import COPIES
from listener.domain.severity import VOLUME, Rules
from listener.domain.topic import Role


@dataclass(frozen=True, slots=True)
class Campaign:
    """A window in which a crowd is expected."""

    name: str
    start: int
    end: int
    """UTC ms, the first moment after it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a topic's watch goes by."""

    role: Role = "brand"
    rules: Rules = DEFAULT_RULES
    parameters: Parameters = DEFAULTS
    campaigns: tuple[Campaign, ...] = ()
    reach: int | None = None
    """Followers from which an author counts, by `reach.bar` of the topic's authors; None for the rules' threshold."""

    @property
    def loud(self) -> float:
        return self.rules.thresholds["reach"] if self.reach is None else self.reach

    @property
    def detection(self) -> Parameters:
        """The parameters with the thresholds that the rules name."""
        thresholds: dict[str, Any] = {name: self.rules.threshold(name) for name in VOLUME}
        return replace(self.parameters, **thresholds)

    def campaign(self, at: int) -> str:
        return next((campaign.name for campaign in self.campaigns if campaign.start <= at < campaign.end), "")


DEFAULT = Setting()


@dataclass(frozen=True, slots=True)
class Opening:
    """Something to tell: a new incident, or news of the one that is going on."""

    at: int
    """Start of the bucket, UTC ms."""
    step: Literal["opened", "again"]
    family: str
    """What it is about: `volume`, `complaints`, or a family of crisis words. With the topic and the cluster, the incident's key."""
    began: int
    """Start of the bucket in which this incident opened, UTC ms: the same for all its news."""
    judgement: Judgement
    terms: tuple[Burst, ...]
    """What came out of nowhere: see `labels` and `storms`."""
    count: int
    """Mentions of the last hour."""
    bar: float
    """Mentions an hour that would be a record: the line in the curve."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Words and hashtags that came out of nowhere, the least likely first."""
        return tuple(burst.term for burst in self.terms if not burst.term.startswith(COPIES))

    @property
    def storms(self) -> tuple[int, ...]:
        """Leaders of the near-duplicates that storm: folded into one row each, and the incident's clusters."""
        return tuple(int(burst.term.removeprefix(COPIES)) for burst in self.terms if burst.term.startswith(COPIES))
