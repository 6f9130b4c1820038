"""Changes that the desk makes to its own configuration file: comments and order stay, and nothing half-written is ever seen.

What would not load again is refused before a byte is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_type_hints

from listener.config import kinds, tree
from listener.config.paths import write_private
from listener.config.read import load, loads
from listener.config.secrets import Secret, as_toml
from listener.config.table import defaults, is_table
from listener.domain.duration import format_duration
from listener.errors import ConfigError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT

    from listener.domain.topic import Topic

Section = Literal["topics", "sources", "streams", "rules"]
"""The lists of the configuration whose members have names."""


class Named(Protocol):
    @property
    def name(self) -> str: ...


def add_source(file: Path, source: tree.SourceSetting) -> None:
    """Append a source. Raises ConfigError when the file cannot be read, or would not load again."""
    add(file, "sources", source)


def add_topic(file: Path, topic: Topic) -> None:
    add(file, "topics", topic)


def add_stream(file: Path, stream: tree.StreamSetting) -> None:
    add(file, "streams", stream)


def add_rule(file: Path, rule: tree.RuleSetting) -> None:
    add(file, "rules", rule)


def add(file: Path, section: Section, value: Named) -> None:
    """Append a member to a section; a file that does not exist is made."""
    _edit(file, lambda document: _members(document, section).append(_table(value)))


def change(file: Path, section: Section, name: str, value: Named) -> None:
    """Put `value` in the place of the member of that name, whose own comments stay where its keys stay."""

    def apply(document: TOMLDocument) -> None:
        member, fresh = _member(document, section, name, file), _table(value)
        for key in [key for key in member if key not in fresh]:
            if not (section == "topics" and key == "query" and "queries" in fresh):
                del member[key]
        for key, item in fresh.items():
            if member.get(key) != item:
                member[key] = item

    _edit(file, apply)


def remove(file: Path, section: Section, name: str) -> None:
    """Take the member of that name out. Raises ConfigError when there is none."""

    def apply(document: TOMLDocument) -> None:
        members = _members(document, section)
        del members[_index(members, name, section, file)]
        if not members:
            del document[section]

    _edit(file, apply)


def set_value(file: Path, steps: tuple[str, ...], value: object) -> None:
    """Set a single setting, such as ("desk", "theme") or ("keys", "close_and_next"); None takes it out."""

    def apply(document: TOMLDocument) -> None:
        import tomlkit

        table: Any = document
        for step in steps[:-1]:
            table = table.setdefault(step, tomlkit.table())
        if value is None:
            table.pop(steps[-1], None)
        else:
            table[steps[-1]] = value

    _edit(file, apply)


def as_table(value: Any) -> dict[str, Any]:
    """A value of the tree as its owner would write it: only what differs from the defaults, durations in words."""
    hints = get_type_hints(type(value), include_extras=True)
    table: dict[str, Any] = {}
    for name, default in defaults(type(value)).items():
        item = getattr(value, name)
        if name == "place" or item == default:
            continue
        if name == "options" and isinstance(value, tree.SourceSetting):
            table |= {key: _plain(option) for key, option in item.items()}
        else:
            table[name] = format_duration(item) if hints[name] == kinds.Duration else _plain(item)
    if len(table.get("queries", ())) == 1:
        table = {("query" if key == "queries" else key): (item[0] if key == "queries" else item) for key, item in table.items()}
    return table


def _plain(item: object) -> Any:
    if isinstance(item, Secret):
        return as_toml(item)
    if isinstance(item, tuple | list):
        return [_plain(one) for one in item]
    if isinstance(item, Mapping):
        return {key: _plain(one) for key, one in item.items()}
    return as_table(item) if is_table(type(item)) else item


def _table(value: Named) -> Any:
    import tomlkit

    table = tomlkit.table()
    for key, item in as_table(value).items():
        if isinstance(item, dict):
            inline = tomlkit.inline_table()
            inline.update(item)
            item = inline
        table[key] = item
    return table


def _members(document: TOMLDocument, section: str) -> AoT:
    import tomlkit
    from tomlkit.items import AoT

    members = document.setdefault(section, tomlkit.aot())
    if not isinstance(members, AoT):
        raise ConfigError(f"{section} is written as one inline list.", hint=f"Write each as [[{section}]], then it can be changed from here.")
    return members


def _member(document: TOMLDocument, section: Section, name: str, file: Path) -> Any:
    members = _members(document, section)
    return members[_index(members, name, section, file)]


def _index(members: AoT, name: str, section: Section, file: Path) -> int:
    """By the name in the tree, because a source without a name gets one only there."""
    for index, one in enumerate(getattr(load(file), section)):
        if one.name == name and index < len(members):
            return index
    raise ConfigError(f"{file.name} has no {section.removesuffix('s')} {name!r}.")


def _edit(file: Path, apply: Callable[[TOMLDocument], object]) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
    loads(text, file)
    try:
        document = tomlkit.parse(text)
        apply(document)
        fresh = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise ConfigError(f"{file.name} cannot be changed from here: {error}.", hint="Change it in an editor.") from None
    loads(fresh, file)
    try:
        write_private(file, fresh)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}.") from None


