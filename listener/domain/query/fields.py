"""The fields of the query language: what each may be asked, what its value becomes, and whether it is known at collection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "choice", "language", "number", "integer", "severity", "sentiment", "time"]
SEVERITIES = {"none": 0, "sev1": 1, "sev2": 2, "sev3": 3, "sev4": 4, "1": 1, "2": 2, "3": 3, "4": 4}
LABELS = ("negative", "neutral", "positive", "unscored")
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000}
# Patterns are compiled when they are first used: this file is on the way to the first paint.
_INTEGER = r"(\d{1,12}(?:\.\d{1,6})?)([km]?)"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e-?\d{1,3})?"
_LANGUAGE = r"([a-z]{2,3})(?:[-_][a-z0-9-]+)?"
_AGO = r"(\d{1,5})(m|h|d|w)"
_WORDS_OF_TIME = ("now", "today", "yesterday")


class BadValue(ValueError):
    """A value that a field cannot take; `hint` says what it can."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What one field may be asked."""

    name: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    """The only values of a choice; suggestions for the others."""
    early: tuple[str, ...] | bool = False
    """Known before a mention is stored: True, False, or the choices of which it is true."""

    @property
    def ordered(self) -> bool:
        """Whether > and < mean something."""
        return self.kind in ("number", "integer", "severity", "sentiment")


_IS = ("question", "reply", "own", "direct", "contested", "duplicate", "unassigned", "due")
_ALL = (
    FieldRule(
        "lang", "language", "language of the text, ISO 639-1; none where it is unknown", ("en", "el", "ro", "uz", "none"), early=True
    ),
    FieldRule("source", "text", "the configured source, or its network", early=True),
    FieldRule("author", "text", "handle or name of the author", early=True),
    FieldRule("followers", "integer", "followers of the author: >1000, >=10k", early=True),
    FieldRule("sentiment", "sentiment", "a label, or a compound from -1 to 1: <-0.3", LABELS),
    FieldRule("tag", "text", "a tag that the desk gave; none for untagged", ("none",)),
    FieldRule("has", "choice", "something that is there", ("link", "note", "reply", "draft", "approval", "tag"), early=("link",)),
    FieldRule("is", "choice", "something that is so", _IS, early=("question", "reply", "own", "direct")),
    FieldRule("topic", "text", "a topic that it matched"),
    FieldRule("role", "choice", "what its topic is to us", ("brand", "competitor", "industry")),
    FieldRule("kind", "text", "kind of message", ("complaint", "question", "praise", "lead", "crisis")),
    FieldRule("state", "choice", "where the work stands", ("open", "pending", "snoozed", "resolved")),
    FieldRule("assignee", "text", "who has it: me, none, or a name", ("me", "none")),
    FieldRule("severity", "severity", "SEV1 (worst) to SEV4: <=2, sev1, none", ("sev1", "sev2", "sev3", "sev4", "none")),
    FieldRule("since", "time", "written at or after: 2026-11-22, 24h, 7d, today", ("today", "yesterday", "24h", "7d"), early=True),
    FieldRule("until", "time", "written before the end of: 2026-11-22, 24h, yesterday", ("today", "yesterday", "24h", "7d"), early=True),
    FieldRule("outside", "choice", "outside the desk's hours", ("hours",)),
    FieldRule("segment", "text", "what its author's history says", ("first-timer", "regular", "promoter", "detractor", "influencer", "none")),
    FieldRule("journey", "text", "an imported step of the customer's journey"),
    FieldRule("id", "text", "the number of a mention"),
    FieldRule("thread", "text", "the conversation's first post, as the network names it", early=True),
)
FIELDS: Mapping[str, FieldRule] = {rule.name: rule for rule in _ALL}


def read_value(rule: FieldRule, op: str, raw: str) -> str | int | float:
    """What the typed value means.

    Returns: text and choice: str · language: lower-case code · integer, severity: int · number: float ·
             sentiment: one of LABELS or a float · time: the text itself, in a form that `moments.moment` reads.
    Raises:  BadValue
    """
    value = " ".join(raw.split())
    if not value:
        raise BadValue(f"{rule.name}: needs a value", rule.help)
    if op != "=" and not rule.ordered:
        raise BadValue(f"{rule.name}: cannot be compared with {op}", rule.help)
    if rule.kind == "text":
        return value
    return _read(rule, op, value.casefold())


def _read(rule: FieldRule, op: str, value: str) -> str | int | float:
    bad = BadValue(f"{rule.name}: cannot be {value!r}", _suggestion(rule, value))
    if rule.kind == "choice" and value in rule.choices:
        return value
    if rule.kind == "language":
        if value in ("none", "unknown"):
            return "none"
        if match := re.fullmatch(_LANGUAGE, value, re.ASCII):
            return match[1]
    if rule.kind == "integer" and (match := re.fullmatch(_INTEGER, value, re.ASCII)):
        return round(float(match[1]) * _SCALE[match[2]])
    if rule.kind == "severity" and value in SEVERITIES and (value != "none" or op == "="):
        return SEVERITIES[value]
    if rule.kind == "sentiment":
        if value in LABELS and op == "=":
            return value
        if re.fullmatch(_NUMBER, value, re.ASCII) and -1 <= float(value) <= 1:
            return float(value) + 0.0
    if rule.kind == "time" and is_moment(value):
        return value.upper() if value[:4].isdigit() and "-" in value else value
    raise bad


def is_moment(value: str) -> bool:
    """Whether `since:` and `until:` can read it."""
    from datetime import datetime

    if value in _WORDS_OF_TIME or re.fullmatch(_AGO, value, re.ASCII):
        return True
    try:
        return value.isascii() and value[:4].isdigit() and 1970 <= datetime.fromisoformat(value.upper()).year <= 3000
    except ValueError:
        return False


def nearest(word: str, words: tuple[str, ...] | list[str]) -> str:
    """The word that was probably meant; empty when none is close."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.casefold(), words, 1, 0.6)), "")


def _suggestion(rule: FieldRule, value: str) -> str:
    if guess := nearest(value, list(rule.choices)):
        return f"Did you mean {rule.name}:{guess} ?"
    return f"One of {', '.join(rule.choices)}." if rule.kind == "choice" else f"It takes: {rule.help}."
