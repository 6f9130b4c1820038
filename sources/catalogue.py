"""The one explicit table of the networks that exist, and the door through which other packages add theirs.

A network is a module with `Options`, a subclass of `sources.opening.Options`, and `open_source(context, options) -> Source`. A third party's
package names its module in the entry point group `listener.sources`: see docs/writing-a-source.md. Nothing is imported before it is opened.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from listener.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType

    from listener.config.tree import SourceSetting
    from listener.source import Source
    from sources.opening import Context, Options

GROUP: Final = "listener.sources"


@dataclass(frozen=True, slots=True)
class Network:
    """One row of the table."""

    kind: str
    """What stands behind `kind =` in the configuration."""
    title: str
    module: str
    keyless: bool
    """True when something can be read without an account."""

    def options(self) -> type[Options]:
        """What may be configured. Raises ConfigError when the module cannot be used."""
        found: type[Options] = _load(self).Options
        return found


TABLE: Final = (
    Network("feed", "Feeds and news (RSS, Atom, JSON Feed)", "sources.feed", keyless=True),
    Network("hackernews", "Hacker News", "sources.hackernews", keyless=True),
    Network("mastodon", "Mastodon and its relatives", "sources.mastodon", keyless=True),
    Network("bluesky", "Bluesky", "sources.bluesky", keyless=False),
    Network("jetstream", "Bluesky's live stream", "sources.jetstream", keyless=True),
    Network("reddit", "Reddit", "sources.reddit", keyless=True),
    Network("github", "GitHub", "sources.github", keyless=True),
    Network("stackexchange", "Stack Exchange", "sources.stackexchange", keyless=True),
    Network("lemmy", "Lemmy", "sources.lemmy", keyless=True),
    Network("discourse", "Discourse forums", "sources.discourse", keyless=True),
    Network("appstore", "App Store reviews", "sources.appstore", keyless=True),
    Network("youtube", "YouTube", "sources.youtube", keyless=False),
    Network("x", "X", "sources.x", keyless=False),
    Network("mail", "E-mail", "sources.mail", keyless=False),
)


@cache
def networks() -> Mapping[str, Network]:
    """Every network by its kind: our own first, then those of other packages, which cannot take a name of ours."""
    from importlib.metadata import entry_points

    ours = {network.kind: network for network in TABLE}
    others = {entry.name: Network(entry.name, entry.name, entry.value, keyless=False) for entry in entry_points(group=GROUP)}
    return {**others, **ours}


def open_source(setting: SourceSetting, context: Context) -> Source:
    """A configured source, ready to be asked.

    Raises:  ConfigError: an unknown kind, an option that is unknown, missing or of the wrong type, a secret that is not there.
    """
    network = networks().get(setting.kind)
    if network is None:
        raise setting.place.error(f"there is no network {setting.kind!r}", hint=f"There are: {', '.join(sorted(networks()))}.")
    module = _load(network)
    given = {key: getattr(value, "reveal", lambda value=value: value)() for key, value in setting.options.items()}
    source: Source = module.open_source(replace(context, name=setting.name or setting.kind), read_options(module.Options, given, setting))
    return source


def read_options(shape: type[Options], given: Mapping[str, object], setting: SourceSetting) -> Options:
    """The options of one source, checked. Raises ConfigError naming the key, and never repeating a value: it may be a secret."""
    import msgspec

    try:
        return msgspec.convert(dict(given), shape)
    except msgspec.ValidationError as error:
        known = ", ".join(field.encode_name for field in msgspec.structs.fields(shape))
        key = _KEY.search(str(error))
        place = setting.place.at(key[1] or key[2]) if key else setting.place
        raise place.error(f"{setting.kind}: {str(error).replace('Object', 'the source')}", hint=f"Its keys are: {known}; and those of every source.") from None


_KEY: Final = re.compile(r"unknown field `(\w+)`|at `\$\.(\w+)")
"""Which key msgspec complains about, where it names one that stands in the file."""


def _load(network: Network) -> ModuleType:
    try:
        module = importlib.import_module(network.module)
        _ = module.Options, module.open_source
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"The network {network.kind!r} cannot be used: {error}.", hint=f"Reinstall the package that holds {network.module}."
        ) from None
    return module
