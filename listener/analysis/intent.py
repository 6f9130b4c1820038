"""What a message is: complaint, question, praise, lead …, and where on the customer's journey it was written.

Readable rules (`kinds.txt`, or a file of the user's own) say which words speak for which kind; English complaints have a
small trained model besides. All are suggestions with a confidence and the words that led there; nothing is applied by itself.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from listener.analysis import complaint
from listener.analysis.folding import fold
from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.domain.sentiment import Sentiment

KINDS = ("crisis", "complaint", "technical-issue", "lead", "feature-request", "question", "praise", "user-content")
STAGES = ("awareness", "consideration", "purchase", "use", "loyalty")
SUGGEST = 0.5
"""A kind is suggested from this confidence on."""
LIMIT = 1_000
MOST_WORDS = 6


class Suggestion(NamedTuple):
    """A kind or a stage, how sure that is (0 … 1), and the words that led there."""

    name: str
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message is, the most confident kind first, and its stage of the journey if any shows."""

    kinds: tuple[Suggestion, ...] = ()
    journey: Suggestion | None = None

    @property
    def pairs(self) -> tuple[tuple[str, float], ...]:
        """The kinds as they are stored: (kind, confidence)."""
        return tuple((kind.name, kind.confidence) for kind in self.kinds)


class Phrase(NamedTuple):
    """One phrase of the rules."""

    kind: str
    lang: str
    weight: float
    open_end: bool


class Rules:
    """The rules of one file, ready to be looked up: one pass over a text finds all phrases of all languages.

    Raises:  InputError: a line that cannot be read; names it by number.
    """

    def __init__(self, text: str, *, name: str = "kinds") -> None:
        import ahocorasick_rs

        found: dict[str, list[Phrase]] = {}
        for kind, lang, weight, phrase in _parse(text, name):
            open_end = phrase.endswith("*")
            found.setdefault(phrase.rstrip("*"), []).append(Phrase(kind, lang, weight, open_end))
        self._phrases = [(phrase, tuple(rules)) for phrase, rules in found.items()]
        self._automaton: Any = ahocorasick_rs.AhoCorasick([phrase for phrase, _ in self._phrases])

    def matches(self, folded: str, lang: str) -> dict[str, dict[str, float]]:
        """Kind → phrase → weight, of the phrases of this language; of every language where it is unknown."""
        hits: dict[str, dict[str, float]] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if start and (folded[start - 1].isalnum() or folded[start - 1] == "_") and folded[start].isalnum():
                continue
            whole = end == len(folded) or not (folded[end].isalnum() or folded[end] == "_")
            phrase, rules = self._phrases[index]
            for rule in rules:
                if (whole or rule.open_end) and (not lang or rule.lang in (lang, "*")):
                    words = hits.setdefault(rule.kind, {})
                    words[phrase] = max(rule.weight, words.get(phrase, 0.0))
        return hits


def _parse(text: str, name: str) -> Iterable[tuple[str, str, float, str]]:
    known = {*KINDS, *(f"journey:{stage}" for stage in STAGES)}
    kind = ""
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            kind = line.strip("[]").strip()
            if kind not in known:
                raise InputError(f"{name}, line {number}: there is no kind {kind!r}.", hint=f"Known: {', '.join(sorted(known))}.")
            continue
        head = re.fullmatch(r"(\w{2}|\*)\s+(0(?:\.\d+)?|1(?:\.0+)?)\s*:(.*)", line)
        if head is None or not kind:
            raise InputError(
                f"{name}, line {number}: not a rule.", hint="Write a language, a weight from 0 to 1, a colon and phrases between bars."
            )
        for phrase in head[3].split("|"):
            spelt = " ".join(fold(phrase).split())
            if spelt.rstrip("*") and "*" not in spelt.rstrip("*"):
                yield kind, head[1], float(head[2]), spelt


@cache
def shipped_rules() -> Rules:
    """The rules that come with the package."""
    return Rules(resources.files(__package__).joinpath("kinds.txt").read_text(encoding="utf-8"), name="kinds.txt")


def kinds(text: str, lang: str, sentiment: Sentiment, rules: Rules | None = None) -> tuple[tuple[str, float], ...]:
    """The suggested kinds with their confidence, the most confident first."""
    return read(text, lang, sentiment, rules).pairs


