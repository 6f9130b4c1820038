"""What should be known about a reply before it goes out. Pure: everything that it compares with is handed in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from listener.domain.query.fold import fold

Level = Literal["stop", "warning"]
SHOUTED = 0.7
SHOUTED_LETTERS = 12
SAME_TO_OTHERS = 5
"""The same words to this many others look like a machine's."""

PLACEHOLDER = re.compile(r"\{\{?\s*[\w .-]{1,40}\s*\}?\}|\[\[[^\]\n]{1,40}\]\]|<(?:name|first name|link|date|number|insert[^>\n]{0,40})>|\b(?:TODO|XXX|TBD)\b")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_NUMBER = re.compile(r"(?<![\w#])\+?\d(?:[ ().-]?\d){7,18}(?!\w)")
_CODE = re.compile(r"(?<!\w)(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6,13}(?!\w)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an author should know. `stop`: it cannot be sent like this."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Brand:
    """A topic as a reply could name it."""

    name: str
    handles: tuple[str, ...] = ()
    ours: bool = False

    def keys(self) -> frozenset[str]:
        """Its name and handles, squeezed: `borealisairways`, `borealisair`."""
        return frozenset(key for word in (self.name, *self.handles) if len(key := _squeezed(word.split("@")[0] if "@" in word.strip("@") else word)) >= 4)


@dataclass(frozen=True, slots=True)
class Said:
    """A reply that was sent or is on its way."""

    text: str
    to: str
    """The handle that it answered."""
    same_author: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a draft is held against."""

    brand: str = ""
    """Name of the topic that the mention is about."""
    brands: Sequence[Brand] = ()
    banned: Sequence[str] = ()
    said: Sequence[Said] = ()
    used: int = 0
    allowed: int | None = None
    unit: str = "characters"
    private: bool = False
    """The mention can be seen by few only."""
    visibility: str = ""
    """What the author asked for; empty follows the mention."""
    author_says: str = ""
    """What the author of the mention has said in public."""
    author_confides: Sequence[str] = ()
    """What the author of the mention has said in private."""
    account: str = ""
    """The handle that the network will show as the sender."""


def lint(text: str, around: Surroundings) -> list[Finding]:
    """Everything worth saying about a draft, what stops it first."""
    if not text.strip():
        return [Finding("stop", "There is nothing to send.")]
    found = [
        *_length(around), *_placeholders(text), *_banned(text, around), *_duplicates(text, around), *_leaks(text, around), *_brands(text, around), *_shouting(text),
    ]  # fmt: skip
    return sorted(found, key=lambda finding: finding.level != "stop")


def blocked(findings: Sequence[Finding]) -> bool:
    return any(finding.level == "stop" for finding in findings)


def _length(around: Surroundings) -> Iterator[Finding]:
    if around.allowed is not None and around.used > around.allowed:
        yield Finding("stop", f"Too long by {around.used - around.allowed}: the network counts {around.used} of {around.allowed} {around.unit}.")


def _placeholders(text: str) -> Iterator[Finding]:
    left = list(dict.fromkeys(match.group() for match in PLACEHOLDER.finditer(text)))
    if left:
        yield Finding("stop", f"Not filled in: {', '.join(left[:3])}.")


def _banned(text: str, around: Surroundings) -> Iterator[Finding]:
    plain = f" {' '.join(_WORD.findall(fold(text)))} "
    for phrase in around.banned:
        wanted = " ".join(_WORD.findall(fold(phrase)))
        if wanted and f" {wanted} " in plain:
            yield Finding("stop", f"Holds “{phrase}”, which this desk does not say.")


def _duplicates(text: str, around: Surroundings) -> Iterator[Finding]:
    here = same_words(text)
    same = [said for said in around.said if same_words(said.text) == here]
    mine = next((said for said in same if said.same_author), None)
    others = {said.to for said in same if not said.same_author}
    if mine is not None:
        yield Finding("stop", f"@{mine.to} has been told exactly this already.")
    elif len(others) >= SAME_TO_OTHERS:
        yield Finding("warning", f"The same words went to {len(others)} others today.")


def _leaks(text: str, around: Surroundings) -> Iterator[Finding]:
    if around.private and around.visibility in ("public", "unlisted"):
        yield Finding("stop", "Answers a private message in public.")
    if around.private:
        return
    confided = {_squeezed(one) for post in around.author_confides for one in personal(post)}
    known = _squeezed(around.author_says)
    for one in personal(text):
        key = _squeezed(one)
        if key in confided and key not in known:
            yield Finding("stop", f"Would publish “{one}”, which was said in private.")
        elif key not in known:
            yield Finding("warning", f"Shows “{one}” to everybody: is it somebody's own?")


def _brands(text: str, around: Surroundings) -> Iterator[Finding]:
    here = next((brand for brand in around.brands if brand.name == around.brand), None)
    own = here.keys() if here else frozenset()
    folded = fold(_URL.sub(" ", text))
    words = _WORD.findall(folded)
    for brand in around.brands:
        keys = brand.keys() - own
        if brand is here or not keys:
            continue
        if any(_names(words, key) for key in keys):
            what = "another brand of ours" if brand.ours else "a competitor"
            yield Finding("warning", f"Names {brand.name}, {what}; the post is about {around.brand or 'something else'}.")
        for url in _URL.findall(text):
            if _host_of(url) and any(key in _squeezed(_host_of(url)) for key in keys):
                yield Finding("stop" if not brand.ours else "warning", f"Links to {brand.name}: {_host_of(url)}.")
    if here is not None and not here.ours:
        yield Finding("warning", f"This post is about {here.name}, which is not ours: answer as a guest.")
    account = _squeezed(around.account.split("@")[0].split(".")[0])
    wrong = next((brand for brand in around.brands if brand is not here and brand.ours and account and account in brand.keys() - own), None)
    if wrong is not None:
        yield Finding("stop", f"Goes out as @{around.account}, the account of {wrong.name}; the post is about {around.brand}.")


def _shouting(text: str) -> Iterator[Finding]:
    letters = [char for char in _URL.sub(" ", text) if char.isalpha() and (char.isupper() or char.islower())]
    if len(letters) >= SHOUTED_LETTERS and sum(char.isupper() for char in letters) > SHOUTED * len(letters):
        yield Finding("warning", "Nearly all in capitals: it reads like shouting.")


def personal(text: str) -> list[str]:
    """What looks like somebody's own: addresses, numbers, booking codes."""
    bare = _URL.sub(" ", text)
    found = [match.group() for pattern in (_EMAIL, _NUMBER, _CODE) for match in pattern.finditer(bare)]
    return list(dict.fromkeys(found))


def same_words(text: str) -> str:
    """Two replies with the same of this are the same reply: case, spaces, punctuation and who is addressed do not count."""
    words = [word for word in text.split() if not word.startswith("@")]
    return _squeezed(" ".join(words)) or " ".join(words)


def _names(words: Sequence[str], key: str) -> bool:
    """Whether neighbouring words, written together, are the key."""
    for start in range(len(words)):
        joined = ""
        for word in words[start : start + 4]:
            joined += word
            if joined == key:
                return True
            if len(joined) >= len(key):
                break
    return False


def _squeezed(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url if "://" in url else f"https://{url}").hostname or "").removeprefix("www.")
    except ValueError:
        return ""
