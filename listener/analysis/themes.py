"""What one crowd talks about and another does not: words and word pairs by log-odds with an informative prior (Monroe et al. 2008).

Counts are of texts that hold a term at least once. Everyday words, numbers, addresses and handles are no themes; neither are scripts without
spaces, which have no words to count here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

from listener.analysis.folding import fold

PRIOR = 200.0
"""Texts' worth of doubt at most: how much must be said before a difference counts. Of few texts a fifth as many."""
LEAST = 3
"""Texts that a theme is in at least."""
_NOISE = re.compile(r"https?\S*|www\.\S+|@\w+|&\w+;")
_WORD = re.compile(r"[^\W\d_]{3,24}(?:['’][^\W\d_]{1,3})?")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_MORE = frozenset(
    ["about", "after", "again", "all", "also", "always", "another", "any", "anyone", "are", "around", "back", "because", "been", "before", "being", "between", "both", "but", "came", "can", "cannot", "come", "could", "day", "did", "does", "done", "down", "each", "else", "even", "ever", "every", "few", "first", "for", "from", "get", "gets", "getting", "give", "given", "goes", "going", "gonna", "got", "had", "has", "have", "having", "her", "here", "him", "his", "how", "into", "its", "just", "keep", "know", "last", "less", "let", "like", "long", "look", "made", "make", "makes", "making", "many", "may", "maybe", "might", "more", "most", "much", "must", "need", "needs", "never", "new", "next", "not", "now", "off", "once", "one", "only", "other", "our", "out", "over", "own", "put", "really", "right", "said", "same", "say", "says", "see", "she", "should", "since", "some", "someone", "something", "soon", "still", "such", "sure", "take", "takes", "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they", "thing", "things", "think", "this", "those", "time", "today", "tomorrow", "too", "took", "try", "trying", "two", "under", "until", "upon", "use", "used", "using", "very", "via", "wait", "want", "wants", "was", "way", "well", "went", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "within", "without", "would", "yes", "yesterday", "yet", "you", "your", "amp", "lol", "hey", "hello", "via", "per", "got", "also"]
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A term and how much more one side says it."""

    term: str
    score: float
    """z of the log-odds ratio: above 1.96 is more than chance; below 0 the other side says it more."""
    here: int
    """Texts of this side that hold it."""
    there: int


def terms(text: str) -> set[str]:
    """Words and neighbouring pairs of a text, folded."""
    words = [word.replace("’", "'") for word in _WORD.findall(_NOISE.sub(" . ", fold(text[:2_000]))) if not _SPACELESS.search(word)]
    found = {word for word in words if word not in _stop()}
    for one, two in pairwise(words):
        if one not in _stop() and two not in _stop():
            found.add(f"{one} {two}")
    return found


def count(texts: Iterable[str], leave_out: frozenset[str] = frozenset()) -> tuple[Counter[str], int]:
    """(term → texts that hold it, texts). `leave_out`: the names that were searched for."""
    found: Counter[str] = Counter()
    n = 0
    for text in texts:
        found.update(term for term in terms(text) if leave_out.isdisjoint(term.split(" ")))
        n += 1
    return found, n


def distinctive(here: Mapping[str, int], n_here: int, there: Mapping[str, int], n_there: int, *, least: int = LEAST) -> list[Theme]:
    """Every term of either side, what this side says more first."""
    if not n_here or not n_there:
        return [Theme(term, 0.0, n, 0) for term, n in sorted(here.items(), key=lambda item: (-item[1], item[0])) if n >= least]
    total = n_here + n_there
    doubt = min(PRIOR, max(5.0, total / 5))
    found = []
    for term in here.keys() | there.keys():
        a, b = here.get(term, 0), there.get(term, 0)
        if a + b < least:
            continue
        prior = doubt * (a + b + 0.5) / (total + 1)
        odds = math.log((a + prior) / (n_here + doubt - a - prior)) - math.log((b + prior) / (n_there + doubt - b - prior))
        found.append(Theme(term, odds / math.sqrt(1 / (a + prior) + 1 / (b + prior)), a, b))
    return sorted(found, key=lambda theme: (-round(theme.score, 6), -theme.term.count(" "), theme.term))


def unlike(themes: Iterable[Theme], n: int) -> list[Theme]:
    """The first `n` that do not say the same: of "bag" and "lost bag" the first to come stays."""
    kept: list[Theme] = []
    for theme in themes:
        words = set(theme.term.split(" "))
        if len(kept) < n and not any(words & set(other.term.split(" ")) for other in kept):
            kept.append(theme)
    return kept


@cache
def _stop() -> frozenset[str]:
    """Words that are in every text."""
    lines = resources.files("listener.analysis").joinpath("everyday.txt").read_text(encoding="utf-8").splitlines()
    everyday = {word for line in lines if line and not line.startswith("#") for word in line.partition(":")[2].split()}
    return frozenset(fold(word) for word in everyday) | _MORE
