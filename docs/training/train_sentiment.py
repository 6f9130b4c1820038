"""Train the multilingual scorer again: `python docs/training/train_sentiment.py DATA [OUT]`; needs the `[train]` extra.

DATA holds `train/*.tsv.gz` (label TAB text) and `lexicon/<lang>.tsv` (word TAB valence), as LICENCES.md beside them says. OUT is
`listener/analysis/tiny.npz` unless given. Seeded: the same data give the same weights. About five minutes on one core.

Four steps:
1. Two linear heads over hashed pieces: is there an opinion (texts with neutrals), which way does it go (all). The translated
   lexicon and `seeds.txt` are learned as tiny texts.
2. A word table: lexicon and seeds as a prior, corrected by how often each word occurs in positive and negative texts.
3. A line and trees that weigh heads, table and outward signs. What they see must be honest, so every language with neutrals is scored once
   by heads and table that never saw its labelled texts (`foreign`), and once by cross-validation (`taught`).
4. Calibration: how often a verdict of each strength is right, on rows that the trees did not see.
"""

from __future__ import annotations

import gzip
import html
import json
import sys
import time
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from listener.analysis import care, grams, tiny, vader  # noqa: E402

SEED = 20
CAP = 6_000
"""Most texts taken of one set."""
LANG_OF = {
    "br": "pt", "cn": "zh", "por": "pt", "arq": "ar", "ary": "ar", "hau": "ha", "swa": "sw", "yor": "yo", "ibo": "ig", "kin": "rw",
    "amh": "am", "pcm": "en", "filtw": "tl", "firecs": "tl", "goemotions": "en", "ama": "en", "mov": "en", "nyt": "en", "neu": "en",
    "hebrew": "he", "potts": "de", "red": "ro", "wisesight": "th",
}  # fmt: skip
WITH_NEUTRALS = ("afri", "firecs", "red", "goemotions", "wisesight", "potts", "vgt")
LEFT_OUT = {
    "de": ["potts"], "th": ["wisesight"], "tl": ["firecs"], "ro": ["red"], "pt": ["afri-por"], "ar": ["afri-arq", "afri-ary"],
    "en": ["goemotions", "vgt-ama", "vgt-mov", "vgt-nyt", "xed-neu"],
}  # fmt: skip
AT_HOME = ("firecs", "red", "wisesight", "potts")
"""Sets of posts and reviews with all three classes: what the scorer is for, so each of their texts counts twice."""
FOLDS = 3
LEXICON_OPINION, LEXICON_POLARITY = 0.075, 0.25
SEED_OPINION, SEED_NEUTRAL, SEED_POLARITY = 4.0, 16.0, 4.0
UNSEEN = {"foreign": (15, 16, 20, 21, 22, 24, 25), "taught": (20, 21)}
"""Outward signs kept from the trees: length, digits and the like tell sets apart, not feelings."""
ALPHA, EPOCHS = 1e-7, 8


