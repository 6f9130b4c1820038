"""The collector's part that keeps a desk in order: retention as configured, and a backup a day."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from listener.store.upkeep import Upkeep

if TYPE_CHECKING:
    from listener.config import Retention
    from listener.store.connection import Store

FIRST = 120.0
"""Seconds after the start: a desk that was opened for a minute is left in peace."""
EVERY = 3_600.0


def tidy(store: Store, retention: Retention) -> dict[str, int]:
    """Do what is due. What was done, by name."""
    upkeep, now, done = Upkeep(store), store.clock(), {}
    if retention.mentions:
        done["expired"] = upkeep.expire(now - retention.mentions, worked_on=False)
    if retention.cases:
        done["expired cases"] = upkeep.expire(now - retention.cases, worked_on=True)
    if retention.payloads:
        done["payloads"] = upkeep.drop_payloads(now - retention.payloads)
    day = datetime.fromtimestamp(now / 1000, UTC).date().isoformat()
    done["backups"] = int(upkeep.back_up(store.path.parent / "backups", day, retention.backups) is not None)
    return done


async def run(store: Store, retention: Retention, stop: asyncio.Event) -> None:
    """Once after the start, then every hour, until told to stop."""
    wait = FIRST
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), wait)
        except TimeoutError:
            await asyncio.to_thread(tidy, store, retention)
            wait = EVERY
