"""YouTube counts units, and says in a `reason` what its status does not."""

from __future__ import annotations

import json

import httpx
import pytest

from listener.errors import AuthFailed, RateLimited, Rejected, Unreachable, Unsupported
from sources import youtube
from tests.sources.turns import BRAND, RIVAL, draft, entry, opened

GRANT = {"client_id": "ci", "client_secret": "cs", "refresh_token": "rt"}
CHANNELS = {"Aurora Air": ["UCours"], "Borealis": ["UCrival"]}


def comment(number: str, text: str = "Love Aurora Air", at: str = "2023-11-14T22:00:00Z", **more: object) -> dict[str, object]:
    snippet = {
        "textOriginal": text,
        "authorDisplayName": "@nora",
        "authorChannelId": {"value": "UCnora"},
        "publishedAt": at,
        "updatedAt": at,
        "likeCount": 2,
        "videoId": "vid",
        **more,
    }
    return {"kind": "youtube#comment", "id": number, "snippet": snippet}


def thread(number: str, replies: int = 0, came: tuple[object, ...] = (), at: str = "2023-11-14T22:00:00Z") -> dict[str, object]:
    return {
        "kind": "youtube#commentThread",
        "id": number,
        "snippet": {"videoId": "vid", "topLevelComment": comment(number, at=at), "totalReplyCount": replies},
        "replies": {"comments": list(came)},
    }


def refused(status: int, reason: str, message: str = "no") -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": status, "message": message, "errors": [{"reason": reason}]}})


def test_reads_threads_with_the_answers_that_came_along() -> None:
    reply = comment("t.r", "Me too", parentId="t", updatedAt="2023-11-14T22:05:00Z")
    [top, below], refused_count, _ = youtube.parse({"items": [thread("t", 1, (reply,))]}, "youtube", "UCnora")
    assert refused_count == 0
    assert (top.native_id, top.parent_id, top.engagement.replies, top.own) == ("t", "vid", 1, True)
    assert (below.parent_id, below.thread_id, below.edited_at) == ("t", "t", below.created_at + 300_000)
    assert top.url == "https://www.youtube.com/watch?v=vid&lc=t"
    assert top.author.handle == "nora"
    assert json.loads(below.reply_ref)["thread"] == "t"


def test_display_text_is_html() -> None:
    item = comment("c")
    item["snippet"] = {**item["snippet"], "textOriginal": "", "textDisplay": "Tom &amp; <b>Jerry</b><br>x"}  # type: ignore[dict-item]
    assert youtube.parse({"items": [item]}, "y")[0][0].text == "Tom & Jerry\nx"


def test_reads_videos_of_a_search() -> None:
    found = {"items": [{"id": {"kind": "youtube#video", "videoId": "v1"}, "snippet": {"title": "Aurora &amp; us", "description": "", "channelId": "UCx", "channelTitle": "X", "publishedAt": "2023-11-14T22:00:00Z"}},
                       {"id": {"kind": "youtube#channel", "channelId": "UCx"}, "snippet": {"title": "X"}}]}  # fmt: skip
    [video], refused_count, _ = youtube.parse(found, "y")
    assert (video.native_id, video.title, video.text, refused_count) == ("v1", "Aurora & us", "Aurora & us", 0)


async def test_walks_pages_and_counts_units() -> None:
    """Each page costs one unit, also the extra ones for answers that did not come along; the sum survives a restart."""
    pages = [{"items": [thread("a", 2)], "nextPageToken": "n"}, {"items": [thread("b", at="2023-10-01T00:00:00Z")], "nextPageToken": "m"}]
    late = {"items": [comment("a.1", "late", parentId="a")]}
    source, wire = opened(youtube, {"/commentThreads": pages, "/comments": late}, api_key="K", channels=CHANNELS)
    ours, rivals = source.channels([BRAND, RIVAL])
    assert (ours.text, ours.trusted, rivals.topic) == ("UCours", True, "Borealis")
    first = await source.fetch(ours, "")
    second = await source.fetch(ours, first.cursor)
    assert sorted(mention.native_id for mention in first.mentions) == ["a", "a.1"]
    assert (first.more, second.more) == (True, False)
    assert wire.asked[0].headers["x-goog-api-key"] == "K" and "key" not in wire.asked[0].url.params
    assert source.budgets()[0].left == 10_000 - 3
    restarted, _ = opened(youtube, {"/commentThreads": {"items": []}}, api_key="K", channels=CHANNELS)
    await restarted.fetch(ours, second.cursor)
    assert restarted.budgets()[0].left == 10_000 - 4