class Corpus:
    """All that is learned from, cut into pieces once."""

    def __init__(self, folder: Path) -> None:
        draw = np.random.default_rng(SEED)
        self.texts: list[str] = []
        labels, sets = [], []
        for path in sorted((folder / "train").glob("*.tsv.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                rows = [line.rstrip("\n").split("\t", 1) for line in file]
            if len(rows) > CAP:
                rows = [rows[at] for at in draw.choice(len(rows), CAP, replace=False)]
            self.texts += [text[:600] for _, text in rows]
            labels += [int(label) for label, _ in rows]
            sets += [path.name.removesuffix(".tsv.gz")] * len(rows)
        self.labels, self.sets = np.array(labels), np.array(sets)
        self.langs = np.array([LANG_OF.get(name.split("-")[-1], name.split("-")[-1]) for name in sets])
        self.neutrals = np.array([name.startswith(WITH_NEUTRALS) or name == "xed-neu" for name in sets])
        self.matrix, normals = matrix(self.texts, list(self.langs))
        self.normals = normals
        self.words = [normal.split() for normal in normals]
        self._read_lexicon(folder / "lexicon")
        self._read_seeds(Path(__file__).with_name("seeds.txt"))

    def _read_lexicon(self, folder: Path) -> None:
        words, values, langs = [], [], []
        self.prior: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
        for path in sorted(folder.glob("*.tsv")):
            for line in path.read_text(encoding="utf-8").splitlines():
                word, value = line.split("\t")
                words.append(html.unescape(word))
                values.append(float(value))
                langs.append(path.stem)
                spelt = " ".join(grams.normal(words[-1]).split())
                if len(spelt) >= 2 and spelt.count(" ") < 2:
                    self.prior[path.stem][spelt] = (values[-1] * 0.7, 6.0)
        self.lexicon_values = np.array(values)
        self.lexicon_matrix, _ = matrix(words, langs)

    def _read_seeds(self, path: Path) -> None:
        self.negators: dict[str, set[str]] = defaultdict(set)
        self.emoji: dict[str, int] = {}
        texts, signs, langs = [], [], []
        for line in path.read_text(encoding="utf-8").splitlines():
            head, colon, rest = line.partition(":")
            if not colon or line.startswith("#"):
                continue
            lang, sign = head.split()
            for phrase in filter(None, (phrase.strip() for phrase in rest.split(" | "))):
                words = grams.normal(phrase).split()
                if sign == "n":
                    self.negators[lang] |= set(words)
                    continue
                texts.append(phrase)
                signs.append({"+": 1, "-": -1, "0": 0}[sign])
                langs.append("*" if lang == "emoji" else lang)
                if lang == "emoji":
                    self.emoji.update(dict.fromkeys([*words, phrase] if len(phrase) == 1 else words, signs[-1]))
                elif sign != "0" and len(words) <= 2:
                    self.prior[lang][" ".join(words)] = (2.2 * signs[-1], 40.0)
        self.seed_signs = np.array(signs)
        self.seed_matrix, _ = matrix(texts, langs)


def matrix(texts: list[str], langs: list[str]) -> tuple[Any, list[str]]:
    """Pieces of each text as a sparse row of length 1/sqrt(pieces), and the texts in normal form."""
    blocks, normals = [], []
    for at in range(0, len(texts), 2_000):
        batch = [grams.normal(text) for text in texts[at : at + 2_000]]
        pieces = grams.cut(batch, tiny.BITS, langs[at : at + 2_000])
        weight = (1 / np.sqrt(np.maximum(1, pieces.counts)))[pieces.rows].astype(np.float32)
        blocks.append(sp.coo_matrix((weight, (pieces.rows, pieces.ids.astype(np.int32))), shape=(len(batch), 1 << tiny.BITS)).tocsr())
        normals += batch
    return sp.vstack(blocks).tocsr(), normals


def balanced(sets: Any, yes: Any) -> Any:
    """Weights that give both answers the same say within each set."""
    weights = np.where(np.isin(sets, AT_HOME), 2.0, 1.0)
    for name in set(sets.tolist()):
        for answer in (True, False):
            here = (sets == name) & (yes == answer)
            if here.sum() and here.sum() < (sets == name).sum():
                weights[here] *= (sets == name).sum() / 2 / here.sum()
    return weights


def fit(rows: list[Any], answers: list[Any], weights: list[Any]) -> tuple[Any, float]:
    model = SGDClassifier(loss="log_loss", alpha=ALPHA, max_iter=EPOCHS, tol=None, average=True, random_state=SEED)
    model.fit(sp.vstack(rows).tocsr(), np.concatenate(answers).astype(int), sample_weight=np.concatenate(weights))
    return model.coef_[0], float(model.intercept_[0])


def heads(corpus: Corpus, keep: Any) -> list[tuple[Any, float]]:
    """The opinion head and the polarity head, from the texts to keep."""
    with_neutrals, felt = keep & corpus.neutrals, keep & (corpus.labels != 0)
    feeling = corpus.seed_signs != 0
    opinion = fit(
        [corpus.matrix[with_neutrals], corpus.lexicon_matrix, corpus.seed_matrix],
        [corpus.labels[with_neutrals] != 0, np.ones(corpus.lexicon_matrix.shape[0]), feeling],
        [
            balanced(corpus.sets[with_neutrals], corpus.labels[with_neutrals] != 0),
            LEXICON_OPINION * np.abs(corpus.lexicon_values),
            np.where(feeling, SEED_OPINION, SEED_NEUTRAL),
        ],
    )
    polarity = fit(
        [corpus.matrix[felt], corpus.lexicon_matrix, corpus.seed_matrix[feeling]],
        [corpus.labels[felt] > 0, corpus.lexicon_values > 0, corpus.seed_signs[feeling] > 0],
        [
            balanced(corpus.sets[felt], corpus.labels[felt] > 0),
            LEXICON_POLARITY * np.abs(corpus.lexicon_values),
            np.full(feeling.sum(), SEED_POLARITY),
        ],
    )
    return [opinion, polarity]


def word_table(corpus: Corpus, keep: Any) -> dict[int, int]:
    """Key → value × 24 of every word that leans: the prior, corrected by evidence; words of every second text are damped."""
    positive, negative, texts = (defaultdict(Counter) for _ in range(3))
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for at in np.flatnonzero(keep):
        lang, words = corpus.langs[at], corpus.words[at]
        prior = corpus.prior[lang]
        found = set(words) | {pair for pair in map(" ".join, pairwise(words)) if pair in prior}
        texts[lang].update(found)
        totals[lang][2] += 1
        if corpus.labels[at]:
            (positive if corpus.labels[at] > 0 else negative)[lang].update(found)
            totals[lang][0 if corpus.labels[at] > 0 else 1] += 1
    table: dict[int, int] = {}
    for lang in set(corpus.prior) | set(texts):
        likes, dislikes, count = totals[lang]
        often = {word for word, number in texts[lang].items() if number >= 4 and any(map(str.isalpha, word))}
        for word in set(corpus.prior[lang]) | often:
            prior, trust = corpus.prior[lang].get(word, (0.0, 25.0))
            for_it, against = positive[lang][word], negative[lang][word]
            evidence = 0.0
            if for_it + against and likes and dislikes:
                evidence = 2.0 * float(np.log((for_it + 0.5) / (likes + 1) / ((against + 0.5) / (dislikes + 1))))
            value = (prior * trust + float(np.clip(evidence, -4, 4)) * (for_it + against)) / (trust + for_it + against)
            if count > 500 and texts[lang][word] > 0.04 * count and trust < 40:
                value *= 0.3
            if abs(value) >= 0.5:
                table[tiny.key_of(lang, word)] = int(np.clip(round(value * tiny.TABLE_UNIT), -127, 127))
        for word in corpus.negators.get(lang, ()):
            table[tiny.key_of(lang, word)] = tiny.NEGATOR
    for sign, value in corpus.emoji.items():
        table[tiny.key_of("*", grams.normal(sign).strip() or sign)] = value
        table[tiny.key_of("*", sign)] = value
    return table


def seen(corpus: Corpus, rows: Any, trained: list[tuple[Any, float]], table: dict[int, int]) -> Any:
    """What the trees see of these texts."""
    outputs = np.column_stack([corpus.matrix[rows] @ weights + bias for weights, bias in trained])
    sums = [tiny.table_sums(corpus.words[at], corpus.langs[at], table)[0] for at in rows]
    texts, normals, langs = ([column[at] for at in rows] for column in (corpus.texts, corpus.normals, corpus.langs))
    return tiny.features(texts, normals, langs, outputs, sums)


def honest_rows(corpus: Corpus) -> dict[str, tuple[Any, Any]]:
    """For both kinds of trees: which texts, and what was seen of them by heads that had not learned them."""
    draw = np.random.default_rng(SEED)
    out: dict[str, list[tuple[Any, Any]]] = {"foreign": [], "taught": []}
    for lang, sets in LEFT_OUT.items():
        away = np.isin(corpus.sets, sets)
        rows = draw.permutation(np.flatnonzero(away))[:5_000]
        out["foreign"].append((rows, seen(corpus, rows, heads(corpus, ~away), word_table(corpus, ~away))))
        print("left out", lang, flush=True)
    fold = draw.integers(0, FOLDS, len(corpus.labels))
    for number in range(FOLDS):
        rows = np.flatnonzero((fold == number) & corpus.neutrals)
        out["taught"].append((rows, seen(corpus, rows, heads(corpus, fold != number), word_table(corpus, fold != number))))
        print("fold", number, flush=True)
    return {mode: (np.concatenate([rows for rows, _ in found]), np.vstack([what for _, what in found])) for mode, found in out.items()}


def equal_say(corpus: Corpus, rows: Any) -> Any:
    """Weights that make every class of every set count the same; tiny classes are left out."""
    weights = np.zeros(len(rows))
    sets, labels = corpus.sets[rows], corpus.labels[rows]
    for name in set(sets.tolist()):
        for label in (-1, 0, 1):
            here = (sets == name) & (labels == label)
            if here.sum() >= 50:
                weights[here] = 1_000 / here.sum()
    return weights


def blinded(what: Any, mode: str) -> Any:
    """What the trees of a mode may see: the rest is 0 everywhere, so that no tree splits on it."""
    what = what.copy()
    what[:, list(UNSEEN[mode])] = 0
    if mode == "foreign":
        what[:, -len(tiny.HOMES) :] = 0
    return what


def grow(corpus: Corpus, rows: Any, what: Any, mode: str) -> Any:
    model = HistGradientBoostingClassifier(
        max_iter=90 if mode == "foreign" else 140,
        max_depth=4,
        learning_rate=0.1,
        l2_regularization=5,
        min_samples_leaf=60,
        random_state=SEED,
    )
    return model.fit(blinded(what, mode), corpus.labels[rows], sample_weight=equal_say(corpus, rows))


def draw_line(corpus: Corpus, rows: Any, what: Any) -> tuple[Any, Any]:
    """A plain multinomial regression beside the trees, as whole numbers: weights (features, 3) and start (3,)."""
    what = blinded(what, "foreign").astype(float)
    middle, spread = what.mean(axis=0), np.maximum(what.std(axis=0), 1e-9)
    spread[what.std(axis=0) == 0] = np.inf
    model = LogisticRegression(C=0.1, max_iter=200).fit(
        (what - middle) / spread, corpus.labels[rows], sample_weight=equal_say(corpus, rows)
    )
    weights = (model.coef_ / spread).T
    start = model.intercept_ - middle @ weights
    return np.round(weights * tiny.SCORE_UNIT * tiny.LINE_UNIT).astype(np.int64), np.round(start * tiny.SCORE_UNIT).astype(np.int64)


def flat(model: Any) -> tuple[Any, Any, Any]:
    """The trees as three arrays: nodes (feature or −1, threshold or value, left, right), roots, the classes' start."""
    nodes, roots = [], []
    for stage in model._predictors:
        for tree in stage:
            base = len(nodes)
            roots.append(base)
            for node in tree.nodes:
                leaf = bool(node["is_leaf"])
                threshold = round(float(node["value"]) * tiny.SCORE_UNIT) if leaf else int(np.floor(node["num_threshold"]))
                nodes.append((-1 if leaf else int(node["feature_idx"]), threshold, base + int(node["left"]), base + int(node["right"])))
    start = np.round(np.asarray(model._baseline_prediction).reshape(-1) * tiny.SCORE_UNIT).astype(np.int32)
    return np.array(nodes, dtype=np.int32), np.array(roots, dtype=np.int32), start


def calibration(chances: Any, right: Any, weights: Any, bins: int = 12) -> list[list[float]]:
    """Points (strength, share right), rising: pooled adjacent violators over equally filled bins."""
    order = np.argsort(chances)
    pools: list[list[float]] = []
    for part in np.array_split(order, bins):
        w = weights[part]
        if w.sum() == 0:
            continue
        pools.append([float(np.average(chances[part], weights=w)), float(np.average(right[part], weights=w)), float(w.sum())])
        while len(pools) > 1 and pools[-2][1] >= pools[-1][1]:
            (a, p, n), (b, q, m) = pools[-2:]
            pools[-2:] = [[(a * n + b * m) / (n + m), (p * n + q * m) / (n + m), n + m]]
    return [[round(strength, 4), round(share, 4)] for strength, share, _ in pools]


def judges(corpus: Corpus, honest: dict[str, tuple[Any, Any]], allowed: Any) -> dict[str, Any]:
    """Line and trees from the texts allowed, in the form in which they are stored."""
    stored: dict[str, Any] = {}
    for mode, (rows, what) in honest.items():
        use = allowed[rows]
        stored[f"{mode}_nodes"], stored[f"{mode}_roots"], stored[f"{mode}_start"] = flat(grow(corpus, rows[use], what[use], mode))
        if mode == "foreign":
            stored["line_weights"], stored["line_start"] = draw_line(corpus, rows[use], what[use])
    return stored


def held_out_calibration(corpus: Corpus, honest: dict[str, tuple[Any, Any]]) -> dict[str, list[list[float]]]:
    """Calibrated on one half of the texts by judges made from the other."""
    half = np.random.default_rng(SEED).integers(0, 2, len(corpus.labels)).astype(bool)
    judged = tiny.Judges(judges(corpus, honest, half))
    out = {}
    for mode, (rows, what) in honest.items():
        use = ~half[rows]
        if mode == "taught":
            use &= np.isin(corpus.langs[rows], tiny.TAUGHT)
        scores = judged.scores(what[use], mode)
        chances = np.array([max(tiny.chances(row)) for row in scores.tolist()])
        right = (scores.argmax(axis=1) - 1 == corpus.labels[rows[use]]).astype(float)
        out[mode] = calibration(chances, right, equal_say(corpus, rows[use]))
    return out


def english_calibration(corpus: Corpus) -> list[list[float]]:
    """The same for vaderSentiment with the care layer, on the English training texts."""
    rows = np.flatnonzero(np.isin(corpus.sets, ["goemotions", "vgt-ama", "vgt-mov", "vgt-nyt"]))
    words = care.lay_over(vader.plain(), care.shipped())
    compounds = np.array([vader.read(corpus.texts[at], words).compound for at in rows])
    said = np.where(compounds >= 0.05, 1, np.where(compounds <= -0.05, -1, 0))
    strength = np.where(said == 0, 0.0, np.abs(compounds))
    right = (said == corpus.labels[rows]).astype(float)
    neutral = said == 0
    rest = calibration(strength[~neutral], right[~neutral], np.ones((~neutral).sum()), 8)
    return [[0.0, round(float(right[neutral].mean()), 4)], *[point for point in rest if point[0] > 0.01]]


def quantised(weights: Any) -> tuple[Any, float]:
    """Weights as int8, and the scale that makes whole numbers of them."""
    scale = 127 / float(np.quantile(np.abs(weights[weights != 0]), 0.9995))
    return np.clip(np.round(weights * scale), -127, 127).astype(np.int8), scale


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    started = time.time()
    corpus = Corpus(Path(arguments[0]))
    out = Path(arguments[1]) if len(arguments) > 1 else ROOT / "listener" / "analysis" / "tiny.npz"
    print(
        f"{len(corpus.texts)} texts, {len(corpus.lexicon_values)} lexicon entries, {len(corpus.seed_signs)} seeds, {time.time() - started:.0f} s",
        flush=True,
    )
    honest = honest_rows(corpus)
    everything = np.ones(len(corpus.labels), dtype=bool)
    stored = judges(corpus, honest, everything)
    facts: dict[str, Any] = {"version": tiny.VERSION, "calibration": held_out_calibration(corpus, honest)}
    facts["calibration"]["english"] = english_calibration(corpus)
    trained = heads(corpus, everything)
    table = word_table(corpus, everything)
    (stored["opinion"], opinion_scale), (stored["polarity"], polarity_scale) = (quantised(weights) for weights, _ in trained)
    facts["scale"], facts["bias"] = [opinion_scale, polarity_scale], [trained[0][1], trained[1][1]]
    keys = np.array(sorted(table), dtype=np.uint32)
    stored["keys"], stored["values"] = keys, np.array([table[int(key)] for key in keys], dtype=np.int16).astype(np.int8)
    stored["facts"] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    np.savez_compressed(out, **stored)
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, {len(table)} words in the table, {time.time() - started:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
