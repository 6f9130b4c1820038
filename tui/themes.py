"""How the desk looks: two themes of its own, the terminal's own colours, and when to keep still.

Sentiment is blue against orange, which every common colour blindness tells apart, and never colour alone: each has its shape.
Every pair of a text and a ground that the desk paints has a contrast of 4.5:1 or more in its own themes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

DARK, LIGHT, TERMINAL = "listener-dark", "listener-light", "ansi-dark"

TEXTS = (
    "foreground", "muted", "accent", "title", "negative", "positive", "neutral", "severity-1", "severity-2", "severity-3", "severity-4",
    "tag", "good", "bad", "notice",
)  # fmt: skip
"""The variables that the desk writes with …"""
GROUNDS = ("background", "surface", "panel", "cursor", "cursor-blurred", "marked")
"""… and those it writes on; each of the former is readable on each of the latter."""

_DARK = {
    "muted": "#a3adba", "title": "#e8edf3", "negative": "#ffab70", "positive": "#7cc0ff", "neutral": "#b4bcc6",
    "severity-1": "#ff9d9d", "severity-2": "#ffb86b", "severity-3": "#e9d27a", "severity-4": "#b4bcc6",
    "tag": "#c8b6ff", "good": "#7cc0ff", "bad": "#ff9d9d", "notice": "#e9d27a",
    "cursor": "#26405f", "cursor-blurred": "#262d37", "marked": "#2c2a45", "edge": "#46515f", "edge-focus": "#7cc0ff",
}  # fmt: skip
_LIGHT = {
    "muted": "#4b5560", "title": "#14181d", "negative": "#8a3a00", "positive": "#004f91", "neutral": "#464f59",
    "severity-1": "#9b1c1c", "severity-2": "#853600", "severity-3": "#624b00", "severity-4": "#464f59",
    "tag": "#53319c", "good": "#004f91", "bad": "#9b1c1c", "notice": "#624b00",
    "cursor": "#cfe1f5", "cursor-blurred": "#e4e6e9", "marked": "#e6defa", "edge": "#a4abb3", "edge-focus": "#004f91",
}  # fmt: skip
_ANSI = {
    "muted": "ansi_default", "title": "ansi_default", "negative": "ansi_yellow", "positive": "ansi_cyan", "neutral": "ansi_default",
    "severity-1": "ansi_red", "severity-2": "ansi_yellow", "severity-3": "ansi_default", "severity-4": "ansi_default",
    "tag": "ansi_magenta", "good": "ansi_cyan", "bad": "ansi_red", "notice": "ansi_yellow",
    "cursor": "ansi_default", "cursor-blurred": "ansi_default", "marked": "ansi_default", "edge": "ansi_default", "edge-focus": "ansi_cyan",
}  # fmt: skip


def _shared(own: Mapping[str, str], ground: str) -> dict[str, str]:
    """Textual's own variables, said in the desk's."""
    return {
        **own,
        "text-muted": own["muted"],
        "text-disabled": own["muted"],
        "foreground-muted": own["muted"],
        "border": own["edge-focus"],
        "border-blurred": own["edge"],
        "block-cursor-background": own["cursor"],
        "block-cursor-foreground": own["title"],
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": own["cursor-blurred"],
        "block-cursor-blurred-foreground": own["title"],
        "footer-background": ground,
        "footer-foreground": own["title"],
        "footer-description-foreground": own["muted"],
        "footer-key-foreground": own["positive"],
        "input-selection-background": own["cursor"],
        "scrollbar": own["edge"],
        "scrollbar-hover": own["muted"],
        "scrollbar-active": own["edge-focus"],
        "scrollbar-background": ground,
        "scrollbar-background-hover": ground,
        "scrollbar-background-active": ground,
        "scrollbar-corner-color": ground,
        "link-color": own["positive"],
    }


def own() -> tuple[Theme, Theme]:
    """The desk's dark and light themes."""
    dark = Theme(
        DARK, primary="#7cc0ff", secondary="#c8b6ff", warning="#e9d27a", error="#ff9d9d", success="#7cc0ff", accent="#7cc0ff",
        foreground="#d9dfe7", background="#0f1318", surface="#151a21", panel="#1c222b", dark=True, variables=_shared(_DARK, "#0f1318"),
    )  # fmt: skip
    light = Theme(
        LIGHT, primary="#004f91", secondary="#53319c", warning="#624b00", error="#9b1c1c", success="#004f91", accent="#004f91",
        foreground="#20262d", background="#fbfbfa", surface="#f5f5f3", panel="#ecedec", dark=False, variables=_shared(_LIGHT, "#fbfbfa"),
    )  # fmt: skip
    return dark, light


def variables(theme: Theme) -> dict[str, str]:
    """What the desk's style sheets need beside Textual's own variables, for a theme that is not ours."""
    if theme.ansi:
        return dict(_ANSI)
    given = _DARK if theme.dark else _LIGHT
    return {**given, "edge-focus": theme.accent or theme.primary}


def choose(configured: str, environ: Mapping[str, str]) -> str:
    """The theme to start with: the configured one, else ours, or the terminal's own sixteen colours where it has no more.

    `auto` and an empty word mean: choose. NO_COLOR and poor terminals get the terminal's own, which paints no ground at all.
    """
    if environ.get("NO_COLOR"):
        return TERMINAL
    if configured and configured != "auto":
        return configured
    if poor(environ):
        return TERMINAL
    return LIGHT if _light(environ) else DARK


def poor(environ: Mapping[str, str]) -> bool:
    """True when the terminal says that it has sixteen colours or fewer."""
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return False
    term = environ.get("TERM", "").lower()
    return term in {"", "dumb", "linux", "ansi", "xterm", "screen", "tmux", "vt100", "vt220", "cygwin", "xterm-16color", "rxvt"}


def _light(environ: Mapping[str, str]) -> bool:
    """COLORFGBG as rxvt, Konsole and iTerm set it: the ground comes last, 7 and 15 are white."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in {"7", "15"}


def motion(environ: Mapping[str, str], *, reduced: bool = False) -> Literal["none", "full"]:
    """Whether things may glide: never over SSH, and never for somebody who asked for stillness."""
    asked = reduced or bool(environ.get("REDUCED_MOTION")) or environ.get("TEXTUAL_ANIMATIONS", "").lower() == "none"
    return "none" if asked or environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") else "full"
