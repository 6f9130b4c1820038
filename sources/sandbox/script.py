"""A story's beats, turned into posts with authors and times."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from sources.sandbox import rhythm
from sources.sandbox.ambient import BY_KEY, finish
from sources.sandbox.clock import DAY, MINUTE
from sources.sandbox.phrases import HANDLE
from sources.sandbox.post import OWN, Persona, Post, uid_of

if TYPE_CHECKING:
    from sources.sandbox.cast import Cast
    from sources.sandbox.phrases import Phrases
    from sources.sandbox.scenario import Beat, Scenario

FIRST_SEQUENCE, LAST_SEQUENCE = 0x4000, 0x7FFF
"""Below are the ordinary posts, above what is written while the sandbox runs."""
COPIES = ("{}", "{} ", "{}!", "RT {}", "{} 🙏", "{}\n\nplease share", "{} #travel", "⚠️ {}", "{} ⚠️", "{}…")


def expand(scenario: Scenario, start: int, seed: int, zone: str, cast: Cast, phrases: Phrases, first: int = FIRST_SEQUENCE) -> list[Post]:
    """All posts of the story in the order of time; `first` is the first sequence number that it may use."""
    posts: list[Post] = []
    openings: dict[str, dict[str, Post]] = {}
    sequence = first
    for beat in scenario.beats:
        rng = Random(f"{seed}/{start}/{scenario.slug}/{beat.name}")
        strangers = _authors(rng, beat, cast)
        for at in _times(rng, beat, start, zone):
            parents = openings.get(beat.replies_to, {})
            network = rng.choice(sorted(parents)) if parents else rng.choices(list(beat.networks), list(beat.networks.values()))[0]
            author = rng.choice(strangers) if strangers else cast.speaker(rng, beat.lang)
            post = _post(rng, beat, phrases, at, sequence, network, author, parents.get(network), scenario.details)
            posts.append(post)
            openings.setdefault(beat.name, {}).setdefault(network, post)
            sequence = FIRST_SEQUENCE if sequence == LAST_SEQUENCE else sequence + 1
    return sorted(posts, key=lambda post: post.uid)


def _authors(rng: Random, beat: Beat, cast: Cast) -> list[Persona]:
    if beat.who:
        who = beat.who
        return [cast.stranger(who.handle, who.name or who.handle, who.followers, who.lang, who.home)]
    if beat.authors == "brand":
        return [cast.brands[beat.topic or OWN.key]]
    if beat.authors == "fresh":
        return [
            cast.stranger(f"truth{rng.randint(1000, 9999)}{letter}", "Just asking", rng.randint(0, 9), beat.lang)
            for letter in "abcdefghijkl"
        ]
    return []


def _times(rng: Random, beat: Beat, start: int, zone: str) -> list[int]:
    """UTC ms, ascending."""
    origin = start
    if beat.clock:
        hour, minute = (int(part) for part in beat.clock.split(":"))
        origin = rhythm.last_local(start, zone, hour, minute)
    begin = origin - (beat.days_ago or 0) * DAY + int(beat.start * MINUTE)
    length = int((beat.end - beat.start) * MINUTE)
    if not beat.rate:
        return [begin] if beat.count == 1 else sorted(begin + int(rng.random() * length) for _ in range(beat.count))
    steps = max(1, length // MINUTE)
    times = []
    for step in range(steps):
        times += [
            begin + int((step + rng.random()) * length / steps) for _ in range(rhythm.poisson(rng, _rate(beat.rate, (step + 0.5) / steps)))
        ]
    return sorted(times)


def _rate(points: tuple[float, ...], share: float) -> float:
    """The rate at a share 0 … 1 of the way, on straight lines between the points."""
    if len(points) == 1:
        return points[0]
    place = share * (len(points) - 1)
    left = min(int(place), len(points) - 2)
    return points[left] + (points[left + 1] - points[left]) * (place - left)


def _post(
    rng: Random,
    beat: Beat,
    phrases: Phrases,
    at: int,
    sequence: int,
    network: str,
    author: Persona,
    parent: Post | None,
    details: tuple[str, ...],
) -> Post:
    brand = BY_KEY.get(beat.topic, OWN)
    if beat.storm:
        text = rng.choice(COPIES).format(phrases.fill(Random(beat.name), beat.texts[0], brand, network))
    else:
        text = rng.choice(beat.texts)
        if beat.authors == "crowd" and not beat.title:
            text = phrases.detailed(rng, text, beat.kind, beat.lang, details)
        text = phrases.fill(rng, text, brand, network)
        text = text[0].upper() + text[1:] if network != "reddit" else text
    if parent:
        text = f"{HANDLE[network].format(parent.author.handle)} {text}"
    title = phrases.fill(rng, beat.title, brand, network) if beat.title else (text[:140] if network in ("reddit", "press") else "")
    calm = 1.0 if beat.unanswered else (max(0.001, rng.random()) if beat.calms else 0.0)
    post = Post(
        network, uid_of(at, sequence), at, author, text, beat.lang, beat.kind, beat.topic, f"{title} {text}".casefold(), title,
        parent=parent.uid if parent else 0, root=(parent.root or parent.uid) if parent else 0, beat=beat.name, calm=calm,
    )  # fmt: skip
    return replace(finish(rng, post), edit=None, deleted_at=None)
