"""Words of trouble by family: operational, safety, legal, privacy, conduct. One editable text file per language, see `crisis/`.

All phrases of a language are found in one pass over a text in which every run of punctuation and spaces is one space.
A phrase matches whole words, unless a star lets it go on; in scripts that put no spaces between words it matches anywhere.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from listener.analysis.folding import fold
from listener.domain.severity import FAMILIES
from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LIMIT = 2_000
"""Characters of a text that are read."""

_BETWEEN = re.compile(r"(?:[\s!-&(-/:-@\[-`{-~¡-¿‐-⁞、-〟！-～।॥؟،؛]|(?<!\w)'|'(?!\w))+")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
_ARABIC = re.compile(r"^[\u0620-\u06d3]")
_ATTACHED = ("", "ال", "و", "وال", "ب", "بال", "ف")
"""What Arabic writes in one with the word that follows: the, and, and the, with, with the, then."""


class Vocabulary:
    """The phrases of one language.

    Args:    texts: the shipped file and what a user adds to it, in this order; a phrase with a leading minus is taken out again.
    Raises:  InputError: a line that cannot be read, named by number.
    """

    def __init__(self, *texts: str, name: str = "crisis words") -> None:
        import ahocorasick_rs

        found: dict[str, str] = {}
        """Phrase → family; a phrase belongs to the family that named it last."""
        for text in texts:
            for family, phrase, out in _parse(text, name):
                if out:
                    found.pop(phrase, None)
                else:
                    found[phrase] = family
        spelt = [(pattern, phrase, family) for phrase, family in found.items() for pattern in _patterns(phrase)]
        self._phrases = [(phrase, family) for _, phrase, family in spelt]
        self._automaton: Any = ahocorasick_rs.AhoCorasick([pattern for pattern, _, _ in spelt]) if spelt else None

    def __len__(self) -> int:
        return len(set(self._phrases))

    def words(self, text: str) -> Mapping[str, tuple[str, ...]]:
        """Family → the phrases of it that the text holds, as the file spells them but folded; empty when there is none."""
        if self._automaton is None:
            return {}
        hits: dict[str, dict[str, None]] = {}
        spread = f" {_spread(text[:LIMIT])} "
        for index, _, _ in self._automaton.find_matches_as_indexes(spread, overlapping=True):
            phrase, family = self._phrases[index]
            hits.setdefault(family, {})[phrase] = None
        return {family: tuple(phrases) for family, phrases in hits.items()}

    def families(self, text: str) -> frozenset[str]:
        return frozenset(self.words(text))


@cache
def shipped(lang: str) -> str:
    """The text of the shipped file of a language (ISO 639-1); empty where there is none."""
    file = resources.files("listener.analysis.crisis").joinpath(f"{lang}.txt")
    return file.read_text(encoding="utf-8") if lang in languages() else ""


@cache
def languages() -> frozenset[str]:
    """Languages that have a shipped file."""
    files = resources.files("listener.analysis.crisis").iterdir()
    return frozenset(file.name.removesuffix(".txt") for file in files if file.name.endswith(".txt"))


def own_words(folder: Path) -> dict[str, str]:
    """The texts of a user's folder by language: `en.txt`, `de.txt`, …; `all.txt` adds to every language (key "").

    Raises:  InputError: the folder or a file in it cannot be read, or a phrase in it is out of place.
    """
    try:
        texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir()) if file.suffix == ".txt"}
    except (OSError, UnicodeDecodeError) as wrong:
        raise InputError(
            f"The crisis words in {folder} cannot be read: {wrong}.", hint="Name a folder of UTF-8 text files, one per language."
        ) from wrong
    for name, text in texts.items():
        Vocabulary(text, name=f"{name}.txt")
    return {"" if name == "all" else name: text for name, text in texts.items()}


class Vocabularies:
    """Every language's vocabulary, made when the first text in it comes.

    Args:  own: language → text of the user's own file. An empty language adds to all of them.
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._own = dict(own or {})
        self._made: dict[str, Vocabulary] = {}

    def of(self, lang: str) -> Vocabulary:
        """That of a language; English where the language is unknown or has no file."""
        known = lang if lang in languages() or lang in self._own else "en"
        if known not in self._made:
            self._made[known] = Vocabulary(
                shipped(known), self._own.get("", ""), self._own.get(known, "") if known else "", name=f"crisis words ({known})"
            )
        return self._made[known]

    def words(self, text: str, lang: str) -> Mapping[str, tuple[str, ...]]:
        return self.of(lang).words(text)


def _parse(text: str, name: str) -> Iterable[tuple[str, str, bool]]:
    """(family, phrase, whether it is taken out) of each phrase."""
    family = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            family = line.strip("[] ")
            if family not in FAMILIES:
                raise InputError(f"{name}, line {number}: there is no family “{family}”.", hint=f"Families: {', '.join(FAMILIES)}.")
            continue
        if not family:
            raise InputError(f"{name}, line {number}: phrases before the first family.", hint="Begin with a line like [operational].")
        for part in line.split("|"):
            phrase = _spread(part)
            if phrase:
                yield family, phrase + "*" * part.rstrip().endswith("*"), part.lstrip().startswith("-")


def _spread(text: str) -> str:
    return _BETWEEN.sub(" ", fold(text)).strip()


def _patterns(phrase: str) -> Iterable[str]:
    """What is looked for in a spread text: bounded by spaces where words are."""
    bare = phrase.removesuffix("*")
    if _SPACELESS.search(bare):
        return (bare,)
    end = "" if phrase.endswith("*") else " "
    return tuple(f" {before}{bare}{end}" for before in (_ATTACHED if _ARABIC.match(bare) else ("",)))
