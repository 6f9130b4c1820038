"""One front for every scorer: English to vaderSentiment with the care layer, other languages to the multilingual model.

No text in another language ever reaches vaderSentiment: it would not be silent there, it would be wrong. What nobody can
read is unscored, which is a state of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from listener.analysis import care, tiny, vader
from listener.analysis.language import clean, english_enough
from listener.domain.sentiment import UNSCORED, Contribution, Sentiment, label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMIT = 1_000
"""Characters of a text that are read, so that its cost is bounded."""

Text = tuple[str, str, float]
"""A text, its language, how sure that is."""


class Scorer:
    """Scores texts. Immutable: a changed lexicon is a new Scorer with another `version`.

    Args:  lexicon: the operators' own words with their valences, −4 … 4 (`listener lexicon set`); 0 takes a word out.
           care_layer: False for plain vaderSentiment; or a layer of one's own.
    """

    def __init__(self, lexicon: Mapping[str, float] | None = None, *, care_layer: bool | care.Layer = True) -> None:
        self._own = care.own(lexicon or {})
        self._layer = care_layer if isinstance(care_layer, care.Layer) else care.shipped() if care_layer else care.NO_LAYER
        own = f"+own-{self._own.version}" if self._own.valences else ""
        self.english_version = vader.VERSION + (f"+care-{self._layer.version}" if self._layer.valences else "") + own
        self.other_version = tiny.VERSION + own
        self._english: vader.Words | None = None
        self._added = frozenset(self._layer.valences) | frozenset(self._own.valences)
        self._first_words = frozenset(entry.split()[0] for entry in self._added)
        self._added_emoji = frozenset(entry for entry in self._added if len(entry) == 1 and not entry.isascii())

    @property
    def version(self) -> str:
        """Both scorers' versions in one: what a stored score is compared with to see whether it is stale."""
        return f"{self.english_version} {self.other_version}"

    @property
    def words(self) -> vader.Words:
        """The English words in force, all layers laid over each other."""
        if self._english is None:
            self._english = care.lay_over(vader.plain(), self._layer, self._own)
        return self._english

    @property
    def own_words(self) -> Mapping[str, float]:
        return self._own.valences

    @property
    def care_words(self) -> Mapping[str, float]:
        return self._layer.valences

    def score(self, text: str, lang: str, lang_confidence: float = 1.0) -> Sentiment:
        """The verdict on one text, given its language (empty: unknown)."""
        return self.score_many([(text, lang, lang_confidence)])[0]

    def score_many(self, texts: Iterable[Text]) -> list[Sentiment]:
        """The verdicts on many texts in any mixture of languages; quickest in batches of some hundreds."""
        texts = list(texts)
        verdicts = [UNSCORED] * len(texts)
        foreign: list[int] = []
        for index, (text, lang, confidence) in enumerate(texts):
            if reads_as_english(text, lang):
                verdicts[index] = self._score_english(text[:LIMIT], confidence)
            elif tiny.reads(lang):
                foreign.append(index)
        if foreign:
            scored = tiny.score_many(
                [(texts[i][0][:LIMIT], texts[i][1], texts[i][2]) for i in foreign], self._own.valences, self.other_version
            )
            for index, verdict in zip(foreign, scored, strict=True):
                verdicts[index] = verdict
        return verdicts

    def contributions(self, text: str, lang: str) -> tuple[Contribution, ...]:
        """What each piece of the text did to its score, the strongest first."""
        text = text[:LIMIT]
        if reads_as_english(text, lang):
            found = [Contribution(word, round(value, 3), self._layer_of(word)) for word, value in vader.read(text, self.words).words]
        elif tiny.reads(lang):
            found = tiny.contributions(text, lang, self._own.valences)
        else:
            found = []
        return tuple(sorted(found, key=lambda piece: -abs(piece.value)))

    def _score_english(self, text: str, lang_confidence: float) -> Sentiment:
        raw = vader.read(text, vader.plain()).compound
        compound = vader.read(text, self.words).compound if self._is_touched(text) else raw
        label = label_of(compound)
        confidence = tiny.english_confidence(label, compound) * (0.5 + 0.5 * min(1.0, lang_confidence))
        return Sentiment(label, compound, round(confidence, 3), self.english_version, "B", raw)

    def _is_touched(self, text: str) -> bool:
        """Whether any added word might be in the text: most texts are spared a second reading."""
        if not self._added:
            return False
        tokens = {token.strip(vader.PUNCTUATION) for token in text.lower().split()}
        return not tokens.isdisjoint(self._first_words) or (not text.isascii() and not self._added_emoji.isdisjoint(text))

    def _layer_of(self, word: str) -> str:
        word = word.lower()
        if word in self._own.valences:
            return "lexicon"
        return "care" if word in self._layer.valences else "vader"


def reads_as_english(text: str, lang: str) -> bool:
    """English, or of no known language but full of everyday English."""
    return lang == "en" or (not lang and english_enough(clean(text).lower().split()))


def scoreable(texts: Sequence[Text]) -> float:
    """The share of texts that some scorer can read, 0 … 1; 0 for none."""
    return sum(reads_as_english(text, lang) or tiny.reads(lang) for text, lang, _ in texts) / len(texts) if texts else 0.0
