from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.mention import Mention
from listener.domain.topic import Topic
from listener.errors import Ambiguous, AuthFailed, Malformed, RateLimited, Rejected, SourceError, Unreachable
from listener.source import Channel, Draft
from sources.bluesky import Bluesky, Options
from sources.bluesky_post import facets_of, parse_post, record_key, reply_record
from tests.sources.wire import DRAFT, NOW, Wire, context, plain_entry, sent

X = "/xrpc/"
SESSION = {
    "accessJwt": "access-1",
    "refreshJwt": "refresh-1",
    "did": "did:plc:desk",
    "handle": "desk.bsky.social",
    "didDoc": {"service": [{"id": "#atproto_pds", "serviceEndpoint": "https://pds.example"}]},
}
SEARCH = Channel("search:aurora", "search", "aurora")


def view(number: int, at: str = "", **more: Any) -> dict[str, Any]:
    at = at or f"2026-03-01T{number // 60:02d}:{number % 60:02d}:00.000Z"
    return {
        "uri": f"at://did:plc:alice/app.bsky.feed.post/k{number}",
        "cid": f"cid{number}",
        "author": {"did": "did:plc:alice", "handle": "alice.test", "displayName": "Alice"},
        "record": {"$type": "app.bsky.feed.post", "text": f"post {number}", "createdAt": at, "langs": ["en"]},
        "indexedAt": at,
        "likeCount": 1,
        **more,
    }


def source(routes: Mapping[str, object], vault: dict[str, str] | None = None, **more: Any) -> tuple[Bluesky, Wire]:
    wire = Wire({f"{X}com.atproto.server.createSession": SESSION, **{X + name: answer for name, answer in routes.items()}})
    surroundings = replace(context(wire, "bluesky"), vault=vault if vault is not None else {})
    return Bluesky(surroundings, Options(handle="desk.bsky.social", app_password="app-pass", **more)), wire


class Index:
    """Search: newest first, pages by an opaque cursor; `since` may be ignored, as a development network does."""

    def __init__(self, views: list[dict[str, Any]], page: int = 10, honours_since: bool = True) -> None:
        self.views = views
        self.page = page
        self.honours_since = honours_since

    def __call__(self, request: httpx.Request) -> dict[str, Any]:
        since = request.url.params["since"] if self.honours_since else ""
        found = [item for item in sorted(self.views, key=lambda item: str(item["indexedAt"]), reverse=True) if item["indexedAt"] >= since]
        start = int(request.url.params.get("cursor", "0"))
        more = {"cursor": str(start + self.page)} if start + self.page < len(found) else {}
        return {"posts": found[start : start + self.page], **more}


async def read_all(adapter: Bluesky, cursor: str = "") -> tuple[list[Mention], str, int]:
    read: list[Mention] = []
    for pages in range(1, 40):
        page = await adapter.fetch(SEARCH, cursor)
        read += page.mentions
        cursor = page.cursor
        if not page.more:
            return read, cursor, pages
    raise AssertionError("endless")


@pytest.mark.parametrize("honours_since", [True, False])
async def test_a_gap_is_closed_and_then_little_is_read_again(honours_since: bool) -> None:
    """The walk stops at what is known even where the server ignores `since`."""
    index = Index([view(number) for number in range(20)], honours_since=honours_since)
    adapter, _ = source({"app.bsky.feed.searchPosts": index})
    _, cursor, _ = await read_all(adapter)
    index.views += [view(number) for number in range(20, 320)]
    read, cursor, _ = await read_all(adapter, cursor)
    assert {mention.text for mention in read} >= {f"post {number}" for number in range(20, 320)}
    _, _, pages = await read_all(adapter, cursor)
    assert pages <= 4


