"""What fetching costs and withstands: `python tests/bench/fetching.py [feeds]`. Prints one JSON object; everything happens on loopback.

- idle: CPU and wall time of reloading `feeds` (500) unchanged feeds through the feed adapter, beside bare httpx doing the same requests, and
  beside newsboat where it is installed. Ratios of one run.
- dripping: 20 hosts that send a byte now and then; how long a healthy feed takes meanwhile.
- bombs: four answers that unpack to more than the limit; how far the memory rises.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import multiprocessing
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from listener.errors import SourceError  # noqa: E402
from listener.source import Channel  # noqa: E402
from sources.feed import Feed, Options  # noqa: E402
from sources.http import Http  # noqa: E402
from sources.opening import Context  # noqa: E402

FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>' + b"".join(
    b"<item><guid>https://x.example/%d</guid><title>post %d</title></item>" % (number, number) for number in range(20)
) + b"</channel></rss>"  # fmt: skip


async def _serve(ports: Any, drips: int) -> None:
    """One healthy server and `drips` sick ones."""

    async def healthy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                path = request.split(b" ", 2)[1]
                if b"if-none-match" in request.lower():
                    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
                elif path.startswith(b"/bomb"):
                    body = BOMBS[int(path[5:6])]
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                else:
                    writer.write(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n' % len(FEED) + FEED)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def sick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.2)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    servers = [
        await asyncio.start_server(healthy, "127.0.0.1", 0),
        *[await asyncio.start_server(sick, "127.0.0.1", 0) for _ in range(drips)],
    ]
    ports.put([server.sockets[0].getsockname()[1] for server in servers])
    await asyncio.Event().wait()


def _bombs() -> list[bytes]:
    """Zeros, zeros packed twice, many members, and a page that only pretends to be small."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(512)) + squeeze.flush()
    return [zeros, gzip.compress(zeros), gzip.compress(bytes(1 << 20)) * 200, gzip.compress(b"<div>" * 8_000_000)]


BOMBS: list[bytes] = []


def _server(ports: Any, drips: int) -> None:
    BOMBS[:] = _bombs()
    asyncio.run(_serve(ports, drips))


def _context() -> Context:
    return Context("feed", Http(allow_hosts=["127.0.0.1"], patience=3.0))


async def idle(port: int, feeds: int) -> dict[str, object]:
    context = _context()
    source = Feed(context, Options(url="https://unused.example/"))
    channels = [Channel(f"feed:{number}", "feed", f"http://127.0.0.1:{port}/feed{number}") for number in range(feeds)]
    cursors = [page.cursor for page in await asyncio.gather(*(source.fetch(channel, "") for channel in channels))]
    ours = await _timed(lambda: asyncio.gather(*(source.fetch(channel, cursor) for channel, cursor in zip(channels, cursors, strict=True))))
    await context.aclose()
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=8), timeout=60, trust_env=False) as client:
        headers = {"If-None-Match": '"1"'}
        await asyncio.gather(*(client.get(channel.text, headers=headers) for channel in channels[:8]))
        bare = await _timed(lambda: asyncio.gather(*(client.get(channel.text, headers=headers) for channel in channels)))
    told = {
        "feeds": feeds,
        "ours": ours,
        "bare httpx": bare,
        "cpu ratio": round(ours["cpu s"] / bare["cpu s"], 2),
        "wall ratio": round(ours["wall s"] / bare["wall s"], 2),
    }
    urls = [channel.text for channel in channels]
    return {**told, **{f"newsboat, {threads} threads": _newsboat(urls, threads, ours["wall s"]) for threads in (1, 8)}}


def _newsboat(urls: list[str], threads: int, ours: float) -> object:
    """Its second reload of the same feeds, start-up included, for it reloads only as a whole program."""
    program = shutil.which("newsboat")
    if program is None:
        return "not installed"
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        (where / "urls").write_text("\n".join(urls) + "\n")
        (where / "config").write_text(f"reload-threads {threads}\n")
        command = [program, "-u", str(where / "urls"), "-C", str(where / "config"), "-c", str(where / "cache.db"), "-x", "reload"]
        subprocess.run(command, check=True, capture_output=True)
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        wall = time.perf_counter() - begun
        return {"wall s": round(wall, 3), "ours to it": round(ours / wall, 3)}


async def _timed(work: Any) -> dict[str, float]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return {"wall s": round(time.perf_counter() - wall, 3), "cpu s": round(time.process_time() - cpu, 3)}


async def dripping(ports: list[int]) -> dict[str, object]:
    context = _context()
    source = Feed(context, Options(url="https://unused.example/"))
    healthy = Channel("feed:h", "feed", f"http://127.0.0.1:{ports[0]}/feed")
    cursor = (await source.fetch(healthy, "")).cursor
    alone = await _timed(lambda: source.fetch(healthy, cursor))
    sick = [asyncio.create_task(_given_up(source, f"http://127.0.0.1:{port}/")) for port in ports[1:] for _ in range(4)]
    await asyncio.sleep(0.5)
    beside = await _timed(lambda: source.fetch(healthy, cursor))
    given_up = [await task for task in sick]
    await context.aclose()
    return {
        "sick hosts": len(ports) - 1,
        "healthy alone": alone,
        "healthy beside them": beside,
        "longest patience s": round(max(given_up), 2),
    }


async def _given_up(source: Feed, url: str) -> float:
    begun = time.perf_counter()
    try:
        await source.fetch(Channel("feed:s", "feed", url), "")
    except SourceError:
        return time.perf_counter() - begun
    raise AssertionError("a dripping host was read to its end")


async def bombs(port: int) -> dict[str, object]:
    context = _context()
    source = Feed(context, Options(url="https://unused.example/"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = []
    for number in range(4):
        try:
            await source.fetch(Channel("feed:b", "feed", f"http://127.0.0.1:{port}/bomb{number}"), "")
        except SourceError as error:
            refused.append(str(error))
    await context.aclose()
    rise = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"refused": refused, "memory rise MB": round(rise, 1)}


def main() -> int:
    feeds = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    ports: Any = multiprocessing.Queue()
    server = multiprocessing.Process(target=_server, args=(ports, 20), daemon=True)
    server.start()
    try:
        found = ports.get(timeout=60)
        told = {"bombs": asyncio.run(bombs(found[0])), "dripping": asyncio.run(dripping(found)), "idle": asyncio.run(idle(found[0], feeds))}
    finally:
        server.terminate()
        server.join()
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
