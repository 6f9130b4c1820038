"""The small multilingual scorer: two linear heads over hashed pieces, a fitted word table, and judges that weigh them.

The heads (is there an opinion; which way does it go) and the word table see the words; the judges (a line and a few trees) see their sums beside a text's
outward signs (emoji, punctuation, links) and say negative, neutral or positive. Everything that decides is integer arithmetic or
exactly rounded, so the answer is the same on every machine. Weights, figures, limits: `tiny.npz`, `tiny.md`; how they are made:
docs/training.
"""

from __future__ import annotations

import json
import re
import zlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from listener.analysis import grams
from listener.analysis.forest import Forest
from listener.domain.sentiment import THRESHOLD, UNSCORED, Contribution, Grade, Label, Sentiment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

VERSION = "tiny-1"
BITS = 20
UNIT = 256
"""Features are whole numbers: the real value times this."""
TABLE_UNIT = 24
NEGATOR = -128
"""Value of a word that turns the next ones around."""
REACH = 3
"""How many words a negator reaches."""
LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")
SCORE_UNIT = 1024
"""Class scores are whole numbers; this much more is a factor of e."""
LINE_UNIT = 1 << 16
OWN_WORD = 700
"""What an operator's word of valence 1 adds to a class."""
TAUGHT = ("ro", "th", "tl")
"""Languages with labelled posts or reviews of all three classes: the trees that know them weigh more."""
HOMES = ("tl", "ro", "th", "de", "ar", "pt")
"""Languages that the taught trees tell apart."""
_EXP = [round(2**24 * 2.718281828459045 ** (-step / 64)) for step in range(1024)]
_EMOJI = re.compile("[\U0001f300-\U0001faff☀-➿❤]")
_WORD = re.compile(r"\S+")


def key_of(lang: str, words: str) -> int:
    """A word's (or pair's) key in the table."""
    return zlib.crc32(words.encode("utf-8", "replace"), zlib.crc32(f"{lang}\t".encode()))


def table_sums(words: Sequence[str], lang: str, table: Mapping[int, int]) -> tuple[list[int], list[tuple[int, int]]]:
    """What the word table finds: positive sum, negative sum, hits, positive and negative emoji; and (position, value) of each hit."""
    positive = negative = hits = liked = disliked = flip = 0
    found: list[tuple[int, int]] = []
    prefix, of_any, crc = zlib.crc32(f"{lang}\t".encode()), zlib.crc32(b"*\t"), zlib.crc32
    spelt = [word.encode("utf-8", "replace") for word in words]
    at, last = 0, len(words) - 1
    while at <= last:
        word = words[at]
        key = crc(spelt[at], prefix)
        value = table.get(crc(b" " + spelt[at + 1], key)) if at < last else None
        if value is not None:
            at += 1
        else:
            value = table.get(key)
        if value == NEGATOR and not flip:
            flip = REACH
        elif value is not None and value != NEGATOR:
            if flip:
                value = -(value * 3) // 5
            hits += 1
            positive += max(value, 0)
            negative += max(-value, 0)
            found.append((at, value))
            flip = max(0, flip - 1)
        else:
            if not word[0].isalnum():
                for sign in (word, *word) if len(word) > 1 else word:
                    mood = table.get(crc(sign.encode("utf-8", "replace"), of_any), 0)
                    liked += mood > 0
                    disliked += mood < 0
            flip = max(0, flip - 1)
        at += 1
    return [positive, negative, hits, min(3, liked), min(3, disliked)], found


def signs(text: str) -> list[int]:
    """A text's outward signs, each a small whole number."""
    length = max(1, len(text))
    return [
        int("http" in text or "www." in text) * UNIT,
        min(3, text.count("@")) * UNIT,
        min(3, text.count("#")) * UNIT,
        min(3, text.count("!") + text.count("！")) * UNIT,
        min(3, text.count("?") + text.count("？") + text.count("؟")) * UNIT,
        min(3, len(_EMOJI.findall(text))) * UNIT,
        min(4, sum(map(str.isdigit, text[:300]))) * UNIT,
        min(1_000, length),
        sum(map(str.isupper, text)) * UNIT // length,
        min(3, text.count("...") + text.count("…")) * UNIT,
        min(3, text.count('"') + text.count("“") + text.count("«")) * UNIT,
        min(2, text.count(":")) * UNIT,
    ]


