"""Real peers on loopback: `python tests/bench/peers.py` (needs `pip install mastodon_mock`). Prints one JSON object; exit code 1 when a step failed.

mastodon_mock is a Mastodon API with a database behind it and faults on demand. It is kinder than real servers, so what passes here is necessary,
not sufficient: poll, page through more than a page after downtime, mentions, reply, read the thread, edit, delete, and every fault in the middle.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from listener.domain.mention import Entry, Mention  # noqa: E402
from listener.domain.topic import Topic  # noqa: E402
from listener.errors import Ambiguous, Malformed, RateLimited, Unreachable  # noqa: E402
from listener.source import Channel, Draft  # noqa: E402
from sources.http import Http  # noqa: E402
from sources.mastodon import Mastodon, Options  # noqa: E402
from sources.opening import Context  # noqa: E402
from tests.sources.wire import entry  # noqa: E402

TAG = Channel("tag:auroraair", "tag", "auroraair", "aurora", trusted=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Peer:
    """The server in a process of its own, and a plain client for what customers do."""

    def __init__(self, program: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        command = [program, "serve", "--in-memory", "--host", "127.0.0.1", "--port", self.url.rpartition(":")[2], "--log-level", "error"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = httpx.Client(base_url=self.url, timeout=20, trust_env=False)
        for _ in range(100):
            try:
                self.client.get("/api/v2/instance")
                break
            except httpx.TransportError:
                time.sleep(0.2)
        self.customer = self.token("customer")
        self.desk = self.token("desk")

    def token(self, name: str) -> str:
        made = self.client.post("/api/v1/_mock/dev_user", json={"username": name}).json()
        return str(made.get("access_token") or made["token"])

    def say(self, text: str, **more: object) -> str:
        answer = self.client.post("/api/v1/statuses", json={"status": text, **more}, headers={"Authorization": f"Bearer {self.customer}"})
        return str(answer.raise_for_status().json()["id"])

    def fault(self, kind: str, *, count: int = 1, methods: tuple[str, ...] = ("GET",), path: str = "/api/v1/*", **effect: object) -> None:
        rule = {"match": {"methods": list(methods), "path": path}, "effect": {"type": kind, **effect}, "count": count}
        self.client.post("/api/v1/_mock/faults", json=rule).raise_for_status()

    def close(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(10)


@asynccontextmanager
async def cut_wire(port: int) -> AsyncIterator[int]:
    """A way to the peer on which the answer is lost: the request arrives, the reply is published, the connection breaks."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        request = await reader.readuntil(b"\r\n\r\n")
        length = int(re.findall(rb"content-length: (\d+)", request.lower())[0])
        back.write(request + await reader.readexactly(length))
        await there.read(1)
        writer.close()
        back.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


class Steps:
    """What was tried, and what came of it."""

    def __init__(self) -> None:
        self.results: dict[str, object] = {}
        self.failed = False

    def note(self, name: str, ok: bool, seen: object) -> None:
        self.results[name] = {"ok": ok, "seen": seen}
        self.failed |= not ok


async def poll(source: Mastodon, channel: Channel, cursor: str) -> tuple[list[Mention], str, int]:
    read: list[Mention] = []
    for pages in range(1, 100):
        page = await source.fetch(channel, cursor)
        read += page.mentions
        cursor = page.cursor
        if not page.more:
            return read, cursor, pages
    raise AssertionError("endless")


def opened(peer: Peer, **more: float) -> Mastodon:
    http = Http(allow_hosts=["127.0.0.1"], monotonic=lambda: 0.0, **more)  # type: ignore[arg-type]
    return Mastodon(Context("mastodon", http), Options(instance=peer.url, token=peer.desk))


async def reading(peer: Peer, steps: Steps) -> tuple[str, Mention]:
    source = opened(peer)
    lines = {line.what: line.state for line in await source.check()}
    steps.note("check", lines["reach"] == lines["credentials"] == "ok", lines)
    peer.say("first #AuroraAir")
    _, cursor, _ = await poll(source, TAG, "")
    wanted = {f"late again #AuroraAir {number}" for number in range(130)}
    for text in sorted(wanted):
        peer.say(text)
    read, cursor, pages = await poll(source, TAG, cursor)
    got = {mention.text for mention in read}
    steps.note("130 posts while away", wanted <= got, {"read": len(read), "pages": pages, "missing": len(wanted - got)})
    again, cursor, pages = await poll(source, TAG, cursor)
    steps.note("quiet poll", pages <= 6, {"read again": len(again), "pages": pages})
    peer.say("@desk my bag is lost")
    page = await source.fetch(Channel("notifications", "notifications"), "")
    bag = next((mention for mention in page.mentions if "bag" in mention.text), None)
    steps.note("a mention of us", bag is not None, [mention.text for mention in page.mentions][:3])
    found = await source.fetch(Channel("search:bag", "search", "bag"), "")
    steps.note("search", any("bag" in mention.text for mention in found.mentions), len(found.mentions))
    channels = [channel.key for channel in source.channels([Topic("aurora", hashtags=("auroraair",))])]
    steps.note("channels", channels == ["tag:auroraair", "notifications"], channels)
    assert bag is not None
    return cursor, bag


