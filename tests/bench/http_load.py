"""What the polite client costs and withstands, on servers of its own on loopback.

    python -m tests.bench.http_load [first] [idle] [drip] [bombs]

first  20 feeds read for the first time by `listener poll --once`, scored and searchable, beside newsboat's first reload
idle   500 feeds in which nothing is new: our reload beside bare httpx and, where it is installed, newsboat
drip   20 hosts that send a byte now and then: what they cost a healthy host that is polled meanwhile
bombs  4 answers that unpack to gigabytes, and one that is packed twice: how much memory they take
Prints one JSON object for each. Wall-clock and CPU in seconds, medians of rounds that take turns; memory in MB.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

FEEDS, FIRST, ENTRIES, ROUNDS = 500, 20, 100, 5
WORDS = ["the", "plane", "was", "late", "again", "and", "nobody", "told", "us", "why", "crew", "smiled", "bags", "lost", "refund", "coffee", "seat", "window", "flight", "queue", "kind", "rude", "love", "hate", "great", "awful"]
DRIPPING, PATIENCE, POLLS = 20, 5.0, 40
BOMB = 2 << 30
"""Bytes that each bomb would become."""


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("what", nargs="*", help="first, idle, drip, bombs; all of them when none is named")
    given.add_argument("--serve", choices=list(SERVERS), help=argparse.SUPPRESS)
    chosen = given.parse_args()
    if chosen.serve:
        asyncio.run(_serve(chosen.serve))
        return
    if unknown := set(chosen.what) - set(BENCHES):
        given.error(f"there is no {', '.join(sorted(unknown))}")
    for what in chosen.what or BENCHES:
        print(json.dumps({"bench": what, **asyncio.run(BENCHES[what]())}), flush=True)


# --- servers, each in a process of its own ---------------------------------------------------------------------------


def _feed(number: int) -> bytes:
    words = random.Random(number)
    entries = "".join(
        f"<item><guid>{number}-{n}</guid><title>{' '.join(words.choices(WORDS, k=6))}</title><link>http://a.example/{number}/{n}</link>"
        f"<description>{' '.join(words.choices(WORDS, k=25))}</description></item>"
        for n in range(ENTRIES)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {number}</title><link>http://a.example/</link>{entries}</channel></rss>'.encode()


async def _answer_feeds(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            number = int(head.split(b" ", 2)[1].strip(b"/") or 0)
            etag = f'"{number}"'.encode()
            if etag in head:
                writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n\r\n")
                continue
            body = _feed(number)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: " + etag + f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.2)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _zeros(raw: bool) -> tuple[bytes, bytes, bytes]:
    """(head, 16 MB of zeros packed so that it may be repeated, tail)"""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15 if raw else 31)
    head = packer.compress(b"\0") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head, block, packer.flush()


def _bombs() -> dict[str, tuple[str, bytes]]:
    """Path → (Content-Encoding, body)."""
    head, block, _ = _zeros(raw=False)
    stream = head + block * (BOMB >> 24)
    members = gzip.compress(bytes(16 << 20), 9) * (BOMB >> 24)
    json_text = gzip.compress(b'{"a":"' + b"A" * (64 << 20), 9) + gzip.compress(bytes(1 << 20)) * 100
    lying = gzip.compress(bytes(64 << 20), 9)[:-4] + struct.pack("<I", 10)
    return {
        "/stream": ("gzip", stream),
        "/members": ("gzip", members),
        "/json": ("gzip", json_text),
        "/lying": ("gzip", lying + members),
        "/twice": ("gzip, gzip", gzip.compress(stream)),
    }


BOMBS: dict[str, tuple[str, bytes]] = {}


async def _answer_bombs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        coding, body = BOMBS[head.split(b" ", 2)[1].decode()]
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


SERVERS = {"feeds": (_answer_feeds, 1), "slow": (_answer_slowly, DRIPPING), "bombs": (_answer_bombs, 1)}


async def _serve(name: str) -> None:
    if name == "bombs":
        BOMBS.update(_bombs())
    answer, count = SERVERS[name]
    servers = [await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512) for _ in range(count)]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await asyncio.Event().wait()


class Server:
    """A server in a process of its own; its ports, and its end."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "tests.bench.http_load", "--serve", name], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.ports: list[int] = json.loads(self._process.stdout.readline())

    def __enter__(self) -> list[int]:
        return self.ports

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


