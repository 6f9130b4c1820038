"""The collector: the one process that polls, watches and sends for a database, and the lease that keeps it the only one."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from listener.errors import StoreError

if TYPE_CHECKING:
    from listener.engine.poller import Poller
    from listener.store.checkpoints import Leases
    from listener.store.connection import Store

LEASE = "collector"
TTL_MS = 15_000
Part = Callable[[asyncio.Event], Awaitable[None]]
"""Something else that goes on while collecting: it runs until the event is set, and a failure of its own is its own business."""


MARGIN_S = 3.0
"""What must be left of a lease to begin something that cannot be taken back."""


def uptime() -> float:
    """Seconds since the machine started, sleep included: a laptop that wakes up knows that its lease is over."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def holder_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


class Collector:
    """Holds the lease, polls, and runs the other parts beside. Stops by itself when the lease is lost.

    Args:  parts: sender, notifier, wake-up of snoozed cases, …; made with the fence, so that a part which writes can show it.
           errand: what a single round does with the lease, given its fence.
           failed: told about a part that broke, in words; the others go on and it is started again.
    """

    def __init__(
        self, store: Store, leases: Leases, poller: Poller, parts: Callable[[int], Sequence[Part]] = lambda fence: (), *,
        failed: Callable[[str], None] = lambda text: None, errand: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._leases = leases
        self._poller = poller
        self._parts = parts
        self._failed = failed
        self._errand = errand
        self._name = holder_name()
        self._renewed = float("-inf")

    async def run(self, stop: asyncio.Event, *, wait: bool = False) -> bool:
        """Collect until told to stop. False when somebody else collects already.

        Args:    wait: stand by and take over when the other one ends.
        """
        while (fence := await self._take()) is None:
            if not wait:
                return False
            await _pause(stop, TTL_MS / 3000)
            if stop.is_set():
                return False
        self._poller.fence = fence
        inner = asyncio.Event()
        tasks = [asyncio.create_task(self._guard(part, inner)) for part in (self._poller.run, *self._parts(fence))]
        try:
            while not stop.is_set():
                await _pause(stop, TTL_MS / 3000)
                if not stop.is_set() and await self._take() != fence:
                    raise StoreError("Another collector has taken over.", hint="This one stops.")
        finally:
            inner.set()
            await asyncio.wait(tasks, timeout=10)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._poller.aclose()
            await asyncio.to_thread(self._leases.release, LEASE, self._name)
        return True

    def holds(self) -> bool:
        """Whether the lease is certainly still ours, by a clock that nobody sets: asked right before a reply goes out."""
        return uptime() - self._renewed < TTL_MS / 1000 - MARGIN_S

    async def errand(self) -> bool:
        """Hold the lease for as long as one errand takes: how a single round sends what is due. False when somebody else collects."""
        fence = await self._take()
        if fence is None:
            return False
        try:
            if self._errand is not None:
                await self._errand(fence)
        finally:
            await asyncio.to_thread(self._leases.release, LEASE, self._name)
        return True

    async def _take(self) -> int | None:
        asked = uptime()
        fence = await asyncio.to_thread(self._leases.take, LEASE, self._name, TTL_MS)
        if fence is not None:
            self._renewed = asked
        return fence

    async def _guard(self, part: Part, stop: asyncio.Event) -> None:
        """The border of a background task: whatever a part raises is told, and the part begins again."""
        wait = 1.0
        while not stop.is_set():
            try:
                await part(stop)
                return
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self._failed(f"{type(error).__name__}: {error}")
                await _pause(stop, wait)
                wait = min(wait * 2, 60)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
