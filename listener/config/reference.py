"""Every setting with its type, default and meaning, taken from the tree itself: docs/configuration.md cannot fall behind it."""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args, get_origin

from listener.config import kinds, tree
from listener.config.read import SPELLINGS, fields_of
from listener.config.secrets import Secret
from listener.config.table import REQUIRED, defaults, is_table
from listener.domain.duration import format_duration

_PLAIN = {str: "text", bool: "true / false", int: "whole number", float: "number", Secret: "secret"}
_SPECIAL = {
    "duration": "duration", "instant": "date and time", "share": "0 … 1", "count": "whole number", "hours": "opening hours",
    "zone": "time zone", "day": "date", "country": "country code", "path": "path", "name": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of the file."""

    key: str
    type: str
    """In words."""
    default: str
    """As it would be written; empty where there is none, "required" where there must be one."""
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the file with its keys."""

    header: str
    """`[desk]`, `[[topics]]`, `[incidents.topics."…"]`."""
    text: str
    settings: tuple[Setting, ...]


def sections() -> tuple[Section, ...]:
    """Every table that the file may have, in the order of the tree."""
    return tuple(_walk(tree.Config, ""))


def markdown() -> str:
    """The reference as it stands in docs/configuration.md."""
    parts = []
    for section in sections():
        parts += [f"### `{section.header}`", "", section.text, ""]
        if section.settings:
            parts += ["| key | type | default | meaning |", "|---|---|---|---|"]
            parts += [f"| `{one.key}` | {one.type} | {_code(one.default)} | {one.text.replace('|', chr(92) + '|')} |" for one in section.settings]
            parts += [""]
    return "\n".join(parts)


def _code(default: str) -> str:
    return default if default in ("", "required") else f"`{default}`"


def _walk(kind: type, above: str) -> Iterator[Section]:
    """The tables directly below a class, each followed by those below it."""
    texts = _texts(kind)
    for name, spec in fields_of(kind).items():
        inner, shape = _inner(spec)
        if inner is None:
            if kind is tree.Config:  # a table of free keys: [keys]
                yield Section(f"[{name}]", texts[name], (Setting("<action>", _type(get_args(spec)[1]), "", texts[name]),))
            continue
        path = f"{above}{name}"
        header = {"one": f"[{path}]", "many": f"[[{path}]]", "named": f'[{path}."…"]'}[shape]
        yield Section(header, inspect.getdoc(inner) or "", tuple(_settings(inner)))
        yield from _walk(inner, f"{path}.")


def _settings(kind: type) -> Iterator[Setting]:
    texts, hints, spellings = _texts(kind), fields_of(kind), SPELLINGS.get(kind, {})
    for name, default in defaults(kind).items():
        if name not in hints or (_inner(hints[name])[0] and name != "then"):
            continue
        names = [name, *(spelling for spelling, meant in spellings.items() if meant == name)]
        yield Setting("` or `".join(names), _type(hints[name]), _default(default, hints[name]), texts[name])


def _inner(spec: Any) -> tuple[type | None, str]:
    """The class of the tables that a field holds, and whether it is one, many, or many by name."""
    arguments = get_args(spec)
    if is_table(spec) and spec is not Secret:
        return typing.cast("type", spec), "one"
    if get_origin(spec) is tuple and is_table(arguments[0]):
        return typing.cast("type", arguments[0]), "many"
    if _is_mapping(spec) and is_table(arguments[1]):
        return typing.cast("type", arguments[1]), "named"
    return None, ""


def _is_mapping(spec: Any) -> bool:
    origin = get_origin(spec)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _type(spec: Any) -> str:
    origin, arguments = get_origin(spec), get_args(spec)
    if origin is Annotated:
        return _SPECIAL[arguments[1]]
    if origin is Literal:
        return ", ".join(f'"{one}"' for one in arguments if one)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_type(one) for one in arguments if one is not types.NoneType and get_args(one) != ("",))
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if _is_mapping(spec):
        key = _type(arguments[0])
        return f"table: {'name' if key == 'text' else key} → {_type(arguments[1])}"
    return _PLAIN.get(spec, "table")


def _default(value: Any, spec: Any) -> str:
    if value is REQUIRED:
        return "required"
    return "" if is_table(type(value)) else _written(value, spec)


def _written(value: Any, spec: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if spec == kinds.Duration:
        return f'"{format_duration(value)}"' if value else "0"
    if isinstance(value, Mapping):
        inner = get_args(spec)[1]
        return "{ " + ", ".join(f"{key} = {_written(item, inner)}" for key, item in value.items()) + " }" if value else ""
    if isinstance(value, tuple):
        return "[" + ", ".join(_written(one, str) for one in value) + "]" if value else ""
    if isinstance(value, str):
        return f'"{value}"' if value else ""
    return "" if value is None else str(value)


def _texts(kind: type) -> dict[str, str]:
    """The text below each field, which Python itself throws away: read from the source."""
    module = ast.parse(inspect.getsource(inspect.getmodule(kind) or tree))
    body = next(node.body for node in module.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__)
    texts: dict[str, str] = {}
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            texts[field.target.id] = " ".join(str(after.value.value).split())
    return texts
