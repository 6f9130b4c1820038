"""What may come next in a query that somebody is typing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 8
_WORD = re.compile(r'(?:[^\s()"]|"[^"]*(?:"|$))*$')
_FIELD = re.compile(r"([a-z]+):(>=|<=|>|<|=)?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on."""

    text: str
    """What stands in place of the word from `start` on."""
    help: str
    start: int
    """Where in the query the word begins that it replaces."""

    def apply(self, query: str, cursor: int) -> tuple[str, int]:
        """The query with the word replaced, and where the cursor is then."""
        return query[: self.start] + self.text + query[cursor:], self.start + len(self.text)


def complete(query: str, cursor: int, words: Mapping[str, Sequence[str]]) -> list[Completion]:
    """The likeliest ways to go on, the best first.

    Args:    words: what the store knows for a field (`tag`, `source`, `topic`, `assignee`, …), the most used first.
    """
    from listener.domain.query import FIELDS

    match = _WORD.search(query[:cursor])
    word = match.group() if match else ""
    start = cursor - len(word)
    negated = word[:1] in {"-", "!"}
    if negated:
        word, start = word[1:], start + 1
    asked = _FIELD.match(word)
    if asked and asked[1] in FIELDS:
        rule = FIELDS[asked[1]]
        head = f"{rule.name}:{asked[2] or ''}"
        known = list(dict.fromkeys([*words.get(rule.name, ()), *rule.choices]))
        fitting = _ranked(asked[3].strip('"'), known)
        return [Completion(head + _quoted(value) + " ", rule.help, start) for value in fitting][:MOST]
    if not word:
        return []
    names = [Completion(f"{name}:", FIELDS[name].help, start) for name in _ranked(word, list(FIELDS)) if name.startswith(word.casefold())]
    operators = [Completion(f"{op} ", "both" if op == "AND" else "either" if op == "OR" else "not", start) for op in ("AND", "OR", "NOT")]
    typed = [operator for operator in operators if word.isupper() and operator.text.startswith(word)]
    return [*typed, *names][:MOST]


def _ranked(typed: str, known: list[str]) -> list[str]:
    """Those that begin with what was typed, then those that contain it; each in the order that it came in."""
    low = typed.casefold()
    begins = [value for value in known if value.casefold().startswith(low)]
    return [value for value in begins + [value for value in known if low in value.casefold() and value not in begins] if value != typed]


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r'[\s()"“”„«»]', value) else value
