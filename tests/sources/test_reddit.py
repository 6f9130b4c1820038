"""Reddit says 200 when it means no, writes `false` where a time belongs, and dies with its cursors."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from listener.errors import Ambiguous, AuthFailed, RateLimited, Rejected
from sources import reddit
from tests.sources.turns import BRAND, NOW, draft, entry, opened

KEYS = {"client_id": "id", "client_secret": "se", "username": "AuroraAir", "password": "pw"}
TOKEN = {"access_token": "T", "expires_in": 3600}


def comment(name: str, seconds: float = NOW / 1000, body: str = "Aurora Air lost my bag", **more: object) -> dict[str, object]:
    data = {"name": f"t1_{name}", "id": name, "body": body, "author": "nora", "author_fullname": "t2_n", "created_utc": seconds, "edited": False,
            "replies": "", "link_id": "t3_post", "parent_id": "t1_up", "score": 4, "permalink": f"/r/travel/comments/post/x/{name}/", **more}  # fmt: skip
    return {"kind": "t1", "data": data}


def submission(name: str, seconds: float = NOW / 1000, **more: object) -> dict[str, object]:
    data = {"name": f"t3_{name}", "id": name, "title": "Aurora Air?", "selftext": "Any good?", "author": "max", "created_utc": seconds, "num_comments": 2, "score": 1,
            "permalink": f"/r/travel/comments/{name}/x/", **more}  # fmt: skip
    return {"kind": "t3", "data": data}


def listed(*things: object, after: str | None = None) -> dict[str, object]:
    return {"kind": "Listing", "data": {"children": list(things), "after": after}}


def test_reads_posts_comments_and_answers_inside_answers() -> None:
    """`replies` is an empty text or a listing; `edited` is false or a time; link posts have only a title."""
    inner = comment("c2", edited=NOW / 1000 + 60)
    answer = [listed(submission("p1", selftext="")), listed(comment("c1", replies=listed(inner)), {"kind": "more", "data": {"id": "z"}})]
    link, outer, deep = reddit.parse(answer, "reddit", "AURORAAIR")[0]
    assert (link.native_id, link.text, link.title) == ("t3_p1", "Aurora Air?", "")
    assert (outer.parent_id, outer.thread_id, outer.edited_at) == ("t1_up", "t3_post", None)
    assert deep.edited_at == NOW + 60_000
    assert outer.url == "https://www.reddit.com/r/travel/comments/post/x/c1/"
    assert json.loads(outer.reply_ref) == {"id": "t1_c1", "article": "t3_post"}


@pytest.mark.parametrize(
    "gone", [comment("c", body="[deleted]"), comment("c", body="[removed]"), submission("p", removed_by_category="moderator")]
)
def test_what_was_taken_away_is_no_mention(gone: object) -> None:
    assert reddit.parse(listed(gone), "reddit") == ([], 0, "")


async def test_walks_by_time_and_logs_in_once() -> None:
    """A `before` cursor dies with the post that it names; time does not."""
    base = NOW / 1000
    pages = [listed(submission("b", base - 10), after="t3_b"), listed(submission("a", base - 90_000), after="t3_a")]
    source, wire = opened(reddit, {"/access_token": TOKEN, "/search": pages}, days=1, **KEYS)
    channel = source.channels([BRAND])[0]
    first = await source.fetch(channel, "")
    second = await source.fetch(channel, first.cursor)
    assert (first.more, second.more) == (True, False)
    assert [request.url.params.get("after") for request in wire.asked[1:]] == [None, "t3_b"]
    assert json.loads(second.cursor)["done"] == NOW - 10_000
    login = wire.asked[0]
    assert login.headers["authorization"] == "Basic " + base64.b64encode(b"id:se").decode()
    assert b"grant_type=password" in login.content
    assert {request.headers["authorization"] for request in wire.asked[1:]} == {"Bearer T"}


async def test_a_wrong_login_is_a_200() -> None:
    source, _ = opened(reddit, {"/access_token": {"error": "invalid_grant"}}, **KEYS)
    with pytest.raises(AuthFailed, match="invalid_grant"):
        await source.fetch(source.channels([BRAND])[0], "")
    assert (await source.check())[0].state == "failed"


async def test_a_token_taken_back_is_renewed_once() -> None:
    source, wire = opened(reddit, {"/access_token": TOKEN, "/search": [httpx.Response(401), listed()]}, **KEYS)
    await source.fetch(source.channels([BRAND])[0], "")
    assert [request.url.path for request in wire.asked] == ["/api/v1/access_token", "/search"] * 2


async def test_keyless_reads_the_slow_feed() -> None:
    feed = b"""<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><author><name>/u/nora</name></author>
    <content type="html">&lt;div class="md"&gt;&lt;p&gt;Any &amp;amp; all&lt;/p&gt;&lt;/div&gt; &amp;#32; submitted by &amp;#32; /u/nora &lt;a&gt;[link]&lt;/a&gt; &lt;a&gt;[comments]&lt;/a&gt;</content>
    <id>t3_abc</id><link href="https://www.reddit.com/r/travel/comments/abc/aurora/" /><published>2023-11-14T22:00:00+00:00</published><title>Aurora Air?</title></entry></feed>"""
    source, wire = opened(reddit, {"/search.rss": httpx.Response(200, content=feed, headers={"content-type": "application/atom+xml"})})
    assert source.capabilities.pace >= 60 and not source.capabilities.reply
    page = await source.fetch(source.channels([BRAND])[0], "")
    [mention] = page.mentions
    assert (mention.native_id, mention.author.handle, mention.title, mention.text) == ("t3_abc", "nora", "Aurora Air?", "Any & all")
    assert mention.url == "https://www.reddit.com/r/travel/comments/abc/aurora/"
    assert "authorization" not in wire.asked[0].headers
    assert [check.state for check in await source.check()] == ["ok", "skipped"]


async def test_a_200_with_errors_is_a_refusal() -> None:
    """The trap: a refused comment looks like a published one to whoever reads the status only."""
    said = [
        {"json": {"errors": [["THREAD_LOCKED", "this thread is locked", "parent"]]}},
        {"json": {"errors": [["RATELIMIT", "take a break", "ratelimit"]], "ratelimit": 42.5}},
        {"json": {"errors": []}},
        {"json": {"errors": [], "data": {"things": [comment("new", parent_id="t1_c1")]}}},
    ]
    source, wire = opened(reddit, {"/access_token": TOKEN, "/api/comment": said}, **KEYS)
    mention = entry(reddit.parse(listed(comment("c1")), "reddit")[0][0])
    with pytest.raises(Rejected, match="locked"):
        await source.reply(mention, draft("Sorry"))
    with pytest.raises(RateLimited) as caught:
        await source.reply(mention, draft("Sorry"))
    assert caught.value.retry_after == 42.5
    with pytest.raises(Ambiguous):
        await source.reply(mention, draft("Sorry"))
    receipt = await source.reply(mention, draft("Sorry"))
    assert (receipt.remote_id, receipt.parent_kept) == ("t1_new", True)
    assert b"thing_id=t1_c1" in wire.asked[-1].content


async def test_finds_its_own_reply() -> None:
    mine = comment("mine", parent_id="t1_c1", body="Sorry about *that*", author="AuroraAir")
    source, _ = opened(reddit, {"/access_token": TOKEN, "/user/AuroraAir/comments": listed(comment("other"), mine)}, **KEYS)
    mention = entry(reddit.parse(listed(comment("c1")), "reddit")[0][0])
    receipt = await source.find_reply(mention, draft("Sorry about *that*"))
    assert receipt and receipt.remote_id == "t1_mine"
    assert await source.find_reply(mention, draft("Never sent")) is None


async def test_deletions_are_followed() -> None:
    answer = listed(comment("a", body="[removed]"), comment("b", score=9), comment("c", edited=NOW / 1000 + 1, body="new words"))
    source, wire = opened(reddit, {"/access_token": TOKEN, "/api/info": answer}, **KEYS)
    entries = [entry(one) for name in "abc" for one in reddit.parse(listed(comment(name)), "reddit")[0]]
    gone, counted, edited = await source.refresh(entries)
    assert (gone.native_id, gone.deleted) == ("t1_a", True)
    assert counted.engagement.likes == 9 and counted.edited is None
    assert edited.edited.text == "new words"
    assert wire.asked[-1].url.params["id"] == "t1_a,t1_b,t1_c"


async def test_reads_the_conversation_oldest_first() -> None:
    tree = [listed(submission("post", NOW / 1000 - 50)), listed(comment("up", NOW / 1000 - 20, replies=listed(comment("c1"))))]
    source, wire = opened(reddit, {"/access_token": TOKEN, "/comments/post": [tree]}, **KEYS)
    found = await source.thread(entry(reddit.parse(listed(comment("c1")), "reddit")[0][0]))
    assert [one.native_id for one in found] == ["t3_post", "t1_up", "t1_c1"]
    assert wire.asked[-1].url.params["comment"] == "c1"


def test_named_subreddits_and_the_inbox_are_channels() -> None:
    source, _ = opened(reddit, {}, subreddits=["r/travel"], **KEYS)
    kinds = {channel.kind: channel for channel in source.channels([BRAND])}
    assert set(kinds) == {"search", "new", "comments", "inbox"}
    assert kinds["inbox"].trusted and kinds["inbox"].topic == "Aurora Air"
    assert not kinds["comments"].trusted
