"""Saved replies: texts with placeholders, found by their words and suggested where they fit. Pure; files are read elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from listener.domain.query.fold import fold

if TYPE_CHECKING:
    from listener.domain.mention import Entry

_WORD = re.compile(r"\w{2,}")
_SLOT = re.compile(r"\{\s*([\w -]{1,40}?)\s*(?:\|([^{}\n]{0,80}))?\}")
_COMMON = frozenset(re.findall(r"\w+", """the and you your for are was this that with have has our not can will from they them then than there here what when who how all but out about
    into just also we us to of in on is it be as at or if so do an my me no up"""))  # fmt: skip
BEST = 3


@dataclass(frozen=True, slots=True)
class SavedReply:
    """One text of the folder."""

    name: str
    """The file's name without its ending."""
    title: str
    text: str
    tags: tuple[str, ...] = ()
    """Tags and kinds of message that it is meant for; empty means any."""
    topics: tuple[str, ...] = ()
    lang: str = ""
    """ISO 639-1; empty where it does not matter."""
    words: tuple[str, ...] = ()
    """Further words by which it is found."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A saved reply that fits, filled in as far as is known."""

    saved: SavedReply
    text: str
    score: float
    why: str
    """`tagged sales-lead`, `same words: check-in, queue`."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What placeholders stand for, and what they fall back to."""

    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, mention: Entry, operator: str, *, desk: str = "", brand: str = "") -> Filling:
        """`name` `first_name` `handle` `operator` `initial` `brand` `desk` `topic` `network` `link`."""
        author = mention.author
        name = (author.name or "").strip() or author.handle.split("@")[0]
        plain = "".join(char for char in name if char.isprintable() and char not in "{}")[:60].strip()
        return cls({
            "name": plain, "first_name": plain.split(" ")[0] if plain else "", "handle": f"@{author.handle}", "operator": operator, "initial": operator[:1].upper(),
            "brand": brand or mention.topic, "desk": desk, "topic": mention.topic, "network": mention.source, "link": mention.url,
        })  # fmt: skip

    def fill(self, text: str) -> str:
        """The text with its placeholders filled in: `{name}`, or `{name|there}` for somebody without one. Unknown ones stay, and lint stops them."""

        def put(match: re.Match[str]) -> str:
            value = self.values.get(match[1].strip().casefold().replace(" ", "_").replace("-", "_"))
            return value or (match[2] if match[2] is not None else match[0])

        return _SLOT.sub(put, text)


def search(saved: Sequence[SavedReply], words: str) -> list[SavedReply]:
    """Those that hold every word, or its beginning, the best first; all by title when nothing is asked."""
    asked = _terms(words)
    if not asked:
        return sorted(saved, key=lambda one: one.title.casefold())
    ranked = [(rank, one) for one in saved if (rank := _rank(one, asked)) > 0]
    return [one for _, one in sorted(ranked, key=lambda pair: (-pair[0], pair[1].title.casefold()))]


def _rank(one: SavedReply, asked: Sequence[str]) -> float:
    total = 0.0
    rooms = ((4.0, _terms(f"{one.title} {one.name}")), (3.0, _terms(" ".join((*one.tags, *one.words)))), (1.0, _terms(one.text)))
    for word in asked:
        best = max((weight * (1.0 if word == term else 0.6) for weight, terms in rooms for term in terms if term.startswith(word)), default=0.0)
        if not best:
            return 0.0
        total += best
    return total


def suggest(saved: Sequence[SavedReply], mention: Entry, filling: Filling, *, used: Mapping[str, int] | None = None, best: int = BEST) -> list[Suggestion]:
    """The saved replies that fit a mention best: by its tags and kinds, its words, its language, and what colleagues used.

    Args:  used: name of the saved reply → how often it was sent lately.
    """
    said = set(_terms(f"{mention.title} {mention.text}")) - _COMMON
    kinds = {name: confidence for name, confidence in mention.kinds if not name.startswith("journey/")}
    spread = _spread(saved)
    found = []
    for one in saved:
        if (one.topics and mention.topic not in one.topics) or (one.lang and mention.lang and one.lang != mention.lang):
            continue
        tagged = [tag for tag in one.tags if tag in mention.tags]
        kind = max(((kinds[name], tag) for tag in one.tags for name in (_kind(tag),) if name in kinds), default=(0.0, ""))
        shared = sorted(said & spread[one.name].keys(), key=lambda word: -spread[one.name][word])
        score = 3.0 * len(tagged) + 2.0 * kind[0] + min(2.0, sum(spread[one.name][word] for word in shared)) + min((used or {}).get(one.name, 0), 10) * 0.05
        if one.tags and not tagged and not kind[0]:
            score *= 0.5
        if score > 0.2:
            reasons = [f"tagged {tagged[0]}"] if tagged else [f"meant for a {kind[1]}"] if kind[0] else []
            reasons += [f"same words: {', '.join(shared[:3])}"] if shared else []
            found.append(Suggestion(one, filling.fill(one.text), round(score + (0.3 if one.lang and one.lang == mention.lang else 0.0), 3), "; ".join(reasons)))
    return sorted(found, key=lambda one: (-one.score, one.saved.title))[:best]


def _spread(saved: Sequence[SavedReply]) -> dict[str, dict[str, float]]:
    """For each reply its words with their weight: a word that stands in all of them says nothing."""
    words = {one.name: {term for term in _terms(f"{one.title} {' '.join(one.words)} {' '.join(one.tags)} {one.text}") if term not in _COMMON} for one in saved}
    seen: dict[str, int] = {}
    for terms in words.values():
        for term in terms:
            seen[term] = seen.get(term, 0) + 1
    return {name: {term: 1.0 / seen[term] for term in terms} for name, terms in words.items()}


def _kind(tag: str) -> str:
    """The kind of message that a tag speaks of: `sales-lead` is a `lead`, `bug` is a `technical-issue`."""
    return {"sales-lead": "lead", "bug": "technical-issue", "outage": "technical-issue", "thanks": "praise"}.get(tag, tag)


def _terms(text: str) -> list[str]:
    return _WORD.findall(fold(_SLOT.sub(" ", text)))
