"""What may come next while a query is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.domain.query.fields import FIELDS
from listener.domain.query.fold import fold
from listener.domain.query.render import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST = 20
_BEGUN = re.compile(r'(?:[^\s()"]+:)?"[^"]*$|[^\s()"]*$')
_CONDITION = re.compile(r'([A-Za-z]+):(>=|<=|>|<|=)?"?(.*)', re.DOTALL)
_QUOTES = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPERATORS = {"AND": "both", "OR": "either", "NOT": "but not", "NEAR/5": "at most five words between"}


@dataclass(frozen=True, slots=True)
class Completion:
    """Put `text` in place of the characters from `start` to `end`."""

    text: str
    start: int
    end: int
    help: str = ""


def complete(text: str, cursor: int, vocabulary: Mapping[str, Sequence[str]] | None = None) -> list[Completion]:
    """What the word at the cursor may become, the likeliest first; at most MOST.

    Args:    cursor: characters before it.
             vocabulary: field name to known values, the commonest first; `#` and `@` to known hashtags and handles.
    """
    known = vocabulary or {}
    before = text[:cursor]
    masked = _QUOTES.sub(lambda match: "x" * len(match[0]), before)
    begun = _BEGUN.search(masked)
    start = begun.start() if begun else cursor
    word = before[start:]
    if word.startswith("-"):
        start, word = start + 1, word[1:]
    offered = ((new, about) for new, about in _offers(word, known) if new != word)
    return [Completion(new, start, cursor, about) for new, about in dict(offered).items()][:MOST]


def _offers(word: str, known: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, str]]:
    if word[:1] in ("#", "@") and word:
        for value in _fitting(known.get(word[0], ()), word[1:]):
            yield word[0] + value.lstrip("#@"), ""
        return
    if match := _CONDITION.fullmatch(word):
        yield from _values(match[1].lower(), match[2] or "", match[3], known)
        return
    if word.isupper():
        yield from ((name, about) for name, about in _OPERATORS.items() if name.startswith(word))
    for name in _fitting(FIELDS, word):
        yield f"{name}:", FIELDS[name].help


def _values(name: str, op: str, begun: str, known: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, str]]:
    rule = FIELDS.get(name)
    if rule is None:
        return
    values = dict.fromkeys([*rule.choices, *known.get(name, ())] if not op else [])
    for value in _fitting(values, begun):
        yield f"{name}:{written(value)}", rule.help


def _fitting(values: Iterable[str], begun: str) -> list[str]:
    """Those that begin with it, then those that have it inside."""
    wanted = fold(begun)
    folded = [(value, fold(value).lstrip("#@")) for value in values]
    first = [value for value, form in folded if form.startswith(wanted)]
    return first + [value for value, form in folded if wanted in form[1:] and not form.startswith(wanted)]
