"""What happens to a mention that has come in, whatever road it came by. Nothing is lost when the process dies in between.

The order matters: an answer to our own question is no new case, a customer's answer opens the old one, and rules see both.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from listener.store.arrivals import Arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from listener.store.connection import Store

EVERY = 5.0


class Reception:
    """Hands what has come in to everybody who looks at it.

    Args:  looks: called one after the other with the ids; each may be asked about a mention twice.
           idle: called now and then when nothing waits.
    """

    def __init__(self, store: Store, *looks: Callable[[Sequence[int]], object], idle: Callable[[], object] = lambda: None) -> None:
        self._queue = Arrivals(store)
        self._looks = looks
        self._idle = idle
        self._busy = threading.Lock()

    def receive(self, ids: Sequence[int] = ()) -> int:
        """Deal with everything that waits. How many; 0 when somebody is at it already."""
        if not self._busy.acquire(blocking=False):
            return 0
        try:
            total = 0
            while waiting := self._queue.waiting():
                for look in self._looks:
                    look(waiting)
                self._queue.done(waiting)
                total += len(waiting)
            return total
        finally:
            self._busy.release()

    async def run(self, stop: asyncio.Event) -> None:
        """Deal with what an earlier collector left behind, and with what came by other hands, until told to stop."""
        while not stop.is_set():
            await asyncio.to_thread(self.receive)
            await asyncio.to_thread(self._idle)
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue
