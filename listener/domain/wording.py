"""What changed between two wordings, word by word: for the one who approves."""

from __future__ import annotations

import re
from typing import Literal

_PIECE = re.compile(r"\s+|\w+|[^\w\s]+")
Change = tuple[Literal["same", "gone", "new"], str]
"""What became of a stretch of text, and the text."""


def changes(before: str, after: str) -> list[Change]:
    """The later text in stretches, with what is gone from the earlier one where it stood. The `same` and `new` ones make up `after`."""
    from difflib import SequenceMatcher

    one, two = _PIECE.findall(before), _PIECE.findall(after)
    found: list[Change] = []
    for what, start, end, from_, to in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(("same", "".join(two[from_:to])))
            continue
        if end > start:
            found.append(("gone", "".join(one[start:end])))
        if to > from_:
            found.append(("new", "".join(two[from_:to])))
    return found


def marked(before: str, after: str) -> str:
    """The same as one line of plain text: `We [-will-]{+shall+} see`."""
    signs = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(signs[what].format(text) for what, text in changes(before, after))
