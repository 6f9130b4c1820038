"""Discourse: forums are read by post id, and answered with care for their own rules."""

from __future__ import annotations

import json

import httpx
import pytest

from listener.errors import AuthFailed, Rejected
from sources import discourse
from sources.walk import Walk
from tests.sources.turns import BRAND, draft, entry, opened

SITE = "https://forum.example"
KEY = {"instance": SITE, "username": "aurora", "api_key": "K"}


def post(number: int, at: str = "2023-11-14T22:00:00.000Z", **more: object) -> dict[str, object]:
    return {"id": number, "username": "nora", "name": "Nora", "created_at": at, "updated_at": at, "cooked": "<p>Aurora Air &amp; I</p>", "post_number": 2, "post_type": 1, "topic_id": 40,
            "topic_slug": "flights", "topic_title": "Flights &amp; fares", "reply_count": 1, "version": 1, "actions_summary": [{"id": 2, "count": 6}], **more}  # fmt: skip


def test_reads_posts_and_leaves_out_what_is_nobodys_words() -> None:
    answer = {
        "latest_posts": [
            post(5),
            post(6, post_type=3),
            post(7, deleted_at="2023-11-14T22:00:00Z"),
            post(8, hidden=True),
            post(9, created_at=None),
        ]
    }
    [mention], refused, note = discourse.parse(answer, "d", SITE, "NORA")
    assert (mention.text, mention.title, mention.url) == ("Aurora Air & I", "Flights & fares", f"{SITE}/t/flights/40/2")
    assert (mention.engagement.likes, mention.own, mention.thread_id) == (6, True, "topic:40")
    assert refused == 1 and "time" in note


async def test_walks_back_by_id() -> None:
    pages = [{"latest_posts": [post(30), post(29)]}, {"latest_posts": [post(28), post(20)]}]
    source, wire = opened(discourse, {"/posts.json": pages}, instance=SITE)
    [channel] = source.channels([BRAND])
    first = await source.fetch(channel, '{"done": 20, "top": 0, "token": ""}')
    second = await source.fetch(channel, first.cursor)
    assert (first.more, second.more) == (True, False)
    assert wire.asked[1].url.params["before"] == "29"
    assert json.loads(second.cursor)["done"] == 30


async def test_the_first_read_ends_at_its_horizon() -> None:
    """A forum has millions of posts: the first walk must not take them all."""
    source, _ = opened(discourse, {"/posts.json": {"latest_posts": [post(30), post(29, "2023-01-01T00:00:00Z")]}}, instance=SITE)
    assert not (await source.fetch(source.channels([BRAND])[0], "")).more


async def test_a_search_is_completed() -> None:
    """A search cuts posts short; sentiment on half a sentence is no sentiment."""
    found = {"posts": [{"id": 30, "username": "nora", "created_at": "2023-11-14T22:00:00Z", "blurb": "Aurora…", "topic_id": 40, "post_number": 2}], "topics": [{"id": 40, "title": "T", "slug": "t"}],
             "grouped_search_result": {"more_full_page_results": None}}  # fmt: skip
    source, wire = opened(
        discourse, {"/search.json": found, "/posts/30.json": post(30, raw="Aurora Air, all of it")}, instance=SITE, read="search"
    )
    page = await source.fetch(source.channels([BRAND])[0], "")
    assert page.mentions[0].text == "Aurora Air, all of it"
    assert wire.asked[0].url.params["q"] == '"aurora air" order:latest after:2023-11-07'


async def test_a_closed_forum_says_what_to_do() -> None:
    source, _ = opened(discourse, {"": httpx.Response(403, json={"errors": ["not logged in"]})}, instance=SITE)
    with pytest.raises(AuthFailed, match="api_key"):
        await source.fetch(source.channels([BRAND])[0], "")


