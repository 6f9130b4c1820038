"""What was done, keystroke by keystroke: the journal as people remember it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from listener.store.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.domain.operator import Change
    from listener.store.connection import Store

SHOWN = 200
"""Ids that a stroke lists; it counts the rest."""


@dataclass(slots=True)
class Stroke:
    """One keystroke of an operator, or one run of a rule: what `undo` takes back as a whole."""

    batch: str
    at: int
    operator: str
    rule: str
    subject: str
    after: str
    """JSON of what was set, of its first line."""
    undone: bool
    undoable: bool
    actions: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    n: int = 0


def strokes(store: Store, *, operator: str = "", rule: str = "", mention: int = 0, since: int = 0, limit: int = 50) -> list[Stroke]:
    """The last strokes, newest first. A big one is read whole, however many lines it has."""
    journal, found = Journal(store), list[Stroke]()
    batches = journal.batches(operator=operator, rule=rule, mention=mention, since=since, limit=limit)
    undone = journal.undone(batches)
    for name in batches:
        found.append(_stroke(journal.batch(store.read(), name, limit=SHOWN), journal.size(name), name in undone))
    return found


def _stroke(lines: Iterable[Change], n: int, undone: bool) -> Stroke:
    every = list(lines)
    first = every[0]
    work = first.subject in ("mention", "author") and first.action not in ("undo", "erase", "rule.dry", "rule.notify")
    stroke = Stroke(first.batch, first.at, first.operator, first.rule, first.subject, first.after, undone, work and not undone)
    for line in every:
        if line.action not in stroke.actions:
            stroke.actions.append(line.action)
    stroke.ids = list(dict.fromkeys(line.subject_id for line in every if line.subject == first.subject and line.subject_id))
    stroke.n = len(stroke.ids) if n <= len(every) else n
    return stroke
