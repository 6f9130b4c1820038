"""Three networks on loopback that remember what they published, and go wrong in every way that a server can.

`keyed` is a Mastodon that honours idempotency keys, `keyless` one of those servers that ignore them, `records` a Bluesky. A request is carried
out *late* now and then, up to `--late` seconds after it came, also when the one who asked is dead by then.

    python -m tests.bench.peer --seed S --faults 0.3     prints its port; POST /_calm ends the faults, GET /_published tells everything
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

LATE = 0.8


class Gone(Exception):
    """The connection breaks without an answer."""


@dataclass
class Post:
    network: str
    id: str
    parent: str
    text: str
    at: str


@dataclass
class Peer:
    """What was published, and what goes wrong with which probability."""

    rng: random.Random
    faults: float
    late: float = LATE
    posts: list[Post] = field(default_factory=list)
    keys: dict[str, Post] = field(default_factory=dict)
    records: dict[str, dict[str, object]] = field(default_factory=dict)
    struck: dict[str, int] = field(default_factory=dict)
    repeats: int = 0
    """Attempts that an idempotency key or a record key kept from becoming a second post."""

    def strikes(self, kind: str, share: float) -> bool:
        hit = self.rng.random() < self.faults * share
        if hit:
            self.struck[kind] = self.struck.get(kind, 0) + 1
        return hit

    # -- publishing

    async def publish(self, network: str, parent: str, text: str, key: str, rkey: str = "", record: dict[str, object] | None = None) -> Post:
        """One request to publish, with all that may happen to it."""
        for status, share in ((500, 0.12), (503, 0.08), (429, 0.05), (422, 0.01)):
            if self.strikes(f"{status}-before", share):
                raise Refused(status)
        if self.strikes("dropped-before", 0.1):
            raise Gone
        if self.strikes("late", 0.2):
            done = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(self.rng.uniform(0.05, self.late), lambda: done.set_result(self._put(network, parent, text, key, rkey, record)))
            if self.strikes("dropped-while-late", 0.5):
                raise Gone
            post = await asyncio.shield(done)
        else:
            post = self._put(network, parent, text, key, rkey, record)
        if self.strikes("dropped-after", 0.15):
            raise Gone
        if self.strikes("500-after", 0.15):
            raise Refused(500)
        if self.strikes("silence", 0.06):
            await asyncio.sleep(30)
        if self.strikes("slow", 0.2):
            await asyncio.sleep(self.rng.uniform(0.05, 1.2))
        return post

    def _put(self, network: str, parent: str, text: str, key: str, rkey: str, record: dict[str, object] | None) -> Post:
        known = self.keys.get(f"{network} {rkey or key}") if network != "keyless" else None
        if known is not None:
            self.repeats += 1
            if record is not None:
                self.records[rkey] = record
            return known
        post = Post(network, rkey or str(10_000 + len(self.posts)), parent, text, datetime.now(UTC).isoformat())
        self.posts.append(post)
        self.keys[f"{network} {rkey or key}"] = post
        if record is not None:
            self.records[rkey] = record
        return post


class Refused(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


def _status(post: Post) -> dict[str, object]:
    me = {"id": "1", "username": "desk", "acct": "desk", "display_name": "Desk", "url": ""}
    return {"id": post.id, "created_at": post.at, "in_reply_to_id": post.parent, "visibility": "public", "language": "en", "uri": "", "url": f"https://peer.example/{post.id}",
            "content": f"<p>{post.text}</p>", "account": me}  # fmt: skip


async def mastodon(peer: Peer, network: str, method: str, path: str, headers: dict[str, str], body: dict[str, object]) -> object:
    if method == "POST" and path == "/api/v1/statuses":
        return _status(await peer.publish(network, str(body["in_reply_to_id"]), str(body["status"]), headers.get("idempotency-key", "")))
    if path.endswith("/context"):
        parent = path.split("/")[4]
        listed = [_status(post) for post in peer.posts if post.network == network and post.parent == parent]
        return {"ancestors": [], "descendants": listed * 2 if peer.strikes("listed-twice", 0.3) else listed}
    if path == "/api/v1/accounts/verify_credentials":
        return {"id": "1", "username": "desk", "acct": "desk"}
    if path.endswith("/statuses"):
        return [_status(post) for post in peer.posts[-40:] if post.network == network]
    if path.startswith("/api/v2/instance"):
        return {"configuration": {"statuses": {"max_characters": 500}}}
    return []


async def bluesky(peer: Peer, path: str, query: dict[str, list[str]], body: dict[str, object]) -> object:
    name, did = path.removeprefix("/xrpc/"), "did:plc:desk"
    if name == "com.atproto.server.createSession":
        return {"accessJwt": "a", "refreshJwt": "r", "did": did, "handle": "desk.test"}
    if name == "com.atproto.repo.putRecord":
        record = body["record"]
        assert isinstance(record, dict)
        post = await peer.publish("records", record["reply"]["parent"]["uri"], record["text"], "", str(body["rkey"]), record)
        return {"uri": f"at://{did}/app.bsky.feed.post/{post.id}", "cid": "c"}
    if name == "com.atproto.repo.getRecord":
        rkey = query["rkey"][0]
        if query["repo"][0] == did and rkey not in peer.records:
            raise Refused(400)
        return {"uri": f"at://{query['repo'][0]}/app.bsky.feed.post/{rkey}", "cid": "c", "value": peer.records.get(rkey, {})}
    if name == "app.bsky.feed.getPosts":
        return {"posts": [{"uri": uri} for uri in query.get("uris", [])]}
    return {"feed": [], "posts": [], "notifications": []}


async def _answer(peer: Peer, method: str, target: str, headers: dict[str, str], raw: bytes) -> tuple[int, object]:
    parts = urlsplit(target)
    network, path = parts.path.split("/", 2)[1], unquote(parts.path)
    body = json.loads(raw) if raw else {}
    if network == "_calm":
        peer.faults = 0.0
        return 200, {}
    if network == "_published":
        return 200, {"posts": [[post.network, post.parent, post.text] for post in peer.posts], "struck": peer.struck, "repeats": peer.repeats}
    reading = method == "GET"
    if reading and peer.strikes("reading-fails", 0.2):
        return 503, {"error": "try later"}
    try:
        if headers.get("x-network") == "records" or path.startswith("/xrpc/"):
            return 200, await bluesky(peer, path, parse_qs(parts.query), body)
        return 200, await mastodon(peer, headers["authorization"].removeprefix("Bearer "), method, path, headers, body)
    except Refused as refused:
        return refused.status, {"error": "RecordNotFound" if refused.status == 400 else "no"}


async def _serve(peer: Peer) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(Gone, ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            method, target, _ = first.split(" ")
            headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
            raw = await reader.readexactly(int(headers.get("content-length", "0")))
            status, value = await _answer(peer, method, target, headers, raw)
            packed = json.dumps(value).encode()
            retry = "Retry-After: 1\r\n" if status == 429 else ""
            answer = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{retry}Content-Length: {len(packed)}\r\nConnection: close\r\n\r\n".encode() + packed
            if method == "POST" and peer.strikes("cut-short", 0.05):
                answer = answer[: len(answer) * 2 // 3]
            writer.write(answer * 2 if peer.strikes("answered-twice", 0.1) else answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=1.0)
    parser.add_argument("--late", type=float, default=LATE, help="seconds that a request may lie before it is carried out")
    asked = parser.parse_args()
    asyncio.run(_serve(Peer(random.Random(asked.seed), asked.faults, asked.late)))
