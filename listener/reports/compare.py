"""The brand beside each rival: the same period, the same sources. Every line is a claim with its count and the query that opens its mentions.

Counts come from the roll-ups and are exact. Words are found in an even sample of the texts, whose size is told; how often a theme was
praised or complained about is then counted in the whole archive, up to a cap.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.analysis.themes import Theme, count, distinctive, unlike
from listener.domain.query.ast import Field, Node, Query, Term, all_of
from listener.errors import InputError
from listener.reports.documents import net_row, percent, stamp, timing_row
from listener.reports.figures import Net, Timing, net, rounded, share, timing
from listener.reports.metrics import shared_sources
from listener.store.comparing import Comparing
from listener.store.figures import Figures, Scope, Voice
from listener.store.filters import Filter
from listener.store.mentions import Mentions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.config import Config
    from listener.store.connection import Store

SAMPLE = 1_500
"""Texts of each topic that are read for their words."""
LINES = 4
"""Claims of each sort."""
CAP = 1_000
"""A claim is counted up to here; beyond, it says so."""
SURE = 1.96
"""z from which a theme is more than chance."""


@dataclass(frozen=True, slots=True)
class Rival:
    """One topic of the comparison."""

    name: str
    role: str
    voice: Voice
    share_of_voice: float | None
    net: Net
    kinds: dict[str, int]
    reach: int | None
    engagement_rate: float | None
    response: Timing
    """First answers of its own accounts that the desk has seen."""
    rising: tuple[Theme, ...]
    """What is said of it more than of the others."""
    falling: tuple[Theme, ...]
    """What is said of the others more."""
    sampled: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of strengths, weaknesses, opportunities and threats."""

    sort: str
    """`strength`, `weakness`, `opportunity`, `threat`."""
    topic: str
    theme: str
    n: int
    exact: bool
    """False when the count was cut off at its cap."""
    query: str
    """Opens the mentions, in the query language."""

    @property
    def text(self) -> str:
        """As a colleague would say it."""
        mood = "praise" if self.sort in ("strength", "threat") else "complaints"
        return f"{self.topic}: “{self.theme}”: {self.n}{'' if self.exact else '+'} mentions of {mood}"


@dataclass(frozen=True, slots=True)
class Comparison:
    since: int
    until: int
    sources: tuple[str, ...]
    left_out: tuple[str, ...]
    """Sources that are asked about some of the topics only."""
    rivals: tuple[Rival, ...]
    """The brand's topics first."""
    claims: tuple[Claim, ...]


def compare(store: Store, config: Config, since: int, until: int, *, topics: Sequence[str] = (), sources: Sequence[str] = ()) -> Comparison:
    """Brand and rivals over one period. Raises InputError: a name that is not known, nothing to compare. StoreError."""
    figures, reading = Figures(store), Comparing(store)
    known = {id_: pair for id_, pair in figures.topics().items() if pair[1] in ("brand", "competitor") and (not topics or pair[0] in topics)}
    missing = [name for name in topics if name not in {name for name, _ in known.values()}]
    if missing or not known:
        raise InputError(f"There is no topic {missing[0]!r} to compare." if missing else "There is no topic to compare.", hint="Topics with the role brand or competitor are compared.")
    named = figures.sources()
    used, left_out = shared_sources(config, named, {name for name, _ in known.values()})
    used = tuple(id_ for id_ in used if not sources or named[id_] in sources)
    order = sorted(known, key=lambda id_: (known[id_][1] != "brand", known[id_][0]))
    scope = Scope(since, until, tuple(order), used or (-1,))
    voices = figures.voices(scope)
    by_topic = {id_: sum((voice for (topic, _), voice in voices.items() if topic == id_), Voice()) for id_ in order}
    everything = sum(voice.n for voice in by_topic.values())
    kinds = reading.kinds(scope)
    names = _names(config, known)
    samples = {id_: reading.sample(scope, id_, SAMPLE) for id_ in order}
    counts = {id_: count((text for _, text in samples[id_]), names) for id_ in order}
    moods = {(id_, mood): count((text for label, text in samples[id_] if label == mood), names) for id_ in order for mood in ("positive", "negative")}
    rivals = []
    for id_ in order:
        name, role = known[id_]
        voice = by_topic[id_]
        reach = figures.reach(scope, [id_])[0]
        others = _merged([counts[other] for other in order if other != id_])
        themes = distinctive(*counts[id_], *others) if len(order) > 1 else []
        handles = [handle.lstrip("@") for topic in config.topics if topic.name == name for handle in topic.handles]
        seen = reading.answers_seen(handles, role == "brand", scope)
        rivals.append(Rival(
            name, role, voice, share(voice.n, everything), net(voice), kinds[id_], reach, 100 * voice.engagement / reach if reach else None,
            timing(config.calendar(), [pair[0] for pair in seen], [pair[1] for pair in seen]),
            tuple(unlike((theme for theme in themes if theme.score >= SURE), LINES)), tuple(unlike((theme for theme in reversed(themes) if theme.score <= -SURE), LINES)), len(samples[id_]),
        ))  # fmt: skip
    return Comparison(since, until, tuple(named[id_] for id_ in used), tuple(named[id_] for id_ in left_out), tuple(rivals), tuple(_claims(store, known, order, moods, since, until)))


