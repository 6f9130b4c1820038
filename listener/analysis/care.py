"""The care layer and the operators' own words: what is laid over vaderSentiment's lexicon.

The layer is a text file with a version (`care.txt`, or one of the user's own). An operator's words win over it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from listener.analysis import vader
from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

STRONGEST = 4.0


@dataclass(frozen=True, slots=True)
class Layer:
    """Words, phrases and emoji with their valences, −4 … 4."""

    version: str
    valences: Mapping[str, float] = field(default_factory=dict)


NO_LAYER = Layer("")


def parse(text: str, *, name: str = "lexicon") -> Layer:
    """Read a layer's text: `words TAB valence` a line, `#` comments, one of which may be `# version N`.

    Raises:  InputError: a line that cannot be read; names it by number.
    """
    version, valences = "", {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line.startswith("# version "):
            version = line.removeprefix("# version ").strip()
        if not line or line.startswith("#"):
            continue
        word, tab, value = line.rpartition("\t")
        if not tab:
            word, _, value = line.rpartition(" ")
        valences[normal(word, where=f"{name}, line {number}")] = valence_of(value, where=f"{name}, line {number}")
    return Layer(version or _digest(valences), valences)


def normal(word: str, *, where: str = "lexicon") -> str:
    """A word or phrase as it is looked up. Raises InputError when there is none."""
    spelt = " ".join(word.lower().split())
    if not spelt or len(spelt) > 80:
        raise InputError(f"{where}: a word or phrase of at most 80 characters is needed.")
    return spelt


def valence_of(value: str | float, *, where: str = "lexicon") -> float:
    """A valence as a number. Raises InputError when it is none, or beyond ±4."""
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not -STRONGEST <= number <= STRONGEST:
        raise InputError(
            f"{where}: {str(value)!r} is not a valence.", hint="It is a number from -4 (worst) to 4 (best); 0 takes the word out."
        )
    return number


@cache
def shipped() -> Layer:
    """The layer that comes with the package."""
    return parse(resources.files(__package__).joinpath("care.txt").read_text(encoding="utf-8"), name="care.txt")


def own(words: Mapping[str, float]) -> Layer:
    """An operator's words as a layer; its version is a digest, so that a changed word is a changed scorer."""
    valences = {normal(word): valence_of(value) for word, value in words.items()}
    return Layer(_digest(valences), valences) if valences else NO_LAYER


def _digest(valences: Mapping[str, float]) -> str:
    return hashlib.sha256(repr(sorted(valences.items())).encode()).hexdigest()[:6]


def lay_over(words: vader.Words, *layers: Layer) -> vader.Words:
    """The words with layers on top, the last one winning; a valence of 0 takes a word out."""
    merged: dict[str, float] = {}
    for layer in layers:
        merged.update(layer.valences)
    valences, emoji = dict(words.valences), dict(words.emoji)
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for entry, value in merged.items():
        parts = tuple(entry.split())
        if len(entry) == 1 and not entry.isascii():
            emoji[entry] = f" {entry} "
        if len(parts) > 1:
            phrases.setdefault(parts[0], []).append((parts, entry))
        if value:
            valences[entry] = value
        else:
            valences.pop(entry, None)
    ordered = {first: tuple(sorted(found, key=lambda item: -len(item[0]))) for first, found in phrases.items()}
    return vader.Words(valences, emoji, ordered)