async def test_the_session_is_made_once_and_survives_a_restart() -> None:
    """Logins are limited to 300 a day."""
    vault: dict[str, str] = {}
    for _ in range(3):
        adapter, wire = source({"app.bsky.feed.searchPosts": {"posts": []}}, vault)
        await adapter.fetch(SEARCH, "")
        await adapter.fetch(SEARCH, "")
    assert "createSession" not in "".join(wire.paths())
    assert {request.url.host for request in wire.asked} == {"pds.example"}
    assert wire.asked[-1].headers["authorization"] == "Bearer access-1"


async def test_an_expired_session_is_refreshed() -> None:
    """It is told by HTTP 400; the refresh token goes to the refresh alone."""

    def search(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] == "Bearer access-2":
            return httpx.Response(200, json={"posts": [view(1)]})
        return httpx.Response(400, json={"error": "ExpiredToken", "message": "Token has expired"})

    adapter, wire = source(
        {
            "app.bsky.feed.searchPosts": search,
            "com.atproto.server.refreshSession": {**SESSION, "accessJwt": "access-2", "refreshJwt": "refresh-2"},
        }
    )
    page = await adapter.fetch(SEARCH, "")
    assert len(page.mentions) == 1
    assert [path.rpartition(".")[2] for path in wire.paths()] == ["createSession", "searchPosts", "refreshSession", "searchPosts"]
    assert wire.asked[2].headers["authorization"] == "Bearer refresh-1"


async def test_a_refresh_that_fails_logs_in_anew() -> None:
    """After two months of rest the refresh token has run out too."""

    def search(request: httpx.Request) -> httpx.Response:
        fresh = request.headers["authorization"] == "Bearer access-1"
        return httpx.Response(200, json={"posts": []}) if fresh else httpx.Response(400, json={"error": "InvalidToken"})

    vault = {"bluesky:session": json.dumps({"access": "old", "refresh": "old", "did": "did:plc:desk", "pds": "https://pds.example"})}
    adapter, wire = source(
        {
            "app.bsky.feed.searchPosts": search,
            "com.atproto.server.refreshSession": lambda _: httpx.Response(400, json={"error": "ExpiredToken"}),
        },
        vault,
    )
    await adapter.fetch(SEARCH, "")
    assert [path.rpartition(".")[2] for path in wire.paths()] == ["searchPosts", "refreshSession", "createSession", "searchPosts"]


ERRORS: list[tuple[httpx.Response, type[SourceError]]] = [
    (httpx.Response(401, json={"error": "AuthMissing"}), AuthFailed),
    (httpx.Response(400, json={"error": "AccountTakedown"}), AuthFailed),
    (httpx.Response(429, json={"error": "RateLimitExceeded"}), RateLimited),
    (httpx.Response(502, json={"error": "UpstreamFailure"}), Unreachable),
    (httpx.Response(403, html="<html>blocked</html>"), Unreachable),
    (httpx.Response(200, json={"cursor": "x"}), Malformed),
]


@pytest.mark.parametrize(("answer", "error"), ERRORS)
async def test_errors_are_told_apart_by_name(answer: httpx.Response, error: type[SourceError]) -> None:
    """400 covers everything from a query to a login."""
    adapter, _ = source({"app.bsky.feed.searchPosts": lambda _: answer})
    with pytest.raises(error):
        await adapter.fetch(SEARCH, "")


async def test_a_wrong_password_is_said() -> None:
    """And the password is not repeated."""
    adapter, _ = source({})
    adapter.http._given.routes = {
        f"{X}com.atproto.server.createSession": lambda _: httpx.Response(
            401, json={"error": "AuthenticationRequired", "message": "app-pass"}
        )
    }  # type: ignore[union-attr]
    with pytest.raises(AuthFailed) as caught:
        await adapter.fetch(SEARCH, "")
    assert "app-pass" not in str(caught.value)


