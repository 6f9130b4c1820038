"""Sending replies, each at most once: a part of the collector.

A row is committed as *sending* before a byte goes out. What certainly was not published is tried again or has failed; everything else is
*unknown*, and the thread is read back after a settle time. Only what a network keeps from becoming two posts is ever sent again by itself:
a record under our own key, or an idempotency key within its hour after the thread was read twice without finding it. The rest waits for a
person. See docs/outbox.md for what this can promise and what not.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from listener.domain.reply import ReplyState
from listener.errors import Ambiguous, AuthFailed, Conflict, RateLimited, Rejected, SourceError, Unreachable, Unsupported
from listener.source import Draft, Replier
from listener.store.outbox import Outbox, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from listener.domain.reply import Reply
    from listener.source import Capabilities, Receipt, Source
    from listener.store.connection import Store
    from listener.store.mentions import Mentions

SETTLE_MS = 2_000
"""A server may publish after it has stopped answering: reading back after 0.2 s doubled replies, after 1.6 s none."""
KEY_LIFE_MS = 50 * 60_000
"""Mastodon keeps an idempotency key for an hour; some of it is left for clocks and queues."""
READINGS_MS = (5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000)
"""After an empty reading the thread is read again, later and later; then a person decides."""
READS_BEFORE_KEY = 2
BLIND_MS = 48 * 3_600_000
MOST_ATTEMPTS = 12
GIVE_UP_MS = 12 * 3_600_000
"""A reply that could not be delivered for so long is no longer the reply that its author meant."""
EVERY = 0.25
AT_ONCE = 4
LAST_WORDS = 8.0
"""Seconds that a send under way gets when the collector ends."""


class Sender:
    """Sends what is due, reads back what is unknown.

    Args:  sources: by name; those that are no `Replier` are passed over.
           fence: of the lease; every write shows it. lease: its name.
           holds: whether the lease is still ours, by a clock that nobody sets; asked right before a reply goes out.
           settle_ms: between an attempt that ended in doubt and the first reading of the thread.
    """

    def __init__(
        self, store: Store, mentions: Mentions, sources: Sequence[Source], fence: int, *, lease: str = "collector",
        holds: Callable[[], bool] = lambda: True, settle_ms: int = SETTLE_MS, rng: random.Random | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._outbox = Outbox(store)
        self._mentions = mentions
        self._sources = {source.name: source for source in sources}
        self._fence = fence
        self._lease = lease
        self._holds = holds
        self._settle_ms = settle_ms
        self._rng = rng or random.Random()  # noqa: S311 - jitter is no secret
        self._active: dict[int, asyncio.Task[None]] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._broken: list[BaseException] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop. Raises StoreError: the lease is lost."""
        await self._begin_anew()
        try:
            while not stop.is_set():
                if self._broken:
                    raise self._broken.pop()
                await self.step()
                await _wait(stop, EVERY)
        finally:
            await self._end()

    async def once(self) -> None:
        """Send and read back what is due right now, and wait until that is done."""
        await self._begin_anew()
        await self.step()
        await self.idle()

    async def _begin_anew(self) -> None:
        """Adopt what a dead collector left, and give stopped accounts another chance: they may have other credentials now."""
        await asyncio.to_thread(self._outbox.adopt, self._fence, self._lease, list(self._active), self._store.clock() + self._settle_ms)
        await asyncio.to_thread(stops_lifted, self._store, list(self._sources))

    async def step(self) -> None:
        """Begin everything that is due; nothing while the lease is in doubt."""
        if not self._holds():
            return
        due, unknown, stops = await asyncio.to_thread(self._look)
        for reply in due:
            if reply.id not in self._active and reply.source not in stops:
                self._begin(reply, self._send(reply))
        for reply in unknown:
            if reply.id not in self._active:
                self._begin(reply, self._read_back(reply))

    async def idle(self) -> None:
        """Wait for all that was begun."""
        while self._active:
            await asyncio.gather(*self._active.values(), return_exceptions=True)

    def _look(self) -> tuple[list[Reply], list[Reply], dict[str, str]]:
        now = self._store.clock()
        return self._outbox.due(now), self._outbox.to_read(now), stops_of(self._store)

    def _begin(self, reply: Reply, work: Coroutine[None, None, None]) -> None:
        gate = self._gates.setdefault(reply.source, asyncio.Semaphore(AT_ONCE))

        async def gated() -> None:
            async with gate:
                await work

        def ended(task: asyncio.Task[None]) -> None:
            self._active.pop(reply.id, None)
            work.close()
            if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, Conflict):
                self._broken.append(error)

        self._active[reply.id] = asyncio.create_task(gated())
        self._active[reply.id].add_done_callback(ended)

    async def _end(self) -> None:
        if self._active:
            await asyncio.wait(self._active.values(), timeout=LAST_WORDS)
        for task in self._active.values():
            task.cancel()
        await asyncio.gather(*self._active.values(), return_exceptions=True)

    # -- sending

    async def _send(self, reply: Reply) -> None:
        source = self._sources.get(reply.source)
        begun = await asyncio.to_thread(self._outbox.begin, reply.id, self._fence, self._lease)
        if begun is None:
            return
        replier = replier_of(source)
        if replier is None:
            why = "is not configured any more" if source is None else "takes no replies from programs"
            await self._failed(begun, f"{reply.source} {why}. Open the post in the browser instead.")
            return
        try:
            mention = await asyncio.to_thread(self._mentions.get, reply.mention_id)
            if not self._holds():
                await self._again(begun, "The collector lost its lease; the next one sends it.", self._store.clock() + 1_000)
                return
            receipt = await replier.reply(mention, draft_of(begun))
        except asyncio.CancelledError:
            self._doubt(begun, "The collector was stopped while this was being sent.")
            raise
        except (Rejected, Unsupported) as error:
            await self._failed(begun, str(error))
        except AuthFailed as error:
            await asyncio.to_thread(stop_source, self._store, reply.source, str(error))
            await self._failed(begun, str(error))
        except RateLimited as error:
            wait = error.retry_after if error.retry_after is not None else self._backoff(begun)
            await self._again(begun, str(error), self._store.clock() + round(wait * 1000 * self._rng.uniform(1.0, 1.1)))
        except Unreachable as error:
            await self._again(begun, str(error), self._store.clock() + round(self._backoff(begun) * 1000))
        except Exception as error:  # the border: whatever else an adapter raises, nobody can say that nothing was published
            words = str(error) if isinstance(error, Ambiguous) else f"{reply.source}: {type(error).__name__}. The reply may have been published."
            await asyncio.to_thread(self._doubt, begun, words)
        else:
            await asyncio.to_thread(self._outbox.published, begun.id, "desk", _sent(receipt), self._store.clock(), fence=self._fence)

    def _backoff(self, reply: Reply) -> float:
        """Seconds: later and later with full jitter, at least one."""
        return 1.0 + self._rng.uniform(0, min(900.0, 4.0 * 2 ** min(reply.attempts, 10)))

    async def _again(self, reply: Reply, error: str, not_before: int) -> None:
        """Certainly not published, and worth another attempt; but not for ever."""
        if not_before - reply.frozen_at > GIVE_UP_MS:
            await self._failed(reply, f"{error} Given up after {GIVE_UP_MS // 3_600_000} hours.")
            return
        await asyncio.to_thread(self._outbox.end, reply.id, self._fence, ReplyState.QUEUED, error, not_before=not_before)

    async def _failed(self, reply: Reply, error: str) -> None:
        await asyncio.to_thread(self._outbox.end, reply.id, self._fence, ReplyState.FAILED, error)

    def _doubt(self, reply: Reply, error: str) -> None:
        self._outbox.end(reply.id, self._fence, ReplyState.UNKNOWN, error, look_at=self._store.clock() + self._settle_ms)

    # -- reading back

    async def _read_back(self, reply: Reply) -> None:
        source = self._sources.get(reply.source)
        replier = replier_of(source)
        if source is None or replier is None:
            await asyncio.to_thread(self._outbox.unread, reply.id, reply.version, None, f"{reply.source} cannot be read back. {reply.error}".strip())
            return
        mention = await asyncio.to_thread(self._mentions.get, reply.mention_id)
        try:
            receipt = await replier.find_reply(mention, draft_of(reply))
        except SourceError as error:
            later = None if isinstance(error, Unsupported) else self._read_later(reply, error)
            await asyncio.to_thread(self._outbox.unread, reply.id, reply.version, later, f"The thread could not be read back: {error}")
            return
        twin = await asyncio.to_thread(self._outbox.by_remote, reply.source, receipt.remote_id) if receipt is not None else None
        if receipt is not None and (not twin or twin.id == reply.id):
            at = reply.sending_since or self._store.clock()
            await asyncio.to_thread(self._outbox.published, reply.id, "desk", _sent(receipt), at, expect=reply.version)
        else:
            await asyncio.to_thread(self._missed, source, reply, bool(twin))

    def _read_later(self, reply: Reply, error: SourceError) -> int | None:
        """When to try to read a thread that could not be read: the longer it lasts the more seldom, and after two days no more."""
        now = self._store.clock()
        age = now - (reply.sending_since or now)
        asked = round((error.retry_after or 0) * 1000) if isinstance(error, RateLimited) else 0
        return None if age > BLIND_MS else now + max(asked, min(max(READINGS_MS[0], age // 3), READINGS_MS[-1])) + round(self._rng.uniform(0, 2_000))

    def _missed(self, source: Source, reply: Reply, twin: bool) -> None:
        """The thread was read and the reply is not there. `twin`: one with the same words is, which is another reply of ours."""
        now = self._store.clock()
        may = not twin and reply.attempts < MOST_ATTEMPTS and may_repeat(source, reply, now)
        if may:
            self._outbox.move(reply.id, ReplyState.QUEUED, "desk", expect=reply.version, not_before=now, look_at=None, error="Not in the thread: sent again under the same key.")
            return
        later = now + _later(reply.reads) if reply.reads < len(READINGS_MS) else None
        words = "Another reply of ours with the same words is in the thread." if twin else "The thread was read and the reply is not there."
        self._outbox.absent(reply.id, reply.version, later, words)


def replier_of(source: object) -> Replier | None:
    """The source, where it can answer as it is configured."""
    if not isinstance(source, Replier):
        return None
    capabilities: Capabilities | None = getattr(source, "capabilities", None)
    return source if capabilities and capabilities.reply else None


def may_repeat(source: Source, reply: Reply, now: int) -> bool:
    """Whether a reply that is not in its thread may be sent again without a person, given this one more empty reading."""
    kind = source.capabilities.idempotent_reply
    young = now - (reply.first_attempt or 0) < KEY_LIFE_MS
    return kind == "record" or (kind == "key" and young and reply.reads + 1 >= READS_BEFORE_KEY)


def draft_of(reply: Reply) -> Draft:
    """The reply as an adapter gets it: the same to the letter at every attempt."""
    return Draft(reply.text, reply.key, reply.frozen_at, {"visibility": reply.visibility} if reply.visibility else {})


def _sent(receipt: Receipt) -> Sent:
    return Sent(receipt.remote_id, receipt.permalink, receipt.parent_kept)


def _later(reads: int) -> int:
    return READINGS_MS[min(reads, len(READINGS_MS) - 1)]


# -- accounts that are stopped: wrong credentials do not mend themselves, and every further attempt makes it worse

_STOPPED = "sending-stopped:"


def stops_of(store: Store) -> dict[str, str]:
    """Source → why nothing is sent there."""
    from listener.store.checkpoints import Settings

    return Settings(store).starting(_STOPPED)


def stop_source(store: Store, source: str, why: str) -> None:
    from listener.store.checkpoints import Settings

    Settings(store).put(_STOPPED + source, why)


def stops_lifted(store: Store, sources: Sequence[str]) -> None:
    """Try again: somebody has said so, or the collector was started anew with other credentials."""
    from listener.store.checkpoints import Settings

    held = stops_of(store)
    for source in sources:
        if source in held:
            Settings(store).drop(_STOPPED + source)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


