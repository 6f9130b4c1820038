"""The small multilingual scorer's place: until its weights are in, every language but English is unscored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.domain.sentiment import UNSCORED, Contribution, Label, Sentiment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION = "tiny-0"


def reads(lang: str) -> bool:
    """Whether the scorer knows a language."""
    return False


def score_many(texts: Sequence[tuple[str, str, float]], own: Mapping[str, float], version: str) -> list[Sentiment]:
    return [UNSCORED] * len(texts)


def contributions(text: str, lang: str, own: Mapping[str, float]) -> list[Contribution]:
    return []


def english_confidence(label: Label, compound: float) -> float:
    """How often an English verdict of this strength is right."""
    return 0.5 + 0.3 * abs(compound)


def grades() -> Mapping[str, str]:
    """Each language that the scorer reads, with its grade."""
    return {}