def _names(config: Config, known: dict[int, tuple[str, str]]) -> frozenset[str]:
    """The words by which the topics were found: they say nothing about them."""
    from listener.analysis.folding import fold

    wanted = {name for name, _ in known.values()}
    told = [*wanted, *(word for topic in config.topics if topic.name in wanted for word in (*topic.handles, *topic.hashtags))]
    words = {part for text in told for part in fold(text).replace("@", " ").replace("#", " ").split()}
    return frozenset(words | {"".join(fold(text).split()) for text in told})


def _merged(parts: Sequence[tuple[Counter[str], int]]) -> tuple[Counter[str], int]:
    return sum((counts for counts, _ in parts), Counter[str]()), sum(n for _, n in parts)


def _claims(store: Store, known: dict[int, tuple[str, str]], order: Sequence[int], moods: dict[tuple[int, str], Any], since: int, until: int) -> list[Claim]:
    """Praise and complaints by theme: what a mood holds more of than the opposite mood does."""
    mentions = Mentions(store)
    sorts = {("brand", "positive"): "strength", ("brand", "negative"): "weakness", ("competitor", "negative"): "opportunity", ("competitor", "positive"): "threat"}
    found: list[Claim] = []
    for id_ in order:
        name, role = known[id_]
        for mood, other in (("positive", "negative"), ("negative", "positive")):
            themes = distinctive(*moods[id_, mood], *moods[id_, other])
            for theme in unlike((theme for theme in themes if theme.here >= 3 and (theme.score >= 1.0 or not moods[id_, other][1])), LINES):
                nodes: list[Node] = [Field("topic", name), Field("sentiment", mood), Term(theme.term, quoted=" " in theme.term), Field("since", stamp(since)), Field("until", stamp(until))]
                query = Query(all_of(nodes))
                n = mentions.count(Filter(query, "newest", folded=False), cap=CAP, patient=True)
                if n.n:
                    found.append(Claim(sorts[role, mood], name, theme.term, n.n, n.exact, str(query)))
    place = {sort: position for position, sort in enumerate(("strength", "weakness", "opportunity", "threat"))}
    return sorted(found, key=lambda claim: (place[claim.sort], -claim.n, claim.topic, claim.theme))


def document(found: Comparison) -> dict[str, Any]:
    """For scripts; keys are only ever added."""

    def theme(one: Theme) -> dict[str, Any]:
        return {"term": one.term, "z": round(one.score, 2), "here": one.here, "others": one.there}

    return {
        "since": stamp(found.since), "until": stamp(found.until), "sources": list(found.sources), "left_out": list(found.left_out),
        "topics": [
            {
                "topic": one.name, "role": one.role, "mentions": one.voice.n, "share_of_voice": rounded(one.share_of_voice), "net_sentiment": net_row(one.net), "kinds": one.kinds,
                "reach": one.reach, "engagement": one.voice.engagement, "engagement_rate": rounded(one.engagement_rate), "response": timing_row(one.response),
                "rising": [theme(each) for each in one.rising], "falling": [theme(each) for each in one.falling], "sampled": one.sampled,
            }
            for one in found.rivals
        ],
        "claims": [{"sort": one.sort, "topic": one.topic, "theme": one.theme, "n": one.n, "exact": one.exact, "text": one.text, "query": one.query} for one in found.claims],
    }  # fmt: skip


def headline(found: Comparison) -> str:
    """The comparison in a sentence: who has how much of the voice, and in which mood."""
    return " · ".join(f"{one.name} {percent(one.share_of_voice)} ({percent(one.net.value, sign=True)})" for one in found.rivals)
