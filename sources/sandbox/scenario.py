"""A story for the sandbox: what happens when, and what a good desk should have made of it.

Minutes count from the start of the desk and may be negative; a beat may instead name `days_ago` and a local time `at`.
Stories are text files, described in scenarios/README.md and read in `scenario_file`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = frozenset({"history", "demo"})
"""Shipped stories that are not drills."""


@dataclass(frozen=True, slots=True)
class Who:
    """A scripted account."""

    handle: str
    name: str = ""
    followers: int = 120
    lang: str = "en"
    home: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """Something that people say over a stretch of time."""

    name: str
    start: float
    """Minutes."""
    end: float
    texts: tuple[str, ...]
    rate: tuple[float, ...] = ()
    """Posts per minute, evenly spread from start to end and joined by straight lines; empty when `count` says how many."""
    count: int = 0
    kind: str = "complaint"
    families: tuple[str, ...] = ()
    topic: str = "brand"
    networks: Mapping[str, float] = field(default_factory=lambda: {"mastodon": 1.0, "bluesky": 1.0})
    lang: str = "en"
    authors: str = "crowd"
    """`crowd`; `fresh`: a dozen new accounts with few followers; `brand`: the brand itself; `one`: the account in `who`."""
    who: Who | None = None
    storm: bool = False
    """The first text again and again with tiny differences, as a copied post."""
    calms: bool = False
    """Dies down after the brand has said something in public."""
    unanswered: bool = False
    """Is only said while the brand has said nothing."""
    replies_to: str = ""
    """The name of an earlier beat whose first post these answer."""
    title: str = ""
    days_ago: int | None = None
    clock: str = ""
    """`HH:MM` in the desk's time zone; with `days_ago` 0 the last time that it was so late."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a drill is scored against."""

    real: bool = True
    """False for a false alarm: nothing that should wake anybody."""
    topic: str = "brand"
    began: float = 0.0
    """The minute in which it could first be seen."""
    over: float = 0.0
    """The minute in which it is over when nobody does anything."""
    severity: int = 0
    """SEV1 … SEV4; 0 when no incident should open."""
    families: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    playbook: tuple[str, ...] = ()
    """The steps of a good answer, in order."""
    lessons: tuple[str, ...] = ()
    """What is worth saying to the crew afterwards."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story with its truth."""

    slug: str
    title: str
    summary: str
    beats: tuple[Beat, ...]
    truth: Truth = field(default_factory=Truth)
    minutes: float = 120.0
    """How long it runs."""
    speed: float = 30.0
    """The pace that it is rehearsed at."""
    details: tuple[str, ...] = ()
    """Sentences that are added to what crowds say, so that no two posts are alike; empty takes the shipped ones."""


def shipped() -> dict[str, str]:
    """Slug → title of every drill that comes with the program."""
    folder = files("sources.sandbox").joinpath("scenarios")
    slugs = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {slug: load(slug).title for slug in slugs if slug not in HIDDEN}


def load(name: str | Path) -> Scenario:
    """A shipped story by its slug, or any story by the path of its file. Raises InputError."""
    from sources.sandbox.scenario_file import parse

    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        try:
            return parse(path.read_text("utf-8"), str(path), path.stem)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path} cannot be read: {error}.", hint="A scenario is a TOML file in UTF-8.") from error
    resource = files("sources.sandbox").joinpath("scenarios", f"{name}.toml")
    if not str(name).replace("_", "").isalnum() or not resource.is_file():
        raise InputError(
            f"There is no scenario called {name}.", hint=f"Shipped are {', '.join(shipped())}; or give the path of a .toml file."
        )
    return parse(resource.read_text("utf-8"), f"{name}.toml", str(name))
