"""What the fields of a query ask of a mention, before it is stored and after."""

from __future__ import annotations

import operator
import re
import time
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from listener.domain.mention import Entry
from listener.domain.query.ast import Field, Query, walk
from listener.domain.query.fields import FIELDS
from listener.domain.query.fold import fold
from listener.domain.query.moments import moment
from listener.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from listener.domain.mention import Mention

    Document = Mention | Entry
    Test = Callable[[Document], bool]

_COMPARE = {"=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_QUESTION = re.compile("[?؟？;՞፧⁇❓❔]|;(?=\\s|$)")
"""Question marks of many scripts; the Greek one is also typed as a semicolon, which counts only in Greek."""


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Context:
    """What a query needs to know besides the mention."""

    clock: Callable[[], int] = _now
    """UTC ms."""
    zone: tzinfo = UTC
    """The desk's, for `today` and dates."""
    me: str = ""
    """The operator, for `assignee:me`."""
    is_open: Callable[[int], bool] | None = None
    """Whether the desk works at a time, for `outside:hours`."""
    ask: Callable[[Field, Document], bool] | None = None
    """Answers what only the store knows: `has:note has:reply role:`."""


def collectable(query: Query) -> QueryError | None:
    """Why a query cannot be used to collect: it asks for what is not known before a mention is stored. None when it can."""
    for node in walk(query.root):
        if isinstance(node, Field) and not _early(node):
            written = f"{node.name}:{node.value}"
            hint = "Collect by words, tags, handles and " + ", ".join(f"{name}:" for name, rule in FIELDS.items() if rule.early)
            message = f"Column {max(node.column, 1)}: {written} is not known yet when mentions are collected."
            return QueryError(message, text=query.text, column=max(node.column, 1), hint=f"{hint}; filter the inbox by the rest.")
    return None


def _early(field: Field) -> bool:
    early = FIELDS[field.name].early
    return early if isinstance(early, bool) else field.value in early


def asks_question(text: str, lang: str = "") -> bool:
    """Whether there is a question mark in it, outside links."""
    found = _QUESTION.search(re.sub(r"https?://\S+", "", text))
    return found is not None and (found[0] != ";" or lang == "el" or bool(re.search("[α-ωΑ-Ω]", text)))


def condition(field: Field, context: Context) -> Test:
    """The test that a field stands for. What a mention does not carry is false."""
    make = _TESTS.get(field.name)
    return make(field, context) if make else _asked(field, context)


def _asked(field: Field, context: Context) -> Test:
    ask = context.ask
    return (lambda document: ask(field, document)) if ask else (lambda document: False)


def _lang(field: Field, context: Context) -> Test:
    wanted = "" if field.value == "none" else field.value
    return lambda document: document.lang == wanted


def _source(field: Field, context: Context) -> Test:
    wanted = str(field.value).casefold()
    return lambda document: document.source.casefold() == wanted or document.source.casefold().startswith(wanted + ":")


def _author(field: Field, context: Context) -> Test:
    wanted = fold(str(field.value)).removeprefix("@")

    def test(document: Document) -> bool:
        handle = fold(document.author.handle).removeprefix("@")
        return wanted in (handle, handle.partition("@")[0], fold(document.author.name))

    return test


def _followers(field: Field, context: Context) -> Test:
    compare, wanted = _COMPARE[field.op], field.value
    return lambda document: document.author.followers is not None and compare(document.author.followers, wanted)


def _sentiment(field: Field, context: Context) -> Test:
    compare, wanted = _COMPARE[field.op], field.value

    def test(document: Document) -> bool:
        if not isinstance(document, Entry):
            return False
        if isinstance(wanted, str):
            return document.sentiment.label == wanted
        return document.sentiment.compound is not None and compare(document.sentiment.compound, wanted)

    return test


def _severity(field: Field, context: Context) -> Test:
    compare, wanted = _COMPARE[field.op], field.value

    def test(document: Document) -> bool:
        return isinstance(document, Entry) and compare(document.severity.value, wanted) and (document.severity.value > 0 or wanted == 0)

    return test


def _among(read: Callable[[Entry], tuple[str, ...]]) -> Callable[[Field, Context], Test]:
    def make(field: Field, context: Context) -> Test:
        wanted = fold(str(field.value))
        if wanted == "none":
            return lambda document: isinstance(document, Entry) and not any(read(document))
        return lambda document: isinstance(document, Entry) and any(fold(name) == wanted for name in read(document))

    return make


def _assignee(field: Field, context: Context) -> Test:
    wanted = context.me if field.value == "me" else "" if field.value == "none" else str(field.value)
    if field.value == "me" and not context.me:
        return lambda document: False
    return lambda document: isinstance(document, Entry) and fold(document.assignee) == fold(wanted)


def _since(field: Field, context: Context) -> Test:
    value = str(field.value)
    return lambda document: document.created_at >= moment(value, context.clock(), zone=context.zone)


def _until(field: Field, context: Context) -> Test:
    value = str(field.value)
    return lambda document: document.created_at < moment(value, context.clock(), end=True, zone=context.zone)


def _outside(field: Field, context: Context) -> Test:
    is_open = context.is_open
    return (lambda document: not is_open(document.created_at)) if is_open else (lambda document: False)


def _thread(field: Field, context: Context) -> Test:
    return lambda document: field.value in (document.thread_id, document.native_id)


def _has(field: Field, context: Context) -> Test:
    if field.value == "tag":
        return lambda document: isinstance(document, Entry) and bool(document.tags)
    return (lambda document: _LINK.search(document.text) is not None) if field.value == "link" else _asked(field, context)


def _is(field: Field, context: Context) -> Test:
    if field.value == "due":
        return lambda document: isinstance(document, Entry) and document.due_at is not None and document.due_at <= context.clock() and document.state != "resolved"
    return _IS[str(field.value)]


_IS: dict[str, Test] = {
    "question": lambda document: (
        asks_question(document.text, document.lang)
        or (isinstance(document, Entry) and any(kind == "question" for kind, _ in document.kinds))
    ),
    "reply": lambda document: document.parent_id != "",
    "own": lambda document: document.own,
    "direct": lambda document: document.visibility == "direct",
    "contested": lambda document: isinstance(document, Entry) and document.contested,
    "duplicate": lambda document: isinstance(document, Entry) and document.leader_id is not None,
    "unassigned": lambda document: isinstance(document, Entry) and not document.assignee,
}
_TESTS: dict[str, Callable[[Field, Context], Test]] = {
    "lang": _lang,
    "source": _source,
    "author": _author,
    "followers": _followers,
    "sentiment": _sentiment,
    "severity": _severity,
    "tag": _among(lambda entry: entry.tags),
    "topic": _among(lambda entry: entry.topics),
    "kind": _among(lambda entry: tuple(kind for kind, _ in entry.kinds)),
    "segment": _among(lambda entry: entry.segments),
    "state": _among(lambda entry: (entry.state.value,)),
    "id": _among(lambda entry: (str(entry.id),)),
    "assignee": _assignee,
    "since": _since,
    "until": _until,
    "outside": _outside,
    "thread": _thread,
    "has": _has,
    "is": _is,
}