# --- idle feeds ------------------------------------------------------------------------------------------------------


async def idle() -> dict[str, object]:
    with Server("feeds") as [port]:
        urls = [f"http://127.0.0.1:{port}/{number}" for number in range(FEEDS)]
        ours, bare = await _our_reload(urls), await _bare_reload(urls)
        runs: dict[str, list[tuple[float, float]]] = {"ours": [], "httpx": []}
        for _ in range(ROUNDS):
            runs["ours"].append(await _timed(ours))
            runs["httpx"].append(await _timed(bare))
        told: dict[str, object] = {"feeds": FEEDS}
        for name, times in runs.items():
            told[f"{name}_wall"] = round(statistics.median(wall for wall, _ in times), 3)
            told[f"{name}_cpu"] = round(statistics.median(cpu for _, cpu in times), 3)
        told["cpu_to_httpx"] = round(statistics.median(cpu for _, cpu in runs["ours"]) / statistics.median(cpu for _, cpu in runs["httpx"]), 2)
        newsboat = _newsboat(urls)
        told["newsboat_wall"] = newsboat and statistics.median(newsboat[1:])
        told["wall_to_newsboat"] = newsboat and round(statistics.median(wall for wall, _ in runs["ours"]) / statistics.median(newsboat[1:]), 3)
        return told


async def _timed(reload: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await reload()
    return time.perf_counter() - wall, time.process_time() - cpu


async def _our_reload(urls: list[str]) -> Callable[[], Awaitable[None]]:
    """All feeds through the adapter, each with the cursor that its first reading left."""
    from sources.feed import Options, open_source
    from sources.http import Http
    from sources.opening import Context

    source = open_source(Context("feed", Http(allow_hosts=["127.0.0.1"])), Options(urls=tuple(urls)))
    channels = source.channels([])
    cursors = [page.cursor for page in await asyncio.gather(*(source.fetch(channel, "") for channel in channels))]

    async def reload() -> None:
        pages = await asyncio.gather(*(source.fetch(channel, cursor) for channel, cursor in zip(channels, cursors, strict=True)))
        assert not any(page.mentions for page in pages), "the feeds are not idle"

    return reload


async def _bare_reload(urls: list[str]) -> Callable[[], Awaitable[None]]:
    """The same requests by httpx alone, as many at a time."""
    import httpx

    from sources.http import PER_HOST

    client = httpx.AsyncClient(limits=httpx.Limits(max_connections=8, max_keepalive_connections=8))
    turn = asyncio.Semaphore(PER_HOST)

    async def ask(number: int, url: str) -> None:
        async with turn:
            assert (await client.get(url, headers={"If-None-Match": f'"{number}"'})).status_code == 304

    async def reload() -> None:
        await asyncio.gather(*(ask(number, url) for number, url in enumerate(urls)))

    await reload()
    return reload


async def first() -> dict[str, object]:
    return await asyncio.to_thread(_first)


def _first() -> dict[str, object]:
    with Server("feeds") as [port], tempfile.TemporaryDirectory() as name:
        urls = [f"http://127.0.0.1:{port}/{number}" for number in range(FIRST)]
        folder = Path(name)
        settings = folder / "listener.toml"
        settings.write_text(
            f'[desk]\ntime_zone = "UTC"\nallow_hosts = ["127.0.0.1"]\n[[topics]]\nname = "All"\nquery = "plane"\n'
            f'[[sources]]\nkind = "feed"\ntopic = "All"\nurls = {json.dumps(urls)}\n'
        )
        command = [sys.executable, "-m", "tui", "--config", str(settings), "--db", str(folder / "db"), "poll", "--once", "--json"]
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "HOME": name})
        ours = time.perf_counter() - begun
        told = json.loads(done.stdout)
        newsboat = _newsboat(urls)
    return {
        "feeds": FIRST,
        "entries": FIRST * ENTRIES,
        "brought": told,
        "ours_wall": round(ours, 2),
        "newsboat_wall": newsboat and newsboat[0],
        "wall_to_newsboat": newsboat and round(ours / newsboat[0], 2),
    }


