"""The journal in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui import format as shown

if TYPE_CHECKING:
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
    return said(change.action, change.before, change.after)


def said(action: str, was: str, now: str) -> str:
    """The same, from an action and the JSON of what it set."""
    before, after = _fields(was), _fields(now)
    if action == "note":
        return "noted: " + shown.one_line(str(after.get("text", "")), 120)
    parts = [_field(name, before.get(name), value) for name, value in after.items() if name in _PLAIN or name == "tags"]
    words = ", ".join(part for part in parts if part) or action.replace(".", " ")
    return f"undid: {words}" if action == "undo" else words


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

