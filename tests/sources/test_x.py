"""X costs money by the post and hides its traps behind 200 and 403."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest

from listener.errors import Ambiguous, RateLimited, Rejected, Unsupported
from sources import x
from sources.decode import decode
from sources.x_post import EPOCH
from tests.sources.turns import BRAND, NOW, draft, entry, opened

ACCOUNT = {"consumer_key": "ck", "consumer_secret": "cs", "access_token": "at", "access_secret": "as"}


def number(ms: int, sequence: int = 0) -> str:
    """A snowflake id of that time."""
    return str((ms - EPOCH << 22) + sequence)


def post(ms: int, text: str = "I love Aurora Air", **more: object) -> dict[str, object]:
    return {"id": number(ms), "text": text, "author_id": "7", "created_at": "2023-11-14T22:00:00.000Z", **more}


USERS = {"users": [{"id": "7", "username": "nora", "name": "Nora", "public_metrics": {"followers_count": 48_000}}]}


def test_reads_a_post_with_everything_it_has() -> None:
    """Long text, expanded addresses, counts, author and conversation each come from another corner."""
    body = json.dumps(
        {
            "data": [
                post(
                    NOW,
                    "short &amp; cut…",
                    note_tweet={
                        "text": "Long &lt;text&gt; see https://t.co/a",
                        "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://e.example/x"}]},
                    },
                    lang="in",
                    conversation_id="5",
                    referenced_tweets=[{"type": "quoted", "id": "1"}, {"type": "replied_to", "id": "6"}],
                    public_metrics={"like_count": 3, "retweet_count": 1, "quote_count": 2, "reply_count": 4, "impression_count": 99},
                )
            ],
            "includes": USERS,
        }
    ).encode()
    [mention], refused, _ = x.parse(decode(body), "x")
    assert refused == 0
    assert mention.text == "Long <text> see https://e.example/x"
    assert (mention.lang, mention.parent_id, mention.thread_id) == ("id", "6", "5")
    assert (mention.author.handle, mention.author.followers) == ("nora", 48_000)
    counts = mention.engagement
    assert (counts.likes, counts.reposts, counts.replies, counts.views) == (3, 3, 4, 99)
    assert mention.url == f"https://x.com/nora/status/{number(NOW)}"


def test_an_edit_is_a_revision_of_the_same_post() -> None:
    """An edited post gets a new id: keyed by it, one complaint would be two mentions."""
    first, second = number(NOW), number(NOW + 60_000)
    [mention], _, _ = x.parse({"data": [{**post(NOW), "id": second, "edit_history_tweet_ids": [first, second]}]}, "x")
    assert mention.native_id == first
    assert mention.edited_at == NOW + 60_000
    assert json.loads(mention.reply_ref) == {"id": second}


def test_reads_the_older_shape_of_archives() -> None:
    """An import of one's own archive has the author inside, another date, and ids that lose digits as numbers."""
    status = {
        "id": 10**18 + 7, "id_str": "1000000000000000007", "full_text": "RT &amp; more", "created_at": "Wed Aug 27 13:08:45 +0000 2008",
        "user": {"id_str": "9", "screen_name": "old_one", "followers_count": 5}, "favorite_count": 2, "in_reply_to_status_id_str": "3",
    }  # fmt: skip
    [mention], _, _ = x.parse({"statuses": [status]}, "x")
    assert (mention.native_id, mention.text, mention.created_at) == ("1000000000000000007", "RT & more", 1_219_842_525_000)
    assert (mention.author.handle, mention.parent_id, mention.engagement.likes) == ("old_one", "3", 2)


def test_a_bad_post_costs_only_itself() -> None:
    found, refused, note = x.parse({"data": [post(NOW), {"id": 5}, "x", {"text": "no id"}]}, "x")
    assert (len(found), refused) == (1, 3)
    assert "no text" in note and "no id" in note


