"""Other people's words in a report: one line, no control characters, never markup."""

from __future__ import annotations

import html
import re
import unicodedata

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")


def plain(text: str, width: int = 120) -> str:
    """A post on one line: what steers terminals or turns the direction of writing is taken out; cut at `width` characters with an ellipsis."""
    kept = "".join(c if c in "\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else " " if c in "\t\r\n" else "" for c in text[: width * 8])
    line = " ".join(kept.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def markdown(text: str, width: int = 120) -> str:
    """The same for Markdown: nothing in it is markup, and no `@name` calls anybody in a chat."""
    return _MARKS.sub(r"\\\1", plain(text, width)).replace("@", "@\u2060").replace("://", ":\u2060//")


def hypertext(text: str, width: int = 120) -> str:
    """The same for HTML."""
    return html.escape(plain(text, width))
