"""One specimen for each network that is read over HTTP: how it answers, for the contract that all of them are held to."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from listener.source import Channel

START = 1_772_323_200
"""2026-03-01T00:00:00Z, seconds; post `n` is written `n` minutes later."""


@dataclass(frozen=True)
class Specimen:
    """A network as the contract drives it."""

    kind: str
    channel: Channel
    serve: Callable[[httpx.Request, Sequence[int]], object]
    """The answer to a request for posts, when the posts of these numbers exist (ascending); paged as the network pages, a few at a time.

    JSON values are sent as JSON, a `httpx.Response` as it is. Post `n` must say `post n` in its text.
    """
    options: Mapping[str, object] = field(default_factory=dict)
    login: Mapping[str, object] = field(default_factory=dict)
    """Answers by path to what is asked besides posts: sessions, accounts."""
    empty: object = None
    """What the network answers when there is nothing; None: what `serve` makes of no numbers."""
    keyed: bool = False
    """True when these options hold credentials: 401 is then a wrong login."""
    lenient: bool = False
    """True for a format whose beginning can be read although its end is missing: the cursor must not move then."""
    forgets: bool = False
    """True for a network that shows a window and no past: feeds."""


def stamp(number: int) -> str:
    """When post `n` was written, ISO 8601."""
    return f"2026-03-{1 + number // 1440:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00.000Z"


def specimens() -> list[Specimen]:
    """All of them, from the modules of this package."""
    found = [importlib.import_module(f"{__name__}.{module.name}").SPECIMEN for module in pkgutil.iter_modules(__path__)]
    return sorted(found, key=lambda specimen: specimen.kind)