def features(
    texts: Sequence[str], normals: Sequence[str], langs: Sequence[str], heads: NDArray[Any], sums: Sequence[list[int]]
) -> NDArray[np.int64]:
    """What the trees see. `heads`: opinion and polarity of each text, real; shape (texts, 2). Returns whole numbers (texts, features)."""
    import numpy as np

    heads = np.clip(np.floor(heads * UNIT), -8 * UNIT, 8 * UNIT).astype(np.int64)
    raw = np.array(sums, dtype=np.int64).reshape(len(texts), 5)
    size = np.array([max(1, normal.count(" ") - 1) for normal in normals], dtype=np.int64)
    root = np.sqrt(size.astype(np.float64))
    per = UNIT / TABLE_UNIT
    positive, negative = np.floor(raw[:, 0] * per / root).astype(np.int64), np.floor(raw[:, 1] * per / root).astype(np.int64)
    polarity = heads[:, 1]
    balance = positive - negative
    columns = [
        heads[:, 0], polarity, positive, negative, np.minimum(positive, negative), raw[:, 2] * UNIT // size, raw[:, 3], raw[:, 4],
        balance, np.abs(balance), np.abs(polarity), polarity + balance, np.abs(polarity + balance), raw[:, 3] - raw[:, 4],
    ]  # fmt: skip
    homes = np.array([[UNIT * (lang == home) for home in HOMES] for lang in langs], dtype=np.int64).reshape(len(texts), -1)
    return np.column_stack([*columns, np.array([signs(text) for text in texts], dtype=np.int64).reshape(len(texts), -1), homes])


class Judges:
    """The line and the trees that turn what was seen into class scores."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._foreign, self._taught = (
            Forest(*(stored[f"{mode}_{part}"] for part in ("nodes", "roots", "start"))) for mode in ("foreign", "taught")
        )
        self._weights, self._start = stored["line_weights"], stored["line_start"]

    def scores(self, seen: NDArray[np.int64], mode: str) -> NDArray[np.int64]:
        """Negative, neutral, positive for each text; shape (texts, 3). The witnesses agree on a mean of their logarithms."""
        foreign, taught = self._foreign.scores(seen), self._taught.scores(seen)
        other = taught if mode == "taught" else (seen @ self._weights) // LINE_UNIT + self._start
        mixed: NDArray[np.int64] = (foreign + taught + other) // 3
        return mixed


class _Model:
    def __init__(self) -> None:
        import numpy as np

        with resources.files(__package__).joinpath("tiny.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
            self.weights = np.stack([stored["opinion"], stored["polarity"]])
            self.table = dict(zip(stored["keys"].tolist(), stored["values"].tolist(), strict=True))
            self.judges = Judges(stored)
            self.facts = json.loads(bytes(stored["facts"]).decode())

    def heads(self, pieces: grams.Pieces) -> NDArray[Any]:
        """Opinion and polarity of each text: whole sums, one exactly rounded division."""
        import numpy as np

        count = len(pieces.counts)
        root = np.sqrt(np.maximum(pieces.counts, 1).astype(np.float64))
        sums = [np.bincount(pieces.rows, weights=weights[pieces.ids].astype(np.float64), minlength=count) for weights in self.weights]
        return np.column_stack([sums[head] / root / self.facts["scale"][head] + self.facts["bias"][head] for head in (0, 1)])


@cache
def _model() -> _Model:
    return _Model()


@cache
def _grades() -> dict[str, Grade]:
    text = resources.files(__package__).joinpath("grades.txt").read_text(encoding="utf-8")
    found: dict[str, Grade] = {}
    for line in text.splitlines():
        grade, _, codes = line.partition(":")
        if codes and not line.startswith("#"):
            found.update(dict.fromkeys(codes.split(), grade.strip()))  # type: ignore[arg-type]
    return found


def grades() -> Mapping[str, Grade]:
    """Each language that the scorer reads, with its grade: A well, B fairly, C poorly."""
    return _grades()


def reads(lang: str) -> bool:
    """Whether the scorer knows a language. English is another scorer's."""
    return lang in _grades()


def _without(text: str, own: Mapping[str, float]) -> str:
    """A normal text without the words that an operator has set to 0."""
    if not any(not value for value in own.values()):
        return text
    return f" {' '.join(word for word in text.split() if own.get(word, 1.0))} "


def _own_sum(normal: str, own: Mapping[str, float]) -> float:
    """What an operator's words and phrases add up to in a normal text."""
    return sum(value * normal.count(f" {word} ") for word, value in own.items() if value) if own else 0.0