async def test_walks_back_to_what_is_known_and_counts_the_money() -> None:
    """since_id gives the newest page: without the walk a busy hour would leave a hole, without the sum a bill."""
    pages = [
        {"data": [post(NOW - 1000), post(NOW - 2000)], "meta": {"next_token": "p2"}},
        {"data": [post(NOW - 3000)], "meta": {}},
        {"meta": {"result_count": 0}},
    ]
    source, wire = opened(x, {"/recent": pages}, bearer_token="t", monthly_budget=10)
    channel = source.channels([BRAND])[0]
    start = json.dumps({"done": int(number(NOW - 3500)), "top": 0, "token": ""})
    first = await source.fetch(channel, start)
    second = await source.fetch(channel, first.cursor)
    third = await source.fetch(channel, second.cursor)
    assert (first.more, second.more, third.more) == (True, False, False)
    assert [request.url.params.get("next_token") for request in wire.asked] == [None, "p2", None]
    assert wire.asked[1].url.params["since_id"] == number(NOW - 3500)
    assert wire.asked[2].url.params["since_id"] == number(NOW - 1000)
    assert wire.asked[0].url.params["query"] == '("aurora air") -is:retweet'
    assert wire.asked[0].headers["authorization"] == "Bearer t"
    [money] = source.budgets()
    assert (money.name, money.limit, money.left) == ("dollars", 10, pytest.approx(10 - 3 * 0.005))


async def test_the_first_read_takes_one_page_only() -> None:
    """Seven days of a large brand would cost the whole month before anybody has looked at the screen."""
    source, _ = opened(x, {"/recent": {"data": [post(NOW)], "meta": {"next_token": "p2"}}}, bearer_token="t", monthly_budget=10)
    assert not (await source.fetch(source.channels([BRAND])[0], "")).more


async def test_nothing_is_bought_beyond_the_cap_over_a_restart() -> None:
    """The cap is the owner's: a restart must not forget what was spent, and a page may not run over it."""
    source, wire = opened(x, {"/recent": {"data": [post(NOW + i) for i in range(10)], "meta": {}}}, bearer_token="t", monthly_budget=0.11)
    channel = source.channels([BRAND])[0]
    page = await source.fetch(channel, "")
    assert wire.asked[0].url.params["max_results"] == "22"
    source, wire = opened(x, {}, bearer_token="t", monthly_budget=0.05 + 0.04)
    with pytest.raises(RateLimited) as caught:
        await source.fetch(channel, page.cursor)
    assert not wire.asked
    assert caught.value.retry_after and "0.09" in caught.value.message


async def test_says_what_lies_too_far_back() -> None:
    """Recent search reaches back seven days; since_id beyond that is an error, and the gap must be told."""
    source, wire = opened(x, {"/recent": {"meta": {}}}, bearer_token="t", monthly_budget=10)
    old = json.dumps({"done": int(number(NOW - 9 * 86_400_000)), "top": 0, "token": ""})
    page = await source.fetch(source.channels([BRAND])[0], old)
    assert "2.0 days" in page.note
    assert "since_id" not in wire.asked[0].url.params and wire.asked[0].url.params["start_time"].endswith("Z")


async def test_mentions_belong_to_the_brand() -> None:
    source, wire = opened(
        x,
        {"/by/username/": {"data": {"id": "42"}}, "/mentions": {"data": [post(NOW)], "meta": {}}},
        bearer_token="t",
        monthly_budget=10,
        username="auroraair",
    )
    channel = source.channels([BRAND])[-1]
    assert (channel.kind, channel.topic, channel.trusted) == ("mentions", "Aurora Air", True)
    assert len((await source.fetch(channel, "")).mentions) == 1
    assert wire.asked[1].url.path == "/2/users/42/mentions"


