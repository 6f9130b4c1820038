"""The query language: what a topic listens for, what an inbox shows, what a rule waits for.

`parse` reads it, `str()` prints it; docs/queries.md explains it to its users.
"""

from __future__ import annotations

from listener.domain.query.ast import And, Everything, Field, Handle, Near, Node, Not, Or, Query, Tag, Term, all_of, any_of, negate, walk
from listener.domain.query.complete import Completion, complete
from listener.domain.query.conditions import Context, asks_question, collectable
from listener.domain.query.fields import FIELDS, FieldRule
from listener.domain.query.fold import fold, plain
from listener.domain.query.highlight import keywords, spans
from listener.domain.query.match import Matcher
from listener.domain.query.moments import moment
from listener.domain.query.parse import parse
from listener.domain.query.pushdown import pushdown
from listener.domain.query.render import to_text

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
