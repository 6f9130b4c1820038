"""The sandbox speaks as the networks' documentation says, faults included; in-process and on a port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from listener.errors import InputError
from sources.sandbox.clock import DAY, ManualClock
from sources.sandbox.faults import KINDS
from sources.sandbox.internet import Internet
from sources.sandbox.opening import open_world
from sources.sandbox.server import port_of, serve
from sources.sandbox.servers.bluesky import PASSWORD
from sources.sandbox.servers.mastodon import TOKEN
from sources.sandbox.transport import SandboxTransport

START = 1_795_356_000_000
MASTODON = "https://mastodon.sandbox"
BLUESKY = "https://bsky.sandbox/xrpc"
OURS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def net(clock: ManualClock) -> Internet:
    return open_world(start=START, clock=clock)


@pytest.fixture
async def client(net: Internet) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=SandboxTransport(net)) as client:
        yield client


async def login(client: httpx.AsyncClient) -> dict[str, str]:
    answer = await client.post(
        f"{BLUESKY}/com.atproto.server.createSession", json={"identifier": "auroraair.bsky.sandbox", "password": PASSWORD}
    )
    return {"Authorization": f"Bearer {answer.json()['accessJwt']}"}


async def test_paging_forwards_and_backwards_gives_each_status_once(client: httpx.AsyncClient, net: Internet) -> None:
    """`min_id` reads gap-free forwards, `max_id` backwards; both must see exactly what is there."""
    there = [str(post.uid) for post in net.world.oldest("mastodon") if "#auroraair" in post.folded]
    forwards: list[str] = []
    after = "1"
    while page := (await client.get(f"{MASTODON}/api/v1/timelines/tag/auroraair", params={"min_id": after, "limit": 40})).json():
        forwards += [status["id"] for status in page][::-1]
        after = page[0]["id"]
    backwards: list[str] = []
    url = f"{MASTODON}/api/v1/timelines/tag/auroraair?limit=40"
    while page := (answer := await client.get(url)).json():
        backwards += [status["id"] for status in page]
        url = str(answer.links["next"]["url"])
    assert forwards == there == backwards[::-1]
    assert len(there) > 200


async def test_since_id_leaves_the_gap_that_it_leaves_on_real_servers(client: httpx.AsyncClient, net: Internet) -> None:
    """An adapter that used it would lose posts here too."""
    oldest = next(iter(net.world.oldest("mastodon")))
    newest = next(net.world.newest("mastodon"))
    page = (await client.get(f"{MASTODON}/api/v1/timelines/public", params={"since_id": oldest.uid, "limit": 5})).json()
    assert len(page) == 5
    assert int(page[-1]["id"]) > newest.uid - ((2 * DAY) << 16)


async def test_a_token_is_asked_for_where_mastodon_asks_for_one(client: httpx.AsyncClient) -> None:
    """A wrong token on a public timeline is 200 on real servers."""
    wrong = {"Authorization": "Bearer wrong"}
    assert (await client.get(f"{MASTODON}/api/v1/timelines/public", headers=wrong)).status_code == 200
    assert (await client.get(f"{MASTODON}/api/v1/accounts/verify_credentials", headers=wrong)).status_code == 401
    assert (await client.get(f"{MASTODON}/api/v1/notifications", headers=wrong)).status_code == 401
    assert (await client.post(f"{MASTODON}/api/v1/statuses", json={"status": "x"}, headers=wrong)).status_code == 401


async def test_a_reply_lands_once_and_notifies_only_who_is_named(client: httpx.AsyncClient, clock: ManualClock) -> None:
    """The idempotency key holds; without `@acct` nobody answers."""
    mentions = (await client.get(f"{MASTODON}/api/v1/notifications", params={"types[]": "mention", "limit": 30}, headers=OURS)).json()
    statuses = [one["status"] for one in mentions]
    for status in statuses:
        named = {"status": f"@{status['account']['acct']} sorry, we help", "in_reply_to_id": status["id"]}
        first, second = [
            (await client.post(f"{MASTODON}/api/v1/statuses", json=named, headers={**OURS, "Idempotency-Key": status["id"]})).json()
            for _ in "ab"
        ]
        assert first["id"] == second["id"]
        assert first["in_reply_to_id"] == status["id"]
    clock.advance(minutes=5)
    answered = (await client.get(f"{MASTODON}/api/v1/notifications", params={"limit": 40}, headers=OURS)).json()
    ours = {one["status"]["in_reply_to_id"] for one in answered}
    assert len(ours) > 10
    silent = statuses[0]
    await client.post(f"{MASTODON}/api/v1/statuses", json={"status": "no name", "in_reply_to_id": silent["id"]}, headers=OURS)
    before = len((await client.get(f"{MASTODON}/api/v1/statuses/{silent['id']}/context")).json()["descendants"])
    clock.advance(minutes=5)
    assert len((await client.get(f"{MASTODON}/api/v1/statuses/{silent['id']}/context")).json()["descendants"]) == before


async def test_a_missing_parent_and_a_long_text_are_refused(client: httpx.AsyncClient) -> None:
    """As Mastodon does: 404 and 422."""
    url = f"{MASTODON}/api/v1/statuses"
    assert (await client.post(url, json={"status": "x", "in_reply_to_id": "1"}, headers=OURS)).status_code == 404
    assert (await client.post(url, json={"status": "x" * 501}, headers=OURS)).status_code == 422
    assert (await client.post(url, json={"status": "x" * 470 + " https://a.sandbox/" + "y" * 90}, headers=OURS)).status_code == 200


async def test_a_deleted_status_is_missing(client: httpx.AsyncClient, net: Internet, clock: ManualClock) -> None:
    """What the freshness check relies on."""
    while not (doomed := next((post for post in net.world.newest("mastodon", after=(clock.at - DAY) << 16) if post.deleted_at), None)):
        clock.advance(hours=1)
    url = f"{MASTODON}/api/v1/statuses"
    assert len((await client.get(url, params={"id[]": doomed.uid})).json()) == 1
    clock.advance(days=3)
    assert (await client.get(url, params={"id[]": doomed.uid})).json() == []
    assert (await client.get(f"{url}/{doomed.uid}")).status_code == 404


async def test_a_record_key_is_one_post(client: httpx.AsyncClient, net: Internet) -> None:
    """putRecord twice with the same record: 200 and the same cid; createRecord with a known key: 500."""
    headers = await login(client)
    session = (await client.get(f"{BLUESKY}/com.atproto.server.getSession", headers=headers)).json()
    post = (await client.get(f"{BLUESKY}/app.bsky.feed.searchPosts", params={"q": "aurora", "limit": 1}, headers=headers)).json()["posts"][
        0
    ]
    reference = {"uri": post["uri"], "cid": post["cid"]}
    record = {
        "$type": "app.bsky.feed.post",
        "text": "sorry",
        "createdAt": "2026-11-22T14:00:00Z",
        "reply": {"root": reference, "parent": reference},
    }
    body = {"repo": session["did"], "collection": "app.bsky.feed.post", "rkey": "3mzwxbxjljc2r", "record": record}
    first, second = [(await client.post(f"{BLUESKY}/com.atproto.repo.putRecord", json=body, headers=headers)).json() for _ in "ab"]
    assert (first["uri"], first["cid"]) == (second["uri"], second["cid"])
    assert len(net.world.published.own("bluesky")) == 1
    assert (await client.post(f"{BLUESKY}/com.atproto.repo.createRecord", json=body, headers=headers)).status_code == 500
    thread = (await client.get(f"{BLUESKY}/app.bsky.feed.getPostThread", params={"uri": post["uri"]}, headers=headers)).json()["thread"]
    assert [reply["post"]["record"]["text"] for reply in thread["replies"]].count("sorry") == 1
    found = (
        await client.get(
            f"{BLUESKY}/com.atproto.repo.getRecord", params={key: body[key] for key in ("repo", "collection", "rkey")}, headers=headers
        )
    ).json()
    assert found["value"] == record
    edited = {**body, "record": {**record, "text": "very sorry"}}
    changed = (await client.post(f"{BLUESKY}/com.atproto.repo.putRecord", json=edited, headers=headers)).json()
    assert changed["cid"] != first["cid"]
    read = {key: body[key] for key in ("repo", "collection", "rkey")}
    again = (await client.get(f"{BLUESKY}/com.atproto.repo.getRecord", params=read, headers=headers)).json()
    assert (again["cid"], again["value"]["text"]) == (changed["cid"], "very sorry")
    assert len(net.world.published.own("bluesky")) == 1


async def test_sessions_expire_with_http_400(client: httpx.AsyncClient, clock: ManualClock) -> None:
    """Access tokens live two hours; the error's name tells, not the status."""
    session = (
        await client.post(
            f"{BLUESKY}/com.atproto.server.createSession", json={"identifier": "auroraair.bsky.sandbox", "password": PASSWORD}
        )
    ).json()
    clock.advance(hours=3)
    stale = await client.get(
        f"{BLUESKY}/app.bsky.feed.searchPosts", params={"q": "x"}, headers={"Authorization": f"Bearer {session['accessJwt']}"}
    )
    assert (stale.status_code, stale.json()["error"]) == (400, "ExpiredToken")
    fresh = await client.post(f"{BLUESKY}/com.atproto.server.refreshSession", headers={"Authorization": f"Bearer {session['refreshJwt']}"})
    again = await client.get(
        f"{BLUESKY}/app.bsky.feed.searchPosts", params={"q": "x"}, headers={"Authorization": f"Bearer {fresh.json()['accessJwt']}"}
    )
    assert again.status_code == 200
    wrong = await client.post(
        f"{BLUESKY}/com.atproto.server.createSession", json={"identifier": "auroraair.bsky.sandbox", "password": "no"}
    )
    assert wrong.status_code == 401