def test_what_is_read_of_a_post() -> None:
    """The time is the earlier one; cut-off links are written out by byte offsets; a card's address counts as text."""
    text = "Größe 😀 see aurora.example/very-lo... now"
    raw = text.encode()
    start = raw.index(b"aurora.example")
    record = {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2026-03-01T12:00:00.5Z",
        "langs": [7, "pt-BR"],
        "facets": [
            {
                "index": {"byteStart": start, "byteEnd": start + len("aurora.example/very-lo...")},
                "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://aurora.example/very-long"}],
            },
            {"index": {"byteStart": 3, "byteEnd": 4}, "features": [{"uri": "https://inside.a.character/"}]},
            {"index": {"byteStart": 5, "byteEnd": 9999}, "features": [{"uri": "https://outside/"}]},
            {"index": {"byteStart": -1, "byteEnd": 2}, "features": [{"uri": "https://negative/"}]},
            "nonsense",
        ],
        "embed": {"external": {"uri": "https://card.example/"}},
        "reply": {"root": {"uri": "at://r", "cid": "rc"}, "parent": {"uri": "at://p", "cid": "pc"}},
        "bridgyOriginalUrl": "https://social.example/@bob/5",
    }
    read = parse_post(view(1, record=record, indexedAt="2026-03-01T13:00:00Z"), "bluesky", me="did:plc:alice")
    assert read
    assert read.text == "Größe 😀 see https://aurora.example/very-long now\nhttps://card.example/"
    assert (read.created_at, read.lang, read.own) == (NOW + 500, "pt", True)
    assert (read.parent_id, read.thread_id) == ("at://p", "at://r")
    assert read.canonical_url == "https://social.example/@bob/5"
    assert read.url == "https://bsky.app/profile/alice.test/post/k1"


async def test_notifications_bring_posts_only() -> None:
    """Likes and follows are no mentions, and no errors either."""
    like = {**view(2), "reason": "like", "record": {"$type": "app.bsky.feed.like", "createdAt": "2026-03-01T12:00:00Z"}}
    adapter, wire = source(
        {"app.bsky.notification.listNotifications": {"notifications": [{**view(1), "reason": "mention"}, like, {"uri": "x"}]}}
    )
    page = await adapter.fetch(Channel("notifications", "notifications"), "")
    assert ([mention.text for mention in page.mentions], page.refused) == (["post 1"], 1)
    assert wire.asked[-1].url.params.get_list("reasons") == ["mention", "reply", "quote"]


PARENT = plain_entry(
    "at://did:plc:alice/app.bsky.feed.post/k1",
    reply_ref=json.dumps(
        {
            "uri": "at://did:plc:alice/app.bsky.feed.post/k1",
            "cid": "cid1",
            "did": "did:plc:alice",
            "handle": "alice.test",
            "root": ["at://root", "rootcid"],
        }
    ),
)
POSTS = {"app.bsky.feed.getPosts": {"posts": [view(1)]}}


async def test_a_reply_is_the_same_record_each_time() -> None:
    """Writing it twice must not be two posts: same key, same bytes."""
    put = {"uri": "at://x", "cid": "c"}
    adapter, wire = source({**POSTS, "com.atproto.repo.putRecord": put})
    receipts = [await adapter.reply(PARENT, DRAFT) for _ in range(2)]
    bodies = [request.content for request in wire.asked if request.url.path.endswith("putRecord")]
    assert bodies[0] == bodies[1]
    body = sent(next(request for request in wire.asked if request.url.path.endswith("putRecord")))
    key = record_key(DRAFT.key, DRAFT.created_at)
    assert (body["repo"], body["collection"], body["rkey"]) == ("did:plc:desk", "app.bsky.feed.post", key)
    record = body["record"]
    assert isinstance(record, dict)
    assert record["reply"] == {
        "root": {"uri": "at://root", "cid": "rootcid"},
        "parent": {"uri": "at://did:plc:alice/app.bsky.feed.post/k1", "cid": "cid1"},
    }
    assert record["createdAt"] == "2026-03-01T12:00:00.000Z"
    assert receipts[0] == receipts[1]
    assert receipts[0].permalink == f"https://bsky.app/profile/did:plc:desk/post/{key}"


