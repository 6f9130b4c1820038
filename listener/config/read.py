"""From TOML to the tree: every mistake found in one reading, each with its file, line, column and key."""

from __future__ import annotations

import inspect
import re
import sys
import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from listener.config import kinds, tree
from listener.config.paths import config_file
from listener.config.place import Place
from listener.config.secrets import Secret, is_secret_name, read_secret
from listener.config.table import REQUIRED, defaults, is_table
from listener.config.texts import TEXTS, suggest, zone_named
from listener.domain.operator import Operator
from listener.domain.rota import Swap, Turn
from listener.domain.rota import check as check_turn
from listener.domain.topic import Topic
from listener.errors import ConfigError, ListenerError

SPELLINGS: dict[type, dict[str, str]] = {Topic: {"query": "queries"}, tree.Then: {"tags": "tag"}}
"""A second spelling of a key, and the field that it means."""
KINDS: dict[tuple[type, str], Any] = {
    (Turn, "hours"): kinds.Hours,
    (Turn, "time_zone"): kinds.Zone,
    (Turn, "since"): kinds.Day,
    (Swap, "start"): kinds.Instant,
    (Swap, "end"): kinds.Instant,
    (Operator, "name"): kinds.Name,
    (Operator, "capacity"): kinds.Count,
    (Topic, "name"): kinds.Name,
}
"""Values of the domain know nothing of the file: what their fields are in it is said here."""
_LARGEST = 4 * 1024 * 1024


