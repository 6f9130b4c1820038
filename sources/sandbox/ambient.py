"""An ordinary hour: what people say when nothing happens. Every hour follows from the seed alone, whichever is asked for first."""

from __future__ import annotations

import bisect
import itertools
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from sources.sandbox import rhythm
from sources.sandbox.cast import SHARE, cast_of
from sources.sandbox.clock import HOUR, MINUTE
from sources.sandbox.phrases import HANDLE, phrases
from sources.sandbox.post import BRANDS, OWN, Brand, Post, uid_of

if TYPE_CHECKING:
    from sources.sandbox.cast import Cast
    from sources.sandbox.phrases import Phrases

Weights = tuple[list[str], list[float]]


def _weights(**shares: float) -> Weights:
    return list(shares), list(itertools.accumulate(shares.values()))


NETWORK = _weights(mastodon=46, bluesky=40, reddit=8, hackernews=2, press=2.5)
TOPIC = _weights(brand=55, rival1=24, rival2=16, noise=5)
KIND = _weights(complaint=25, praise=14, question=14, lead=1.4, feature=4, technical=5, ugc=12, chatter=20, compare=5)
LANG = _weights(**SHARE)
BY_KEY = {brand.key: brand for brand in BRANDS}
ANSWERED = {"complaint": 0.34, "technical": 0.4, "question": 0.5, "lead": 0.6, "praise": 0.12}
TITLED = frozenset({"reddit", "press"})


@lru_cache(maxsize=1024)
def hour_of(seed: int, hour: int, zone: str) -> tuple[Post, ...]:
    """The posts of one hour (hours since 1970), unsorted; their sequences count from 0."""
    cast, words = cast_of(seed), phrases()
    rng = Random(f"{seed}/{hour}")
    begin = hour * HOUR
    count = rhythm.poisson(rng, rhythm.rate(begin, zone))
    posts: list[Post] = []
    for at in sorted(begin + int(rng.random() * HOUR) for _ in range(count)):
        network = _draw(rng, NETWORK)
        earlier = _conversation(rng, posts, network)
        posts.append(_answer(rng, cast, words, at, len(posts), earlier) if earlier else _post(rng, cast, words, at, len(posts), network))
    if 7 <= rhythm.local_hour(begin, zone) < 22:
        _desk_at_work(rng, cast, words, posts, begin + HOUR)
    return tuple(posts)


def finish(rng: Random, post: Post) -> Post:
    """The post with what becomes of it later: engagement, now and then an edit or a deletion."""
    reach = post.author.followers**0.55
    likes = int(reach * rng.random() ** 3)
    draw = rng.random()
    edit = (post.at + rng.randint(2, 40) * MINUTE, f"{post.text} (edit: spelling)") if draw < 0.012 and post.network != "bluesky" else None
    gone = post.at + rng.randint(20, 2_000) * MINUTE if draw > 0.992 else None
    return replace(post, likes=likes, reposts=likes // rng.randint(3, 9), edit=edit, deleted_at=gone)


def _post(rng: Random, cast: Cast, words: Phrases, at: int, sequence: int, network: str) -> Post:
    topic = _draw(rng, TOPIC)
    if topic == "noise" and network in TITLED:
        topic = "brand"
    brand = BY_KEY.get(topic, OWN)
    kind = "noise" if topic == "noise" else _draw(rng, KIND)
    lang = _draw(rng, LANG) if network in ("mastodon", "bluesky") and kind != "noise" else "en"
    if lang != "en" and kind not in words.kinds(lang):
        kind = "chatter"
    title = ""
    link = ""
    if network == "press":
        first, second = rng.sample(words.bodies, 2)
        kind, title = "chatter", words.press(rng, "headlines", brand)
        text = words.fill(rng, f"{first} {second}", brand, network)
    elif network == "hackernews":
        kind = "chatter"
        title = words.hn(rng, "stories", brand) if rng.random() < 0.3 else ""
        text = "" if title else words.hn(rng, "comments", brand)
        link = f"https://blog.sandbox/{at:x}" if title else ""
    else:
        text = words.say(rng, lang, kind, brand, network, rng.choice([other for other in BRANDS if other is not brand]))
        title = text.split(". ")[0][:140] if network == "reddit" else ""
    return finish(rng, _made(network, at, sequence, cast, rng, lang, kind, "" if topic == "noise" else topic, text, title=title, link=link))


def _conversation(rng: Random, posts: list[Post], network: str) -> Post | None:
    """Now and then a post answers one of those shortly before it."""
    if network not in ("mastodon", "bluesky") or rng.random() > 0.13:
        return None
    earlier = [post for post in posts[-12:] if post.network == network and post.topic]
    return rng.choice(earlier) if earlier else None


def _answer(rng: Random, cast: Cast, words: Phrases, at: int, sequence: int, parent: Post) -> Post:
    brand = BY_KEY[parent.topic]
    text = f"{HANDLE[parent.network].format(parent.author.handle)} {words.say(rng, 'en', 'thread', brand, parent.network)}"
    return finish(rng, _made(parent.network, at, sequence, cast, rng, "en", "thread", parent.topic, text, parent=parent))


def _desk_at_work(rng: Random, cast: Cast, words: Phrases, posts: list[Post], until: int) -> None:
    """The brand's own people answer by day; some customers say a word more."""
    for post in list(posts):
        if post.topic != OWN.key or post.parent or post.network not in ("mastodon", "bluesky") or rng.random() > ANSWERED.get(post.kind, 0):
            continue
        at = post.at + rng.randint(4, 38) * MINUTE
        if at >= until or (post.deleted_at and post.deleted_at < at):
            continue
        text = f"{HANDLE[post.network].format(post.author.handle)} {words.say(rng, 'en', 'brand_reply', OWN, post.network)}"
        ours = _made(post.network, at, len(posts), cast, rng, "en", "reply", OWN.key, text, parent=post, brand=OWN)
        posts.append(ours)
        again = at + rng.randint(3, 30) * MINUTE
        if again < until and rng.random() < 0.45:
            mood = "follow" if post.kind != "praise" else "praise"
            said = f"{HANDLE[post.network].format(OWN.handle)} {words.say(rng, 'en', mood, OWN, post.network)}"
            posts.append(
                replace(_made(post.network, again, len(posts), cast, rng, "en", "thread", OWN.key, said, parent=ours), author=post.author)
            )


def _made(
    network: str, at: int, sequence: int, cast: Cast, rng: Random, lang: str, kind: str, topic: str, text: str,
    *, title: str = "", link: str = "", parent: Post | None = None, brand: Brand | None = None,
) -> Post:  # fmt: skip
    author = cast.brands[brand.key] if brand else cast.speaker(rng, lang)
    root = (parent.root or parent.uid) if parent else 0
    folded = f"{title} {text}".casefold()
    return Post(network, uid_of(at, sequence), at, author, text, lang, kind, topic, folded, title, link, parent.uid if parent else 0, root)


def _draw(rng: Random, weights: Weights) -> str:
    names, cumulated = weights
    return names[bisect.bisect(cumulated, rng.random() * cumulated[-1] * 0.9999999)]
