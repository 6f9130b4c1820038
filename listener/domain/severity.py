"""The points that turn evidence into a severity: a table that an operator can read, and tune per topic."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from listener.domain.case import Severity
from listener.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES = ("operational", "safety", "legal", "privacy", "conduct")
"""Families of crisis words; docs/incidents.md tells what belongs to which."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What each piece of evidence is worth. The names are the keys of a topic's `[severity]` table."""

    volume: tuple[int, int, int] = (1, 2, 3)
    """When 2, 3, and 4 or more volume signals agree."""
    complaints: tuple[int, int] = (1, 2)
    """When the complaint share had a chance below 1e-4, below 1e-8."""
    bursts: Mapping[str, int] = field(default_factory=lambda: {"operational": 1, "safety": 2, "legal": 2, "privacy": 2, "conduct": 2})
    """Per family of crisis words that bursts; only the highest counts."""
    reach: int = 1
    rising: int = 1
    """Still rising an hour after the opening."""
    campaign: int = -2
    """Within a planned window."""
    single_author: int = -1
    levels: tuple[int, int, int, int] = (7, 5, 3, 1)
    """Points from which it is SEV1, SEV2, SEV3, SEV4."""
    grave: tuple[str, ...] = ("safety", "legal", "privacy")
    """A burst of these families with `grave_authors` is at least SEV2, and they open an incident of their own."""
    grave_authors: int = 5
    single_mention: tuple[str, ...] = ("safety", "legal")
    """One post with words of these families by an author with reach opens a SEV3; empty switches the rule off."""
    page_at: int = 2
    """Severities this bad wake people; 0 never does."""
    page_agreeing: int = 4
    """So many agreeing volume signals wake people whatever the severity says; 0 never does."""
    positive_at: float = 0.4
    """A spike is good news when its share of positive mentions is raised, its net sentiment, (positive − negative) / scored, reaches
    this, and there are neither complaints nor crisis words in it."""

    def level(self, points: int) -> Severity:
        """The severity that so many points make."""
        for severity, least in zip((Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV4), self.levels, strict=True):
            if points >= least:
                return severity
        return Severity.NONE

    @classmethod
    def of(cls, table: Mapping[str, Any], base: Rules | None = None) -> Rules:
        """The rules with the keys of a TOML table changed. Raises ConfigError that names the key."""
        base = base or cls()
        known = {entry.name for entry in fields(cls)}
        changed: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                raise ConfigError(f"severity has no key “{key}”.", hint=f"It knows {', '.join(sorted(known))}.")
            changed[key] = _like(key, value, getattr(base, key))
        if list(changed.get("levels", base.levels)) != sorted(changed.get("levels", base.levels), reverse=True):
            raise ConfigError("severity.levels must fall.", hint="It names the points for SEV1, SEV2, SEV3, SEV4: [7, 5, 3, 1].")
        return replace(base, **changed)


def _like(key: str, value: Any, model: Any) -> Any:
    """A value of TOML in the shape of the default, or ConfigError."""
    if isinstance(model, tuple):
        entry = type(model[0]) if model else str
        same = key in {"grave", "single_mention"} or (isinstance(value, list) and len(value) == len(model))
        if isinstance(value, list) and same and all(type(each) is entry for each in value):
            if entry is str:
                _check_families(key, value)
            return tuple(value)
        raise ConfigError(f"severity.{key} must be a list like {list(model)}.", hint="")
    if isinstance(model, dict):
        if isinstance(value, dict) and all(type(points) is int for points in value.values()):
            _check_families(key, value)
            return {**model, **value}
        raise ConfigError(f"severity.{key} must be a table of families and points.", hint="Like { operational = 1, safety = 2 }.")
    if type(value) is type(model) or (isinstance(model, float) and type(value) is int):
        return type(model)(value)
    raise ConfigError(f"severity.{key} must be a number like {model}.")


def _check_families(key: str, names: Mapping[str, int] | list[str]) -> None:
    for name in names:
        if name not in FAMILIES:
            raise ConfigError(f"severity.{key} names the family “{name}”, which does not exist.", hint=f"Families: {', '.join(FAMILIES)}.")
