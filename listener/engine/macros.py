"""Macros: what somebody does again and again to mentions, recorded once, named, looked at before a big run, and undone as a whole.

A step is an action of the keymap with what was answered to its question; times stay the words that were typed, so that
"tomorrow 9" means tomorrow whenever the macro is played.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from listener.config.paths import write_private
from listener.domain.case import Severity, State, tag_name
from listener.domain.when import parse_when
from listener.errors import InputError
from listener.store.cases import Done
from listener.store.journal import new_batch

if TYPE_CHECKING:
    from pathlib import Path

    from listener.domain.calendar import BusinessCalendar
    from listener.domain.mention import Entry
    from listener.engine.triage import Triage

CHUNK = 1_000
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One action with its words."""

    action: str
    """An id of the keymap: `tag`, `assign`, `snooze`, `close-next`, …"""
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.action, *self.words))


@dataclass(frozen=True, slots=True)
class Macro:
    """Steps under a name."""

    name: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.steps))


Act = Callable[["Triage", Sequence[int], tuple[str, ...], str, Callable[[str], int]], Done]


def _tag(triage: Triage, ids: Sequence[int], words: tuple[str, ...], batch: str, when: Callable[[str], int]) -> Done:
    """Words with a minus are taken away."""
    come, gone = [word for word in words if word[:1] != "-"], [word[1:] for word in words if word[:1] == "-"]
    done = triage.tag(ids, *come, batch=batch) if come else Done(batch, (), tuple(ids))
    return triage.untag(ids, *gone, batch=batch) if gone else done


def _note(triage: Triage, ids: Sequence[int], words: tuple[str, ...], batch: str, when: Callable[[str], int]) -> Done:
    return Done(batch, tuple(id_ for one in ids for id_ in triage.note(one, " ".join(words), batch=batch).changed), ())


def _word(words: tuple[str, ...]) -> str:
    return words[0] if words else ""


ACTS: dict[str, Act] = {
    "tag": _tag,
    "confirm-kind": _tag,
    "note": _note,
    "assign": lambda triage, ids, words, batch, when: triage.assign(ids, _word(words), batch=batch),
    "take": lambda triage, ids, words, batch, when: triage.assign(ids, triage.operator, batch=batch),
    "snooze": lambda triage, ids, words, batch, when: triage.snooze(ids, when(" ".join(words)), batch=batch),
    "due": lambda triage, ids, words, batch, when: triage.due(ids, when(" ".join(words)) if words else None, batch=batch),
    "close-next": lambda triage, ids, words, batch, when: triage.close(ids, batch=batch),
    "reopen": lambda triage, ids, words, batch, when: triage.reopen(ids, batch=batch),
    "pending": lambda triage, ids, words, batch, when: triage.pending(ids, batch=batch),
    "task-kind": lambda triage, ids, words, batch, when: triage.task(ids, _word(words), batch=batch),
    "sentiment": lambda triage, ids, words, batch, when: triage.sentiment(ids, _word(words), batch=batch),
    "language": lambda triage, ids, words, batch, when: triage.language(ids, _word(words), batch=batch),
    "severity": lambda triage, ids, words, batch, when: triage.severity(ids, _severity(_word(words)), batch=batch),
}
"""Action → what it does. What goes out to a network is not among them: no macro sends a reply."""


def read_step(text: str) -> Step:
    """`tag refund -late`, `snooze tomorrow 9`. Raises InputError: no such action."""
    words = text.split()
    if not words or words[0] not in ACTS:
        raise InputError(f"{text.strip()!r} is no step of a macro.", hint=f"Actions: {', '.join(ACTS)}.")
    return Step(words[0], tuple(words[1:]))


