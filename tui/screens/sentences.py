"""The journal in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.domain.operator import Change

_PLAIN = {
    "assignee": ("assigned to {}", "unassigned"),
    "severity": ("severity SEV{}", "no severity"),
    "task_kind": ("kind of task {}", "no kind of task"),
    "sentiment": ("sentiment {}", "the machine's sentiment"),
    "lang": ("language {}", "language unknown"),
    "topic": ("filed under {}", ""),
    "state": ("{}", ""),
}


def sentence(change: Change) -> str:
    """One line of the journal: "assigned to sales", "tagged refund"."""
    before, after = _fields(change.before), _fields(change.after)
    if change.action == "note":
        return "noted: " + shown.one_line(str(after.get("text", "")), 120)
    parts = [_field(name, before.get(name), value) for name, value in after.items() if name in _PLAIN or name == "tags"]
    said = ", ".join(part for part in parts if part) or change.action.replace(".", " ")
    return f"undid: {said}" if change.action == "undo" else said


def _field(name: str, before: Any, after: Any) -> str:
    if name == "tags":
        was, now = set(before or ()), set(after or ())
        words = [f"tagged {tag}" for tag in sorted(now - was)] + [f"untagged {tag}" for tag in sorted(was - now)]
        return shown.one_line(", ".join(words), 160)
    filled, empty = _PLAIN[name]
    return filled.format(shown.one_line(str(after), 60)) if after else empty


def _fields(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Stroke:
    """What one keystroke did."""

    batch: str
    at: int
    operator: str
    text: str
    mentions: int


def strokes(changes: Iterable[Change]) -> list[Stroke]:
    """Lines of the journal, newest first, put together by keystroke."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.batch, []).append(change)
    return [
        Stroke(batch, lines[0].at, lines[0].operator, sentence(lines[0]), len({line.subject_id for line in lines}))
        for batch, lines in found.items()
    ]
