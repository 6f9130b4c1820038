"""How people take an answer: with thanks, with anger, with another question, with a grade."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sources.sandbox.clock import SECOND
from sources.sandbox.phrases import HANDLE
from sources.sandbox.post import OWN

if TYPE_CHECKING:
    from sources.sandbox.phrases import Phrases
    from sources.sandbox.post import Post

KIND_WORDS = re.compile(
    r"\b(sorry|apolog|thank|help|look into|right away|direct message|dm|please|συγγν|λυπ|perd[oó]n|lo siento|entschuldig|désol|pasensya|scuze)",
    re.IGNORECASE,
)
GRADE_WORDS = re.compile(r"1\s*(?:to|-|–|and)\s*5|\brate\b|how did we do|out of 5|from one to five", re.IGNORECASE)
UNHAPPY = frozenset({"complaint", "technical", "safety", "privacy", "legal", "conduct"})
MOODS = {
    "unhappy": (("thanks", 0.50), ("angry", 0.24), ("follow", 0.16)),
    "question": (("thanks", 0.62), ("follow", 0.23)),
    "lead": (("lead", 0.95),),
    "content": (("glad", 0.65),),
}


@dataclass(frozen=True, slots=True)
class Reaction:
    """What somebody will say, and when."""

    at: int
    """UTC ms."""
    text: str
    kind: str


def react(seed: int, phrases: Phrases, post: Post, answer: str, at: int) -> Reaction | None:
    """What the author of `post` says to an `answer` of the brand sent `at` (UTC ms); None when they leave it at that."""
    rng = Random(f"{seed}/{post.uid}/{answer}")
    kind = "unhappy" if post.kind in UNHAPPY else post.kind if post.kind in ("question", "lead") else "content"
    mood = _mood(rng, kind, kindly=bool(KIND_WORDS.search(answer)))
    if GRADE_WORDS.search(answer) and rng.random() < 0.8:
        mood = "csat_bad" if mood == "angry" else "csat_good"
    if not mood:
        return None
    words = phrases.react(rng, post.lang, mood, OWN, post.network)
    delay = rng.randint(25, 150) * SECOND
    said = {"angry": "complaint", "csat_bad": "complaint", "follow": "question", "lead": "lead"}.get(mood, "praise")
    return Reaction(at + delay, f"{HANDLE[post.network].format(OWN.handle)} {words}", said)


def _mood(rng: Random, kind: str, *, kindly: bool) -> str:
    draw = rng.random()
    for mood, share in MOODS[kind]:
        if mood == "thanks" and kindly:
            share += 0.18
        if mood == "angry" and kindly:
            share -= 0.14
        if draw < share:
            return mood
        draw -= share
    return ""