def read(text: str, lang: str, sentiment: Sentiment, rules: Rules | None = None) -> Intent:
    """What one message is. `lang` is an ISO 639-1 code, empty when unknown."""
    return read_many([(text, lang, sentiment)], rules)[0]


def read_many(messages: Iterable[tuple[str, str, Sentiment]], rules: Rules | None = None) -> list[Intent]:
    """What each message is: (text, language, sentiment) in, in batches for speed."""
    rules = rules or shipped_rules()
    batch = [(text[:LIMIT], lang, sentiment) for text, lang, sentiment in messages]
    folded = [" ".join(fold(text).split()) for text, _, _ in batch]
    modelled = complaint.probabilities([text for text, _, _ in batch], [lang for _, lang, _ in batch])
    return [
        _judge(words, lang, sentiment, rules.matches(words, lang), chance)
        for words, (_, lang, sentiment), chance in zip(folded, batch, modelled, strict=True)
    ]


def _either(weights: Iterable[float]) -> float:
    """How likely at least one witness is right, were they independent; never quite certain."""
    doubt = 1.0
    for weight in weights:
        doubt *= 1.0 - weight
    return min(0.99, 1.0 - doubt)


def _judge(folded: str, lang: str, sentiment: Sentiment, hits: dict[str, dict[str, float]], modelled: float | None) -> Intent:
    scores = {kind: _either(words.values()) for kind, words in hits.items()}
    words = {kind: tuple(sorted(found, key=lambda phrase: -found[phrase]))[:MOST_WORDS] for kind, found in hits.items()}
    mood = 0.0 if sentiment.compound is None else sentiment.compound
    asked = _asks(folded, lang)
    if asked:
        scores["question"] = _either((scores.get("question", 0.0), 0.6))
        words["question"] = (*words.get("question", ()), asked)
    elif "question" in scores:
        scores["question"] *= 0.7
    if "praise" in scores or sentiment.label == "positive":
        scores["praise"] = _either((scores.get("praise", 0.0), 0.4 * max(0.0, mood))) * (0.4 if sentiment.label == "negative" else 1.0)
    if max(scores.get("lead", 0.0), scores.get("feature-request", 0.0)) >= SUGGEST:
        scores["question"] = 0.5 * scores.get("question", 0.0)
    scores["complaint"] = _complaint(scores.get("complaint", 0.0), sentiment, modelled)
    if scores["complaint"] >= SUGGEST and scores["complaint"] > scores.get("praise", 0.0):
        scores["praise"] = 0.4 * scores.get("praise", 0.0)
    found = [Suggestion(kind, round(scores[kind], 3), words.get(kind, ())) for kind in KINDS if scores.get(kind, 0.0) >= SUGGEST]
    found.sort(key=lambda kind: -kind.confidence)
    return Intent(tuple(found), _stage(scores, words))


def _asks(folded: str, lang: str) -> str:
    """The mark that makes it a question, or nothing."""
    for mark in "?？؟":
        if mark in folded:
            return mark
    return ";" if lang == "el" and re.search(r";(?:\s|$)", folded) else ""


def _complaint(ruled: float, sentiment: Sentiment, modelled: float | None) -> float:
    """The model's word where there is one, with the mood as a second witness; else the rules', with the same."""
    if modelled is not None:
        sure = min(max(modelled, 0.001), 0.999)
        logit = math.log(sure / (1 - sure)) - (sentiment.compound or 0.0)
        return round(1 / (1 + math.exp(-logit)), 4)
    if sentiment.label == "negative":
        return _either((ruled, 0.45 * sentiment.confidence))
    return ruled * (0.5 if sentiment.label == "positive" else 1.0)


def _stage(scores: dict[str, float], words: dict[str, tuple[str, ...]]) -> Suggestion | None:
    stages = {stage: scores.get(f"journey:{stage}", 0.0) for stage in STAGES}
    if scores.get("lead", 0.0) >= SUGGEST:
        stages["consideration"] = _either((stages["consideration"], 0.6))
    if scores.get("technical-issue", 0.0) >= SUGGEST:
        stages["use"] = _either((stages["use"], 0.6))
    best = max(STAGES, key=lambda stage: stages[stage])
    return Suggestion(best, round(stages[best], 3), words.get(f"journey:{best}", ())) if stages[best] >= SUGGEST else None
