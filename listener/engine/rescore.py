"""Scoring the archive again, with another lexicon or a better model: in batches, stoppable, undoable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from listener.store.journal import new_batch
from listener.store.people import People
from listener.store.verdicts import Flips, Verdict, Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from listener.analysis.language import Guess
    from listener.analysis.understand import Understanding
    from listener.store.connection import Store


class Reads(Protocol):
    """Whoever understands texts, of a language still to be found or known already."""

    @property
    def version(self) -> str: ...

    def understand(self, texts: Sequence[tuple[str, str]]) -> Sequence[Understanding]: ...

    def understand_in(self, texts: Sequence[tuple[str, Guess]]) -> Sequence[Understanding]: ...


def rescore(
    store: Store, reader: Reads, operator: str, *, since: int = 0, progress: Callable[[int], object] = lambda _: None, stop: Callable[[], bool] = lambda: False
) -> tuple[str, Flips]:
    """Score every mention written since a time again. (the batch, for `undo`; what changed)

    Args:    progress: told how many mentions were looked at.
             stop: asked between batches; what was done by then stays, and can be undone.
    """
    verdicts, batch, total = Verdicts(store), new_batch(), Flips()
    for rows in verdicts.texts(since):
        total += verdicts.replace(_read(reader, rows), batch)
        progress(total.looked_at)
        if stop():
            break
    verdicts.journal(operator, batch, total, reader.version)
    people = People(store)
    people.forget_segments()
    while people.catch_up():
        continue
    return batch, total


def preview(store: Store, reader: Reads, *, since: int = 0) -> Flips:
    """What a rescore would change, without changing it."""
    from listener.store.mentions import Mentions

    mentions, total = Mentions(store), Flips()
    for rows in Verdicts(store).texts(since):
        machine = {entry.id: entry.machine for entry in mentions.many([row[0] for row in rows])}
        for verdict in _read(reader, rows):
            before = machine[verdict.id]
            total += Flips(1, int(before != verdict.sentiment), int(before.label != verdict.sentiment.label))
    return total


def _read(reader: Reads, rows: Sequence[tuple[int, str, str, bool]]) -> list[Verdict]:
    """New verdicts for stored texts; a language that an operator corrected is a fact, any other is found again."""
    from listener.analysis.language import Guess

    free = [row for row in rows if not row[3]]
    fixed = [row for row in rows if row[3]]
    found = dict(zip([row[0] for row in free], reader.understand([(text, lang) for _, text, lang, _ in free]), strict=True))
    found |= zip([row[0] for row in fixed], reader.understand_in([(text, Guess(lang, 1.0)) for _, text, lang, _ in fixed]), strict=True)
    return [_verdict(row[0], found[row[0]]) for row in rows]


def _verdict(id_: int, understood: Understanding) -> Verdict:
    kinds = (*understood.kinds, (f"journey/{understood.journey}", 1.0)) if understood.journey else understood.kinds
    return Verdict(id_, understood.lang, understood.lang_confidence, understood.sentiment, kinds)
