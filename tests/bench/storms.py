#!/usr/bin/env python3
"""Near-duplicates: how pure and how complete the folded clusters are, and how fast.

Usage:   python tests/bench/storms.py AIRLINES.csv

AIRLINES.csv is any CSV with a column `text`. Its texts of 40 characters and more that resemble no other (no pair shares four fifths of
its 4-grams, checked pair by pair) are the originals. Every tenth of them becomes a storm: up to 40 copies, altered as people alter
posts, mixed at random into the stream of all the others. A second storm is constructed from sentences of the bench's own.
A copy counts as found when it is folded into its own original or into another copy of it.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from listener.analysis.duplicates import Folder, containment, grams_of, plain_text

RUMOUR = [
    "Aurora Air is hiding a fuel leak on its new jets, ask your crew before you board tonight",
    "My grandmother was left alone in Athens for nine hours by @auroraair and nobody said sorry",
    "Η Aurora ακυρώνει όλες τις πτήσεις του Σαββατοκύριακου και δεν επιστρέφει τα χρήματα σε κανέναν",
    "Aurora verliert schon wieder das Gepäck eines ganzen Fluges, und die Hotline ist seit Stunden tot",
    "อโรราแอร์ยกเลิกเที่ยวบินทั้งหมดในสุดสัปดาห์นี้และไม่คืนเงินให้ผู้โดยสารเลยสักคน",
    "أورورا تلغي جميع رحلات نهاية الأسبوع ولا ترد الأموال إلى أي من المسافرين العالقين في المطار",
]


def altered(text: str, dice: random.Random) -> str:
    """One copy, changed in one to three of the ways in which people change what they pass on."""
    for _ in range(dice.randint(1, 3)):
        text = dice.choice(WAYS)(text, dice)
    return text


def typo(text: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(text) - 1)
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]


def cut(text: str, dice: random.Random) -> str:
    return text[: int(len(text) * dice.uniform(0.75, 1.0))] + "…"


def dropped(text: str, dice: random.Random) -> str:
    words = text.split(" ")
    if len(words) > 8:
        del words[dice.randrange(len(words))]
    return " ".join(words)


WAYS = (
    lambda text, dice: f"RT @user{dice.randrange(999)}: {text}",
    lambda text, dice: f"{text} https://sho.example/{dice.randrange(10**6):x}",
    lambda text, dice: text.upper(),
    lambda text, dice: f"{text} 😡😡",
    lambda text, dice: text.replace(".", "!").replace(",", " -"),
    lambda text, dice: f"{text} #aurora",
    typo,
    cut,
    dropped,
)


def originals(texts: list[str]) -> list[str]:
    """Those that resemble no other, pair by pair."""
    kept: list[tuple[str, frozenset[str]]] = []
    for text in dict.fromkeys(texts):
        plain = plain_text(text)
        if len(plain) < 40:
            continue
        grams = frozenset(grams_of(plain))
        if all(containment(grams, other) < 0.8 for _, other in kept):
            kept.append((text, grams))
    return [text for text, _ in kept]


def measure(name: str, stream: list[tuple[str, int]]) -> None:
    """Fold a stream of (text, number of its original) and print what came of it."""
    folder: Folder[int] = Folder()
    truth: dict[int, int] = {}
    first: set[int] = set()
    due = found = folded = wrong = 0
    began = time.process_time()
    leaders = [folder.fold(key, text, key) for key, (text, _) in enumerate(stream)]
    spent = time.process_time() - began
    for key, ((_, original), leader) in enumerate(zip(stream, leaders, strict=True)):
        truth[key] = original
        due += original in first
        first.add(original)
        if leader is not None:
            folded += 1
            found += truth[leader] == original
            wrong += truth[leader] != original
    print(
        f"{name:12s} {len(stream)} posts, {len(first)} originals, {due} copies: precision {1 - wrong / max(folded, 1):.4f}, "
        f"recall {found / max(due, 1):.4f}, {1e6 * spent / len(stream):.0f} µs a post"
    )


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(__doc__)
    with Path(sys.argv[1]).open(newline="", encoding="utf-8") as lines:
        texts = originals([row["text"] for row in csv.DictReader(lines)])
    dice = random.Random(20_150_216)
    stream = [(text, number) for number, text in enumerate(texts)]
    for number in range(0, len(texts), 10):
        stream += [(altered(texts[number], dice), number) for _ in range(dice.randint(1, 40))]
    dice.shuffle(stream)
    measure("imported", stream)
    built = [(altered(text, dice), number) for number, text in enumerate(RUMOUR) for _ in range(500)]
    dice.shuffle(built)
    measure("constructed", built)
    return 0


if __name__ == "__main__":
    sys.exit(main())