async def test_facets_count_bytes(client: httpx.AsyncClient) -> None:
    """Offsets are in UTF-8 bytes, also behind an emoji or in Greek."""
    headers = await login(client)
    posts = (
        await client.get(f"{BLUESKY}/app.bsky.feed.searchPosts", params={"q": "#auroraair", "limit": 100, "lang": "el"}, headers=headers)
    ).json()["posts"]
    assert posts
    for post in posts:
        text = post["record"]["text"].encode()
        tags = [
            text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            for facet in post["record"]["facets"]
            if facet["features"][0]["$type"].endswith("#tag")
        ]
        assert "#auroraair" in tags


async def test_feeds_answer_304_to_what_they_gave(client: httpx.AsyncClient, clock: ManualClock) -> None:
    """Conditional requests save the site and us the work, until something is new."""
    for url in (
        "https://news.sandbox/rss",
        "https://news.sandbox/atom.xml",
        "https://news.sandbox/feed.json",
        "https://reddit.sandbox/search.rss?q=aurora",
    ):
        first = await client.get(url)
        assert first.status_code == 200
        assert len(first.content) > 1000
        assert (await client.get(url, headers={"If-None-Match": f"W/{first.headers['ETag']}"})).status_code == 304
        assert (await client.get(url, headers={"If-Modified-Since": first.headers["Last-Modified"]})).status_code == 304
    clock.advance(days=2)
    assert (await client.get("https://news.sandbox/rss", headers={"If-None-Match": first.headers["ETag"]})).status_code == 200


