"""Texts from the hand-written phrases: templates with slots, openings and endings that vary them."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sources.sandbox.post import Brand

_SLOT = re.compile(r"\{(\w+)\}")
HANDLE = {"mastodon": "@{0}", "bluesky": "@{0}.bsky.sandbox", "reddit": "u/{0}", "hackernews": "{0}", "press": "{0}"}
SPICED = frozenset({"complaint", "technical", "question", "compare"})
SHARP = frozenset({"complaint", "technical"})
DETAIL = {
    "complaint": "unhappy", "technical": "unhappy", "praise": "happy", "ugc": "happy",
    "question": "neutral", "lead": "neutral", "feature": "neutral", "chatter": "neutral", "compare": "neutral",
}  # fmt: skip
"""Which details a kind of message may be told with; they keep two posts from the same template apart."""
SLOTS = frozenset({"b", "at", "tag", "name", "rival", "flight", "n", "hours", "minutes", "money", "code", "gate", "initial"})
"""The slots that are made on the spot, beside the lists in the file."""


class Phrases:
    """Everything that can be said."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self.slots: dict[str, list[str]] = table["slots"]
        self.people: dict[str, Any] = table["people"]
        self.bodies: list[str] = table["press"]["bodies"]
        self._parts: dict[str, tuple[str, ...]] = {}

    def kinds(self, lang: str) -> frozenset[str]:
        return frozenset(self._table.get(lang, {}))

    def say(self, rng: Random, lang: str, kind: str, brand: Brand, network: str, rival: Brand | None = None) -> str:
        """A text of this kind; English where the language has none."""
        spoken = self._table[lang] if kind in self._table.get(lang, ()) else self._table["en"]
        text = rng.choice(spoken[kind])
        if lang == "en" and kind in SPICED and rng.random() < 0.28:
            text = _opened(rng.choice(spoken["open"]), text)
        if kind in DETAIL:
            text = self.detailed(rng, text, kind, lang)
        if lang == "en" and kind in SHARP and rng.random() < 0.5:
            text += rng.choice(spoken["close"])
        text = self.fill(rng, text, brand, network, rival)
        return text if text.startswith("u/") else text[0].upper() + text[1:]

    def detailed(self, rng: Random, text: str, kind: str, lang: str, details: Sequence[str] = ()) -> str:
        """The template and a sentence or two more, from `details` where English ones are given: no two posts of a crowd are alike."""
        spoken = self._table.get(lang, self._table["en"])
        pool = details if details and lang == "en" else spoken["detail"][DETAIL.get(kind, "unhappy")]
        return " ".join((_stopped(text), *rng.sample(pool, 1 if len(text) > 130 or rng.random() < 0.25 else 2)))

    def react(self, rng: Random, lang: str, mood: str, brand: Brand, network: str) -> str:
        spoken = self._table.get(lang, {}).get("reactions", {})
        return self.fill(rng, rng.choice(spoken[mood] if mood in spoken else self._table["en"]["reactions"][mood]), brand, network)

    def press(self, rng: Random, part: str, brand: Brand) -> str:
        return self.fill(rng, rng.choice(self._table["press"][part]), brand, "press")

    def hn(self, rng: Random, part: str, brand: Brand) -> str:
        return self.fill(rng, rng.choice(self._table["hn"][part]), brand, "hackernews")

    def fill(self, rng: Random, template: str, brand: Brand, network: str, rival: Brand | None = None) -> str:
        """The template with its slots filled; unknown slots stay as they are."""
        parts = self._parts.get(template)
        if parts is None:
            parts = self._parts[template] = tuple(_SLOT.split(template))
        if len(parts) == 1:
            return template
        out = list(parts)
        for index in range(1, len(parts), 2):
            out[index] = self._slot(rng, parts[index], brand, network, rival)
        return "".join(out)

    def _slot(self, rng: Random, slot: str, brand: Brand, network: str, rival: Brand | None) -> str:
        choices = self.slots.get(slot)
        if choices is not None:
            return rng.choice(choices)
        match slot:
            case "b":
                return _spelt(rng, brand, network)
            case "at":
                return HANDLE[network].format(brand.handle)
            case "tag":
                return f"#{brand.handle}"
            case "name":
                return brand.name
            case "rival":
                return rival.name if rival else "another airline"
            case "flight":
                return f"{brand.code}{rng.randint(101, 989)}"
            case "n":
                return str(rng.randint(3, 45))
            case "hours":
                return str(rng.randint(2, 9))
            case "minutes":
                return str(rng.randint(25, 95))
            case "money":
                return f"€{rng.randint(18, 640)}"
            case "code":
                return f"{rng.choice('EKQRTX')}{rng.randint(100, 9999)}"
            case "gate":
                return f"{rng.choice('ABCD')}{rng.randint(1, 48)}"
            case "initial":
                return rng.choice("ABDEJKLMNRST")
        return f"{{{slot}}}"


def unknown_slots(template: str, known: Sequence[str]) -> list[str]:
    """The slots in a template that nothing would fill."""
    return [slot for slot in _SLOT.findall(template) if slot not in SLOTS and slot not in known]


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """The shipped phrases, read once."""
    return Phrases(tomllib.loads(files("sources.sandbox").joinpath("phrases.toml").read_text("utf-8")))


def _opened(opening: str, text: str) -> str:
    if opening.rstrip()[-1] in ",:" and not text.startswith(("{", "I ", "I'")) and text[1:2].islower():
        text = text[0].lower() + text[1:]
    return opening + text


def _stopped(text: str) -> str:
    return text if text[-1] in ".?!};؟…" or text.endswith("}") else f"{text}."


def _spelt(rng: Random, brand: Brand, network: str) -> str:
    draw = rng.random()
    if network in ("reddit", "hackernews", "press") or draw < 0.5:
        return brand.name
    if draw < 0.76:
        return HANDLE[network].format(brand.handle)
    return f"#{brand.handle}"
