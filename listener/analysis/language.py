"""Which language a text is in, and how sure that is. Unknown is an answer: the empty code.

Three witnesses, cheapest first: a script that only one language uses settles it; so do enough of a language's everyday words,
which also catch what statistics have never seen, Hindi in Latin letters first of all; py3langid reads the rest. A network's own tag is a prior: it tips the scales, it
does not decide.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

LIMIT = 240
"""Characters read; a language shows long before that, and the cost per text stays bounded."""
FEWEST_LETTERS = 3
SURE = 0.18
"""Below it the answer is unknown."""
PRIOR = 12.0
"""What a network's tag is worth, as odds against any other language."""

_CODES = (
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id ig is it ja ka kk km kn ko ky lo "
    "lt lv mk ml mn mr ms mt my ne nl no or pa pl ps pt ro ru rw si sk sl so sq sr sv sw ta te tg th tk tl tr uk ur uz vi xh yo zh zu"
)
LANGUAGES = frozenset(_CODES.split())
"""What can be told apart. Dead, planned and very small languages are left out: they only ever win short texts by mistake."""
_VARIANTS = {
    "arz": "ar",
    "ary": "ar",
    "nn": "no",
    "nb": "no",
    "pcm": "en",
    "yue": "zh",
    "wuu": "zh",
    "uzs": "uz",
    "bcl": "tl",
    "fil": "tl",
    "iw": "he",
    "in": "id",
}

_UNSEEN = frozenset({"hi"})
"""Languages whose usual spelling online the statistics have never seen: their everyday words count for more."""

_MIXED = ("tl", "hi")
"""Languages whose speakers mix English in freely: a couple of their own everyday words make a text theirs."""

