from __future__ import annotations

from typing import Any

import httpx
import pytest

from listener.domain.mention import Mention
from listener.domain.topic import Topic
from listener.errors import Malformed
from listener.source import Channel
from sources.hackernews import OVERLAP, HackerNews, parse_hit
from tests.sources.wire import NOW, Wire, context, plain_entry

SEARCH = "/api/v1/search_by_date"
CHANNEL = Channel("search:aurora", "search", "aurora")
NOW_S = NOW // 1000


def hit(number: int, at: int, **more: Any) -> dict[str, Any]:
    return {
        "objectID": str(number),
        "created_at_i": at,
        "author": "nora",
        "comment_text": f"comment {number}",
        "story_id": 1,
        "parent_id": 2,
        **more,
    }


class Index:
    """The search by date: newest first, at most so many hits, bounds on the second."""

    def __init__(self, hits: list[dict[str, Any]], page: int = 200) -> None:
        self.hits = hits
        self.page = page

    def __call__(self, request: httpx.Request) -> dict[str, Any]:
        low, high = 0, 1 << 60
        for bound in request.url.params["numericFilters"].split(","):
            name, value = bound.replace("<=", "<").replace(">", "<").split("<")
            assert name == "created_at_i"
            low, high = (int(value), high) if ">" in bound else (low, int(value))
        found = [item for item in sorted(self.hits, key=lambda item: -int(item["created_at_i"])) if low < item["created_at_i"] <= high]
        return {"hits": found[: self.page], "nbHits": len(found)}


async def read_all(adapter: HackerNews, cursor: str = "") -> tuple[list[Mention], str, int]:
    read: list[Mention] = []
    for pages in range(1, 60):
        page = await adapter.fetch(CHANNEL, cursor)
        read += page.mentions
        cursor = page.cursor
        if not page.more:
            return read, cursor, pages
    raise AssertionError("endless")


async def test_a_week_offline_is_read_back_past_the_cap() -> None:
    """One search shows a thousand hits at most: turning pages would end in an empty one."""
    index = Index([hit(number, NOW_S - 600_000 + number) for number in range(10)])
    adapter = HackerNews(context(Wire({SEARCH: index}), "hn"))
    _, cursor, _ = await read_all(adapter)
    index.hits += [hit(number, NOW_S - 600_000 + number * 100) for number in range(10, 3_000)]
    read, cursor, _ = await read_all(adapter, cursor)
    assert {mention.native_id for mention in read} >= {str(number) for number in range(10, 3_000)}
    again, _, pages = await read_all(adapter, cursor)
    assert pages == 1
    assert len(again) <= OVERLAP // 100 + 1


async def test_the_cursor_follows_what_was_received_and_not_the_clock() -> None:
    """The index stalls for a day at times; what it then delivers must still be ahead of the cursor."""
    index = Index([hit(1, NOW_S - 90_000)])
    adapter = HackerNews(context(Wire({SEARCH: index}), "hn"))
    _, cursor, _ = await read_all(adapter)
    _, cursor, _ = await read_all(adapter, cursor)
    index.hits.append(hit(2, NOW_S - 89_000))
    read, cursor, _ = await read_all(adapter, cursor)
    assert "2" in {mention.native_id for mention in read}
    index.hits.append(hit(3, NOW_S - 89_500))
    read, _, _ = await read_all(adapter, cursor)
    assert "3" in {mention.native_id for mention in read}


async def test_a_page_within_one_second_does_not_stand_still() -> None:
    """The bound must move even when it cannot move honestly."""
    index = Index([hit(number, NOW_S - 50) for number in range(500)] + [hit(9_999, NOW_S - 60)])
    read, _, _ = await read_all(HackerNews(context(Wire({SEARCH: index}), "hn")))
    assert "9999" in {mention.native_id for mention in read}


async def test_an_empty_page_with_a_message_is_told() -> None:
    """Past the cap the search answers 200, no hits, and a sentence."""
    wire = Wire({SEARCH: {"hits": [], "message": "you can only fetch the 1000 hits"}})
    page = await HackerNews(context(wire, "hn")).fetch(CHANNEL, "")
    assert "1000 hits" in page.note


async def test_no_hits_key_is_malformed() -> None:
    """A 200 with an error object is not an empty search."""
    with pytest.raises(Malformed):
        await HackerNews(context(Wire({SEARCH: {"message": "x", "status": 400}}), "hn")).fetch(CHANNEL, "")


def test_stories_and_comments() -> None:
    """Text is HTML with `<p>`; a story may be a link alone."""
    comment = parse_hit(hit(5, NOW_S, comment_text="It&#x27;s <i>down</i><p>again", points=None), "hn")
    assert comment
    assert (comment.text, comment.thread_id, comment.parent_id) == ("It's down\n\nagain", "1", "2")
    story = parse_hit(
        {"objectID": "9", "created_at": "2026-03-01T12:00:00Z", "title": "Aurora &amp; co", "url": "https://a.example/x", "points": 4}, "hn"
    )
    assert story
    assert (story.text, story.title, story.created_at) == ("Aurora & co\nhttps://a.example/x", "", NOW)
    assert story.url == "https://news.ycombinator.com/item?id=9"
    ask = parse_hit({"id": 9, "time": NOW_S, "by": "nora", "title": "Ask HN", "text": "why?", "type": "story"}, "hn")
    assert ask
    assert (ask.text, ask.title, ask.author.handle) == ("why?", "Ask HN", "nora")
    assert parse_hit({"id": 9, "deleted": True, "time": NOW_S}, "hn") is None


async def test_deletions_and_counts() -> None:
    """Firebase says `deleted` or `dead`; an item that it does not know says nothing."""
    wire = Wire(
        {
            "/v0/item/1.json": {"id": 1, "deleted": True},
            "/v0/item/2.json": {"id": 2, "time": NOW_S, "by": "nora", "text": "hello", "score": 7, "descendants": 3},
            "/v0/item/3.json": lambda _: httpx.Response(200, text="null"),
        }
    )
    told = {
        fresh.native_id: fresh
        for fresh in await HackerNews(context(wire, "hn")).refresh([plain_entry(str(number)) for number in (1, 2, 3)])
    }
    assert told["1"].deleted
    assert told["2"].engagement is not None
    assert (told["2"].engagement.likes, told["2"].engagement.replies, told["2"].edited) == (7, 3, None)
    assert "3" not in told


async def test_the_thread_however_deep() -> None:
    """Threads nest; recursion would end at a thousand."""
    tree: dict[str, Any] = {"id": 0, "created_at_i": NOW_S, "author": "a", "title": "story", "children": []}
    leaf = tree
    for number in range(1, 150):
        leaf["children"].append(
            {
                "id": number,
                "created_at_i": NOW_S + number,
                "author": "b",
                "text": f"reply {number}",
                "parent_id": number - 1,
                "children": [],
            }
        )
        leaf = leaf["children"][0]
    read = await HackerNews(context(Wire({"/api/v1/items/0": tree}), "hn")).thread(plain_entry("77", thread_id="0"))
    assert len(read) == 150
    assert read[0].text == "story"


def test_channels() -> None:
    """Phrases are quoted, and each is searched for once."""
    topics = [Topic("a", queries=('"aurora air" OR #aurora',)), Topic("b", queries=("aurora",))]
    channels = HackerNews(context(Wire({}), "hn")).channels(topics)
    assert [(channel.text, channel.topic) for channel in channels] == [('"aurora air"', "a"), ("aurora", "")]
