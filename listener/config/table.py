"""What the classes of the tree are made of: frozen values like dataclasses, without the code that dataclasses compile.

A dataclass costs a millisecond when its module is loaded, because its methods are written and compiled there. The tree has
twenty classes, is loaded by every command, and is made once: here the methods are plain and shared. Defaults are frozen
values themselves, so they need no factories.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar, dataclass_transform

T = TypeVar("T", bound="Table")

REQUIRED: Any = type("Required", (), {"__repr__": lambda self: "required"})()
"""In place of a default where there is none."""
NONE: Any = MappingProxyType({})
"""The empty table as a default."""


@dataclass_transform(frozen_default=True)
class Table:
    """A table of the configuration: fields by annotation, defaults by assignment, equal when all but `place` is."""

    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        cls._defaults = {name: cls.__dict__.get(name, REQUIRED) for name in inspect.get_annotations(cls)}

    def __init__(self, *values: Any, **named: Any) -> None:
        given = dict(zip(self._defaults, values, strict=False)) | named
        missing = [name for name, default in self._defaults.items() if default is REQUIRED and name not in given]
        if missing or len(given) < len(values) + len(named) or not given.keys() <= self._defaults.keys():
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._defaults)}; not {', '.join(given)}")
        self.__dict__.update(self._defaults | given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: make another one with .changed({name}=…)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def changed(self: T, **values: Any) -> T:
        """The same with other values for some fields."""
        return type(self)(**(self.__dict__ | values))

    __replace__ = changed

    def __getstate__(self) -> dict[str, Any]:
        """For copies and other processes: a frozen mapping cannot travel, a dict can."""
        return {name: dict(value) if isinstance(value, MappingProxyType) else value for name, value in self.__dict__.items()}

    def _content(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "place"}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash(tuple(self._content().values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._content().items())})"


def is_table(kind: object) -> bool:
    """Whether a type is a class of the tree, or a value of the domain that stands in it as a table."""
    return isinstance(kind, type) and (issubclass(kind, Table) or dataclasses.is_dataclass(kind))


def defaults(kind: type) -> Mapping[str, Any]:
    """The fields of such a class with their defaults; REQUIRED where there is none."""
    if issubclass(kind, Table):
        return kind._defaults
    assert dataclasses.is_dataclass(kind)
    return {one.name: REQUIRED if one.default is dataclasses.MISSING else one.default for one in dataclasses.fields(kind)}
