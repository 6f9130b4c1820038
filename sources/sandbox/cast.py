"""The people of the sandbox: a few hundred invented accounts with languages and followers as networks have them."""

from __future__ import annotations

import bisect
import itertools
from functools import lru_cache
from random import Random

from sources.sandbox.phrases import phrases
from sources.sandbox.post import BRANDS, Persona

HOMES = ("", "", "", "", "fjord.sandbox", "kolektiva.sandbox", "reisen.sandbox")
SHARE = {"en": 0.74, "el": 0.06, "es": 0.05, "de": 0.05, "fr": 0.04, "tl": 0.03, "ro": 0.02, "ar": 0.01}
SIZE = 900


class Cast:
    """Everybody, made from a seed. Some speak often, most seldom."""

    def __init__(self, seed: int) -> None:
        rng = Random(f"{seed}/cast")
        self.brands = {
            brand.key: Persona(number, brand.handle, brand.name, 184_000 - 51_000 * number, "en", brand=brand.key)
            for number, brand in enumerate(BRANDS)
        }
        self.people = [_person(rng, key) for key in range(100, 100 + SIZE)]
        self.by_key = {person.key: person for person in (*self.brands.values(), *self.people)}
        self._by_handle = {person.handle.casefold(): person for person in self.by_key.values()}
        self._by_lang: dict[str, tuple[list[Persona], list[float]]] = {}
        for lang in SHARE:
            members = [person for person in self.people if person.lang == lang]
            weights = [1 / (rank + 8) for rank in range(len(members))]
            self._by_lang[lang] = (members, list(itertools.accumulate(weights)))

    def speaker(self, rng: Random, lang: str) -> Persona:
        """Somebody who speaks this language (English where nobody does), the talkative more often."""
        members, cumulated = self._by_lang.get(lang) or self._by_lang["en"]
        return members[bisect.bisect(cumulated, rng.random() * cumulated[-1] * 0.999999)]

    def stranger(self, handle: str, name: str, followers: int, lang: str = "en", home: str = "") -> Persona:
        """A scripted account; its key follows from its handle."""
        key = 1_000_000 + int.from_bytes(handle.encode(), "big") % 60_000_011
        person = Persona(key, handle, name, followers, lang, home)
        self._by_handle.setdefault(handle.casefold(), person)
        return self.by_key.setdefault(key, person)

    def named(self, handle: str) -> Persona | None:
        return self._by_handle.get(handle.casefold())


@lru_cache(maxsize=4)
def cast_of(seed: int) -> Cast:
    """The cast of a seed without any scripted guests; whoever invites some makes a cast of their own."""
    return Cast(seed)


def _person(rng: Random, key: int) -> Persona:
    people = phrases().people
    given = people["first"]
    lang = rng.choices(list(SHARE), list(SHARE.values()))[0]
    first, last = rng.choice(given[lang]), rng.choice(people["last"])
    words = people["words"]
    spoken = first if first.isascii() else rng.choice(given["en"])
    handle = rng.choice(
        (f"{spoken}{last}", f"{spoken}{rng.choice(words)}", f"{rng.choice(words)}{rng.choice(words)}", f"{spoken}{rng.randint(61, 99)}")
    )
    followers = int(min(rng.lognormvariate(5.3, 1.5), 60_000))
    return Persona(key, f"{handle.lower()}{key - 100:x}", f"{first} {last}", followers, lang, rng.choice(HOMES))
