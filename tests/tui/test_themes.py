"""Readable by everybody, on every ground that the desk paints."""

from __future__ import annotations

import itertools

import pytest
from textual.color import Color

from tui import themes


def luminance(color: Color) -> float:
    def channel(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * channel(color.r) + 0.7152 * channel(color.g) + 0.0722 * channel(color.b)


def contrast(one: Color, other: Color) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def painted(theme: themes.Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


@pytest.mark.parametrize("theme", themes.own(), ids=lambda theme: theme.name)
def test_every_text_is_readable_on_every_ground(theme: themes.Theme) -> None:
    """WCAG AA: 4.5:1 for small text, and a terminal has no other."""
    colours = painted(theme)
    poor = {
        (text, ground): round(ratio, 2)
        for text, ground in itertools.product(themes.TEXTS, themes.GROUNDS)
        if (ratio := contrast(Color.parse(colours[text]), Color.parse(colours[ground]))) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("theme", themes.own(), ids=lambda theme: theme.name)
def test_textual_s_own_widgets_are_readable_too(theme: themes.Theme) -> None:
    """The footer, a chosen row and dimmed text come from Textual's variables, not ours."""
    colours = painted(theme)
    pairs = [
        ("footer-key-foreground", "footer-background"),
        ("footer-description-foreground", "footer-background"),
        ("block-cursor-foreground", "block-cursor-background"),
        ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
        ("text-muted", "panel"),
        ("text-disabled", "surface"),
    ]
    assert {pair: ratio for pair in pairs if (ratio := contrast(*(Color.parse(colours[name]) for name in pair))) < 4.5} == {}


MACHADO = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Machado, Oliveira, Fernandes 2009: full dichromacy, on linear RGB."""


def seen(color: Color, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 if c / 255 > 0.04045 else c / 255 / 12.92 for c in color.rgb]
    mixed = [min(max(sum(k * v for k, v in zip(row, linear, strict=True)), 0), 1) for row in matrix]
    return tuple(255 * (1.055 * v ** (1 / 2.4) - 0.055 if v > 0.0031308 else 12.92 * v) for v in mixed)


@pytest.mark.parametrize("theme", themes.own(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("blindness", MACHADO)
def test_good_and_bad_differ_for_the_colour_blind(theme: themes.Theme, blindness: str) -> None:
    """Red against green is the usual mistake: there the two come out as one brown, some 20 apart."""
    colours = painted(theme)
    good, bad = (seen(Color.parse(colours[name]), MACHADO[blindness]) for name in ("positive", "negative"))
    assert sum((a - b) ** 2 for a, b in zip(good, bad, strict=True)) ** 0.5 > 60


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TERM": "xterm-256color"}, themes.DARK),
        ({"TERM": "xterm-256color", "COLORFGBG": "0;15"}, themes.LIGHT),
        ({"TERM": "linux"}, themes.TERMINAL),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, themes.DARK),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, themes.TERMINAL),
    ],
)
def test_the_terminal_s_abilities_choose_the_theme(environ: dict[str, str], name: str) -> None:
    """A theme of 24-bit colours is mud on sixteen."""
    assert themes.choose("", environ) == name


def test_a_configured_theme_is_taken_unless_no_colour_is_wanted() -> None:
    """NO_COLOR is the user's word about every program, so it wins."""
    assert themes.choose("nord", {"TERM": "linux"}) == "nord"
    assert themes.choose("nord", {"NO_COLOR": "1"}) == themes.TERMINAL


def test_nothing_glides_over_ssh_or_for_those_who_asked() -> None:
    """Each frame of a glide is a round trip, and for some people a headache."""
    assert themes.motion({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}) == "none"
    assert themes.motion({}, reduced=True) == "none"
    assert themes.motion({}) == "full"
