"""Doors into the sandbox: a world from a few arguments, with its servers, in-process or remembered in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sources.sandbox.clock import HOUR, Clock, wall
from sources.sandbox.internet import Internet
from sources.sandbox.ledger import Ledger
from sources.sandbox.scenario import load
from sources.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from sources.sandbox.scenario import Scenario

FRESH = 6 * HOUR
"""A desk that is started this long after the last start sees the story begin anew."""


def open_world(
    *, seed: int = 7, zone: str = "Europe/Athens", scenario: str | Path | Scenario | None = "demo", speed: float = 1.0,
    start: int | None = None, clock: Callable[[], int] | None = None, history: bool = True, state: Path | None = None, anew: bool = False,
) -> Internet:  # fmt: skip
    """A world with its servers.

    Args:    scenario: a shipped story's name, a file, a story that was read already, or None for ordinary days only.
             start: where minute 0 lies, UTC ms; now unless said. clock: instead of real time (`speed` is then ignored).
             state: remembers what is published; a file that exists decides over seed, zone, scenario, start and speed.
             anew: let the story begin with this opening, when the last one is long enough ago.
    Raises:  InputError
    """
    now = wall()
    named = "" if scenario is None else scenario if isinstance(scenario, str) else ""
    ledger = Ledger(
        seed=seed, zone=zone, anchor=now, speed=speed, scenario=str(named), starts=[now if start is None else start], path=state
    )
    if state is not None and not ledger.refresh():
        with ledger.change():
            pass
    story = load(ledger.scenario) if ledger.scenario else None if isinstance(scenario, str) or scenario is None else _read(scenario)
    world = World(clock or Clock(ledger.starts[0], ledger.anchor, ledger.speed), scenario=story, history=history, ledger=ledger)
    if anew and world.now() - ledger.starts[-1] > FRESH:
        world.begin()
    return Internet(world)


def _read(scenario: Path | Scenario) -> Scenario:
    return load(scenario) if isinstance(scenario, Path) else scenario
