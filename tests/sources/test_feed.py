from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from listener.domain.topic import Topic
from listener.errors import Malformed, SourceError, Unsupported
from listener.source import Channel
from sources.feed import Feed, Options
from sources.opening import Context
from sources.workers import FeedWorkers
from tests.sources.wire import NOW, Wire, context

URL = "https://news.example/rss"
CHANNEL = Channel(f"feed:{URL}", "feed", URL)

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News</title><link>https://news.example/</link>
<language>en-us</language><ttl>30</ttl>
<item><title>Aurora &amp;amp; Borealis</title><link>https://news.example/a?utm_source=rss</link><guid isPermaLink="false">tag:news.example,2026:1</guid>
<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate><dc:creator>Nora</dc:creator><description>&lt;p&gt;Flights &lt;b&gt;late&lt;/b&gt;&lt;br&gt;again&lt;/p&gt;</description></item>
<item><title>No id</title><link>/b</link></item>
<item><description>No title, no link, no id</description></item>
<item><guid isPermaLink="false">17</guid><title>A bare number as id</title><pubDate>not a date</pubDate></item>
<item></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Google Alert - aurora</title><id>tag:google.com,2013:x</id>
<entry><id>tag:google.com,2013:googlealerts/feed:1</id><title type="html">&lt;b&gt;Aurora&lt;/b&gt; strikes</title>
<link href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://paper.example/story%3Fid%3D5&amp;ct=ga"/>
<published>2026-03-01T09:00:00Z</published><updated>2026-03-01T11:00:00Z</updated><content type="html">The &lt;b&gt;Aurora&lt;/b&gt; fleet&amp;nbsp;...</content>
<author><name>Paper</name><uri>https://paper.example/</uri></author><thr:in-reply-to ref="tag:google.com,2013:parent-0001"/></entry></feed>"""


@pytest.fixture
async def workers() -> AsyncIterator[FeedWorkers]:
    made = FeedWorkers(patience=20)
    yield made
    await made.aclose()


def source(wire: Wire, workers: FeedWorkers, *urls: str, **more: Any) -> Feed:
    surroundings = context(wire, "feed")
    return Feed(
        Context(surroundings.name, surroundings.http, clock=surroundings.clock, workers=workers), Options(urls=urls or (URL,), **more)
    )


def answers(body: str | bytes, **headers: str) -> Wire:
    return Wire(
        lambda _: httpx.Response(
            200, content=body if isinstance(body, bytes) else body.encode(), headers={"content-type": "application/rss+xml", **headers}
        )
    )


async def test_rss(workers: FeedWorkers) -> None:
    """Ids, links and dates are missing in the wild: none of that may lose an entry."""
    page = await source(answers(RSS), workers).fetch(CHANNEL, "")
    by_text = {mention.text: mention for mention in page.mentions}
    assert set(by_text) == {"Flights late\nagain", "No id", "No title, no link, no id", "A bare number as id"}
    first = by_text["Flights late\nagain"]
    assert (first.native_id, first.title, first.author.handle, first.lang) == ("tag:news.example,2026:1", "Aurora & Borealis", "Nora", "en")
    assert (first.url, first.canonical_url) == ("https://news.example/a?utm_source=rss", "https://news.example/a")
    assert first.created_at == 1772359200000
    assert by_text["No id"].native_id == by_text["No id"].url == "https://news.example/b"
    assert by_text["A bare number as id"].native_id.endswith(":17")
    assert len(by_text["A bare number as id"].native_id) > 10
    assert by_text["A bare number as id"].created_at == NOW
    assert page.refused == 1
    assert page.next_check == 1800


async def test_google_alerts(workers: FeedWorkers) -> None:
    """Redirect links are unwrapped, `<b>` is dropped, the earlier time counts."""
    page = await source(answers(ATOM), workers).fetch(CHANNEL, "")
    (mention,) = page.mentions
    assert (mention.title, mention.url) == ("Aurora strikes", "https://paper.example/story?id=5")
    assert mention.text == "The Aurora fleet ..."
    assert (mention.created_at, mention.edited_at) == (1772355600000, 1772362800000)
    assert mention.parent_id == "tag:google.com,2013:parent-0001"
    assert mention.author.url == "https://paper.example/"


