"""Processes that read feeds for us: kept between feeds, replaced when a feed kills or occupies one, and such a feed is not tried twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
import struct
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Final

from listener.errors import Malformed, Unreachable

SCRIPT: Final = Path(__file__).with_name("feed_worker.py")
LARGEST: Final = 64 * 1024 * 1024
REMEMBERED: Final = 500


class FeedWorkers:
    """At most `most` processes, started when a feed waits for one.

    Args:  patience: seconds for one feed; the slowest honest feed of 15 MB takes four.
           lifetime: feeds that one process reads before it is replaced, so that leaks end.
    """

    def __init__(self, *, most: int = 2, patience: float = 10.0, lifetime: int = 1_000) -> None:
        self._patience = patience
        self._lifetime = lifetime
        self._free = asyncio.Semaphore(most)
        self._idle: list[tuple[asyncio.subprocess.Process, int]] = []
        self._poison: OrderedDict[bytes, str] = OrderedDict()
        """Digests of feeds that killed a process, with the reason."""

    async def read(self, body: bytes, *, content_type: str, url: str) -> object:
        """The feed as the worker tells it. Raises Malformed: it is quarantined until its content changes. Unreachable: no process could be started."""
        digest = hashlib.blake2b(body, digest_size=16).digest()
        if digest in self._poison:
            raise Malformed(f"This feed is in quarantine until it changes: {self._poison[digest]}.")
        async with self._free:
            process, served = await self._process()
            try:
                async with asyncio.timeout(self._patience):
                    answer = await _exchange(process, json.dumps({"type": content_type, "url": url}).encode() + b"\n" + body)
            except TimeoutError:
                await _end(process)
                raise self._quarantined(digest, f"reading it takes longer than {self._patience:.0f} s") from None
            except (OSError, EOFError, ValueError):
                await _end(process)
                raise self._quarantined(digest, "it kills the process that reads it") from None
            except asyncio.CancelledError:
                await _end(process)
                raise
            if served + 1 < self._lifetime:
                self._idle.append((process, served + 1))
            else:
                await _end(process)
        if isinstance(answer, dict) and isinstance(answer.get("error"), str):
            raise self._quarantined(digest, answer["error"])
        return answer

    async def aclose(self) -> None:
        idle, self._idle = self._idle, []
        for process, _ in idle:
            await _end(process)

    def _quarantined(self, digest: bytes, reason: str) -> Malformed:
        self._poison[digest] = reason
        while len(self._poison) > REMEMBERED:
            self._poison.popitem(last=False)
        return Malformed(f"This feed cannot be read: {reason}.", hint="It is left alone until its content changes.")

    async def _process(self) -> tuple[asyncio.subprocess.Process, int]:
        while self._idle:
            process, served = self._idle.pop()
            if process.returncode is None:
                return process, served
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(SCRIPT),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise Unreachable(f"The process that reads feeds cannot be started: {error.strerror}.") from None
        return process, 0


async def _exchange(process: asyncio.subprocess.Process, request: bytes) -> object:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(struct.pack(">I", len(request)) + request)
    await process.stdin.drain()
    size = struct.unpack(">I", await process.stdout.readexactly(4))[0]
    if size > LARGEST:
        raise ValueError(size)
    return json.loads(await process.stdout.readexactly(size))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        process.kill()
    await process.wait()
