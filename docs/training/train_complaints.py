"""Train the English complaint model again: `python docs/training/train_complaints.py DATA [OUT]`; needs the `[train]` extra.

No openly licensed set of labelled complaints was at hand, so it learns from messages written for this project (`complaints.txt`,
templates filled with a fixed seed) and, with less weight, from two sets that say something near it: product reviews (VADER's
ground truth, MIT: what is negative there is a complaint) and everyday conversation (GoEmotions, Apache-2.0: whatever its mood, it
is not addressed to a company and no complaint). Under a minute.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from listener.analysis import complaint, grams  # noqa: E402

SEED = 7
FILLINGS = 8
"""How often each template with slots is filled."""
REVIEWS, TALK = 0.3, 0.1
CAP = 4_000


def own_messages() -> list[tuple[int, str]]:
    """Label and text of every message written for this."""
    draw, slots, templates = random.Random(SEED), {}, []
    for line in Path(__file__).with_name("complaints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("="):
            name, _, fillings = line[1:].partition(":")
            slots[name] = [filling.strip() for filling in fillings.split("|")]
        elif line[:2] in ("0:", "1:"):
            templates.append((int(line[0]), line[2:].strip()))
    messages = []
    for label, template in templates:
        for _ in range(FILLINGS if "{" in template else 2):
            text = re.sub(r"\{(\w+)\}", lambda slot: draw.choice(slots[slot[1]]), template).strip()
            text = text.capitalize() if draw.random() < 0.3 else text
            messages.append((label, text.rstrip(".") + draw.choice(["!", ".", "!!", "..."]) if draw.random() < 0.2 else text))
    return messages


def borrowed(folder: Path, name: str) -> list[tuple[int, str]]:
    """Label and text of a set's texts, half of them addressed to somebody."""
    draw = random.Random(SEED)
    with gzip.open(folder / "train" / f"{name}.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t", 1) for line in file]
    rows = draw.sample(rows, min(CAP, len(rows)))
    return [(int(label), f"@someone {text}" if draw.random() < 0.5 else text) for label, text in rows]


def matrix(texts: list[str]) -> Any:
    pieces = grams.cut([grams.normal(text) for text in texts], complaint.BITS, shortest=2)
    weight = (1 / np.sqrt(np.maximum(1, pieces.counts)))[pieces.rows]
    return sp.coo_matrix((weight, (pieces.rows, pieces.ids.astype(np.int32))), shape=(len(texts), 1 << complaint.BITS)).tocsr()


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    out = Path(arguments[1]) if len(arguments) > 1 else ROOT / "listener" / "analysis" / "complaint.npz"
    own, reviews, talk = own_messages(), borrowed(folder, "vgt-ama"), borrowed(folder, "goemotions")
    texts = [text for _, text in (*own, *reviews, *talk)]
    answers = np.array([label for label, _ in own] + [int(label < 0) for label, _ in reviews] + [0] * len(talk))
    trust = np.array([1.0] * len(own) + [REVIEWS] * len(reviews) + [TALK] * len(talk))
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=200, random_state=SEED).fit(
        matrix(texts), answers, sample_weight=trust
    )
    scale = 127 / float(np.abs(model.coef_).max())
    facts = {"version": complaint.VERSION, "scale": scale, "bias": float(model.intercept_[0])}
    weights = np.round(model.coef_[0] * scale).astype(np.int8)
    np.savez_compressed(out, weights=weights, facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8))
    print(f"{out}: {out.stat().st_size / 1e3:.0f} KB from {len(own)} messages of our own, {len(reviews)} reviews, {len(talk)} remarks")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
