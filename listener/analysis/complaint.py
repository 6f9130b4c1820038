"""The complaint model's place: until its weights are in, the rules alone decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def probabilities(texts: Sequence[str], langs: Sequence[str]) -> list[float | None]:
    """How likely each text is a complaint, 0 … 1; None where the model does not know the language."""
    return [None] * len(texts)
