"""The English complaint model: a logistic regression over hashed words, word pairs and character 2- to 5-grams, in 64 KB.

Made by docs/training/train_complaints.py from messages written for this project and openly licensed texts. A complaint is a breach
of what somebody expected of a company, not just any bad mood.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from listener.analysis import grams

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "complaint-1"
BITS = 16
LANG = "en"
"""The only language that it knows; the rules speak for the others."""


@cache
def _model() -> tuple[Any, float, float]:
    import numpy as np

    with resources.files(__package__).joinpath("complaint.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        facts = json.loads(bytes(stored["facts"]).decode())
        return stored["weights"].astype(np.float64), facts["scale"], facts["bias"]


def probabilities(texts: Sequence[str], langs: Sequence[str]) -> list[float | None]:
    """How likely each text is a complaint, 0 … 1; None where the model does not know the language."""
    known = [at for at, lang in enumerate(langs) if lang == LANG]
    out: list[float | None] = [None] * len(texts)
    if not known:
        return out
    import numpy as np

    weights, scale, bias = _model()
    pieces = grams.cut([grams.normal(texts[at]) for at in known], BITS, shortest=2)
    sums = np.bincount(pieces.rows, weights=weights[pieces.ids], minlength=len(known))
    logits = sums / np.sqrt(np.maximum(pieces.counts, 1)) / scale + bias
    for at, logit in zip(known, logits.tolist(), strict=True):
        out[at] = round(float(1 / (1 + np.exp(-logit))), 4)
    return out
