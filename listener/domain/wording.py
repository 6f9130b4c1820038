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
    gone = new = ""

    def settle() -> None:
        nonlocal gone, new
        found.extend(change for change in (("gone", gone), ("new", new)) if change[1])
        gone = new = ""

    steps = SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
    for number, (what, start, end, from_, to) in enumerate(steps):
        was, is_ = "".join(one[start:end]), "".join(two[from_:to])
        between = 0 < number < len(steps) - 1
        if what == "equal" and (is_.strip() or not between):
            settle()
            found.append(("same", is_))
        else:  # a space between two changed words belongs to the change: it reads as one
            gone, new = gone + was, new + is_
    settle()
    return found


def marked(before: str, after: str) -> str:
    """The same as one line of plain text: `We [-will-]{+shall+} see`."""
    signs = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(signs[what].format(text) for what, text in changes(before, after))