async def test_replies_and_is_told_where_it_may_not() -> None:
    """403 here is no wrong password: since 2026 X lets applications answer only those who named the brand."""
    mention = entry(x.parse({"data": [post(NOW)]}, "x")[0][0])
    source, wire = opened(
        x,
        {"/2/tweets": [httpx.Response(201, json={"data": {"id": "99"}}), httpx.Response(403, json={"detail": "not allowed"})]},
        bearer_token="t",
        monthly_budget=1,
        username="auroraair",
        **ACCOUNT,
    )
    receipt = await source.reply(mention, draft("Sorry!"))
    assert (receipt.remote_id, receipt.permalink) == ("99", "https://x.com/auroraair/status/99")
    assert json.loads(wire.asked[0].content) == {"text": "Sorry!", "reply": {"in_reply_to_tweet_id": number(NOW)}}
    assert wire.asked[0].headers["authorization"].startswith("OAuth ")
    assert source.budgets()[0].left == pytest.approx(0.99)
    with pytest.raises(Rejected, match="not allowed"):
        await source.reply(mention, draft("Sorry!"))


async def test_an_answer_without_an_id_is_ambiguous() -> None:
    mention = entry(x.parse({"data": [post(NOW)]}, "x")[0][0])
    source, _ = opened(x, {"/2/tweets": [{"data": {}}, httpx.Response(200, text="oops")]}, bearer_token="t", monthly_budget=1, **ACCOUNT)
    for _ in range(2):
        with pytest.raises(Ambiguous):
            await source.reply(mention, draft("Sorry!"))


async def test_finds_its_own_reply() -> None:
    """X puts the handle in front and shortens addresses."""
    mention = entry(x.parse({"data": [post(NOW)]}, "x")[0][0])
    ours = post(NOW + 5, "@nora Sorry! See https://t.co/z", referenced_tweets=[{"type": "replied_to", "id": number(NOW)}])
    source, _ = opened(
        x,
        {"/by/username/": {"data": {"id": "42"}}, "/42/tweets": {"data": [ours]}},
        bearer_token="t",
        monthly_budget=1,
        username="auroraair",
    )
    receipt = await source.find_reply(mention, draft("Sorry! See https://help.example/z"))
    assert receipt and receipt.remote_id == number(NOW + 5)
    assert await source.find_reply(mention, draft("Something else")) is None


async def test_deletions_are_followed() -> None:
    """X demands that stored copies follow deletions; the errors say which posts have gone."""
    there, gone = (entry(x.parse({"data": [post(NOW + i)]}, "x")[0][0]) for i in (1, 2))
    answer = {
        "data": [{**post(NOW + 1), "public_metrics": {"like_count": 8}}],
        "errors": [{"resource_id": gone.native_id, "title": "Not Found Error"}],
    }
    source, _ = opened(x, {"/2/tweets?": answer}, bearer_token="t", monthly_budget=1)
    alive, dead = await source.refresh([there, gone])
    assert (alive.engagement.likes, alive.deleted) == (8, False)
    assert (dead.native_id, dead.deleted) == (gone.native_id, True)


async def test_without_an_account_nothing_pretends() -> None:
    source, _ = opened(x, {"/usage": {"data": {"project_usage": 12, "project_cap": 100}}}, bearer_token="t", monthly_budget=1)
    assert not source.capabilities.reply
    with pytest.raises(Unsupported):
        await source.reply(replace(entry(x.parse({"data": [post(NOW)]}, "x")[0][0])), draft("x"))
    credentials, reply = await source.check()
    assert (credentials.state, reply.state) == ("ok", "skipped")
    assert "12 of 100" in credentials.text
    assert source.measure("👍 https://a.example/" + "x" * 50) == (2 + 1 + 23, 280)


async def test_reading_a_conversation_again_and_again_stays_cheap() -> None:
    """After a reply its thread is read a dozen times; a hundred posts each time would cost more than the reply is worth."""
    source, wire = opened(x, {"/recent": {"data": [post(NOW, conversation_id="5")]}}, bearer_token="t", monthly_budget=1)
    mention = entry(x.parse({"data": [post(NOW, conversation_id="5")]}, "x")[0][0])
    assert [one.native_id for one in await source.thread(mention)] == [mention.native_id]
    assert wire.asked[0].url.params["query"] == "conversation_id:5"
    assert int(wire.asked[0].url.params["max_results"]) <= 20
    assert source.budgets()[0].left == pytest.approx(0.995)