def test_a_first_answer_makes_its_parent_the_root() -> None:
    """A thread's first reply points at one post twice."""
    record = reply_record("x", NOW, {"uri": "at://p", "cid": "c", "root": ["", ""]}, {})
    assert record["reply"] == {"root": {"uri": "at://p", "cid": "c"}, "parent": {"uri": "at://p", "cid": "c"}}


def test_record_keys_are_tids() -> None:
    """Thirteen characters that sort by time; two replies of one millisecond differ."""
    keys = [record_key("a", NOW), record_key("b", NOW), record_key("a", NOW + 1)]
    assert len(set(keys)) == 3
    assert all(len(key) == 13 and set(key) <= set("234567abcdefghijklmnopqrstuvwxyz") and key[0] in "234567abcdefghij" for key in keys)
    assert keys[0] < keys[2]
    assert record_key("a", NOW) == keys[0]


def test_facets_are_counted_in_bytes() -> None:
    """An offset by characters marks the wrong letters in every text with an umlaut."""
    text = "Grüße 😀 @alice.test see https://a.example/ä?x=1. #aurora mail bob@nobody.test"
    facets = facets_of(text, {"alice.test": "did:plc:alice"})
    marked = [text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() for facet in facets]  # type: ignore[index]
    assert marked == ["@alice.test", "https://a.example/ä?x=1", "#aurora"]


@given(st.text(max_size=80), st.text(max_size=30))
def test_facets_of_any_text_lie_within_it(left: str, right: str) -> None:
    """The server refuses a record whose facets do not fit."""
    text = f"{left}https://x.example/{right} @alice.test #tag{left}".encode("utf-8", "replace").decode()
    last = 0
    for facet in facets_of(text, {"alice.test": "did:plc:a"}):
        index = facet["index"]
        assert isinstance(index, dict)
        assert last <= index["byteStart"] < index["byteEnd"] <= len(text.encode())
        text.encode()[index["byteStart"] : index["byteEnd"]].decode()
        last = index["byteEnd"]


OUTCOMES: list[tuple[httpx.Response, type[SourceError]]] = [
    (httpx.Response(400, json={"error": "InvalidRequest", "message": "too long"}), Rejected),
    (httpx.Response(400, json={"error": "AccountDeactivated"}), AuthFailed),
    (httpx.Response(429), RateLimited),
    (httpx.Response(500, json={"error": "InternalServerError"}), Ambiguous),
    (httpx.Response(502, json={"error": "UpstreamFailure"}), Ambiguous),
    (httpx.Response(200, html="<html>"), Ambiguous),
]


@pytest.mark.parametrize(("answer", "error"), OUTCOMES)
async def test_what_became_of_a_reply(answer: httpx.Response, error: type[SourceError]) -> None:
    """Only what is certain may be called certain."""
    adapter, _ = source({**POSTS, "com.atproto.repo.putRecord": lambda _: answer})
    with pytest.raises(error):
        await adapter.reply(PARENT, DRAFT)


async def test_a_reply_to_nothing_is_refused_and_a_search_that_is_down_does_not_stop_one() -> None:
    """The network itself accepts a parent that does not exist; and replies work while reading does not."""
    gone = {
        "com.atproto.repo.getRecord": lambda _: httpx.Response(400, json={"error": "RecordNotFound"}),
        "app.bsky.feed.getPosts": {"posts": []},
    }
    adapter, wire = source({**gone, "com.atproto.repo.putRecord": {}})
    with pytest.raises(Rejected, match="gone"):
        await adapter.reply(PARENT, DRAFT)
    assert not any(path.endswith("putRecord") for path in wire.paths())
    adapter, _ = source(
        {"app.bsky.feed.getPosts": lambda _: httpx.Response(502, json={"error": "UpstreamFailure"}), "com.atproto.repo.putRecord": {}}
    )
    assert (await adapter.reply(PARENT, DRAFT)).remote_id