async def test_hacker_news_filters_by_second_and_caps_at_a_thousand(client: httpx.AsyncClient, net: Internet) -> None:
    """Also under its real name, which its adapter is built for."""
    there = [post for post in net.world.oldest("hackernews") if "aurora air" in post.folded]
    middle = there[len(there) // 2].at // 1000
    query = {"query": '"aurora air"', "tags": "(story,comment)", "numericFilters": f"created_at_i>{middle}", "hitsPerPage": "1000"}
    for host in ("hn.sandbox", "hn.algolia.com"):
        hits = (await client.get(f"https://{host}/api/v1/search_by_date", params=query)).json()["hits"]
        assert len(hits) == sum(post.at // 1000 > middle for post in there)
    capped = (
        await client.get("https://hn.sandbox/api/v1/search_by_date", params={"query": "air", "hitsPerPage": "1000", "page": "1"})
    ).json()
    assert capped["hits"] == []
    assert "1000 hits" in capped["message"]


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_fault_strikes_as_often_as_told_and_only_there(kind: str, client: httpx.AsyncClient, net: Internet) -> None:
    """Every fault is something other than the plain answer, and then it is over."""
    url = f"{MASTODON}/api/v1/timelines/public"
    plain = await client.get(url)
    net.faults.add(kind, host="mastodon.sandbox", path="/timelines/", count=2)
    for _ in range(2):
        assert (await client.get("https://news.sandbox/rss")).status_code == 200
        try:
            struck = await client.get(url)
        except httpx.TransportError:
            continue
        assert (struck.status_code, struck.content) != (plain.status_code, plain.content)
    assert (await client.get(url)).content == plain.content


async def test_a_dropped_answer_was_carried_out(client: httpx.AsyncClient, net: Internet) -> None:
    """The hard case of every outbox: published, and nobody was told."""
    for kind, done in (("dropped", 1), ("refused", 1), ("accepted-500", 2), ("500", 2)):
        net.faults.add(kind, method="POST")
        try:
            answer = await client.post(f"{MASTODON}/api/v1/statuses", json={"status": kind}, headers=OURS)
            assert answer.status_code == 500
        except httpx.TransportError as error:
            assert isinstance(error, httpx.ReadTimeout if kind == "dropped" else httpx.ConnectError)
        assert len(net.world.published.own("mastodon")) == done


def test_an_unknown_fault_is_refused(net: Internet) -> None:
    """A test that asks for a fault that does not exist would prove nothing."""
    with pytest.raises(InputError):
        net.faults.add("gremlins")


async def test_unknown_hosts_do_not_exist(client: httpx.AsyncClient) -> None:
    """Nothing leaves the process by mistake."""
    with pytest.raises(httpx.ConnectError):
        await client.get("https://example.org/")


async def test_a_port_serves_the_same_world(net: Internet) -> None:
    """Several processes may share one; all networks answer on one address."""
    server = await serve(net)
    base = f"http://127.0.0.1:{port_of(server)}"
    async with server, httpx.AsyncClient(base_url=base) as client:
        page = (await client.get("/api/v1/timelines/public", params={"limit": 3})).json()
        assert [status["id"] for status in page] == [str(post.uid) for post in net.world.newest("mastodon") if not post.parent][:3]
        assert (await client.get("/rss")).status_code == 200
        assert (await client.get("/api/v1/search_by_date", params={"query": "air"})).json()["hits"]
        assert (await client.get("/xrpc/_health")).json() == {"version": "sandbox"}
        assert (await client.post("/_sandbox/faults", json={"kind": "dropped", "method": "POST"})).json() == {"active": 1}
        with pytest.raises(httpx.TransportError):
            await client.post("/api/v1/statuses", json={"status": "hello"}, headers=OURS)
        published: list[dict[str, Any]] = (await client.get("/_sandbox/published")).json()
        assert [row["text"] for row in published] == ["hello"]


async def test_a_port_survives_what_is_no_http(net: Internet) -> None:
    """One bad client must not stop the others."""
    server = await serve(net)
    async with server:
        for garbage in (b"\x16\x03\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
            writer.write(garbage)
            assert await reader.read() == b""
            writer.close()
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port_of(server)}/api/v2/instance")
            assert json.loads(answer.content)["domain"] == "mastodon.sandbox"
