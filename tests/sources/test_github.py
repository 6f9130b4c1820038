"""GitHub's lists are read oldest first; its search may time out and its GraphQL fails with 200."""

from __future__ import annotations

import json

import pytest

from listener.errors import AuthFailed, Rejected, Unsupported
from sources import github
from tests.sources.turns import BRAND, NOW, draft, entry, opened


def issue(number: int, at: str = "2023-11-14T22:00:00Z", **more: object) -> dict[str, object]:
    return {"id": 9000 + number, "number": number, "html_url": f"https://github.com/a/b/issues/{number}", "title": "Aurora Air API", "body": "It **fails**", "user": {"login": "nora", "id": 5},
            "created_at": "2023-11-14T21:00:00Z", "updated_at": at, "comments": 0, "reactions": {"total_count": 3}, **more}  # fmt: skip


def comment(number: int, text: str = "Same here", login: str = "max", at: str = "2023-11-14T22:00:00Z") -> dict[str, object]:
    return {
        "id": number,
        "html_url": f"https://github.com/a/b/issues/1#issuecomment-{number}",
        "body": text,
        "user": {"login": login, "id": 6},
        "created_at": at,
        "updated_at": at,
    }


def discussion(number: int, *comments: object) -> dict[str, object]:
    return {"__typename": "Discussion", "id": "D_1", "databaseId": 1, "number": number, "url": f"https://github.com/a/b/discussions/{number}", "title": "Ideas", "body": "Aurora Air?",
            "createdAt": "2023-11-14T21:00:00Z", "updatedAt": "2023-11-14T22:00:00Z", "author": None, "comments": {"totalCount": len(comments), "nodes": list(comments)}}  # fmt: skip


def answer(number: int, login: str, text: str) -> dict[str, object]:
    return {
        "__typename": "DiscussionComment",
        "id": f"DC_{number}",
        "databaseId": number,
        "url": f"https://github.com/a/b/discussions/3#discussioncomment-{number}",
        "body": text,
        "createdAt": "2023-11-14T22:00:00Z",
        "author": {"login": login},
    }


def test_issue_and_comment_share_a_thread() -> None:
    [first], _, _ = github.parse({"items": [issue(1)]}, "github")
    [second], _, _ = github.parse([comment(77)], "github", me="MAX")
    assert (first.native_id, first.title, first.text, first.engagement.likes) == ("a/b#1", "Aurora Air API", "It **fails**", 3)
    assert (second.native_id, second.parent_id, second.thread_id, second.own) == ("a/b#1:77", "a/b#1", "a/b#1", True)
    assert json.loads(second.reply_ref) == {"repo": "a/b", "number": "1"}


def test_discussions_come_with_their_comments() -> None:
    """A deleted account is null; an answer goes below the comment that it answers."""
    [top, below], refused, _ = github.parse({"data": {"search": {"nodes": [discussion(3, answer(9, "max", "Yes"))]}}}, "github")
    assert refused == 0
    assert (top.native_id, top.author.handle) == ("a/b#3", "ghost")
    assert (below.native_id, below.thread_id) == ("a/b#3:9", "a/b#3")
    assert json.loads(below.reply_ref) == {"repo": "a/b", "number": "3", "discussion": "D_1", "comment": "DC_9"}


def test_bad_items_cost_only_themselves() -> None:
    found, refused, note = github.parse([issue(1), {**issue(2), "id": None}, {**issue(3), "created_at": "soon"}], "github")
    assert (len(found), refused) == (1, 2)
    assert "no id" in note and "time" in note


async def test_time_is_the_cursor() -> None:
    full = {"total_count": 200, "items": [issue(number, f"2023-11-14T22:{number // 60:02}:{number % 60:02}Z") for number in range(100)]}
    source, wire = opened(github, {"/search/issues": [full, {"items": []}]})
    channel = source.channels([BRAND])[0]
    first = await source.fetch(channel, "")
    second = await source.fetch(channel, first.cursor)
    assert (len(first.mentions), first.more, second.more) == (100, True, False)
    assert wire.asked[1].url.params["q"] == '"aurora air" is:issue updated:>=2023-11-14T22:01:39Z'
    assert "authorization" not in wire.asked[0].headers


async def test_an_incomplete_search_moves_nothing() -> None:
    """200 with `incomplete_results`: what is missing must be asked for again."""
    source, _ = opened(github, {"/search/issues": {"incomplete_results": True, "items": [issue(1)]}})
    page = await source.fetch(source.channels([BRAND])[0], "")
    assert len(page.mentions) == 1 and "asked again" in page.note
    assert json.loads(page.cursor)["since"] == NOW - 7 * 86_400_000


