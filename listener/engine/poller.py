"""Asking the networks, politely and without gaps: due channels, page after page, cursor and mentions in one transaction."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from listener.engine import schedule
from listener.errors import ListenerError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from listener.domain.mention import Mention
    from listener.domain.topic import Topic
    from listener.engine.ingest import Ingest
    from listener.source import Channel, Page, Source
    from listener.store.checkpoints import Checkpoints
    from listener.store.connection import Connection, Store
    from listener.store.intake import Added

PAGES_A_TURN = 20
"""Pages of one channel before the others get their turn: after a week offline nobody starves."""
AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Round:
    """What one round brought."""

    polled: int = 0
    pages: int = 0
    new: int = 0
    failed: int = 0
    more: bool = False
    """Channels remain that have more pages right now."""

    def __add__(self, other: Round) -> Round:
        return Round(self.polled + other.polled, self.pages + other.pages, self.new + other.new, self.failed + other.failed, self.more or other.more)


class Poller:
    """Polls what is due. Owns no cursor: the store does.

    Args:  every: source name → pace in ms, as configured; what is missing goes at the network's own pace.
           arrived: called with the ids of new mentions, in the poller's working thread.
    """

    def __init__(
        self, store: Store, checkpoints: Checkpoints, ingest: Ingest, sources: Sequence[Source], topics: Sequence[Topic], *,
        every: Mapping[str, int] | None = None, arrived: Callable[[Sequence[int]], object] | None = None, fence: int = 0, rng: random.Random | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._checkpoints = checkpoints
        self._ingest = ingest
        self._sources = sources
        self._channels: dict[str, Sequence[Channel]] = {source.name: source.channels(topics) for source in sources}
        self._every = every or {}
        self._arrived = arrived
        self._rng = rng or random.Random()  # noqa: S311 - jitter is no secret
        self.fence = fence
        self._work = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        checkpoints.describe([(source.name, source.kind) for source in sources])

    def _due(self, *, everything: bool) -> list[schedule.Task]:
        now = self._store.clock()
        paused = {health.source for health in self._checkpoints.health() if health.paused}
        every = schedule.tasks(self._sources, self._channels, self._checkpoints.all(), self._every)
        return [task for task in every if (everything or task.due <= now) and task.source.name not in paused]

    def next_due(self) -> int | None:
        """When the next channel is due, UTC ms; None when there is none."""
        every = schedule.tasks(self._sources, self._channels, self._checkpoints.all(), self._every)
        return every[0].due if every else None

    async def once(self, *, everything: bool = False) -> Round:
        """One round over what is due, or over everything."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def turn(task: schedule.Task) -> Round:
            async with gate:
                return await self._turn(task)

        due = await asyncio.to_thread(self._due, everything=everything)
        return sum(await asyncio.gather(*(turn(task) for task in due)), Round())

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop. A failing channel waits for its time; the others do not wait for it."""
        running: dict[tuple[str, str], asyncio.Task[Round]] = {}
        gate = asyncio.Semaphore(AT_ONCE)

        async def turn(task: schedule.Task) -> Round:
            async with gate:
                return await self._turn(task)

        broken: list[BaseException] = []

        def ended(task: asyncio.Task[Round], key: tuple[str, str]) -> None:
            running.pop(key, None)
            if not task.cancelled() and (error := task.exception()) is not None:
                broken.append(error)

        try:
            while not stop.is_set():
                if broken:
                    raise broken[0]
                for task in await asyncio.to_thread(self._due, everything=False):
                    key = (task.source.name, task.channel.key)
                    if key not in running:
                        running[key] = asyncio.create_task(turn(task))
                        running[key].add_done_callback(partial(ended, key=key))
                await _wait(stop, 0.5)
        finally:
            for one in list(running.values()):
                one.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)

    async def _turn(self, task: schedule.Task) -> Round:
        """Read one channel to its end, or for as long as its turn lasts."""
        cursor, total = task.cursor, Round(polled=1)
        for _ in range(PAGES_A_TURN):
            try:
                page = await task.source.fetch(task.channel, cursor)
                total += Round(pages=1, new=len((await self._store_page(task, page)).new))
            except SourceError as error:
                await self._failed(task, error)
                return total + Round(failed=1)
            if not page.more or page.cursor == cursor:
                return total
            cursor = page.cursor
        return total + Round(more=True)

    async def _store_page(self, task: schedule.Task, page: Page) -> Added:
        return await asyncio.get_running_loop().run_in_executor(self._work, self._file, task, page)

    def _file(self, task: schedule.Task, page: Page) -> Added:
        now = self._store.clock()
        source, channel = task.source, task.channel
        next_check = now if page.more else schedule.after_success(task, now, page.next_check, self._rng)
        newest = max((mention.created_at for mention in page.mentions), default=None)

        def advance(connection: Connection, added: Added) -> None:
            self._checkpoints.advance(connection, source.name, channel.key, page.cursor, next_check, note=page.note, fence=self.fence)
            self._checkpoints.healthy(
                connection, source.name, newest=newest, received=len(added.new), next_poll=next_check, budgets=source.budgets(), note=page.note
            )

        added = self._ingest.store_page(self._ingest.file(page.mentions, channel), advance)
        if added.new and self._arrived is not None:
            self._arrived(added.new)
        return added

    async def take(self, posts: Sequence[Mention], topic: str) -> Added:
        """File posts that came by another road than a channel, such as a thread that was read again."""

        def file() -> Added:
            added = self._ingest.store_page(self._ingest.file(posts, topic=topic))
            if added.new and self._arrived is not None:
                self._arrived(added.new)
            return added

        return await asyncio.get_running_loop().run_in_executor(self._work, file)

    async def _failed(self, task: schedule.Task, error: SourceError) -> None:
        retry = schedule.after_failure(task, self._store.clock(), error, self._rng)

        def note() -> None:
            self._checkpoints.failed(task.source.name, task.channel.key, str(error), retry, fence=self.fence)
            self._checkpoints.unhealthy(task.source.name, str(error), retry)

        await asyncio.to_thread(note)

    async def aclose(self) -> None:
        """Let go of the networks."""
        for source in self._sources:
            try:
                await source.aclose()
            except ListenerError:
                continue
        self._work.shutdown(wait=True)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
