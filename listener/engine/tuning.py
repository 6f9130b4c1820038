"""From the configuration to what a topic's watch goes by: points and thresholds by the names under which they are shown."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from listener.analysis.lookout import Campaign, Setting
from listener.analysis.reach import LOUD
from listener.analysis.spikes import Parameters
from listener.domain.severity import FAMILIES, Rules
from listener.domain.topic import Role
from listener.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from listener.analysis.vocabulary import Vocabularies
    from listener.config import Config

SHIPPED = Rules()
POINTS: Mapping[str, int] = {
    "volume-2": SHIPPED.volume[0], "volume-3": SHIPPED.volume[1], "volume-4": SHIPPED.volume[2],
    "complaint-share": SHIPPED.complaints[0], "complaint-share-strong": SHIPPED.complaints[1],
    **{f"burst:{family}": SHIPPED.bursts[family] for family in FAMILIES},
    "reach": SHIPPED.reach, "rising": SHIPPED.rising, "campaign": SHIPPED.campaign, "single-author": SHIPPED.single_author,
}  # fmt: skip
"""What each piece of evidence is worth, by name, as shipped."""
DEFAULT = Parameters()
THRESHOLDS: Mapping[str, float] = {
    "record": DEFAULT.record, "hour15": DEFAULT.hour, "tail15": DEFAULT.tail, "deviation60": DEFAULT.deviation, "agree": DEFAULT.need,
    "fewest": DEFAULT.fewest, "reach": LOUD, "grave-authors": SHIPPED.grave_authors, "page-severity": SHIPPED.page_at, "page-agree": SHIPPED.page_agreeing,
    "praise": SHIPPED.positive_at,
}  # fmt: skip
SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")
SIGNALS = ("volume", "complaint-share", *(f"burst:{family}" for family in FAMILIES), "reach", "rising", "campaign", "single-author", "single-mention")
"""What can be run dry: noted, and worth nothing."""
MEANING: Mapping[str, str] = {
    "volume-2": "two volume signals agree", "volume-3": "three agree", "volume-4": "four or more agree",
    "complaint-share": "complaints beyond their earlier share, chance below 1e-4", "complaint-share-strong": "the same, below 1e-8",
    **{f"burst:{family}": f"{family} words burst; only the highest family counts" for family in FAMILIES},
    "reach": "somebody with reach", "rising": "still rising after an hour", "campaign": "within a planned window", "single-author": "all by one author",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tuning:
    """Points, thresholds and least points of the severities that differ from the shipped ones, and what runs dry."""

    points: Mapping[str, int]
    thresholds: Mapping[str, float]
    severities: Mapping[str, int]
    dry: tuple[str, ...] = ()

    def rules(self) -> Rules:
        """Raises ConfigError naming what is not known."""
        points = {**POINTS, **_known(self.points, POINTS, "points")}
        thresholds = {**THRESHOLDS, **_known(self.thresholds, THRESHOLDS, "thresholds")}
        for name in self.dry:
            if name not in SIGNALS:
                raise ConfigError(f"incidents.dry_run names the signal {name!r}, which does not exist.", hint=f"Signals: {', '.join(SIGNALS)}.")
        points = {name: 0 if _stem(name) in self.dry else value for name, value in points.items()}
        levels = tuple(self.severities.get(name, shipped) for name, shipped in zip(SEVERITIES, SHIPPED.levels, strict=True))
        if sorted(levels, reverse=True) != list(levels):
            raise ConfigError("incidents.severities must fall from SEV1 to SEV4.", hint="Shipped: SEV1 7, SEV2 5, SEV3 3, SEV4 1.")
        return Rules(
            volume=(points["volume-2"], points["volume-3"], points["volume-4"]),
            complaints=(points["complaint-share"], points["complaint-share-strong"]),
            bursts={family: points[f"burst:{family}"] for family in FAMILIES},
            reach=points["reach"], rising=points["rising"], campaign=points["campaign"], single_author=points["single-author"],
            levels=(levels[0], levels[1], levels[2], levels[3]),
            grave=tuple(family for family in SHIPPED.grave if f"burst:{family}" not in self.dry), grave_authors=int(thresholds["grave-authors"]),
            single_mention=() if "single-mention" in self.dry else SHIPPED.single_mention,
            page_at=int(thresholds["page-severity"]), page_agreeing=0 if "volume" in self.dry else int(thresholds["page-agree"]), positive_at=thresholds["praise"],
        )  # fmt: skip

    def parameters(self) -> Parameters:
        t = {**THRESHOLDS, **self.thresholds}
        return replace(DEFAULT, record=float(t["record"]), hour=float(t["hour15"]), tail=float(t["tail15"]), deviation=float(t["deviation60"]), need=int(t["agree"]), fewest=int(t["fewest"]))

    @property
    def reach(self) -> int | None:
        """Followers that count as reach, where somebody said so."""
        return int(self.thresholds["reach"]) if "reach" in self.thresholds else None


def tuning(config: Config, topic: str) -> Tuning:
    """What counts for a topic."""
    incidents = config.incidents
    own = incidents.topics.get(topic)
    return Tuning(
        {**incidents.points, **(own.points if own else {})}, {**incidents.thresholds, **(own.thresholds if own else {})}, {str(name): least for name, least in incidents.severities.items()}, tuple(incidents.dry_run)
    )


def from_file(path: Path, base: Config) -> Config:
    """The configuration with the [incidents] tables of a rules file in the place of its own. Raises ConfigError.

    The file holds `[points]`, `[thresholds]`, `[severities]` and `dry_run`, at the top or below `[incidents]`.
    """
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}.", hint="A rules file is TOML: [points], [thresholds], [severities].") from None
    table = table.get("incidents", table)
    known = ("points", "thresholds", "severities", "dry_run")
    values: dict[str, Any] = {}
    for name in known:
        if name in table:
            values[name] = tuple(table[name]) if name == "dry_run" else {**getattr(base.incidents, name), **_numbers(path, name, table[name])}
    if not values:
        raise ConfigError(f"{path} changes nothing.", hint=f"It may hold {', '.join(known)}.")
    changed = base.changed(incidents=base.incidents.changed(**values))
    tuning(changed, "").rules()
    return changed


def setting(config: Config, topic: str, role: Role) -> Setting:
    """What a topic's lookout goes by. Raises ConfigError."""
    mine = tuning(config, topic)
    campaigns = tuple(Campaign(w.reason or "planned window", w.start, w.end) for w in config.incidents.windows if w.effect == "campaign" and w.topic in ("", topic))
    return Setting(role, mine.rules(), mine.parameters(), campaigns, mine.reach or LOUD)


