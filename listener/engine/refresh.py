"""Asking again about posts that somebody works on: counts, edits, deletions; a few at a time, within the network's budget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from listener.errors import SourceError
from listener.source import Refresher
from listener.store.freshness import Freshnesses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.mention import Entry
    from listener.engine.ingest import Ingest
    from listener.source import Freshness, Source
    from listener.store.connection import Store
    from listener.store.mentions import Mentions

EVERY = 60.0
"""Seconds between two looks at what is due."""
AGAIN_MS = 3_600_000
OLDEST_MS = 14 * 86_400_000
AT_ONCE = 20
SPARE = 0.5
"""A source of whose allowance less than this is left is not asked: polling comes first."""


class Refresh:
    """The collector's part that follows what became of posts."""

    def __init__(self, store: Store, mentions: Mentions, ingest: Ingest, sources: Sequence[Source]) -> None:
        self._store, self._mentions, self._ingest = store, mentions, ingest
        self._sources = [source for source in sources if isinstance(source, Refresher) and (source.capabilities.deletion_check or source.capabilities.counts)]
        self._fresh = Freshnesses(store)

    async def run(self, stop: asyncio.Event) -> None:
        """Look every minute until told to stop."""
        while not stop.is_set():
            await self.once()
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue

    async def once(self) -> int:
        """One round over all sources. How many posts were asked about."""
        return sum([await self._ask(source) for source in self._sources])

    async def _ask(self, source: Source) -> int:
        if any(budget.limit and budget.left / budget.limit < SPARE for budget in source.budgets()):
            return 0
        now = self._store.clock()
        ids = await asyncio.to_thread(self._fresh.due, source.name, now - AGAIN_MS, since=now - OLDEST_MS, limit=AT_ONCE)
        entries = await asyncio.to_thread(self._mentions.many, ids)
        if not entries:
            return 0
        assert isinstance(source, Refresher)
        try:
            answers = await source.refresh(entries)
        except SourceError:
            await asyncio.to_thread(self._fresh.settle, [], ids)
            return 0
        await asyncio.to_thread(self._take, entries, answers)
        return len(ids)

    def _take(self, entries: Sequence[Entry], answers: Sequence[Freshness]) -> None:
        by_native = {entry.native_id: entry for entry in entries}
        known = [(by_native[answer.native_id], answer) for answer in answers if answer.native_id in by_native]
        for entry, answer in known:
            if answer.edited is not None and not answer.deleted:
                self._ingest.store_page(self._ingest.file([answer.edited], topic=entry.topic))
        self._fresh.settle([(entry.id, answer) for entry, answer in known], [entry.id for entry in by_native.values()])
