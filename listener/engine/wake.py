"""Snoozed cases come back when their time has come, also after the machine slept through it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from listener.engine.triage import Triage
from listener.errors import InputError

if TYPE_CHECKING:
    from listener.store.connection import Store
    from listener.store.mentions import Mentions

EVERY = 5.0


def wake_due(store: Store, mentions: Mentions) -> int:
    """Open every case whose snooze has ended. How many."""
    ids = mentions.snoozed_until(store.clock())
    for start in range(0, len(ids), 250):
        try:
            Triage(store, "desk").reopen(ids[start : start + 250], rule="snooze ended")
        except InputError:
            continue
    return len(ids)


async def run(store: Store, mentions: Mentions, stop: asyncio.Event) -> None:
    """Look every few seconds until told to stop."""
    while not stop.is_set():
        await asyncio.to_thread(wake_due, store, mentions)
        try:
            await asyncio.wait_for(stop.wait(), EVERY)
        except TimeoutError:
            continue
