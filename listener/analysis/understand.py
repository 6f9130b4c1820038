"""Everything the machine makes of a text at once: language, sentiment, kinds, stage. The way in for ingest, import and rescore."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from listener.analysis import intent, language, tiny
from listener.analysis.sentiment import Scorer
from listener.domain.sentiment import UNSCORED, Sentiment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from listener.analysis.care import Layer
    from listener.analysis.intent import Rules

BATCH = 256


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the machine makes of one text."""

    lang: str = ""
    """ISO 639-1; empty when unknown."""
    lang_confidence: float = 0.0
    sentiment: Sentiment = UNSCORED
    kinds: tuple[tuple[str, float], ...] = ()
    """Suggested kinds with their confidence, the most confident first."""
    journey: str = ""
    """`awareness`, `consideration`, `purchase`, `use`, `loyalty`; empty when nothing shows."""


class Reader:
    """Understands texts in batches. Costs nothing until the first text; then some 100 MB stay for its models.

    Args:  lexicon: the operators' own words with valences, −4 … 4.
           care_layer: False for plain vaderSentiment, or a layer of one's own (see `care.parse`).
           rules: kinds by words of one's own; the shipped ones otherwise.
    """

    def __init__(self, lexicon: Mapping[str, float] | None = None, *, care_layer: bool | Layer = True, rules: Rules | None = None) -> None:
        self.scorer = Scorer(lexicon, care_layer=care_layer)
        self._rules = rules

    @property
    def version(self) -> str:
        """What made the scores; a stored score of another version is stale."""
        return self.scorer.version

    def warm(self) -> None:
        """Load every model now (0.8 s): call it off the event loop, after the first paint."""
        self.understand([("warm up", ""), ("Aufwärmen bitte", "de")])

    def understand(self, texts: Sequence[tuple[str, str]]) -> list[Understanding]:
        """Understand (text, prior) pairs; the prior is the language as the network reports it, or empty."""
        out: list[Understanding] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            out += self.understand_in([(text, guess) for (text, _), guess in zip(batch, language.detect_many(batch), strict=True)])
        return out

    def understand_in(self, texts: Sequence[tuple[str, language.Guess]]) -> list[Understanding]:
        """The same where the language is known already: stored, or corrected by an operator."""
        verdicts = self.scorer.score_many([(text, guess.lang, guess.confidence) for text, guess in texts])
        intents = intent.read_many(
            [(text, guess.lang, verdict) for (text, guess), verdict in zip(texts, verdicts, strict=True)], self._rules
        )
        return [
            Understanding(guess.lang, guess.confidence, verdict, found.pairs, found.journey.name if found.journey else "")
            for (_, guess), verdict, found in zip(texts, verdicts, intents, strict=True)
        ]

    def stream(self, texts: Iterable[tuple[str, str]]) -> Iterator[Understanding]:
        """The same over any number of texts, a batch in memory at a time."""
        iterator = iter(texts)
        while batch := list(islice(iterator, BATCH)):
            yield from self.understand(batch)


def understand(texts: Sequence[tuple[str, str]], lexicon: Mapping[str, float] | None = None) -> list[Understanding]:
    """Understand (text, prior) pairs once. Whoever has more than one batch keeps a `Reader`."""
    return Reader(lexicon).understand(texts)


def scored_languages() -> Mapping[str, str]:
    """Every language that can be scored, with its grade (A, B, C)."""
    return {"en": "B", **tiny.grades()}