async def test_json_feed_without_a_process(workers: FeedWorkers) -> None:
    """It is plain JSON; ids may be numbers."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "language": "el",
        "items": [
            {
                "id": 5,
                "url": "https://j.example/5",
                "content_html": "<p>a &lt; b</p>",
                "date_published": "2026-03-01T12:00:00+02:00",
                "authors": [{"name": "Eleni"}],
            },
            {"id": "https://j.example/6", "content_text": "if a<b and b>c", "title": "T"},
            {"id": "7"},
            "nonsense",
        ],
    }
    page = await source(answers(json.dumps(feed), **{"content-type": "application/feed+json"}), workers).fetch(CHANNEL, "")
    assert {mention.text for mention in page.mentions} == {"a < b", "if a<b and b>c"}
    assert page.refused == 2
    assert {mention.lang for mention in page.mentions} == {"el"}
    assert {mention.author.name for mention in page.mentions} == {"Eleni", "news.example"}


async def test_not_modified_and_unchanged(workers: FeedWorkers) -> None:
    """An idle feed costs a 304; one without validators costs a comparison."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("if-none-match") == '"1"':
            return httpx.Response(304, headers={"cache-control": "max-age=900"})
        return httpx.Response(200, text=RSS, headers={"etag": '"1"'})

    wire = Wire(answer)
    adapter = source(wire, workers)
    first = await adapter.fetch(CHANNEL, "")
    second = await adapter.fetch(CHANNEL, first.cursor)
    assert (len(first.mentions), len(second.mentions), second.next_check) == (4, 0, 900)
    assert second.cursor == first.cursor
    same = source(answers(RSS), workers)
    page = await same.fetch(CHANNEL, "")
    assert (await same.fetch(CHANNEL, page.cursor)).mentions == ()


async def test_validators_belong_to_one_address(workers: FeedWorkers) -> None:
    """WordPress gives its RSS and its Atom the same ETag: a 304 for the wrong one would silence a feed for good."""
    wire = answers(RSS, etag='"1"')
    page = await source(wire, workers).fetch(CHANNEL, "")
    await source(wire, workers).fetch(Channel("feed:x", "feed", "https://news.example/atom"), page.cursor)
    assert "if-none-match" not in wire.asked[-1].headers


async def test_an_empty_feed_is_told_apart_from_silence(workers: FeedWorkers) -> None:
    """A profile feed that was switched off parses well and holds nothing."""
    page = await source(answers('<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>'), workers).fetch(
        CHANNEL, ""
    )
    assert "no entries" in page.note


BROKEN = [
    b"",
    b"   ",
    b"<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' href='/feed.xml'></head></html>",
    b"hello",
    b'{"a": 1}',
    b'{"version": "https://jsonfeed.org/version/1", "items": [',
    b"\x00\x01\x02\xff" * 50,
]


@pytest.mark.parametrize("body", BROKEN)
async def test_what_is_no_feed_is_malformed(body: bytes, workers: FeedWorkers) -> None:
    """A block page must not read as "no mentions"."""
    with pytest.raises(Malformed):
        await source(answers(body, **{"content-type": ""}), workers).fetch(CHANNEL, "")


async def test_a_page_that_names_its_feed_is_a_hint(workers: FeedWorkers) -> None:
    """People paste the address of the site."""
    with pytest.raises(Malformed) as caught:
        await source(answers(BROKEN[2]), workers).fetch(CHANNEL, "")
    assert "https://news.example/feed.xml" in caught.value.hint


