"""What an operator can do to mentions, as values: so that `.` can do it again, a macro can keep it, and a toast can say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.domain.case import Severity
from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from listener.engine.triage import Triage
    from listener.store.cases import Done


@dataclass(frozen=True, slots=True)
class Deed:
    """An action of `commands` with what was answered to its question."""

    action: str
    words: tuple[str, ...] = ()
    text: str = ""
    """How the answer reads, where `words` hold a number: "Mon 23 Nov 08:30"."""
    typed: str = ""
    """What was typed, where `words` hold what it meant then: a macro keeps "tomorrow 9"."""

    def perform(self, triage: Triage, ids: Sequence[int], batch: str = "") -> Done:
        """Do it, as one batch. Raises InputError, Conflict, StoreError."""
        from listener.store.journal import new_batch

        return _DEEDS[self.action](triage, ids, self.words, batch or new_batch())

    @property
    def leaves(self) -> bool:
        """Whether the mentions are done with, for now."""
        return self.action in {"close-next", "snooze"}

    def said(self, n: int) -> str:
        """What was done, as a toast says it."""
        what = shown.plural(n, "mention")
        words = ", ".join(self.words)
        return {
            "tag": f"Tags of {what} set" if not words else f"{_signed(self.words)} on {what}",
            "assign": f"{what} given to {words}" if words else f"{what} taken back from everybody",
            "take": f"{what} given to you",
            "note": f"Note written on {what}",
            "snooze": f"{what} put away until {self.text}",
            "close-next": f"{what} done",
            "reopen": f"{what} opened again",
            "confirm-kind": f"#{words} on {what}",
            "task-kind": f"{what}: {words or 'no kind of task'}",
            "sentiment": f"{what} {words}, you say" if words else f"{what}: the machine's sentiment again",
            "language": f"Language of {what}: {words or 'unknown'}",
            "severity": f"{what}: SEV{words}" if words != "0" else f"{what}: no severity",
        }.get(self.action, what)


def _signed(words: Sequence[str]) -> str:
    return " ".join(f"#{word}" if not word.startswith("-") else f"without #{word[1:]}" for word in words)


def _tag(triage: Triage, ids: Sequence[int], words: tuple[str, ...], batch: str) -> Done:
    """Words with a minus are taken away."""
    come, gone = [word for word in words if word[:1] != "-"], [word[1:] for word in words if word[:1] == "-"]
    done = triage.tag(ids, *come, batch=batch) if come else None
    return triage.untag(ids, *gone, batch=batch) if gone or done is None else done


def _note(triage: Triage, ids: Sequence[int], words: tuple[str, ...], batch: str) -> Done:
    from listener.store.cases import Done

    changed = [id_ for one in ids for id_ in triage.note(one, words[0], batch=batch).changed]
    return Done(batch, tuple(changed), ())


def _first(words: tuple[str, ...]) -> str:
    return words[0] if words else ""


_DEEDS: dict[str, Callable[[Triage, Sequence[int], tuple[str, ...], str], Done]] = {
    "tag": _tag,
    "confirm-kind": _tag,
    "note": _note,
    "assign": lambda triage, ids, words, batch: triage.assign(ids, _first(words), batch=batch),
    "take": lambda triage, ids, words, batch: triage.assign(ids, triage.operator, batch=batch),
    "snooze": lambda triage, ids, words, batch: triage.snooze(ids, int(words[0]), batch=batch),
    "close-next": lambda triage, ids, words, batch: triage.close(ids, batch=batch),
    "reopen": lambda triage, ids, words, batch: triage.reopen(ids, batch=batch),
    "task-kind": lambda triage, ids, words, batch: triage.task(ids, _first(words), batch=batch),
    "sentiment": lambda triage, ids, words, batch: triage.sentiment(ids, _first(words), batch=batch),
    "language": lambda triage, ids, words, batch: triage.language(ids, _first(words), batch=batch),
    "severity": lambda triage, ids, words, batch: triage.severity(ids, Severity(int(words[0])), batch=batch),
}
