"""After a reply its thread is read again, more and more seldom, so that the customer's answer stands under it. A part of the collector."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from listener.domain.duration import HOUR, MINUTE, SECOND
from listener.errors import InputError, RateLimited, SourceError
from listener.source import ThreadReader
from listener.store.checkpoints import Settings
from listener.store.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from listener.domain.mention import Entry, Mention
    from listener.source import Source
    from listener.store.connection import Store
    from listener.store.intake import Added
    from listener.store.mentions import Mentions

READINGS_MS = (30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR)
"""How long after each reading the next one follows; then the notifications alone have to tell."""
EVERY = 1.0


class Follower:
    """Reads threads that we took part in.

    Args:  take: files posts under a topic and tells whoever waits for arrivals; the poller's `take`.
    """

    def __init__(self, store: Store, mentions: Mentions, sources: Sequence[Source], take: Callable[[Sequence[Mention], str], Awaitable[Added]]) -> None:
        self._store = store
        self._outbox = Outbox(store)
        self._mentions = mentions
        self._settings = Settings(store)
        self._sources = {source.name: source for source in sources}
        self._take = take

    async def run(self, stop: asyncio.Event) -> None:
        """Read what is due until told to stop."""
        while not stop.is_set():
            await self.once(stop)
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue

    async def once(self, stop: asyncio.Event | None = None) -> None:
        """Read what is due right now."""
        for mention_id, reads in await asyncio.to_thread(self._outbox.to_follow, self._store.clock()):
            if stop is not None and stop.is_set():
                return
            await self.follow(mention_id, reads)

    async def follow(self, mention_id: int, reads: int = 0) -> int:
        """Read one thread now. How many posts were new."""
        new, pause = 0, READINGS_MS[reads] if reads < len(READINGS_MS) else None
        try:
            mention = await asyncio.to_thread(self._mentions.get, mention_id)
            source = self._sources.get(mention.source)
            reader = _reader(source)
            if reader is not None:
                posts = await reader.thread(mention)
                new = len((await self._take(await asyncio.to_thread(self._ours, mention, posts), mention.topic)).new)
            else:
                pause = None
        except RateLimited as error:
            pause = max(pause or 0, round((error.retry_after or 60) * 1000))
        except (SourceError, InputError):
            pause = pause and max(pause, MINUTE)
        await asyncio.to_thread(self._outbox.followed, mention_id, self._store.clock() + pause if pause else None)
        return new

    def _ours(self, mention: Entry, posts: Sequence[Mention]) -> list[Mention]:
        """Our words, the customer's, and what answers ours; the chatter of others stays out of the inbox."""
        ours = {reply.remote_id for reply in self._outbox.find(mention_id=mention.id) if reply.remote_id}
        ours |= {post.native_id for post in posts if post.own}
        handle = next((post.author.handle for post in posts if post.native_id in ours), "")
        if handle and self._settings.get(f"account:{mention.source}") != handle:
            self._settings.put(f"account:{mention.source}", handle)
        root = mention.thread_id or mention.native_id
        kept = [post for post in posts if post.native_id in ours or post.parent_id in ours or post.author.native_id == mention.author.native_id]
        return [
            replace(post, own=post.own or post.native_id in ours, thread_id=post.thread_id or (root if post.native_id != root else ""))
            for post in kept
            if post.native_id != mention.native_id
        ]


def _reader(source: object) -> ThreadReader | None:
    return source if isinstance(source, ThreadReader) else None