async def test_spent_units_stop_before_asking() -> None:
    source, wire = opened(youtube, {"/commentThreads": {"items": []}}, api_key="K", channels=CHANNELS, units=1)
    channel = source.channels([BRAND])[0]
    await source.fetch(channel, "")
    with pytest.raises(RateLimited) as caught:
        await source.fetch(channel, "")
    assert len(wire.asked) == 1
    assert 0 < (caught.value.retry_after or 0) <= 86_400


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(403, "quotaExceeded"), RateLimited),
        (refused(400, "keyInvalid", "API key not valid"), AuthFailed),
        (refused(403, "forbidden"), AuthFailed),
        (refused(404, "playlistNotFound"), Unsupported),
        (httpx.Response(403, text="<html>blocked</html>", headers={"content-type": "text/html"}), Unreachable),
    ],
)
async def test_the_reason_decides_not_the_status(answer: httpx.Response, error: type[Exception]) -> None:
    source, _ = opened(youtube, {"": answer}, api_key="K", channels=CHANNELS)
    with pytest.raises(error):
        await source.fetch(source.channels([BRAND])[0], "")


async def test_closed_comments_are_a_note_and_move_nothing() -> None:
    """A video that allows no comments is no broken source."""
    source, _ = opened(youtube, {"": refused(403, "commentsDisabled", "comments are <b>off</b>")}, api_key="K", channels=CHANNELS)
    page = await source.fetch(source.channels([BRAND])[0], "")
    assert (list(page.mentions), page.more) == ([], False)
    assert "comments are off" in page.note


async def test_replies_below_the_top_comment() -> None:
    """YouTube knows two levels only: an answer to an answer hangs below the first comment."""
    routes = {"/token": {"access_token": "A", "expires_in": 3600}, "/comments": [{"id": "t.new"}, refused(403, "forbidden", "not you")]}
    source, wire = opened(youtube, routes, api_key="K", **GRANT)
    mention = entry(youtube.parse({"items": [comment("t.r", parentId="t")]}, "y")[0][0])
    receipt = await source.reply(mention, draft("Thanks!"))
    assert receipt.remote_id == "t.new"
    assert json.loads(wire.asked[1].content) == {"snippet": {"parentId": "t", "textOriginal": "Thanks!"}}
    assert wire.asked[1].headers["authorization"] == "Bearer A"
    assert source.budgets()[0].left == 10_000 - 50
    with pytest.raises((Rejected, AuthFailed)):
        await source.reply(mention, draft("Thanks!"))


async def test_finds_its_own_reply() -> None:
    mine = comment("t.m", "Thanks!", at="2023-11-14T22:30:00Z", parentId="t", authorChannelId={"value": "UCours"})
    routes = {
        "/token": {"access_token": "A"},
        "/channels": {"items": [{"id": "UCours"}]},
        "/comments": {"items": [comment("t.x", "Thanks!", parentId="t"), mine]},
    }
    source, _ = opened(youtube, routes, api_key="K", **GRANT)
    mention = entry(youtube.parse({"items": [thread("t")]}, "y")[0][0])
    receipt = await source.find_reply(mention, draft("Thanks!"))
    assert receipt and receipt.remote_id == "t.m"
    assert await source.find_reply(mention, draft("Never")) is None


async def test_missing_means_deleted() -> None:
    source, _ = opened(youtube, {"/comments": {"items": [comment("a", likeCount=7)]}}, api_key="K")
    entries = [entry(youtube.parse({"items": [thread(name)]}, "y")[0][0]) for name in "ab"]
    alive, gone = await source.refresh(entries)
    assert (alive.engagement.likes, alive.deleted) == (7, False)
    assert (gone.native_id, gone.deleted) == ("b", True)


async def test_check_names_a_channel_that_does_not_exist() -> None:
    source, _ = opened(youtube, {"/channels": {"items": [{"id": "UCours"}]}}, api_key="K", channels=CHANNELS)
    credentials, reply = await source.check()
    assert credentials.state == "failed" and "UCrival" in credentials.text
    assert reply.state == "skipped"