HOSTILE = {
    "half of a character": RSS.replace("Flights", "&#xD800; Flights").replace("No id", "&#55357; x &#99999999999; y"),
    "entities by the billion": '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    + RSS.partition("?>")[2].replace("Flights", "&c;"),
    "an outer entity": '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    + RSS.partition("?>")[2].replace("Flights", "&a;"),
    "an odd encoding": RSS.replace('version="1.0"?>', 'version="1.0" encoding="zlib_codec"?>'),
    "an unknown encoding": RSS.replace('version="1.0"?>', 'version="1.0" encoding="x-none"?>'),
    "cut off": RSS[:900],
    "nested": RSS.replace("Flights", "&lt;div&gt;" * 3_000),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_feeds_are_read_or_refused(name: str, workers: FeedWorkers) -> None:
    """feedparser crashes on some of these; the next feed must not notice."""
    adapter = source(answers(HOSTILE[name]), workers)
    try:
        page = await adapter.fetch(CHANNEL, "")
        assert not any("root:" in mention.text for mention in page.mentions)
    except SourceError:
        pass
    assert len((await source(answers(RSS), workers).fetch(CHANNEL, "")).mentions) == 4


async def test_a_feed_that_occupies_its_process_is_quarantined() -> None:
    """It costs one time limit once; it is tried again when its content changes."""
    slow = FeedWorkers(patience=0.000001)
    with pytest.raises(Malformed, match="longer"):
        await slow.read(RSS.encode(), content_type="", url=URL)
    slow._patience = 20
    with pytest.raises(Malformed, match="quarantine"):
        await slow.read(RSS.encode(), content_type="", url=URL)
    assert await slow.read(RSS.encode() + b" ", content_type="", url=URL)
    await slow.aclose()


async def test_a_process_that_dies_is_replaced() -> None:
    """The kernel kills what takes too much memory."""
    workers = FeedWorkers(patience=20)
    await workers.read(RSS.encode(), content_type="", url=URL)
    ((process, _),) = workers._idle
    process.kill()
    await process.wait()
    assert await workers.read(RSS.encode(), content_type="", url=URL)
    await workers.aclose()


async def test_cancellation_leaves_no_process_in_the_middle_of_an_answer() -> None:
    """The next feed would be given the rest of this one."""
    workers = FeedWorkers(most=1, patience=20)
    big = RSS.replace("Flights", "word " * 200_000).encode()
    task = asyncio.create_task(workers.read(big, content_type="", url=URL))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    told = await workers.read(b'<rss version="2.0"><channel><item><title>small</title></item></channel></rss>', content_type="", url=URL)
    assert isinstance(told, dict)
    assert told["entries"][0]["title"] == "small"
    await workers.aclose()


def test_channels(workers: FeedWorkers) -> None:
    """A feed of its own is read once; a search once for each word."""
    topics = [Topic("a", queries=('"aurora air" OR aurora',)), Topic("b", queries=("borealis",))]
    adapter = source(Wire({}), workers, URL, "https://search.example/?q={query}&format=rss")
    assert [(channel.text, channel.topic) for channel in adapter.channels(topics)] == [
        (URL, ""),
        ("https://search.example/?q=%22aurora+air%22&format=rss", "a"),
        ("https://search.example/?q=aurora&format=rss", "a"),
        ("https://search.example/?q=borealis&format=rss", "b"),
    ]
    own = Feed(context(Wire({})), Options(url=URL, topic="a")).channels(topics)
    assert [(channel.topic, channel.trusted) for channel in own] == [("a", True)]
    assert Feed(context(Wire({})), Options()).channels(topics)[0].text.startswith("https://news.google.com/rss/search?q=")


async def test_a_feed_that_is_gone_says_so(workers: FeedWorkers) -> None:
    """410 is for good."""
    with pytest.raises(Unsupported):
        await source(Wire(lambda _: httpx.Response(410)), workers).fetch(CHANNEL, "")


async def test_check(workers: FeedWorkers) -> None:
    """The operator learns how many entries there are."""
    lines = await source(answers(RSS), workers).check()
    assert lines[0].state == "ok"
    assert "4 entries" in lines[0].text
    assert (await source(Wire({}), workers).check())[0].state == "failed"
