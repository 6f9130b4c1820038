"""Print a query in its canonical form: what `parse` reads back as the same tree."""

from __future__ import annotations

import re

from listener.domain.query.ast import And, Everything, Field, Handle, Near, Node, Not, Or, Query, Tag, Term
from listener.domain.query.fields import FIELDS

_PLAIN_VALUE = re.compile(r'[^\s()（）"“”„«»<>=\\][^\s()（）"“”„«»]*')


def to_text(query: Query | Node) -> str:
    """One line; empty for the query that matches everything."""
    return _print(query.root if isinstance(query, Query) else query)


def quote(text: str) -> str:
    """In straight double quotes, with what they need escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(value: str) -> str:
    """A field's value, in quotes where it needs them."""
    return value if _PLAIN_VALUE.fullmatch(value) else quote(value)


def _print(node: Node) -> str:
    match node:
        case Everything():
            return ""
        case Term(text, prefix, quoted):
            return quote(text) if quoted else text + "*" * prefix
        case Tag(name, prefix):
            return f"#{name}{'*' * prefix}"
        case Handle(name, prefix):
            return f"@{name}{'*' * prefix}"
        case Field():
            return _field(node)
        case Near(left, right, distance):
            first = _print(left) if isinstance(left, Near) else _grouped(left)
            return f"{first} NEAR/{distance} {_grouped(right)}"
        case Not(item):
            return f"NOT {_grouped(item)}"
        case And(items):
            return " ".join(_grouped(item) if isinstance(item, And | Or) else _print(item) for item in items)
        case Or(items):
            return " OR ".join(_grouped(item) if isinstance(item, And | Or) else _print(item) for item in items)


def _grouped(node: Node) -> str:
    return f"({_print(node)})" if isinstance(node, And | Or | Near) else _print(node)


def _field(node: Field) -> str:
    op = "" if node.op == "=" else node.op
    if node.name == "severity":
        return f"severity:{op}{node.value or 'none'}"
    if isinstance(node.value, float):
        return f"{node.name}:{op}{node.value!r}"
    value = str(node.value)
    return f"{node.name}:{op}{written(value) if FIELDS[node.name].kind == 'text' else value}"
