"""Lemmy speaks two versions; in the older one a search is two lists that end at different times."""

from __future__ import annotations

import json

import httpx
import pytest

from listener.errors import Ambiguous, AuthFailed, RateLimited, Rejected
from sources import lemmy
from sources.lemmy import PAGE
from tests.sources.turns import BRAND, NOW, draft, entry, opened

SITE = {"site_view": {"site": {"name": "L"}}, "version": "0.19.5"}
NORA = {"id": 5, "name": "nora", "actor_id": "https://away.example/u/nora", "local": False}
US = {"id": 6, "name": "aurora", "actor_id": "https://lemmy.example/u/aurora", "local": True}
HOME = {"instance": "https://lemmy.example"}
ACCOUNT = {**HOME, "username": "aurora", "password": "pw"}


def iso(ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def post(number: int, ms: int = NOW, **more: object) -> dict[str, object]:
    return {
        "post": {
            "id": number,
            "name": "Aurora Air?",
            "body": "Any good?",
            "published": iso(ms),
            "ap_id": f"https://away.example/post/{number}",
            **more,
        },
        "creator": NORA,
        "counts": {"score": 4, "comments": 2},
    }


def comment(number: int, ms: int = NOW, creator: object = NORA, path: str = "0.8.9", **more: object) -> dict[str, object]:
    return {"comment": {"id": number, "post_id": 3, "content": "Aurora Air is fine", "published": iso(ms), "path": path, "ap_id": f"https://away.example/comment/{number}", **more},
            "post": {"id": 3, "name": "T"}, "creator": creator, "counts": {"score": 1, "child_count": 0}}  # fmt: skip


def test_reads_posts_and_comments_of_both_versions() -> None:
    older = {"posts": [post(1)], "comments": [comment(9)]}
    newer = {"search": [{"type_": "post", "post": {"id": 1, "name": "Aurora Air?", "body": "Any good?", "published_at": iso(NOW), "ap_id": "https://away.example/post/1", "score": 4, "comments": 2}, "creator": {**NORA, "ap_id": NORA["actor_id"]}},
                        {"type_": "person", "person": NORA}, {"type_": "community", "community": {}}]}  # fmt: skip
    first, second = lemmy.parse(older, "lemmy")[0]
    [same], refused, _ = lemmy.parse(newer, "lemmy")
    assert refused == 0
    assert (first.native_id, first.author.handle, first.engagement.likes) == ("post:1", "nora@away.example", 4)
    assert (same.native_id, same.created_at, same.author.handle, same.engagement) == (
        first.native_id,
        first.created_at,
        first.author.handle,
        first.engagement,
    )
    assert (second.parent_id, second.thread_id, second.canonical_url) == ("comment:8", "post:3", "https://away.example/comment/9")


def test_a_namesake_elsewhere_is_not_us() -> None:
    """Anybody can be called like us on another instance."""
    away = {**US, "actor_id": "https://away.example/u/aurora", "local": False}
    ours, theirs = lemmy.parse({"comments": [comment(1, creator=US), comment(2, creator=away)]}, "lemmy", "aurora")[0]
    assert (ours.own, theirs.own) == (True, False)


@pytest.mark.parametrize("gone", [{"deleted": True}, {"removed": True}])
def test_what_was_taken_away_is_no_mention(gone: dict[str, object]) -> None:
    assert lemmy.parse({"comments": [comment(1, **gone)], "posts": [post(1, **gone)]}, "lemmy") == ([], 0, "")


async def test_the_walk_waits_for_the_slower_list() -> None:
    """Few posts and many comments: the old posts must not end the walk while newer comments wait on the next page."""
    busy = [comment(number, NOW - number * 1000) for number in range(PAGE)]
    pages = [{"posts": [post(1, NOW - 9 * 86_400_000)], "comments": busy}, {"posts": [], "comments": [comment(90, NOW - 8 * 86_400_000)]}]
    source, wire = opened(lemmy, {"/api/v3/site": SITE, "/search": pages}, **HOME)
    channel = source.channels([BRAND])[0]
    first = await source.fetch(channel, "")
    second = await source.fetch(channel, first.cursor)
    assert (first.more, second.more) == (True, False)
    assert [request.url.params.get("page") for request in wire.asked[1:]] == ["1", "2"]
    assert json.loads(second.cursor)["done"] == NOW
    assert wire.asked[1].url.params["q"] == "aurora air"


async def test_finds_out_that_only_the_newer_version_is_there() -> None:
    pages = [{"search": [{"type_": "comment", **comment(1)}], "next_page": "abc"}, {"search": []}]
    source, wire = opened(
        lemmy, {"/api/v3/": httpx.Response(404, json={"error": "unknown"}), "/api/v4/site": SITE, "/api/v4/search": pages}, **HOME
    )
    channel = source.channels([BRAND])[0]
    first = await source.fetch(channel, "")
    await source.fetch(channel, first.cursor)
    assert wire.asked[-1].url.params["page_cursor"] == "abc"
    assert wire.asked[-1].url.params["search_term"] == "aurora air"


async def test_replies_and_reads_the_reasons() -> None:
    made = {"comment_view": {"comment": {"id": 77, "post_id": 3, "ap_id": "https://lemmy.example/comment/77"}}}
    said = [made, httpx.Response(400, json={"error": "locked"}), httpx.Response(400, json={"error": "rate_limit_error"}), {"x": 1}]
    source, wire = opened(lemmy, {"/api/v3/site": SITE, "/user/login": {"jwt": "J"}, "/api/v3/comment": said}, **ACCOUNT)
    mention = entry(lemmy.parse({"comments": [comment(9)]}, "lemmy")[0][0])
    receipt = await source.reply(mention, draft("Sorry"))
    assert (receipt.remote_id, receipt.permalink) == ("comment:77", "https://lemmy.example/comment/77")
    asked = wire.asked[-1]
    assert json.loads(asked.content) == {"content": "Sorry", "post_id": 3, "parent_id": 9}
    assert (asked.headers["idempotency-key"], asked.headers["authorization"]) == ("key-1", "Bearer J")
    for error in (Rejected, RateLimited, Ambiguous):
        with pytest.raises(error):
            await source.reply(mention, draft("Sorry"))


async def test_finds_its_own_reply() -> None:
    mine = comment(77, creator=US, path="0.9.77", content="Sorry")
    source, _ = opened(
        lemmy, {"/api/v3/site": SITE, "/comment/list": {"comments": [comment(76, path="0.9.76", content="Sorry"), mine]}}, **ACCOUNT
    )
    mention = entry(lemmy.parse({"comments": [comment(9)]}, "lemmy")[0][0])
    receipt = await source.find_reply(mention, draft("Sorry"))
    assert receipt and receipt.remote_id == "comment:77"
    assert await source.find_reply(mention, draft("Never")) is None


async def test_deletions_are_followed() -> None:
    routes = {
        "/api/v3/site": SITE,
        "/api/v3/comment?id=1": {"comment_view": comment(1, removed=True)},
        "/api/v3/comment?id=2": httpx.Response(404, json={"error": "couldnt_find_comment"}),
        "/api/v3/comment?id=4": {"comment_view": comment(4, updated=iso(NOW + 1000), content="new")},
    }
    source, _ = opened(lemmy, routes, **HOME)
    told = await source.refresh([entry(lemmy.parse({"comments": [comment(number)]}, "lemmy")[0][0]) for number in (1, 2, 4)])
    assert [(one.native_id, one.deleted) for one in told] == [("comment:1", True), ("comment:2", True), ("comment:4", False)]
    assert told[2].edited and told[2].edited.text == "new"


async def test_a_wrong_login_says_so() -> None:
    source, _ = opened(
        lemmy,
        {"/api/v3/site": SITE, "/search": {"posts": []}, "/user/login": httpx.Response(401, json={"error": "incorrect_login"})},
        **ACCOUNT,
    )
    reach, search, credentials = await source.check()
    assert (reach.state, search.state, credentials.state) == ("ok", "warning", "failed")
    with pytest.raises(AuthFailed, match="incorrect_login"):
        await source.fetch(source.channels([BRAND])[1], "")
