"""The work on a mention: its state, its severity, and which state may follow which."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum

from listener.errors import InputError


class State(StrEnum):
    """Where the work stands."""

    OPEN = "open"
    PENDING = "pending"
    """We answered and wait for the customer."""
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class TaskKind(StrEnum):
    """What sort of work it is."""

    SUPPORT = "support"
    QUESTION = "question"
    FEEDBACK = "feedback"
    LEAD = "lead"
    CRISIS = "crisis"


class Severity(IntEnum):
    """SEV1 is the worst. NONE sorts after all of them in a list by urgency: see `urgency`."""

    NONE = 0
    SEV1 = 1
    SEV2 = 2
    SEV3 = 3
    SEV4 = 4

    @property
    def urgency(self) -> int:
        """0 (none) … 4 (SEV1), so that "the most urgent first" is a descending sort."""
        return 0 if self is Severity.NONE else 5 - self.value

    @classmethod
    def from_urgency(cls, urgency: int) -> Severity:
        return cls.NONE if urgency <= 0 else cls(5 - min(urgency, 4))

    def __str__(self) -> str:
        return "" if self is Severity.NONE else f"SEV{self.value}"


ALLOWED: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.PENDING, State.SNOOZED, State.RESOLVED}),
    State.PENDING: frozenset({State.OPEN, State.SNOOZED, State.RESOLVED}),
    State.SNOOZED: frozenset({State.OPEN, State.PENDING, State.SNOOZED, State.RESOLVED}),
    State.RESOLVED: frozenset({State.OPEN, State.PENDING}),
}
"""Which state may follow which. Staying where one is, is no change, except that a snooze may be moved."""


def may_follow(before: State, after: State) -> bool:
    return after in ALLOWED[before]


_TAG = r"[^\s:\"'(),<>=#@]{1,60}"


def tag_name(text: str) -> str:
    """A tag as it is stored: lower case, words joined by hyphens. Raises InputError."""
    name = "-".join(text.strip().lstrip("#").casefold().split())
    if not re.fullmatch(_TAG, name):
        raise InputError(f"{text!r} cannot be a tag.", hint="Letters, digits and hyphens, 60 at most, such as late-flight.")
    return name