async def faults(peer: Peer, steps: Steps, cursor: str) -> None:
    cases: list[tuple[str, type[Exception], Callable[[], None]]] = [
        ("ratelimit", RateLimited, lambda: peer.fault("ratelimit")),
        ("429 without Retry-After", RateLimited, lambda: peer.fault("status", status=429)),
        ("malformed", Malformed, lambda: peer.fault("malformed", path="/api/v1/timelines/*")),
        ("500", Unreachable, lambda: peer.fault("status", status=500)),
        ("503", Unreachable, lambda: peer.fault("status", status=503)),
        ("slow", Unreachable, lambda: peer.fault("latency", delay_ms=3000)),
    ]
    for name, expected, arm in cases:
        arm()
        source = opened(peer, patience=1.0)
        try:
            await source.fetch(TAG, cursor)
            seen = "read"
        except (RateLimited, Malformed, Unreachable) as error:
            seen = f"{type(error).__name__}: {error}"
        steps.note(f"fault {name}", seen.startswith(expected.__name__), seen)
    peer.say("after the storm #AuroraAir")
    read, _, _ = await poll(opened(peer), TAG, cursor)
    steps.note("the cursor stood through all faults", any("after the storm" in mention.text for mention in read), len(read))


async def replying(peer: Peer, steps: Steps, parent: Entry) -> None:
    source = opened(peer)
    draft = Draft("We are looking for it.", "reply-key-1", int(time.time() * 1000))
    receipt = await source.reply(parent, draft)
    found = await source.find_reply(parent, draft)
    steps.note("reply", receipt.parent_kept and found is not None and found.remote_id == receipt.remote_id, receipt.permalink)
    doubtful = replace(draft, text="It will be brought to you today.", key="reply-key-2")
    async with cut_wire(int(peer.url.rpartition(":")[2])) as port:
        through = Mastodon(
            Context("mastodon", Http(allow_hosts=["127.0.0.1"])), Options(instance=f"http://127.0.0.1:{port}", token=peer.desk)
        )
        try:
            await through.reply(parent, doubtful)
            seen = "sent"
        except Ambiguous:
            seen = "ambiguous"
    published = await source.find_reply(parent, doubtful)
    steps.note("a reply whose answer was lost is found", seen == "ambiguous" and published is not None, seen)
    thread = await source.thread(parent)
    copies = sum("brought to you" in mention.text for mention in thread)
    steps.note("it is there once", copies == 1, [mention.text for mention in thread])
    absent = await source.find_reply(parent, replace(draft, text="Never sent."))
    steps.note("what was not sent is not found", absent is None, str(absent))


async def changing(peer: Peer, steps: Steps, parent: Mention) -> None:
    source = opened(peer)
    kept, gone = peer.say("will be edited"), peer.say("will be deleted")
    known = [entry(replace(parent, native_id=name, text=text)) for name, text in ((kept, "will be edited"), (gone, "will be deleted"))]
    headers = {"Authorization": f"Bearer {peer.customer}"}
    peer.client.put(f"/api/v1/statuses/{kept}", json={"status": "was edited"}, headers=headers).raise_for_status()
    peer.client.delete(f"/api/v1/statuses/{gone}", headers=headers).raise_for_status()
    told = {fresh.native_id: fresh for fresh in await source.refresh(known)}
    edited = told[kept].edited if kept in told else None
    steps.note("an edit is seen", edited is not None and edited.text == "was edited", edited.text if edited else "")
    steps.note("a deletion is seen", gone in told and told[gone].deleted, sorted(told))


def main() -> int:
    program = shutil.which("mastodon_mock") or shutil.which("mastodon_mock", path=str(Path(sys.executable).parent))
    if program is None:
        sys.exit("mastodon_mock is not installed. Run: pip install mastodon_mock")
    steps, peer = Steps(), Peer(program)

    async def everything() -> None:
        cursor, bag = await reading(peer, steps)
        await faults(peer, steps, cursor)
        await replying(peer, steps, entry(bag))
        await changing(peer, steps, bag)

    try:
        asyncio.run(everything())
    finally:
        peer.close()
    print(json.dumps({"peer": "mastodon_mock", "steps": steps.results}, ensure_ascii=False, indent=1))
    return int(steps.failed)


if __name__ == "__main__":
    sys.exit(main())
