"""What a text feels like, and why the machine thinks so. *Unscored* is a state of its own, never a neutral."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Label = Literal["negative", "neutral", "positive", "unscored"]
Grade = Literal["A", "B", "C", ""]
THRESHOLD = 0.05
"""At or beyond ±0.05 a compound is positive or negative; vaderSentiment's own classes."""


@dataclass(frozen=True, slots=True)
class Sentiment:
    """A verdict on one text."""

    label: Label
    compound: float | None = None
    """−1 … +1; None when unscored."""
    confidence: float = 0.0
    """0 … 1, calibrated: the share of verdicts like this one that are right; 0 when unscored."""
    scorer: str = ""
    """Who says so, with its version: `vader-3.3.2+care-1`, `tiny-1`, `operator`; empty when unscored."""
    grade: Grade = ""
    """How well the scorer reads this language: A well, B fairly, C poorly (shown as "low")."""
    raw: float | None = None
    """The compound of vaderSentiment alone, where the care layer was added on top."""


UNSCORED = Sentiment("unscored")


@dataclass(frozen=True, slots=True)
class Contribution:
    """One piece of a text and what it did to the score."""

    text: str
    value: float
    """Signed, in the scorer's own unit; positive speaks for the positive side."""
    layer: str
    """`vader`, `care`, `model`, `lexicon` (the operator's words), `rule`, `override` (the operator's verdict)."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a text got its score."""

    lang: str
    lang_confidence: float
    sentiment: Sentiment
    contributions: tuple[Contribution, ...]
    """The strongest first."""


def label_of(compound: float) -> Label:
    """The class of a compound score."""
    if compound >= THRESHOLD:
        return "positive"
    return "negative" if compound <= -THRESHOLD else "neutral"