class Macros:
    """A private file of macros, beside the configuration."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[Macro]:
        """By name. Raises InputError: the file is damaged."""
        try:
            if self._file.stat().st_size > LARGEST:
                raise ValueError("it is too large")
            found = json.loads(self._file.read_text("utf-8"))
            macros = [Macro(str(name), tuple(Step(str(step[0]), tuple(map(str, step[1:]))) for step in steps)) for name, steps in found.items()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, AttributeError, TypeError, IndexError, RecursionError) as error:
            raise InputError(f"{self._file} cannot be read ({error}).", hint="Mend or remove it: it holds macros and nothing else.") from None
        return sorted(macros, key=lambda macro: macro.name.casefold())

    def get(self, name: str) -> Macro:
        """Raises InputError: no such macro."""
        every = self.all()
        found = next((macro for macro in every if macro.name.casefold() == name.casefold()), None)
        if found is None:
            raise InputError(f"There is no macro {name!r}.", hint=f"Macros: {', '.join(macro.name for macro in every) or 'none'}.")
        return found

    def save(self, macro: Macro) -> None:
        """Keep it; one of that name is replaced. Raises InputError: no name, no steps, or an action that a macro cannot hold."""
        name = " ".join(macro.name.split())
        if not name or not name.isprintable() or len(name) > 60:
            raise InputError(f"{macro.name!r} cannot be the name of a macro.", hint="Up to 60 characters.")
        if not macro.steps:
            raise InputError("Nothing was recorded.")
        for step in macro.steps:
            if step.action not in ACTS:
                raise InputError(f"A macro cannot hold {step.action!r}.", hint=f"Actions: {', '.join(ACTS)}.")
        self._write([*(one for one in self.all() if one.name.casefold() != name.casefold()), replace(macro, name=name)])

    def remove(self, name: str) -> None:
        """Raises InputError: no such macro."""
        gone = self.get(name)
        self._write([macro for macro in self.all() if macro != gone])

    def _write(self, macros: Sequence[Macro]) -> None:
        rows: dict[str, Any] = {macro.name: [[step.action, *step.words] for step in macro.steps] for macro in macros}
        try:
            write_private(self._file, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        except OSError as error:
            raise InputError(f"{self._file} cannot be written: {error.strerror}.") from None


def play(triage: Triage, ids: Sequence[int], macro: Macro, now: int, calendar: BusinessCalendar, progress: Callable[[int], bool] = lambda n: True) -> Done:
    """Do all steps to all mentions, as one batch and one undo.

    Args:    progress: told how many more mentions are done; False ends the run there.
    Raises:  InputError, Conflict: a step cannot be done. What was done before it stays, under the same batch.
    """
    batch, changed = new_batch(), dict[int, None]()
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        for step in macro.steps:
            if step.action not in ACTS:
                raise InputError(f"A macro cannot hold {step.action!r}.")
            done = ACTS[step.action](triage, part, step.words, batch, lambda words: parse_when(words, now, calendar))
            changed.update(dict.fromkeys(done.changed))
        if not progress(len(part)):
            break
    return Done(batch, tuple(changed), tuple(id_ for id_ in ids if id_ not in changed))


def preview(macro: Macro, mentions: Sequence[Entry], now: int, calendar: BusinessCalendar, operator: str) -> list[tuple[int, str]]:
    """(mention, what would become of it) for each, before anything is done. Raises InputError: a time that cannot be read."""
    from listener.domain.when import describe

    said = []
    for step in macro.steps:
        text = " ".join(step.words)
        if step.action in ("snooze", "due") and text:
            text = describe(parse_when(text, now, calendar), now, calendar.zone)
        said.append((step, text))
    return [(one.id, "; ".join(_would(step, text, one, operator) for step, text in said)) for one in mentions]


def _would(step: Step, text: str, one: Entry, operator: str) -> str:
    """One step on one mention, and whether it changes anything."""
    if step.action in ("tag", "confirm-kind"):
        come = [tag_name(word) for word in step.words if word[:1] != "-"]
        gone = [tag_name(word[1:]) for word in step.words if word[:1] == "-"]
        words = [f"+{tag}" for tag in come if tag not in one.tags] + [f"-{tag}" for tag in gone if tag in one.tags]
        return f"tags {' '.join(words)}" if words else "tags as they are"
    if step.action in ("assign", "take"):
        who = operator if step.action == "take" else text
        return "assigned already" if who == one.assignee else f"to {who or 'nobody'}" + (f" (from {one.assignee})" if one.assignee else "")
    if step.action == "close-next":
        return "closed already" if one.state is State.RESOLVED else "closed"
    return f"{step.action} {text}".strip()


def _severity(word: str) -> Severity:
    try:
        return Severity(int(word.upper().removeprefix("SEV") or 0))
    except ValueError:
        raise InputError(f"{word!r} is no severity.", hint="1 is the worst, 4 the mildest, 0 is none.") from None
