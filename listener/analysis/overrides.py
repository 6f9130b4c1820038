"""Operators' verdicts as training texts: what they corrected is what the next model should learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from listener.domain.sentiment import Sentiment

SIGNS = {"negative": -1, "neutral": 0, "positive": 1}


class Overridden(NamedTuple):
    """A text with the operator's verdict beside the machine's."""

    text: str
    lang: str
    operator: Sentiment
    machine: Sentiment


def training_lines(overridden: Iterable[Overridden], *, lang: str = "") -> Iterator[str]:
    """Lines as the trainer reads them, `label TAB text`, label −1, 0 or 1, without a line end.

    Verdicts of *unscored* teach nothing and are left out; so is what repeats. `lang` narrows to one language.
    """
    known: set[tuple[int, str]] = set()
    for entry in overridden:
        sign = SIGNS.get(entry.operator.label)
        text = " ".join(entry.text.split())
        if sign is None or not text or (lang and entry.lang != lang) or (sign, text) in known:
            continue
        known.add((sign, text))
        yield f"{sign}\t{text}"


def agreement(overridden: Iterable[Overridden]) -> tuple[int, int]:
    """How many of the machine's verdicts an operator left as they were, and of how many they judged."""
    entries = [entry for entry in overridden if entry.operator.label in SIGNS]
    return sum(entry.operator.label == entry.machine.label for entry in entries), len(entries)
