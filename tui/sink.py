"""The last door before the terminal: no control character of a text and no link but http(s) passes it.

Textual sends a line filter every strip of every widget exactly once, borders and scrollbars included, and caches what comes
back. So this is one call a painted line, and none for a line that is painted again. `clean` at the boundary of each display
makes text readable; this makes a forgotten `clean` harmless.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

from tui.format import safe_url

if TYPE_CHECKING:
    from rich.style import Style
    from textual.color import Color

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Sink(LineFilter):
    """Drops control characters, bidi controls, lone surrogates and hostile links from what is about to be painted."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(_harmless(segment) for segment in segments):
            return segments
        return [segment if _harmless(segment) else _disarm(segment) for segment in segments]


def _harmless(segment: Segment) -> bool:
    text, style, control = segment
    if control or (style is not None and style.link is not None and safe_url(style.link) is None):
        return False
    return text.isprintable() or _UNSAFE.search(text) is None


def _disarm(segment: Segment) -> Segment:
    text, style, _ = segment
    return Segment(_UNSAFE.sub(_stand_in, text), _unlinked(style))


def _stand_in(match: re.Match[str]) -> str:
    """What keeps the width that Textual counted: controls count nothing, a lone surrogate one cell."""
    return "\ufffd" if "\ud800" <= match.group() <= "\udfff" else ""


def _unlinked(style: Style | None) -> Style | None:
    if style is None or style.link is None or safe_url(style.link) is not None:
        return style
    return style.update_link(None)