def score_many(texts: Sequence[tuple[str, str, float]], own: Mapping[str, float] | None = None, version: str = VERSION) -> list[Sentiment]:
    """The verdicts on (text, language, confidence in it), each in a language that the scorer reads."""
    if not texts:
        return []
    model = _model()
    own = {grams.normal(word).strip(): value for word, value in (own or {}).items()}
    normals = [_without(grams.normal(text), own) for text, _, _ in texts]
    heads = model.heads(grams.cut(normals, BITS, [lang for _, lang, _ in texts]))
    sums = [table_sums(normal.split(), lang, model.table)[0] for normal, (_, lang, _) in zip(normals, texts, strict=True)]
    seen = features([text for text, _, _ in texts], normals, [lang for _, lang, _ in texts], heads, sums)
    taught = [lang in TAUGHT for _, lang, _ in texts]
    modes = {mode: model.judges.scores(seen, mode) for mode in ("foreign", "taught") if (mode == "taught") in taught}
    verdicts = []
    for row, ((_, lang, confidence), normal) in enumerate(zip(texts, normals, strict=True)):
        mode = "taught" if taught[row] else "foreign"
        scores = modes[mode][row].tolist()
        if shift := _own_sum(normal, own):
            scores = [
                scores[0] - round(OWN_WORD * shift),
                scores[1] - round(OWN_WORD / 2 * abs(shift)),
                scores[2] + round(OWN_WORD * shift),
            ]
        verdicts.append(_verdict(scores, mode, lang, confidence, version) if normal.strip() else UNSCORED)
    return verdicts


def chances(scores: list[int]) -> list[float]:
    """Class scores as probabilities, by a table of whole numbers."""
    best = max(scores)
    parts = [_EXP[min(1023, (best - score) * 64 // SCORE_UNIT)] for score in scores]
    total = sum(parts)
    return [part / total for part in parts]


def _verdict(scores: list[int], mode: str, lang: str, lang_confidence: float, version: str) -> Sentiment:
    shares = chances(scores)
    best = max(range(3), key=lambda index: shares[index])
    compound = shares[2] - shares[0]
    if best == 1:
        compound = max(-THRESHOLD + 0.001, min(THRESHOLD - 0.001, compound * 0.2))
    elif best == 2:
        compound = max(THRESHOLD, compound)
    else:
        compound = min(-THRESHOLD, compound)
    confidence = calibrated(mode, shares[best]) * (0.5 + 0.5 * min(1.0, lang_confidence))
    return Sentiment(LABELS[best], round(compound, 4), round(confidence, 3), version, _grades()[lang])


def calibrated(mode: str, chance: float) -> float:
    """How often a verdict of this strength was right on texts held out in training; straight lines between measured points."""
    points: list[list[float]] = _model().facts["calibration"][mode]
    before = points[0]
    for point in points:
        if chance <= point[0]:
            span = point[0] - before[0]
            return point[1] if span <= 0 else before[1] + (point[1] - before[1]) * (chance - before[0]) / span
        before = point
    return points[-1][1]


def english_confidence(label: Label, compound: float) -> float:
    """How often a verdict of vaderSentiment with the care layer of this strength was right on training texts."""
    return calibrated("english", 0.0 if label == "neutral" else abs(compound))


def contributions(text: str, lang: str, own: Mapping[str, float] | None = None) -> list[Contribution]:
    """What each word did to the verdict's direction: the table's valence, and its share of the pieces that touch it."""
    import numpy as np

    model = _model()
    spelt = {grams.normal(word).strip(): value for word, value in (own or {}).items()}
    normal = _without(grams.normal(text), spelt)
    pieces = grams.cut([normal], BITS, [lang])
    weights = model.weights[1][pieces.ids] / (pieces.ends - pieces.starts) / np.sqrt(max(1, len(pieces.ids))) / model.facts["scale"][1]
    steps = np.zeros(len(normal) + 2)
    np.add.at(steps, pieces.starts, weights)
    np.add.at(steps, pieces.ends, -weights)
    at_letter = np.cumsum(steps)
    found: list[Contribution] = []
    matches = list(_WORD.finditer(normal))
    table = dict(table_sums([match[0] for match in matches], lang, model.table)[1])
    for index, match in enumerate(matches):
        value = float(at_letter[match.start() : match.end()].sum())
        note = ""
        if index in table:
            valence = table[index] / TABLE_UNIT
            value += valence / max(1, len(matches)) ** 0.5
            note = f"word table {valence:+.1f}"
        if abs(value) >= 0.02:
            found.append(Contribution(match[0].replace("\ue000", "(link)").replace("\ue001", "(handle)"), round(value, 3), "model", note))
    found += [Contribution(word, value, "lexicon") for word, value in spelt.items() if value and f" {word} " in normal]
    return found