async def test_finding_a_reply_asks_for_its_key() -> None:
    """RecordNotFound is 400, and means: certainly not there. Anything else means: not known."""
    adapter, wire = source({"com.atproto.repo.getRecord": lambda _: httpx.Response(400, json={"error": "RecordNotFound"})})
    assert await adapter.find_reply(PARENT, DRAFT) is None
    assert wire.asked[-1].url.params["rkey"] == record_key(DRAFT.key, DRAFT.created_at)
    adapter, _ = source({"com.atproto.repo.getRecord": {"uri": "at://x", "value": {}}})
    assert await adapter.find_reply(PARENT, DRAFT) is not None
    adapter, _ = source({"com.atproto.repo.getRecord": lambda _: httpx.Response(500)})
    with pytest.raises(Unreachable):
        await adapter.find_reply(PARENT, DRAFT)


async def test_a_missing_post_counts_as_deleted_only_when_its_record_is_gone() -> None:
    """A hiccup of the index would erase the inbox."""

    def record(request: httpx.Request) -> httpx.Response:
        there = request.url.params["rkey"] == "k2"
        return httpx.Response(200, json={"value": {}}) if there else httpx.Response(400, json={"error": "RecordNotFound"})

    adapter, _ = source({"app.bsky.feed.getPosts": {"posts": [view(1, likeCount=9)]}, "com.atproto.repo.getRecord": record})
    told = {fresh.native_id[-2:]: fresh for fresh in await adapter.refresh([plain_entry(str(view(number)["uri"])) for number in (1, 2, 3)])}
    assert told["k1"].engagement is not None
    assert told["k1"].engagement.likes == 9
    assert "k2" not in told
    assert told["k3"].deleted


async def test_the_thread_however_deep() -> None:
    """Blocked and deleted branches hold no post."""
    node: dict[str, Any] = {"$type": "app.bsky.feed.defs#notFoundPost", "notFound": True}
    for number in range(90, 0, -1):
        node = {"post": view(number), "replies": [node, {"blocked": True}]}
    adapter, _ = source({"app.bsky.feed.getPostThread": {"thread": node}})
    assert [mention.text for mention in await adapter.thread(PARENT)] == [f"post {number}" for number in range(1, 91)]


def test_length() -> None:
    """300 graphemes, and 3 000 bytes whatever they show."""
    adapter, _ = source({})
    assert adapter.measure("👨‍👩‍👧‍👦é") == (2, 300)
    used, limit = adapter.measure("👨‍👩‍👧‍👦" * 150)
    assert limit is not None
    assert used > limit


async def test_without_an_account_the_mirror_is_asked() -> None:
    """A keyless look, and an honest word when it is refused."""
    wire = Wire({f"{X}app.bsky.feed.searchPosts": {"posts": [view(1)]}})
    adapter = Bluesky(context(wire, "bluesky"), Options())
    assert len((await adapter.fetch(SEARCH, "")).mentions) == 1
    assert wire.asked[0].url.host == "public.api.bsky.app"
    assert "authorization" not in wire.asked[0].headers
    assert not adapter.capabilities.reply
    assert [channel.kind for channel in adapter.channels([Topic("a", queries=("aurora",))])] == ["search"]


async def test_check() -> None:
    """It says who we are and whether the search answers."""
    adapter, _ = source(
        {"com.atproto.server.getSession": {"handle": "desk.bsky.social"}, "app.bsky.feed.searchPosts": {"posts": [view(1)]}}
    )
    assert [(line.what, line.state) for line in await adapter.check()] == [("credentials", "ok"), ("search", "ok"), ("reply", "ok")]


async def test_a_draft_without_a_reference_is_refused() -> None:
    """Nothing to point at: better said than sent to nowhere."""
    adapter, _ = source({})
    with pytest.raises(Rejected):
        await adapter.reply(plain_entry("x", reply_ref="not json"), Draft("hi", "k", NOW))
