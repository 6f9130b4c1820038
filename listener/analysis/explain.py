"""Why a text got its score: the language, the verdict, and what each word did to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.analysis.language import Guess, detect
from listener.analysis.sentiment import Scorer
from listener.domain.sentiment import Contribution, Explanation

if TYPE_CHECKING:
    from listener.domain.sentiment import Sentiment


def explain(
    text: str, *, prior: str = "", guess: Guess | None = None, scorer: Scorer | None = None, override: Sentiment | None = None
) -> Explanation:
    """Explain a text's score.

    Args:  prior: the network's tag for the language, where the language is still to be found.
           guess: the language as stored or as an operator corrected it; wins over `prior`.
           override: an operator's verdict; it is what counts, and the machine's is told as a contribution.
    """
    scorer = scorer or Scorer()
    lang, confidence = guess or detect(text, prior)
    machine = scorer.score(text, lang, confidence)
    pieces = scorer.contributions(text, lang)
    if override is None:
        return Explanation(lang, confidence, machine, pieces)
    before = "–" if machine.compound is None else f"{machine.compound:+.2f}"
    told = Contribution("operator", override.compound or 0.0, "override", f"the machine said {machine.label} ({before})")
    return Explanation(lang, confidence, override, (told, *pieces))
