"""From the configuration to what a topic's watch goes by."""

from __future__ import annotations

import hashlib
import tomllib
from typing import TYPE_CHECKING, Any

from listener.analysis.opening import Campaign, Setting
from listener.domain.severity import Rules
from listener.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from listener.analysis.vocabulary import Vocabularies
    from listener.config import Config
    from listener.domain.topic import Role

KEYS = ("points", "thresholds", "severities", "dry_run")
"""What a rules file may hold."""


def rules(config: Config, topic: str) -> Rules:
    """What counts for a topic. Raises ConfigError: a name that does not exist."""
    incidents = config.incidents
    severities = {str(name): least for name, least in incidents.severities.items()}
    common = Rules().tuned(incidents.points, incidents.thresholds, severities, tuple(incidents.dry_run))
    own = incidents.topics.get(topic)
    return common.tuned(own.points, own.thresholds, page=own.page) if own else common


def setting(config: Config, topic: str, role: Role) -> Setting:
    """What a topic's lookout goes by. Raises ConfigError."""
    campaigns = tuple(Campaign(w.reason or "planned window", w.start, w.end) for w in config.incidents.windows if w.effect == "campaign" and w.topic in ("", topic))
    return Setting(role, rules(config, topic), campaigns=campaigns)


def chosen_reach(config: Config, topic: str) -> int | None:
    """Followers that count as reach, where the owner said so; then the topic's own authors do not matter."""
    own = config.incidents.topics.get(topic)
    named = {**config.incidents.thresholds, **(own.thresholds if own else {})}
    return int(named["reach"]) if "reach" in named else None


def check(config: Config) -> None:
    """Raises ConfigError: a point, a threshold or a signal that does not exist, or crisis words that cannot be read."""
    for topic in ("", *config.incidents.topics):
        rules(config, topic)
    vocabularies(config)


def with_rules(path: Path, config: Config) -> Config:
    """The configuration with a rules file's values over its own: a TOML file with KEYS at the top or below `[incidents]`. Raises ConfigError."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}.", hint="A rules file is TOML with [points], [thresholds], [severities].") from None
    table = table.get("incidents", table)
    values: dict[str, Any] = {}
    for name in KEYS:
        if name in table:
            values[name] = tuple(table[name]) if name == "dry_run" else {**getattr(config.incidents, name), **_numbers(path, name, table[name])}
    if not values:
        raise ConfigError(f"{path} changes nothing.", hint=f"It may hold {', '.join(KEYS)}.")
    changed = config.changed(incidents=config.incidents.changed(**values))
    check(changed)
    return changed


def fingerprint(chosen: Setting, words: str = "") -> str:
    """Changes when anything changes that a lookout's memory rests on: then it learns anew."""
    return hashlib.sha256(f"{chosen.parameters.learning} {chosen.role} {words}".encode()).hexdigest()[:16]


def vocabulary_texts(config: Config) -> dict[str, str]:
    """The owner's crisis words, language → text. Raises ConfigError."""
    from listener.analysis.vocabulary import own_words

    try:
        return own_words(config.path(config.incidents.vocabulary)) if config.incidents.vocabulary else {}
    except InputError as error:
        raise ConfigError(error.message, hint=error.hint) from error


def vocabularies(config: Config) -> Vocabularies:
    """Everybody's crisis words and the owner's. Raises ConfigError."""
    from listener.analysis.vocabulary import Vocabularies

    return Vocabularies(vocabulary_texts(config))


def _numbers(path: Path, name: str, table: object) -> dict[str, Any]:
    if not isinstance(table, dict) or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in table.values()):
        raise ConfigError(f"{path}: {name} must be a table of numbers.")
    return table
