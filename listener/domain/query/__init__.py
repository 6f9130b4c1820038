"""The query language: what a topic listens for, what an inbox shows, what a rule waits for.

`parse` reads it, `str()` prints it; docs/queries.md explains it to its users. Values and the parser's door are imported at once,
the rest when it is first asked for: the inbox must be on the screen before a matcher is needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from listener.domain.query.ast import And, Everything, Field, Handle, Near, Node, Not, Or, Query, Tag, Term, all_of, any_of, negate, walk
from listener.domain.query.fold import fold, plain
from listener.domain.query.parse import parse

if TYPE_CHECKING:
    from listener.domain.query.asking import pushdown
    from listener.domain.query.completion import Completion, complete
    from listener.domain.query.conditions import Context, asks_question, collectable
    from listener.domain.query.fields import FIELDS, FieldRule
    from listener.domain.query.highlight import keywords, spans
    from listener.domain.query.match import Matcher
    from listener.domain.query.moments import moment
    from listener.domain.query.render import to_text

_LATER = {
    "Completion": "completion",
    "Context": "conditions",
    "FIELDS": "fields",
    "FieldRule": "fields",
    "Matcher": "match",
    "asks_question": "conditions",
    "collectable": "conditions",
    "complete": "completion",
    "keywords": "highlight",
    "moment": "moments",
    "pushdown": "asking",
    "spans": "highlight",
    "to_text": "render",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "FIELDS",
    "And",
    "Completion",
    "Context",
    "Everything",
    "Field",
    "FieldRule",
    "Handle",
    "Matcher",
    "Near",
    "Node",
    "Not",
    "Or",
    "Query",
    "Tag",
    "Term",
    "all_of",
    "any_of",
    "asks_question",
    "collectable",
    "complete",
    "fold",
    "keywords",
    "moment",
    "negate",
    "parse",
    "plain",
    "pushdown",
    "spans",
    "to_text",
    "walk",
]
