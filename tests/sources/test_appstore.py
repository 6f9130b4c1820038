"""App Store reviews: dated XML first, JSON as the fall-back, and an empty 200 that means nothing."""

from __future__ import annotations

import json

import httpx

from sources import appstore
from tests.sources.turns import BRAND, RIVAL, opened

XML = {"content-type": "text/xml"}


def review(number: int, stars: str = "2") -> str:
    return f"""<entry><updated>2023-11-14T15:00:00-07:00</updated><id>{number}</id><title>Crashes &amp; burns</title><content type="text">Every time.</content>
    <im:rating>{stars}</im:rating><im:version>3.5</im:version><im:voteCount>4</im:voteCount><author><name>nora</name><uri>https://itunes.apple.com/us/reviews/id9</uri></author>
    <link rel="related" href="https://itunes.apple.com/us/review?id=1"/><content type="html">&lt;b&gt;no&lt;/b&gt;</content></entry>"""


def feed(*reviews: str) -> httpx.Response:
    body = (
        f'<?xml version="1.0"?><feed xmlns:im="http://itunes.apple.com/rss" xmlns="http://www.w3.org/2005/Atom">{"".join(reviews)}</feed>'
    )
    return httpx.Response(200, content=body.encode(), headers=XML)


def test_the_stars_are_told() -> None:
    """Two words and one star: nothing says more about a review than its stars."""
    [mention], refused, _ = appstore.parse(feed(review(7)).content, "appstore", "us")
    assert refused == 0
    assert (mention.native_id, mention.title, mention.text) == ("7", "★★☆☆☆ Crashes & burns", "Every time.")
    assert (mention.author.native_id, mention.engagement.likes, mention.lang) == ("9", 4, "en")
    assert mention.created_at == 1_699_999_200_000


def test_json_is_read_too_and_dated_as_well_as_it_can() -> None:
    entry = {
        "id": {"label": "7"},
        "title": {"label": "T"},
        "content": {"label": "C"},
        "im:rating": {"label": "5"},
        "author": {"name": {"label": "n"}},
    }
    body = {"feed": {"updated": {"label": "2023-11-14T22:00:00Z"}, "entry": [{"im:name": {"label": "the app itself"}}, entry]}}
    [mention], refused, _ = appstore.parse(json.dumps(body).encode(), "appstore")
    assert (mention.native_id, mention.title, mention.created_at, refused) == ("7", "★★★★★ T", 1_699_999_200_000, 0)


def test_a_review_without_a_key_costs_only_itself() -> None:
    found, refused, note = appstore.parse(feed(review(1), "<entry><title>x</title></entry>").content, "appstore")
    assert (len(found), refused) == (1, 1) and "no id" in note


async def test_walks_pages_by_id_per_country() -> None:
    source, wire = opened(
        appstore,
        {"page=1": feed(review(30), review(29)), "page=2": feed(review(28), review(9))},
        apps={"Aurora Air": "123", "Borealis": "456"},
        countries=["US", "gr"],
    )
    channels = source.channels([BRAND, RIVAL])
    assert [channel.key for channel in channels] == ["reviews:123:us", "reviews:123:gr", "reviews:456:us", "reviews:456:gr"]
    assert all(channel.trusted for channel in channels)
    first = await source.fetch(channels[0], '{"done": 10, "top": 0, "token": ""}')
    second = await source.fetch(channels[0], first.cursor)
    assert [mention.native_id for mention in first.mentions] == ["29", "30"]
    assert (first.more, second.more) == (True, False)
    assert wire.asked[0].url.path == "/us/rss/customerreviews/page=1/id=123/sortBy=mostRecent/xml"
    assert json.loads(second.cursor)["done"] == 30


async def test_an_empty_answer_is_said_and_moves_nothing() -> None:
    """The store shows nothing at all now and then."""
    source, _ = opened(appstore, {"": feed()}, apps={"Aurora Air": "123"})
    page = await source.fetch(source.channels([BRAND])[0], '{"done": 10, "top": 0, "token": ""}')
    assert json.loads(page.cursor)["done"] == 10
    assert "not the same as none" in page.note
    assert (await source.check())[0].state == "warning"


async def test_broken_xml_falls_back_to_json() -> None:
    entry = {"id": {"label": "7"}, "title": {"label": "T"}, "im:rating": {"label": "5"}, "updated": {"label": "2023-11-14T22:00:00Z"}}
    source, _ = opened(
        appstore,
        {"/xml": httpx.Response(200, content=b"<feed", headers=XML), "/json": {"feed": {"entry": entry}}},
        apps={"Aurora Air": "123"},
    )
    page = await source.fetch(source.channels([BRAND])[0], "")
    assert [mention.native_id for mention in page.mentions] == ["7"]