async def test_replies_and_every_way_of_not_being_published() -> None:
    said = [
        post(99, username="aurora", post_number=3),
        httpx.Response(422, json={"errors": ["Body is too similar"]}),
        {"action": "enqueued", "pending_post": {"id": 4}},
        post(98, topic_id=41),
    ]
    source, wire = opened(discourse, {"/posts.json": said}, **KEY)
    mention = entry(discourse.parse({"latest_posts": [post(5)]}, "d", SITE)[0][0])
    receipt = await source.reply(mention, draft("We are sorry"))
    assert (receipt.remote_id, receipt.permalink, receipt.parent_kept) == ("99", f"{SITE}/t/flights/40/3", True)
    assert json.loads(wire.asked[0].content) == {"topic_id": 40, "raw": "We are sorry", "reply_to_post_number": 2}
    assert wire.asked[0].headers["api-username"] == "aurora"
    with pytest.raises(Rejected, match="too similar"):
        await source.reply(mention, draft("We are sorry"))
    assert (await source.reply(mention, draft("x"))).remote_id == "pending:4"
    assert not (await source.reply(mention, draft("x"))).parent_kept


async def test_finds_its_own_reply_at_the_end_of_a_long_topic() -> None:
    """A topic shows its first twenty posts: ours is the last."""
    first = {"id": 40, "title": "T", "highest_post_number": 60, "post_stream": {"posts": [post(1)]}}
    last = {
        "id": 40,
        "title": "T",
        "post_stream": {"posts": [post(98), post(99, username="aurora", cooked="<p>We are <em>sorry</em></p>")]},
    }
    source, _ = opened(discourse, {"/t/40/60.json": last, "/t/40.json": first}, **KEY)
    mention = entry(discourse.parse({"latest_posts": [post(5)]}, "d", SITE)[0][0])
    receipt = await source.find_reply(mention, draft("We are sorry"))
    assert receipt and receipt.remote_id == "99"
    assert await source.find_reply(mention, draft("Never")) is None
    assert [one.native_id for one in await source.thread(mention)] == ["1", "98", "99"]


async def test_deletions_are_followed_and_block_pages_are_not_deletions() -> None:
    block = httpx.Response(404, text="<html>no</html>", headers={"content-type": "text/html"})
    source, _ = opened(
        discourse,
        {
            "/posts/1.json": httpx.Response(404, json={"errors": ["gone"]}),
            "/posts/2.json": block,
            "/posts/3.json": post(3, deleted_at="x"),
            "/posts/4.json": post(4, version=2, updated_at="2023-11-14T23:00:00Z"),
        },
        instance=SITE,
    )
    told = await source.refresh([entry(discourse.parse({"latest_posts": [post(number)]}, "d", SITE)[0][0]) for number in (1, 2, 3, 4)])
    assert [(one.native_id, one.deleted) for one in told] == [("1", True), ("3", True), ("4", False)]
    assert told[-1].edited is not None


async def test_check_asks_whose_key_it_is() -> None:
    routes = {"/posts.json": {"latest_posts": [post(1)]}, "/session/current.json": {"current_user": {"username": "somebody"}}}
    source, _ = opened(discourse, routes, **KEY)
    reach, credentials = await source.check()
    assert (reach.state, credentials.state) == ("ok", "failed")
    assert "somebody" in credentials.text


@pytest.mark.parametrize(
    ("numbers", "token", "done", "place"),
    [
        ([30, 29], "", 20, "29"),
        ([29, 28], "29", 20, "28"),
        ([], "", 20, ""),
        ([], "90", 20, "41"),
        ([90], "90", 20, "41"),
        ([], "60", 20, ""),
        ([], "90", 0, ""),
    ],
)
def test_private_posts_in_between_are_no_end(numbers: list[int], token: str, done: int, place: str) -> None:
    """An empty page in the middle means fifty private posts, not that everything has been read."""
    assert discourse.before(numbers, Walk(done, 95, token)) == place


def test_an_answer_finds_its_parent_by_number() -> None:
    """Whether somebody answered us is seen by what their post answers."""
    answer = {"id": 40, "title": "T", "post_stream": {"posts": [post(90, post_number=7), post(95, post_number=8, reply_to_post_number=7), post(96, post_number=9, reply_to_post_number=1)]}}
    assert [one.parent_id for one in discourse.parse(answer, "d", SITE)[0]] == ["", "90", ""]