def fingerprint(chosen: Setting, words: str = "") -> str:
    """Changes when anything changes that a lookout's memory rests on: then it learns anew."""
    return hashlib.sha256(f"{chosen.parameters} {chosen.role} {words}".encode()).hexdigest()[:16]


def vocabulary_texts(config: Config) -> dict[str, str]:
    """The owner's crisis words: language → text as `analysis.vocabulary` reads it. Raises ConfigError.

    The TOML file has a table per family: `safety = { en = ["gas leak"], el = ["διαρροή*"] }`; a phrase with a leading minus takes one out.
    """
    if not config.incidents.vocabulary:
        return {}
    path = config.path(config.incidents.vocabulary)
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}.", hint='It is TOML: safety = { en = ["gas leak"] }.') from None
    lines: dict[str, list[str]] = {}
    for family, languages in table.items():
        if family not in FAMILIES or not isinstance(languages, dict):
            raise ConfigError(f"{path}: there is no family {family!r}.", hint=f"Families: {', '.join(FAMILIES)}.")
        for lang, phrases in languages.items():
            if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
                raise ConfigError(f"{path}: {family}.{lang} must be a list of phrases.")
            lines.setdefault("" if lang == "all" else lang, []).extend([f"[{family}]", *(phrase.replace("\n", " ") for phrase in phrases)])
    return {lang: "\n".join(text) for lang, text in lines.items()}


def vocabularies(config: Config) -> Vocabularies:
    from listener.analysis.vocabulary import Vocabularies

    return Vocabularies(vocabulary_texts(config))


def _stem(name: str) -> str:
    return name.removesuffix("-strong") if name.startswith("complaint") else name.partition("-")[0] if name.startswith("volume") else name


def _known(given: Mapping[str, Any], names: Mapping[str, Any], what: str) -> dict[str, Any]:
    for name in given:
        if name not in names:
            raise ConfigError(f"incidents.{what} names {name!r}, which does not exist.", hint=f"Names: {', '.join(names)}.")
    return dict(given)


def _numbers(path: Path, name: str, table: object) -> dict[str, Any]:
    if not isinstance(table, dict) or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in table.values()):
        raise ConfigError(f"{path}: {name} must be a table of numbers.")
    return table