async def test_a_quiet_poll_costs_nothing() -> None:
    """GitHub does not count a 304. The validators belong to one question: another `since` must not send them."""
    import httpx

    told = httpx.Response(200, json={"items": [issue(1, "2023-11-14T22:00:00Z")]}, headers={"etag": '"e1"'})
    same = httpx.Response(200, json={"items": [issue(1, "2023-11-14T22:00:00Z")]}, headers={"etag": '"e2"'})
    source, wire = opened(github, {"/search/issues": [told, same, httpx.Response(304)]})
    channel = source.channels([BRAND])[0]
    first = await source.fetch(channel, "")
    second = await source.fetch(channel, first.cursor)
    third = await source.fetch(channel, second.cursor)
    assert [request.headers.get("if-none-match") for request in wire.asked] == [None, None, '"e2"']
    assert (list(third.mentions), third.cursor) == ([], second.cursor)


async def test_with_a_token_the_new_comments_come_too() -> None:
    routes = {"/search/issues": {"items": [issue(1, comments=2)]}, "/repos/a/b/issues/1/comments": [[comment(5)]]}
    source, wire = opened(github, routes, token="T")
    search, discussions = source.channels([BRAND])
    page = await source.fetch(search, "")
    assert [mention.native_id for mention in page.mentions] == ["a/b#1", "a/b#1:5"]
    assert wire.asked[1].url.params["since"] == "2023-11-07T22:13:20Z"
    assert discussions.kind == "discussions"


async def test_discussions_over_graphql() -> None:
    said = [
        {"data": {"search": {"pageInfo": {"hasNextPage": False}, "nodes": [discussion(3)]}}},
        {"errors": [{"type": "INSUFFICIENT_SCOPES", "message": "no"}]},
    ]
    source, wire = opened(github, {"/graphql": said}, token="T")
    channel = source.channels([BRAND])[1]
    page = await source.fetch(channel, "")
    assert len(page.mentions) == 1
    assert json.loads(wire.asked[0].content)["variables"]["q"].startswith('"aurora air" updated:>=')
    with pytest.raises(AuthFailed):
        await source.fetch(channel, page.cursor)


async def test_replies_to_issues_and_below_discussion_comments() -> None:
    routes = {
        "/issues/1/comments": comment(100, "Fixed"),
        "/graphql": [
            {"data": {"addDiscussionComment": {"comment": answer(101, "us", "Fixed")}}},
            {"errors": [{"type": "NOT_FOUND", "message": "gone"}]},
        ],
    }
    source, wire = opened(github, routes, token="T")
    receipt = await source.reply(entry(github.parse([issue(1)], "g")[0][0]), draft("Fixed"))
    assert (receipt.remote_id, receipt.permalink) == ("a/b#1:100", "https://github.com/a/b/issues/1#issuecomment-100")
    below = entry(github.parse([discussion(3, answer(9, "max", "Yes"))], "g")[0][1])
    assert (await source.reply(below, draft("Fixed"))).remote_id == "a/b#3:101"
    assert json.loads(wire.asked[1].content)["variables"] == {"to": "D_1", "body": "Fixed", "comment": "DC_9"}
    with pytest.raises(Rejected, match="gone"):
        await source.reply(below, draft("Fixed"))


async def test_finds_its_own_reply_among_others() -> None:
    routes = {"/user": {"login": "us"}, "/comments": [[comment(1, "Fixed", "max"), comment(2, "Fixed ", "us", "2023-11-14T22:13:21Z")]]}
    source, _ = opened(github, routes, token="T")
    mention = entry(github.parse([issue(1)], "g")[0][0])
    receipt = await source.find_reply(mention, draft("Fixed"))
    assert receipt and receipt.remote_id == "a/b#1:2"
    assert await source.find_reply(mention, draft("Else")) is None


async def test_repositories_are_read_wholly() -> None:
    source, wire = opened(github, {"/repos/a/b/issues": [[issue(1)]]}, repositories=["a/b"], topic="Aurora Air")
    channels = {channel.kind: channel for channel in source.channels([])}
    assert channels["issues"].trusted
    await source.fetch(channels["issues"], "")
    await source.fetch(channels["comments"], "")
    assert [request.url.path for request in wire.asked] == ["/repos/a/b/issues", "/repos/a/b/issues/comments"]
    assert wire.asked[0].url.params["direction"] == "asc"


async def test_without_a_token_it_only_reads() -> None:
    source, _ = opened(github, {"/rate_limit": {"resources": {"search": {"remaining": 9, "limit": 10}}}})
    with pytest.raises(Unsupported):
        await source.reply(entry(github.parse([issue(1)], "g")[0][0]), draft("x"))
    reach, reply = await source.check()
    assert "9 of 10" in reach.text and reply.state == "skipped"
