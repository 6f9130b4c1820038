"""Texts that a network may hand us. Used by every test that puts text on a screen."""

from __future__ import annotations

import contextlib
import json
import os
import random
from pathlib import Path
from typing import Any

OWN = (
    "\x1b]52;c;cm0gLXJmIH4=\x07 clipboard",
    "\x1b]0;owned\x07 title",
    "\x1b[2J\x1b[H cleared",
    "\x1b]8;;file:///etc/passwd\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07",
    "\x1bP$q m\x1b\\ DCS",
    "\x1b_Gf=24;AAAA\x1b\\ APC, pictures",
    "\x1b[?1049l left the alternate screen",
    "\x1b[5n\x1b[6n\x1b[c asks, and the answer is typed",
    "\x1b[21t reports the title as if typed",
    "\x1bc full reset",
    "\x1b#8 \x1b(0 \x0e shifted \x0f",
    "\x9b31m C1 CSI \x9d0;owned\x9c",
    "\x90q\x9c \x98x\x9c \x9ex\x9c \x9fx\x9c",
    "bell\a back\b\b\bspace tab\tvertical\v form\f return\rover",
    "nul\x00 del\x7f nel\x85 \x84",
    "\u202egnp.exe\u202c \u2066iso\u2069 \u061c\u200e\u200f",
    "Z" + "\u0335\u0489\u0336\u0321\u031b\u0359" * 40 + "algo",
    "\U000e0001\U000e0068\U000e0069\U000e007f hidden tag text",
    "zero\u200b\u200c\u200d\u2060\ufeffwidth\u00ad",
    "\ud83d lone high, \udc00 lone low",
    "[/x] unmatched",
    "[/] [bold",
    "[@click=app.quit]click[/]",
    "[@click='app.bell']x[/] [link=javascript:alert(1)]y[/link]",
    "[red on blue]paint[/red] [b][i][/b][/i]",
    "\\[not] \\\\[b] [[b]] []",
    "$background [$primary]x[/] {0} {x!r} %s %(a)s ${x}",
    "👨‍👩‍👧‍👦👩🏽‍🚀🏳️‍🌈🇬🇷🇬🇷❤️☠︎ 1️⃣",
    "مرحبا بالعالم ١٢٣ abc שלום עולם 42",
    "नमस्ते दुनिया สวัสดีชาวโลก 한국어 日本語テキスト ﷽",
    "𝕳𝖊𝖑𝖑𝖔 ﷺ ꧁꧂ 𒐫𒐫𒐫 ᅠ ㅤ",
    "line\nline\r\nline\u2028line\u2029line",
    "a" * 5000,
    "",
    " ",
    "\n\n\n",
)


def corpus() -> list[str]:
    """Our own list, mixtures of it drawn with a fixed seed, and the public lists where LISTENER_BENCH_DATA has them."""
    draw = random.Random(3)
    texts = list(OWN)
    pieces = [text[:60] for text in OWN if text]
    texts += ["".join(draw.choice(pieces) for _ in range(4)) for _ in range(200)]
    texts += ["".join(chr(draw.choice((*range(0xA0), 0x5B, 0x5D, 0x40, 0x202E, 0x9B))) for _ in range(30)) for _ in range(200)]
    folder = os.environ.get("LISTENER_BENCH_DATA")
    return texts + (_public(Path(folder) / "hostile") if folder else [])


def _public(folder: Path) -> list[str]:
    texts: list[str] = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        raw = path.read_bytes()[:200_000]
        if path.suffix == ".json":
            with contextlib.suppress(ValueError, RecursionError):
                texts += _strings(json.loads(raw))
        texts += [raw[at : at + 2000].decode("utf-8", "surrogateescape") for at in range(0, len(raw), 2000)]
        texts += [raw[:2000].decode("latin-1")]
    return texts


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []
