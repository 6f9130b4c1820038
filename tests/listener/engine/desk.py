"""A topic with some ordinary days and a wave at their end: what the tests of the watch and of incidents stand on."""

from __future__ import annotations

import random

from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import Sentiment
from listener.store.connection import Store
from listener.store.intake import Intake

NOW = 1_774_000_000_000
STEP = 300_000
NOW_BUCKET = NOW - NOW % STEP
HOURS = 3_600_000
BAD = Sentiment("negative", -0.6, 0.8, "vader-3.3.2", "A", -0.6)
MEH = Sentiment("neutral", 0.0, 0.8, "vader-3.3.2", "A", 0.0)


def post(n: int, at: int, *, wave: bool = False, topic: str = "Aurora", text: str = "", followers: int = 50, author: str = "", own: bool = False) -> Filing:
    words = text or (f"aurora outage, nothing works, number {n}" if wave else f"a day with aurora, seat {n}")
    kinds = (("complaint", 0.9),) if wave else ()
    who = author or f"person{n % 400 if not wave else n}"
    return Filing(Mention("mastodon", str(n), words, at, Author(who, who, who.title(), followers=followers), own=own), (topic,), "en", 0.9, BAD if wave else MEH, kinds)


def ordinary(*, days: float = 3.2, until: int = NOW, seed: int = 5, first: int = 0, topic: str = "Aurora") -> list[Filing]:
    """About ten posts an hour."""
    dice = random.Random(seed)
    length = int(days * 24 * HOURS)
    times = sorted(until - dice.randrange(1, length) for _ in range(int(days * 240)))
    return [post(first + n, at, topic=topic) for n, at in enumerate(times)]


def wave(*, at: int, posts: int = 90, minutes: int = 40, first: int = 100_000, seed: int = 6, topic: str = "Aurora") -> list[Filing]:
    """A storm of complaints that use operational words."""
    dice = random.Random(seed)
    return [post(first + n, at + dice.randrange(minutes * 60_000), wave=True, topic=topic) for n in range(posts)]


class Clock:
    def __init__(self, at: int = NOW) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at


def add(store: Store, filings: list[Filing]) -> None:
    intake = Intake(store)
    for start in range(0, len(filings), 250):
        part = filings[start : start + 250]
        store.write(lambda connection, part=part: intake.add(connection, part), durable=False)