def load(path: Path | None = None) -> tree.Config:
    """The configuration in `path`; in the platform's own place when None, where a missing file means the defaults.

    Raises:  ConfigError: the file cannot be read or is not TOML, or the list of all that is wrong in it.
    """
    file = path or config_file()
    try:
        if file.stat().st_size > _LARGEST:
            raise ConfigError(f"{file} is too large for a configuration.")
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        if path is None:
            return tree.Config(place=Place(None))
        raise ConfigError(f"There is no configuration at {file}.", hint="`listener init` writes one.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file.name}: byte {error.start} is not UTF-8.", hint="Save the file as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from None
    return loads(text, file)


def loads(text: str, file: Path | None = None) -> tree.Config:
    """The configuration in a text; `file` is what complaints and relative paths refer to. Raises ConfigError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        name = file.name if file else "configuration"
        found = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", str(error), re.DOTALL)
        where, what = (f"{name}:{found[2]}:{found[3]}", found[1]) if found else (name, str(error))
        raise ConfigError(f"{where}: {what[:1].lower()}{what[1:].rstrip('.')}.", hint="Everything about TOML is at https://toml.io.") from None
    except RecursionError:
        raise ConfigError(f"{file.name if file else 'configuration'}: nested too deeply.") from None
    return _Reader(Place(file, (), text), raw).run()


class _Reader:
    """Walks the raw tables beside the classes of the tree and gathers complaints."""

    def __init__(self, root: Place, raw: dict[str, Any]) -> None:
        self.root = root
        self.raw = raw
        self.problems: list[ConfigError] = []
        self.zone: tzinfo = timezone(timedelta())

    def run(self) -> tree.Config:
        desk = self.raw.get("desk")
        if isinstance(desk, dict) and isinstance(desk.get("time_zone"), str):
            self.zone = zone_named(desk["time_zone"]) or self.zone
        config: tree.Config | None = self.table(tree.Config, self.raw, self.root)
        if config is not None:
            from listener.config.check import cross_check, with_names

            config = config.changed(sources=with_names(config.sources), place=self.root)
            self.problems += cross_check(config)
        if self.problems or config is None:
            raise _together(self.problems)
        return config

    def complain(self, place: Place, message: str, hint: str = "") -> None:
        self.problems.append(place.error(message, hint=hint))

    def table(self, kind: type, raw: object, place: Place) -> Any:
        """An instance of a class of the tree; None when nothing could be made of it."""
        if not isinstance(raw, dict):
            self.complain(place, f"is {_what(raw)}, but a table belongs here")
            return None
        fields = fields_of(kind)
        spellings = SPELLINGS.get(kind, {})
        values: dict[str, Any] = {}
        extra: dict[str, object] = {}
        for key, item in raw.items():
            name = spellings.get(key, key)
            if name not in fields:
                if kind is tree.SourceSetting:
                    extra[key] = self.option(key, item, place.at(key))
                else:
                    self.complain(place.at(key), "is not a setting" + suggest(key, (*fields, *spellings)))
            elif name in values:
                self.complain(place.at(key), f"says again what {name!r} says")
            else:
                values[name] = self.value(fields[name], item, place.at(key))
        failed = [name for name, value in values.items() if value is _NOTHING]
        for name in failed:
            del values[name]
        missing = [name for name in _required(kind) if name not in values and name not in failed]
        for name in missing:
            self.complain(place, f"needs a `{name}`")
        if missing or any(name in failed for name in _required(kind)):
            return None
        if kind is tree.SourceSetting:
            values |= {"options": extra, "place": place}
        made = kind(**values)
        if isinstance(made, Turn) and not failed:
            self.attempt(check_turn, made, place)
        return made

    def option(self, key: str, raw: object, place: Place) -> object:
        """A network's own setting: passed through, but for secrets."""
        if isinstance(raw, dict) and len(raw) == 1 and next(iter(raw)) in ("keyring", "env", "file"):
            return self.secret(raw, place)
        if is_secret_name(key) and raw != "":
            return self.secret(raw, place)
        if isinstance(raw, dict):
            return {name: self.option(name, item, place.at(name)) for name, item in raw.items()}
        if isinstance(raw, list):
            return tuple(self.option("", item, place.at(index)) for index, item in enumerate(raw))
        return raw

    def secret(self, raw: object, place: Place) -> object:
        try:
            return read_secret(raw, place)
        except ConfigError as error:
            self.problems.append(error)
            return _NOTHING

    def value(self, spec: Any, raw: object, place: Place) -> Any:
        """A value of the type `spec`; _NOTHING after a complaint."""
        origin, arguments = get_origin(spec), get_args(spec)
        if origin is Annotated:
            return self.special(arguments[1], raw, place)
        if origin is Literal:
            return self.choice(arguments, raw, place)
        if origin in (types.UnionType, typing.Union):
            return self.union(arguments, raw, place)
        if origin is tuple:
            return self.array(arguments[0], raw, place)
        if origin is not None and issubclass(origin, Mapping):
            return self.mapping(arguments, raw, place)
        if spec is Secret:
            return self.secret(raw, place)
        if is_table(spec):
            made = self.table(spec, raw, place)
            return _NOTHING if made is None else made
        return self.plain(spec, raw, place)

    def plain(self, spec: type, raw: object, place: Place) -> Any:
        if spec is float and isinstance(raw, int) and not isinstance(raw, bool):
            return float(raw)
        if isinstance(raw, spec) and not (isinstance(raw, bool) and spec is not bool):
            return raw
        names = {str: "a text in quotes", bool: "true or false", int: "a whole number", float: "a number"}
        self.complain(place, f"is {_what(raw)}, but {names[spec]} belongs here")
        return _NOTHING

    def choice(self, allowed: tuple[Any, ...], raw: object, place: Place) -> Any:
        for one in allowed:
            if raw == one or (isinstance(raw, str) and raw.lower() == one.lower()):
                return one
        self.complain(place, f"{raw!r} is not one of {', '.join(one or '(empty)' for one in allowed)}")
        return _NOTHING

    def union(self, arguments: tuple[Any, ...], raw: object, place: Place) -> Any:
        literals = tuple(one for part in arguments if get_origin(part) is Literal for one in get_args(part))
        others = [part for part in arguments if get_origin(part) is not Literal and part is not types.NoneType]
        if not others or raw in [one for one in literals if isinstance(raw, str)]:
            return self.choice(literals, raw, place)
        return self.value(others[0], raw, place)

    def array(self, spec: Any, raw: object, place: Place) -> Any:
        if isinstance(raw, str):
            raw = [raw]  # one of something needs no brackets
        if not isinstance(raw, list):
            self.complain(place, f"is {_what(raw)}, but a list belongs here")
            return _NOTHING
        values = [self.value(spec, item, place.at(index)) for index, item in enumerate(raw)]
        return tuple(value for value in values if value is not _NOTHING)

    def mapping(self, arguments: tuple[Any, ...], raw: object, place: Place) -> Any:
        if not isinstance(raw, dict):
            self.complain(place, f"is {_what(raw)}, but a table belongs here")
            return _NOTHING
        pairs = [(self.value(arguments[0], key, place.at(key)), self.value(arguments[1], item, place.at(key))) for key, item in raw.items()]
        return {key: value for key, value in pairs if key is not _NOTHING and value is not _NOTHING}

    def special(self, kind: str, raw: object, place: Place) -> Any:
        if kind == "instant":
            return self.instant(raw, place)
        if kind == "day" and isinstance(raw, date):
            return raw.isoformat()[:10]
        if kind in ("share", "count"):
            number = self.plain(float if kind == "share" else int, raw, place)
            if number is not _NOTHING and not (0 <= number <= (1 if kind == "share" else 2**53)):
                self.complain(place, f"{raw} is not between 0 and {1 if kind == 'share' else 'what a machine can count'}")
                return _NOTHING
            return number
        if kind == "duration" and raw == 0 and not isinstance(raw, bool):
            return 0
        text = self.plain(str, raw, place)
        return _NOTHING if text is _NOTHING else self.attempt(TEXTS[kind], text, place)

    def attempt(self, check: Callable[[Any], Any], value: Any, place: Place) -> Any:
        try:
            return check(value)
        except ListenerError as error:
            self.complain(place, error.message.rstrip("."), error.hint)
            return _NOTHING

    def instant(self, raw: object, place: Place) -> Any:
        try:
            if isinstance(raw, str):
                raw = datetime.fromisoformat(raw)
            elif isinstance(raw, date) and not isinstance(raw, datetime):
                raw = datetime(raw.year, raw.month, raw.day)  # noqa: DTZ001 - the zone follows
        except ValueError:
            pass
        if not isinstance(raw, datetime):
            self.complain(place, f"{raw!r} is not a date and time", "Write 2026-12-24T08:30:00, or with an offset 2026-12-24T08:30:00+02:00.")
            return _NOTHING
        return round((raw if raw.tzinfo else raw.replace(tzinfo=self.zone)).timestamp() * 1000)


class _Nothing:
    """What a value is after a complaint about it."""


_NOTHING: Any = _Nothing()


@cache
def _resolved(annotation: str, module: str) -> Any:
    """What an annotation of our own source means. typing.get_type_hints compiles each again, which takes as long as all the rest of a load."""
    return eval(annotation, vars(sys.modules[module]))  # noqa: S307


@cache
def fields_of(kind: type) -> dict[str, Any]:
    """The settings of a class with their types; what the reader fills in itself is not among them."""
    texts = inspect.get_annotations(kind)
    own = {"place", "options"} if kind is tree.SourceSetting else {"place"}
    return {name: KINDS.get((kind, name)) or _resolved(texts[name], kind.__module__) for name in defaults(kind) if name not in own}


def _required(kind: type) -> tuple[str, ...]:
    return tuple(name for name, default in defaults(kind).items() if default is REQUIRED)


def _what(raw: object) -> str:
    kinds_of_toml = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds_of_toml.get(type(raw), "a date or time")


def _together(problems: list[ConfigError]) -> ConfigError:
    if len(problems) == 1:
        return problems[0]
    return ConfigError("\n".join(str(problem) for problem in problems))
