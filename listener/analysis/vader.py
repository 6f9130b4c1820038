"""vaderSentiment 3.3.2's verdict on English, to the last digit, in a fraction of its time; and what each word did to it.

The lexicons, the constants and the rare rules (idioms, "but") are the package's own. What differs is only how often they
are run: each word is lowered once and looked up once, and the rules see nothing but words that carry a valence.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "vader-3.3.2"
PUNCTUATION = string.punctuation


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the scorer saw it."""

    compound: float
    words: tuple[tuple[str, float], ...] = ()
    """Each word that counted, as written, with its valence after negation, emphasis and "but"."""


NOTHING = Reading(0.0)


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked up. Built by `plain` and `extended`, never changed afterwards."""

    valences: Mapping[str, float]
    emoji: Mapping[str, str]
    """A character and the words that stand for it."""
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = field(default_factory=dict)
    """First word of a phrase → its words, the longest first, and the one word that takes their place."""


@cache
def _package() -> Any:
    from vaderSentiment import vaderSentiment

    return vaderSentiment


@cache
def _analyser() -> Any:
    return _package().SentimentIntensityAnalyzer()


@cache
def plain() -> Words:
    """The package's own words. Loading takes 35 ms."""
    analyser = _analyser()
    return Words(analyser.lexicon, analyser.emojis)


@cache
def _negations() -> frozenset[str]:
    return frozenset(_package().NEGATE)


def _strip(token: str) -> str:
    stripped = token.strip(PUNCTUATION)
    return token if len(stripped) <= 2 else stripped


def _spell_emoji(text: str, emoji: Mapping[str, str]) -> str:
    if text.isascii():
        return text.strip()
    pieces: list[str] = []
    after_space = True
    for character in text:
        description = emoji.get(character)
        if description is None:
            pieces.append(character)
            after_space = character == " "
        else:
            pieces.append(description if after_space else f" {description}")
            after_space = False
    return "".join(pieces).strip()


def _fold_phrases(tokens: list[str], lower: list[str], words: Words) -> tuple[list[str], list[str]]:
    """Put one word in the place of each known phrase."""
    if not words.phrases or words.phrases.keys().isdisjoint(lower):
        return tokens, lower
    out, out_lower, i = [], [], 0
    while i < len(tokens):
        for phrase, stand_in in words.phrases.get(lower[i], ()):
            if tuple(lower[i : i + len(phrase)]) == phrase:
                out.append(" ".join(tokens[i : i + len(phrase)]))
                out_lower.append(stand_in)
                i += len(phrase)
                break
        else:
            out.append(tokens[i])
            out_lower.append(lower[i])
            i += 1
    return out, out_lower


def _mixed_case(tokens: list[str]) -> bool:
    """Some words are shouted and some are not."""
    shouted = sum(map(str.isupper, tokens))
    return 0 < len(tokens) - shouted < len(tokens)


class _Valence:
    """The rules around one word that carries a valence."""

    def __init__(self, words: Words, tokens: list[str], lower: list[str]) -> None:
        package = _package()
        self._lexicon, self._tokens, self._lower = words.valences, tokens, lower
        self._mixed = _mixed_case(tokens)
        self._boosters: dict[str, float] = package.BOOSTER_DICT
        self._flip: float = package.N_SCALAR
        self._shout: float = package.C_INCR
        self._idioms = package.SentimentIntensityAnalyzer._special_idioms_check
        self._least = package.SentimentIntensityAnalyzer._least_check
        self._negate = _negations()

    def at(self, i: int) -> float:
        lower, lexicon = self._lower, self._lexicon
        word = lower[i]
        valence: float = lexicon[word]
        if word == "no" and i != len(lower) - 1 and lower[i + 1] in lexicon:
            valence = 0.0
        if (
            (i > 0 and lower[i - 1] == "no")
            or (i > 1 and lower[i - 2] == "no")
            or (i > 2 and lower[i - 3] == "no" and lower[i - 1] in ("or", "nor"))
        ):
            valence = lexicon[word] * self._flip
        if self._mixed and self._tokens[i].isupper():
            valence += self._shout if valence > 0 else -self._shout
        for back in (0, 1, 2):
            if i > back and lower[i - back - 1] not in lexicon:
                valence = self._negated(valence + self._boost(i - back - 1, back, valence), back, i)
                if back == 2:
                    valence = self._idioms(valence, lower, i)
        if "least" in lower:
            valence = self._least(_analyser(), valence, lower, i)
        return valence

    def _boost(self, at: int, back: int, valence: float) -> float:
        boost = self._boosters.get(self._lower[at])
        if boost is None:
            return 0.0
        if valence < 0:
            boost *= -1
        if self._mixed and self._tokens[at].isupper():
            boost += self._shout if valence > 0 else -self._shout
        return boost * (1.0, 0.95, 0.9)[back]

    def _is_negation(self, word: str) -> bool:
        return word in self._negate or "n't" in word

    def _negated(self, valence: float, back: int, i: int) -> float:
        lower = self._lower
        before = lower[i - back - 1]
        if back == 0:
            return valence * self._flip if self._is_negation(before) else valence
        if back == 1:
            if before == "never" and lower[i - 1] in ("so", "this"):
                return valence * 1.25
            if before == "without" and lower[i - 1] == "doubt":
                return valence
        else:
            if (before == "never" and lower[i - 2] in ("so", "this")) or lower[i - 1] in ("so", "this"):
                return valence * 1.25
            if before == "without" and (lower[i - 2] == "doubt" or lower[i - 1] == "doubt"):
                return valence
        return valence * self._flip if self._is_negation(before) else valence


def read(text: str, words: Words) -> Reading:
    """Score a text with a set of words. With `plain()` the compound is the package's own to the last digit."""
    text = _spell_emoji(text, words.emoji)
    tokens = [_strip(token) for token in text.split()]
    lower = [token.lower() for token in tokens]
    tokens, lower = _fold_phrases(tokens, lower, words)
    lexicon, boosters = words.valences, _package().BOOSTER_DICT
    hits = [
        i
        for i, word in enumerate(lower)
        if word in lexicon and word not in boosters and not (word == "kind" and i + 1 < len(lower) and lower[i + 1] == "of")
    ]
    if not hits:
        return NOTHING
    rules = _Valence(words, tokens, lower)
    valences: list[float] = [0.0] * len(tokens)
    for i in hits:
        valences[i] = rules.at(i)
    if "but" in lower:
        valences = _package().SentimentIntensityAnalyzer._but_check(lower, valences)
    return Reading(_compound(sum(valences), text), tuple((tokens[i], valences[i]) for i in hits if valences[i]))


def _compound(total: float, text: str) -> float:
    emphasis = _analyser()._punctuation_emphasis(text)
    if total > 0:
        total += emphasis
    elif total < 0:
        total -= emphasis
    compound: float = round(_package().normalize(total), 4)
    return compound
