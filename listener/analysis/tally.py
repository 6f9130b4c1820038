"""From scored posts to the buckets that a watch reads. Live posts, an archive and a bench are counted by the same few lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.analysis.folding import fold
from listener.domain.volume import SILENT, Bucket, Uses, Voice, bucket_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from listener.analysis.vocabulary import Vocabularies
    from listener.domain.sentiment import Label

LIMIT = 2_000
"""Characters of a text that are read."""
MOST_TERMS = 60
"""Terms of one post that count: a wall of hashtags is one post."""

COPIES = "copies of "
"""Copies of one post are counted like a word, so that a storm of them bursts like one; no word holds a space."""

_NOISE = re.compile(r"https?://\S+|www\.\S+|@[\w.]+(?:@[\w.-]+)?")
_WORD = re.compile(r"#?[^\W\d_][\w]{2,39}")


@dataclass(frozen=True, slots=True)
class Post:
    """What counts of one mention."""

    at: int
    """When it was written, UTC ms."""
    text: str
    lang: str = ""
    label: Label = "unscored"
    complaint: bool = False
    author: int = 0
    """Any key that tells authors apart within the topic."""
    handle: str = ""
    followers: int = 0
    """0 where the network does not tell."""
    leader: int | None = None
    """The mention that this one is a near-duplicate of; see `duplicates.Folder`."""


def tally(posts: Iterable[Post], vocabularies: Vocabularies) -> list[Bucket]:
    """The buckets of some posts of one topic, oldest first; buckets without a post are left out (see `volume.dense`)."""
    by_start: dict[int, list[Post]] = {}
    for post in posts:
        by_start.setdefault(bucket_of(post.at), []).append(post)
    return [_bucket(start, by_start[start], vocabularies) for start in sorted(by_start)]


def _bucket(start: int, posts: list[Post], vocabularies: Vocabularies) -> Bucket:
    labels = [post.label for post in posts]
    loudest = SILENT
    families: dict[str, list[Post]] = {}
    terms: dict[str, list[Post]] = {}
    for post in posts:
        loudest = loudest.louder(Voice(post.followers, post.handle))
        for family in vocabularies.words(post.text, post.lang):
            families.setdefault(family, []).append(post)
        for term in terms_of(post.text):
            terms.setdefault(term, []).append(post)
        if post.leader is not None:
            terms.setdefault(f"{COPIES}{post.leader}", []).append(post)
    return Bucket(
        start,
        len(posts),
        labels.count("negative"),
        labels.count("neutral"),
        labels.count("positive"),
        labels.count("unscored"),
        sum(post.complaint for post in posts),
        frozenset(post.author for post in posts),
        loudest,
        {family: _uses(used) for family, used in families.items()},
        {term: _uses(used) for term, used in terms.items()},
    )


def _uses(posts: list[Post]) -> Uses:
    loudest = SILENT
    for post in posts:
        loudest = loudest.louder(Voice(post.followers, post.handle))
    return Uses(len(posts), frozenset(post.author for post in posts), loudest)


def terms_of(text: str) -> frozenset[str]:
    """The words and hashtags of a post that may come to label an incident: three letters or more, folded, no links, no handles.

    Everyday words are in it: they never burst. Scripts without spaces give their hashtags only.
    """
    words = _WORD.findall(_NOISE.sub(" ", fold(text[:LIMIT])))
    return frozenset(words[:MOST_TERMS])
