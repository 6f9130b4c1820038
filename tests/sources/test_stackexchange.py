"""Stack Exchange tells its limits in the body, and cuts short what a search finds."""

from __future__ import annotations

import json

import httpx
import pytest

from listener.errors import AuthFailed, RateLimited, Rejected
from sources import stackexchange
from tests.sources.turns import BRAND, NOW, draft, entry, opened

SECONDS = NOW // 1000


def question(number: int = 1, **more: object) -> dict[str, object]:
    return {"question_id": number, "title": "Aurora &amp; me", "body": "<p>How <code>x</code>?</p>", "creation_date": SECONDS - 100, "score": 2, "answer_count": 1, "view_count": 50,
            "owner": {"user_id": 5, "display_name": "N&#246;ra", "link": "https://stackoverflow.com/users/5/nora"}, "link": f"https://stackoverflow.com/questions/{number}/x", **more}  # fmt: skip


def test_reads_questions_answers_and_comments() -> None:
    answer = {"answer_id": 2, "question_id": 1, "body": "<p>So.</p>", "creation_date": SECONDS, "owner": {"display_name": "gone"}}
    comment = {"comment_id": 3, "post_id": 1, "body": "thx &lt;3", "creation_date": SECONDS, "owner": {"user_id": 7, "display_name": "z"}}
    found = stackexchange.parse({"items": [question(comments=[comment], answers=[answer])]}, "s", "https://stackoverflow.com", "7")[0]
    asked, answered, said = sorted(found, key=lambda one: one.native_id)
    assert (asked.native_id, asked.title, asked.text, asked.author.name) == ("1", "Aurora & me", "How x?", "Nöra")
    assert (said.native_id, said.parent_id, said.text, said.own) == ("c3", "1", "thx <3", True)
    assert (answered.native_id, answered.thread_id, answered.url, answered.author.handle) == (
        "2",
        "1",
        "https://stackoverflow.com/a/2",
        "gone",
    )


async def test_what_a_search_finds_is_read_whole() -> None:
    """Excerpts have no author and half the text; one that has gone meanwhile stays as the excerpt that it was."""
    excerpts = {
        "items": [
            {"item_type": "question", "question_id": 1, "title": "Aurora", "excerpt": "cut…", "creation_date": SECONDS - 100},
            {"item_type": "answer", "question_id": 8, "answer_id": 2, "title": "Other", "excerpt": "the <span class=\"highlight\">aurora</span>", "creation_date": SECONDS - 50},
        ],
        "has_more": False, "quota_remaining": 297, "quota_max": 300, "backoff": 10,
    }  # fmt: skip
    source, wire = opened(
        stackexchange, {"/search/excerpts": excerpts, "/questions/1": {"items": [question()]}, "/answers/2": {"items": []}}
    )
    page = await source.fetch(source.channels([BRAND])[0], "")
    asked, answered = page.mentions
    assert (asked.text, asked.author.handle) == ("How x?", "Nöra")
    assert (answered.native_id, answered.text, answered.thread_id) == ("2", "the aurora", "8")
    assert page.next_check == 10
    assert source.budgets()[0].left == 297
    assert json.loads(page.cursor)["since"] == NOW - 50_000 - 1_200_000
    assert wire.asked[0].url.params["q"] == '"aurora air"'


async def test_a_throttle_comes_as_400_and_is_obeyed() -> None:
    """Asking on while throttled gets the address banned."""
    said = httpx.Response(
        400,
        json={
            "error_id": 502,
            "error_name": "throttle_violation",
            "error_message": "too many requests, more requests available in 77 seconds",
        },
    )
    source, wire = opened(stackexchange, {"": said})
    channel = source.channels([BRAND])[0]
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            await source.fetch(channel, "")
        assert caught.value.retry_after == 77
    assert len(wire.asked) == 1


async def test_replies_as_a_comment() -> None:
    said = [
        {"items": [{"comment_id": 44, "link": "https://stackoverflow.com/q/1#comment44"}]},
        httpx.Response(400, json={"error_id": 400, "error_message": "too short"}),
        httpx.Response(400, json={"error_id": 403, "error_message": "no scope"}),
    ]
    source, wire = opened(stackexchange, {"/posts/1/comments/add": said}, key="k", access_token="t")
    mention = entry(stackexchange.parse({"items": [question()]}, "s", "https://stackoverflow.com")[0][0])
    assert (await source.reply(mention, draft("Please write to us at …"))).remote_id == "c44"
    assert b"access_token=t" in wire.asked[0].content and "access_token" not in wire.asked[0].url.params
    with pytest.raises(Rejected, match="too short"):
        await source.reply(mention, draft("x"))
    with pytest.raises(AuthFailed):
        await source.reply(mention, draft("x"))
    assert source.measure("x" * 20) == (20, 600)


async def test_finds_its_own_comment_and_follows_deletions() -> None:
    comment = {"comment_id": 3, "post_id": 1, "body": "we&#39;re on it", "creation_date": SECONDS, "owner": {"user_id": 7}}
    routes = {
        "/me": {"items": [{"user_id": 7}]},
        "/posts/1/comments": {"items": [comment]},
        "/posts/1;9": {"items": [{"post_id": 1, "body": "x", "creation_date": SECONDS, "score": 8}]},
    }
    source, _ = opened(stackexchange, routes, key="k", access_token="t")
    first, ninth = (entry(stackexchange.parse({"items": [question(number)]}, "s", "https://stackoverflow.com")[0][0]) for number in (1, 9))
    receipt = await source.find_reply(first, draft("we're on it"))
    assert receipt and receipt.remote_id == "c3"
    alive, gone = await source.refresh([first, ninth])
    assert (alive.native_id, alive.engagement.likes) == ("1", 8)
    assert (gone.native_id, gone.deleted) == ("9", True)


@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("stackoverflow", "stackoverflow.com"),
        ("unix", "unix.stackexchange.com"),
        ("mathoverflow.net", "mathoverflow.net"),
        ("meta.stackoverflow", "meta.stackoverflow.com"),
    ],
)
def test_sites_have_addresses(site: str, host: str) -> None:
    assert stackexchange.site_address(site) == host