def _newsboat(urls: list[str]) -> list[float] | None:
    """Seconds of newsboat's first reload of these feeds, and of two more; None where it is not installed."""
    program = shutil.which("newsboat")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        listed, settings = Path(folder, "urls"), Path(folder, "config")
        listed.write_text("\n".join(urls) + "\n")
        settings.write_text("reload-threads 8\nsuppress-first-reload yes\n")
        command = [program, "-q", "-u", str(listed), "-c", str(Path(folder, "cache.db")), "-C", str(settings), "-x", "reload"]
        home = {**os.environ, "HOME": folder, "TERM": "xterm"}
        times = []
        for _ in range(3):
            begun = time.perf_counter()
            subprocess.run(command, env=home, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
            times.append(round(time.perf_counter() - begun, 3))
        return times


# --- dripping hosts --------------------------------------------------------------------------------------------------


async def drip() -> dict[str, object]:
    from listener.errors import Unreachable
    from sources.http import Http

    http = Http(allow_hosts=["127.0.0.1"], patience=PATIENCE)
    with Server("feeds") as [healthy], Server("slow") as slow:
        url = f"http://127.0.0.1:{healthy}/1"
        alone = await _polls(http, url)
        ended: list[float] = []

        async def suffer(port: int) -> None:
            begun = time.perf_counter()
            try:
                await http.get(f"http://127.0.0.1:{port}/")
            except Unreachable:
                ended.append(time.perf_counter() - begun)

        waiting = [asyncio.create_task(suffer(port)) for port in slow]
        await asyncio.sleep(0.5)
        beside = await _polls(http, url)
        still = sum(not task.done() for task in waiting)
        await asyncio.gather(*waiting)
        await http.aclose()
    return {
        "hosts": len(slow),
        "dripping_during_the_polls": still,
        "healthy_alone_ms": _spread(alone),
        "healthy_beside_ms": _spread(beside),
        "median_ratio": round(statistics.median(beside) / statistics.median(alone), 2),
        "patience": PATIENCE,
        "longest_drip": round(max(ended), 2),
        "ended": len(ended),
    }


async def _polls(http: object, url: str) -> list[float]:
    from sources.http import Http

    assert isinstance(http, Http)
    times = []
    for _ in range(POLLS):
        begun = time.perf_counter()
        await http.get(url)
        times.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0.05)
    return times


def _spread(times: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(times), 2), "p95": round(sorted(times)[int(len(times) * 0.95)], 2), "worst": round(max(times), 2)}


# --- bombs -----------------------------------------------------------------------------------------------------------


async def bombs() -> dict[str, object]:
    from listener.errors import Malformed
    from sources.http import Http

    http = Http(allow_hosts=["127.0.0.1"])
    with Server("feeds") as [healthy], Server("bombs") as [port]:
        await http.get(f"http://127.0.0.1:{healthy}/1")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        names = ["/stream", "/members", "/json", "/lying", "/twice"]
        answers = await asyncio.gather(*(http.get(f"http://127.0.0.1:{port}{name}") for name in names), return_exceptions=True)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        await http.aclose()
    return {
        "bombs": len(names),
        "would_be_mb": BOMB >> 20,
        "refused": sum(isinstance(answer, Malformed) for answer in answers),
        "reasons": {name: str(answer) for name, answer in zip(names, answers, strict=True)},
        "memory_before": round(before, 1),
        "memory_rise": round(after - before, 1),
    }


BENCHES: dict[str, Callable[[], Awaitable[dict[str, object]]]] = {"first": first, "idle": idle, "drip": drip, "bombs": bombs}

if __name__ == "__main__":
    main()