_NOISE = re.compile(r"https?\S*|www\.\S+|\S+@\S+\.\S+|@\w+|&\w{2,6};|<[^<>\s]{1,30}>|[\d_#]+", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+(?:['’ʻʼ][^\W\d_]+)*")
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("el", "Ͱ-Ͽἀ-῿"), ("th", "ก-๛"), ("he", "א-ת"), ("ja", "ぁ-ヿ"), ("ko", "가-힣ᄀ-ᇿㄱ-ㆎ"), ("zh", "㐀-鿿"), ("am", "ሀ-᎟"), ("ka", "Ⴀ-ჿ"),
    ("hy", "԰-֏"), ("bn", "ঀ-৿"), ("pa", "਀-੿"), ("gu", "઀-૿"), ("or", "଀-୿"), ("ta", "஀-௿"), ("te", "ఀ-౿"), ("kn", "ಀ-೿"),
    ("ml", "ഀ-ൿ"), ("si", "඀-෿"), ("lo", "຀-໿"), ("my", "က-႟"), ("km", "ក-៿"),
)  # fmt: skip
"""Scripts that one language has to itself, near enough."""


class Guess(NamedTuple):
    """A language and how sure it is: ISO 639-1 code, or empty when unknown; 0 … 1."""

    lang: str
    confidence: float


UNKNOWN = Guess("", 0.0)


def clean(text: str) -> str:
    """The words of a text without what belongs to no language: addresses, handles, hashtag signs, digits."""
    return " ".join(_WORD.findall(_NOISE.sub(" ", text[: 2 * LIMIT])))[:LIMIT]


def code_of(tag: str) -> str:
    """The ISO 639-1 code in whatever a network calls a language (`pt-BR`, `zh_Hant`, `fil`); empty when it is none of ours."""
    code = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    code = _VARIANTS.get(code, code)
    return code if code in LANGUAGES else ""


def detect(text: str, prior: str = "") -> Guess:
    """The language of one text. `prior`: the network's tag for it, in any form."""
    return detect_many([(text, prior)])[0]


def detect_many(texts: Iterable[tuple[str, str]]) -> list[Guess]:
    """The language of each (text, prior); quickest in batches of some hundreds."""
    guesses: list[Guess] = []
    doubtful: list[tuple[int, str, str, dict[str, int]]] = []
    for at, (text, prior) in enumerate(texts):
        words = clean(text)
        letters = len(words) - words.count(" ")
        guess = UNKNOWN
        if letters and not words.isascii() and (lang := _own_script(words, letters)):
            guess = Guess(lang, 0.99)
        elif letters >= FEWEST_LETTERS:
            found, tag = _everyday_words(words), code_of(prior)
            if not (guess := _plain_case(found, words, tag)).lang:
                doubtful.append((at, words, tag, found))
        guesses.append(guess)
    if doubtful:
        for (at, _, tag, found), odds in zip(doubtful, _reader().odds([words for _, words, _, _ in doubtful]), strict=True):
            guesses[at] = _judge(odds, found, tag)
    return guesses


def _plain_case(found: dict[str, int], words: str, tag: str) -> Guess:
    """The language whose everyday words leave no doubt, so that the statistics need not be asked."""
    if not found:
        return UNKNOWN
    if mixed := _mixed(found, tag):
        return Guess(mixed, 0.9)
    best = max(found, key=lambda lang: found[lang])
    most = found[best]
    rival = max((count for lang, count in found.items() if lang != best), default=0)
    enough = 2 if best == tag else 4
    if most < enough or rival * 3 > most or most * 6 < words.count(" ") + 1:
        return UNKNOWN
    return Guess(best, 0.98)


@cache
def _own_scripts() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((lang, re.compile(f"[{span}]")) for lang, span in _SCRIPTS)


@cache
def _any_own_script() -> re.Pattern[str]:
    return re.compile("[" + "".join(span for _, span in _SCRIPTS) + "]")


def _own_script(words: str, letters: int) -> str:
    """The language whose own script makes up two fifths of the letters: brand names in Latin letters are common everywhere."""
    found = Counter(_any_own_script().findall(words))
    if sum(found.values()) < 0.4 * letters:
        return ""
    text = "".join(found.elements())
    counts = {lang: len(pattern.findall(text)) for lang, pattern in _own_scripts()}
    if counts["ja"] and counts["ja"] + counts["zh"] >= 0.4 * letters:
        return "ja" if counts["ja"] * 10 >= counts["zh"] else "zh"
    best = max(counts, key=lambda lang: counts[lang])
    return best if counts[best] >= 0.4 * letters else ""


def _mixed(found: dict[str, int], tag: str) -> str:
    """The language that English is mixed into; empty when it is English, or another language altogether."""
    for lang in _MIXED:
        others = max((count for other, count in found.items() if other not in (lang, "en")), default=0)
        own = found.get(lang, 0)
        if own > others and (own >= 4 or (own >= 2 and "en" in found) or tag == lang):
            return lang
    return ""


def _judge(odds: dict[str, float], found: dict[str, int], tag: str) -> Guess:
    for lang, count in found.items():
        weight = float(4 ** min(count, 6))
        odds[lang] = odds.get(lang, 0.0) * weight + (weight - 1) * (0.06 if lang in _UNSEEN else 0.02)
    if tag:
        odds[tag] = (odds.get(tag, 0.0) + 0.002) * PRIOR
    best = max(odds, key=lambda lang: odds[lang])
    confidence = odds[best] / sum(odds.values())
    if confidence < (0.5 if best != tag else SURE) and tag:  # a short cry says little; the network's word is better than a guess
        best, confidence = tag, odds[tag] / sum(odds.values())
    return Guess(best, round(confidence, 4)) if confidence >= SURE or best == tag else UNKNOWN


def _everyday_words(words: str) -> dict[str, int]:
    """How many different everyday words of each language are in the text."""
    found: dict[str, int] = {}
    lexicon = everyday()
    for word in set(words.lower().split()):
        for lang in lexicon.get(word, ()):
            found[lang] = found.get(lang, 0) + 1
    return found


@cache
def everyday() -> dict[str, tuple[str, ...]]:
    """Everyday words and the languages that use them; from `everyday.txt`."""
    table: dict[str, set[str]] = {}
    for line in resources.files(__package__).joinpath("everyday.txt").read_text(encoding="utf-8").splitlines():
        lang, _, words = line.partition(":")
        if words and not line.startswith("#"):
            for word in words.split():
                table.setdefault(word, set()).add(lang.strip())
    return {word: tuple(sorted(langs)) for word, langs in table.items()}


class _Reader:
    """py3langid's model, narrowed to our languages and kept in single precision: a third of its own time for a text."""

    def __init__(self) -> None:
        import numpy as np
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        model: Any = LanguageIdentifier.from_model_file(MODEL_FILE)
        columns = [(index, _VARIANTS.get(name, name)) for index, name in enumerate(model.nb_classes)]
        columns = [(index, name) for index, name in columns if name in LANGUAGES]
        wanted = [index for index, _ in columns]
        self._names = [name for _, name in columns]
        self._table = model.nb_ptc[:, wanted].astype(np.float32)
        self._base = model.nb_pc[wanted]
        self._moves = model.tk_nextmove
        self._rows = [row << 8 for row in model.tk_row]
        self._output = model.tk_output
        self._numpy = np

    def odds(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Each language's share of the belief, those under one in ten thousand left out; even odds where nothing shows."""
        np = self._numpy
        encoded = [(text.lower() if text.isupper() else text).encode("utf-8", "replace") for text in texts]
        features: list[int] = []
        counts: list[int] = []
        starts: list[int] = []
        for text in encoded:
            visits = self._visits(text)
            starts.append(len(features))
            features += visits.keys() or (-1,)
            counts += visits.values() or (0,)
        weighted = self._table[np.array(features)]
        weighted *= np.log1p(np.array(counts, dtype=np.float32))[:, None]
        scores = np.add.reduceat(weighted, starts, axis=0) + self._base
        scores -= scores.max(axis=1, keepdims=True)
        scores = np.exp(scores / np.sqrt([len(text) for text in encoded])[:, None])
        scores /= scores.sum(axis=1, keepdims=True)
        beliefs: list[dict[str, float]] = []
        for row, start in zip(scores, starts, strict=True):
            belief: dict[str, float] = {}
            columns = np.flatnonzero(row > 1e-4).tolist() if counts[start] else range(len(self._names))
            for column, share in zip(columns, row[columns].tolist(), strict=True):
                name = self._names[column]
                belief[name] = belief.get(name, 0.0) + (share if counts[start] else 1.0 / len(self._names))
            beliefs.append(belief)
        return beliefs

    def _visits(self, text: bytes) -> Counter[int]:
        moves, rows, output = self._moves, self._rows, self._output
        state, found = 0, []
        for letter in text:
            state = moves[rows[state] + letter]
            feature = output[state]
            if feature >= 0:
                found.append(feature)
        return Counter(found)


@cache
def _reader() -> _Reader:
    return _Reader()


def warm() -> None:
    """Load the model now (0.7 s), so that the first text does not wait for it."""
    _reader()
    everyday()


def english_enough(words: Sequence[str]) -> bool:
    """Whether a text of unknown language holds enough everyday English to be read as English."""
    if not words:
        return False
    lexicon = everyday()
    hits = sum("en" in lexicon.get(word, ()) for word in words)
    return hits >= 2 and hits * 4 >= len(words)
