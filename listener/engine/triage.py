"""What operators do to mentions. Each call is one keystroke: one batch in the journal, one undo."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from listener.domain.case import Severity, State, TaskKind, tag_name
from listener.errors import InputError
from listener.store.cases import Cases
from listener.store.names import Names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.cases import Done, Work
    from listener.store.connection import Store

class Triage:
    """One operator's hands.

    Args:  operator: whose name the journal gets; for an automatic rule, the rule's name is given with each call.
    """

    def __init__(self, store: Store, operator: str) -> None:
        self._cases = Cases(store)
        self._store = store
        self.operator = operator

    def _do(self, ids: Sequence[int], action: str, rule: str, batch: str, expect: dict[int, int] | None, **values: object) -> Done:
        return self._cases.change(ids, self.operator, action, lambda work: replace(work, **values), rule=rule, batch=batch, expect=expect, with_folded=True)  # type: ignore[arg-type]

    def tag(self, ids: Sequence[int], *names: str, rule: str = "", batch: str = "") -> Done:
        """Add tags; new ones come into being."""
        wanted = [tag_name(name) for name in names]

        def edit(work: Work) -> Work:
            return replace(work, tags=(*work.tags, *(name for name in wanted if name not in work.tags)))

        return self._cases.change(ids, self.operator, "tag", edit, rule=rule, batch=batch, with_folded=True)

    def untag(self, ids: Sequence[int], *names: str, batch: str = "") -> Done:
        gone = {tag_name(name) for name in names}
        return self._cases.change(
            ids, self.operator, "untag", lambda work: replace(work, tags=tuple(tag for tag in work.tags if tag not in gone)), batch=batch, with_folded=True
        )

    def assign(self, ids: Sequence[int], who: str, *, task_kind: str | None = None, rule: str = "", batch: str = "", expect: dict[int, int] | None = None) -> Done:
        """Give cases to a person or a team; an empty name takes them back."""
        who = who.strip()
        if any(ord(character) < 32 for character in who) or len(who) > 80:
            raise InputError(f"{who!r} cannot be a name.")
        values: dict[str, object] = {"assignee": who}
        if task_kind is not None:
            values["task_kind"] = _task_kind(task_kind)
        return self._do(ids, "assign", rule, batch, expect, **values)

    def task(self, ids: Sequence[int], kind: str, *, rule: str = "", batch: str = "") -> Done:
        return self._do(ids, "task", rule, batch, None, task_kind=_task_kind(kind))

    def severity(self, ids: Sequence[int], severity: Severity, *, rule: str = "", batch: str = "") -> Done:
        return self._do(ids, "severity", rule, batch, None, severity=severity.value)

    def due(self, ids: Sequence[int], at: int | None, *, rule: str = "", batch: str = "") -> Done:
        return self._do(ids, "due", rule, batch, None, due_at=at)

    def close(self, ids: Sequence[int], *, rule: str = "", batch: str = "") -> Done:
        return self._do(ids, "close", rule, batch, None, state=State.RESOLVED.value)

    def pending(self, ids: Sequence[int], *, rule: str = "", batch: str = "") -> Done:
        """We answered and wait."""
        return self._do(ids, "pending", rule, batch, None, state=State.PENDING.value)

    def reopen(self, ids: Sequence[int], *, rule: str = "", batch: str = "") -> Done:
        return self._do(ids, "reopen", rule, batch, None, state=State.OPEN.value)

    def snooze(self, ids: Sequence[int], until: int, *, rule: str = "", batch: str = "") -> Done:
        """Hide cases until a time, UTC ms."""
        if until <= self._store.clock():
            raise InputError("That time has passed already.", hint='Try "tomorrow 9" or "in 2h".')

        def edit(work: Work) -> Work:
            if work.state == State.RESOLVED:
                raise InputError("A resolved case cannot be snoozed.", hint="Reopen it first.")
            return replace(work, state=State.SNOOZED.value, snoozed_until=until)

        return self._cases.change(ids, self.operator, "snooze", edit, rule=rule, batch=batch, with_folded=True)

    def sentiment(self, ids: Sequence[int], label: str, *, batch: str = "") -> Done:
        """Put the operator's verdict in front of the machine's; an empty label takes it back."""
        return self._do(ids, "sentiment", "", batch, None, sentiment=label)

    def language(self, ids: Sequence[int], lang: str, *, batch: str = "") -> Done:
        code = lang.strip().casefold()
        if not re.fullmatch(r"[a-z]{2,3}|", code):
            raise InputError(f"{lang!r} is no language code.", hint="Two letters, such as en, el, ro; empty for unknown.")
        return self._do(ids, "language", "", batch, None, lang=code)

    def topic(self, ids: Sequence[int], name: str, *, batch: str = "") -> Done:
        """File mentions under another topic."""
        if Names(self._store, "topic").id(name) is None:
            raise InputError(f"There is no topic {name!r}.")
        return self._do(ids, "topic", "", batch, None, topic=name)

    def note(self, id_: int, text: str, *, batch: str = "") -> Done:
        text = text.strip()
        if not text:
            raise InputError("The note is empty.")
        return self._cases.add_note(id_, self.operator, text, batch=batch)

    def undo(self, batch: str = "") -> tuple[str, Done]:
        """Take back this operator's last action. (what it was, what changed back)"""
        return self._cases.undo(self.operator, batch)


def _task_kind(kind: str) -> str:
    try:
        return TaskKind(kind).value if kind else ""
    except ValueError:
        raise InputError(f"{kind!r} is no kind of task.", hint=f"One of {', '.join(TaskKind)}.") from None
