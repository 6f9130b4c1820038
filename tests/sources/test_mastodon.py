from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from listener.domain.mention import Mention
from listener.domain.topic import Topic
from listener.errors import Ambiguous, AuthFailed, Malformed, Rejected, SourceError, Unreachable, Unsupported
from listener.source import Channel, Draft, Page, Refresher, Replier, ThreadReader
from sources.mastodon import Mastodon, Options
from sources.mastodon_reply import addressed
from sources.status import parse_status
from tests.sources.wire import DRAFT, NOW, Wire, context, plain_entry, sent

ME = {"id": "900", "acct": "desk"}
TAG = Channel("tag:aurora", "tag", "aurora", "aurora", trusted=True)
ALICE = {"id": "7", "acct": "alice@far.example", "display_name": "Alice 🌈", "url": "https://far.example/@alice", "followers_count": 12}


def status(number: int, **more: Any) -> dict[str, Any]:
    minute = number % 60
    return {
        "id": f"01HX{number:010d}",
        "created_at": f"2026-03-01T{10 + number // 60:02d}:{minute:02d}:00.000Z",
        "content": f"<p>post {number}</p>",
        "account": ALICE,
        "url": f"https://far.example/@alice/{number}",
        "uri": f"https://far.example/users/alice/statuses/{number}",
        "visibility": "public",
        "language": "en",
        **more,
    }


def source(wire: Wire, token: str = "", **more: Any) -> Mastodon:
    return Mastodon(context(wire, "mastodon"), Options(instance="https://social.example", token=token, **more))


class Server:
    """A timeline that pages as Mastodon does: `min_id` gives the oldest page after it, newest first within the page."""

    def __init__(self, statuses: list[dict[str, Any]], page: int = 3) -> None:
        self.statuses = statuses
        self.page = page

    def __call__(self, request: httpx.Request) -> list[dict[str, Any]]:
        after = request.url.params.get("min_id")
        ordered = sorted(self.statuses, key=lambda item: str(item["id"]))
        if after is None:
            return ordered[-self.page :][::-1]
        return [item for item in ordered if item["id"] > after][: self.page][::-1]


async def read_all(adapter: Mastodon, channel: Channel, cursor: str = "", limit: int = 50) -> tuple[list[Mention], str]:
    """What the poller does: page after page until nothing more waits."""
    read: list[Mention] = []
    for _ in range(limit):
        page: Page = await adapter.fetch(channel, cursor)
        read += page.mentions
        cursor = page.cursor
        if not page.more:
            return read, cursor
    raise AssertionError("endless")


async def test_a_week_offline_leaves_no_hole() -> None:
    """`since_id` would give the newest page only: what lies between would be lost for good."""
    server = Server([status(number) for number in range(5)])
    adapter = source(Wire({"/api/v1/timelines/tag/aurora": server}))
    _, cursor = await read_all(adapter, TAG)
    server.statuses += [status(number) for number in range(5, 120)]
    read, cursor = await read_all(adapter, TAG, cursor)
    assert {mention.text for mention in read} >= {f"post {number}" for number in range(5, 120)}
    quiet, _ = await read_all(adapter, TAG, cursor)
    assert len(quiet) <= 40


async def test_what_federates_late_is_read_again() -> None:
    """A server gives a late post an id of the time it was written: it lands behind the cursor."""
    server = Server([status(number) for number in range(0, 40, 2)])
    clock = [NOW]
    wire = Wire({"/api/v1/timelines/tag/aurora": server})
    adapter = Mastodon(replace(context(wire, "mastodon"), clock=lambda: clock[0]), Options(instance="https://social.example"))
    _, cursor = await read_all(adapter, TAG)
    server.statuses += [status(40), status(39)]
    _, cursor = await read_all(adapter, TAG, cursor)
    server.statuses += [status(37)]
    quiet, cursor = await read_all(adapter, TAG, cursor)
    assert len(quiet) <= 1, "the overlap is not read with every poll"
    late: set[str] = set()
    for _ in range(3):
        clock[0] += 300_000
        read, cursor = await read_all(adapter, TAG, cursor)
        late |= {mention.text for mention in read}
    assert "post 37" in late


async def test_a_server_that_ignores_min_id_does_not_loop() -> None:
    """Some servers know only the newest page."""
    page = [status(3), status(2)]
    adapter = source(Wire({"/api/v1/timelines/tag/aurora": lambda _: page}))
    _, cursor = await read_all(adapter, TAG)
    await read_all(adapter, TAG, cursor, limit=3)


async def test_a_cursor_of_another_server_starts_anew() -> None:
    """There it would silently give nothing."""
    server = Server([status(1)])
    adapter = source(Wire({"/api/v1/timelines/tag/aurora": server}))
    page = await adapter.fetch(TAG, json.dumps({"host": "https://other.example", "after": "zzzz", "marks": []}))
    assert [mention.text for mention in page.mentions] == ["post 1"]


async def test_only_min_id_is_taken_from_a_link_of_another_origin() -> None:
    """GoToSocial behind a proxy names an inner address; the token must not go there."""
    wire = Wire(
        {
            "/api/v1/accounts/verify_credentials": ME,
            "/api/v1/timelines/tag/aurora": lambda _: httpx.Response(
                200, json=[status(1)], headers={"link": '<https://inner.example/api/v1/timelines/tag/aurora?min_id=FROMLINK>; rel="prev"'}
            ),
        }
    )
    adapter = source(wire, "secret")
    page = await adapter.fetch(TAG, json.dumps({"host": "https://social.example", "after": "a", "marks": []}))
    assert page.more
    await adapter.fetch(TAG, page.cursor)
    assert {request.url.host for request in wire.asked} == {"social.example"}
    assert wire.asked[-1].url.params["min_id"] == "FROMLINK"


async def test_an_unknown_hashtag_is_no_error() -> None:
    """GoToSocial answers 404 to a hashtag that nobody has used yet."""
    page = await source(Wire({})).fetch(TAG, "")
    assert page.mentions == ()
    assert "yet" in page.note


async def test_a_server_that_hides_hashtags_says_what_to_do() -> None:
    """Without a token many servers answer 401 or 422."""
    for refusal in (401, 422):
        wire = Wire({"/api/v1/timelines/tag/aurora": lambda _, code=refusal: httpx.Response(code, json={"error": "needs login"})})
        with pytest.raises(Unsupported, match="token"):
            await source(wire).fetch(TAG, "")


async def test_a_wrong_token_is_found_out_although_the_timeline_answers() -> None:
    """A public timeline is 200 with any token; Takahe answers verify_credentials with 400 in plain text."""
    for refusal in (httpx.Response(401, json={"error": "revoked"}), httpx.Response(400, text="nope")):
        wire = Wire({"/api/v1/timelines/tag/aurora": [status(1)], "/api/v1/accounts/verify_credentials": lambda _, answer=refusal: answer})
        with pytest.raises(AuthFailed):
            await source(wire, "wrong").fetch(TAG, "")


async def test_search_walks_back_until_known() -> None:
    """With search, servers take `min_id` for `since_id`; the walk goes back from the newest."""
    posts = [status(number) for number in range(60)]

    def search(request: httpx.Request) -> object:
        before = request.url.params.get("max_id", "~")
        assert "min_id" not in request.url.params
        return {"statuses": [item for item in reversed(posts) if item["id"] < before][:5]}

    adapter = source(Wire({"/api/v2/search": search, "/api/v1/accounts/verify_credentials": ME}), "t")
    channel = Channel("search:aurora", "search", "aurora")
    read, cursor = await read_all(adapter, channel)
    assert len(read) == 60
    posts += [status(number) for number in range(60, 110)]
    read, _ = await read_all(adapter, channel, cursor)
    assert {mention.text for mention in read} >= {f"post {number}" for number in range(60, 110)}
    assert len(read) < 110


async def test_notifications_hand_over_the_status_and_page_by_their_own_id() -> None:
    """The id of a notification is not the id of its status."""
    mention = {"id": "55", "type": "mention", "created_at": "2026-03-01T10:00:00Z", "account": ALICE, "status": status(4)}
    wire = Wire({"/api/v1/notifications": [mention], "/api/v1/accounts/verify_credentials": ME})
    page = await source(wire, "t").fetch(Channel("notifications", "notifications"), "")
    assert [found.native_id for found in page.mentions] == [status(4)["id"]]
    assert json.loads(page.cursor)["after"] == "55"
    assert wire.asked[-1].url.params.get_list("types[]") == ["mention"]


async def test_one_broken_status_is_left_out_alone_and_the_cursor_passes_it() -> None:
    """Otherwise one hostile post would stop the source for good."""
    wire = Wire({"/api/v1/timelines/tag/aurora": [status(3), {"id": "01HX0000000002", "content": 7, "created_at": "?"}, "x", status(1)]})
    page = await source(wire).fetch(TAG, "")
    assert [mention.text for mention in page.mentions] == ["post 1", "post 3"]
    assert page.refused == 2
    assert "no readable time" in page.note


async def test_something_else_than_a_timeline_is_malformed() -> None:
    """An error object with status 200 must not read as "no mentions"."""
    with pytest.raises(Malformed):
        await source(Wire({"/api/v1/timelines/tag/aurora": {"error": "x"}})).fetch(TAG, "")


def test_what_is_read_of_a_status() -> None:
    """Each field has its own trap."""
    read = parse_status(
        status(
            1,
            id=110447012773105565,
            content='<p><span class="h-card"><a href="https://x.example/@desk">@<span>desk</span></a></span> a &amp; b &lt;3<br>c</p>',
            spoiler_text="CW: delays",
            visibility="private",
            in_reply_to_id=42,
            edited_at="2026-03-01T11:00:00Z",
            favourites_count="3",
            reblogs_count=None,
            language="pt-BR",
            account={**ALICE, "acct": "bob", "followers_count": -1},
        ),
        "mastodon",
        "social.example",
        me="7",
    )
    assert (read.native_id, read.parent_id, read.visibility, read.lang) == ("110447012773105565", "42", "followers", "pt")
    assert read.text == "@desk a & b <3\nc"
    assert (read.title, read.author.handle, read.own) == ("CW: delays", "bob@social.example", True)
    assert (read.engagement.likes, read.engagement.reposts) == (3, None)
    assert read.canonical_url == "https://far.example/@alice/1"
    assert read.edited_at == 1772362800000


def test_a_picture_speaks_through_its_description() -> None:
    """A screenshot of a complaint has no text of its own."""
    read = parse_status(status(1, content="", media_attachments=[{"description": "Aurora app: error 500"}]), "m", "h")
    assert read.text == "Aurora app: error 500"


def test_a_boost_is_what_was_boosted() -> None:
    """Otherwise the booster would be taken for the author."""
    assert parse_status({"id": "9", "content": "", "account": {}, "reblog": status(2)}, "m", "h").text == "post 2"


PARENT = plain_entry("p1", reply_ref=json.dumps({"acct": "alice@far.example", "spoiler": ""}))


def replying(answer: Callable[[httpx.Request], object]) -> tuple[Mastodon, Wire]:
    wire = Wire({"/api/v1/statuses": answer, "/api/v1/accounts/verify_credentials": ME})
    return source(wire, "token"), wire


async def test_a_reply_names_its_addressee_and_carries_its_key() -> None:
    """Without `@acct` nobody is notified; the key stops a second copy where it is honoured."""
    adapter, wire = replying(lambda _: {"id": "r1", "url": "https://social.example/@desk/r1", "in_reply_to_id": "p1"})
    receipt = await adapter.reply(PARENT, DRAFT)
    body = sent(wire.asked[-1])
    assert body == {"status": "@alice@far.example Thanks, we look into it.", "in_reply_to_id": "p1", "visibility": "public"}
    assert wire.asked[-1].headers["idempotency-key"] == DRAFT.key
    assert wire.asked[-1].headers["authorization"] == "Bearer token"
    assert (receipt.remote_id, receipt.permalink, receipt.parent_kept) == ("r1", "https://social.example/@desk/r1", True)


@pytest.mark.parametrize(
    ("parent", "wanted", "sent_as"),
    [
        ("direct", "", "direct"),
        ("direct", "public", "direct"),
        ("followers", "unlisted", "private"),
        ("public", "direct", "direct"),
        ("unlisted", "", "unlisted"),
    ],
)
async def test_a_reply_is_never_more_public_than_its_parent(parent: str, wanted: str, sent_as: str) -> None:
    """Servers accept a public reply to a direct message."""
    adapter, wire = replying(lambda _: {"id": "r1", "in_reply_to_id": "p1"})
    await adapter.reply(replace(PARENT, visibility=parent), Draft("hi", "k", NOW, {"visibility": wanted}))  # type: ignore[arg-type]
    assert sent(wire.asked[-1])["visibility"] == sent_as


async def test_a_reply_that_lost_its_thread_says_so() -> None:
    """Takahe answers 200 and publishes at the top level when the parent is gone."""
    adapter, _ = replying(lambda _: {"id": "r1", "in_reply_to_id": None})
    assert not (await adapter.reply(PARENT, DRAFT)).parent_kept


OUTCOMES: list[tuple[object, type[SourceError]]] = [
    (httpx.Response(404, json={"error": "Record not found"}), Rejected),
    (httpx.Response(422, json={"error": "Validation failed: Text can't be blank"}), Rejected),
    (httpx.Response(401, json={"error": "The access token is invalid"}), AuthFailed),
    (httpx.Response(500, html="<html>"), Ambiguous),
    (httpx.Response(200, html="<html>"), Ambiguous),
    (httpx.Response(200, json={}), Ambiguous),
    (httpx.Response(200, json=[]), Ambiguous),
]


@pytest.mark.parametrize(("answer", "error"), OUTCOMES)
async def test_what_became_of_a_reply(answer: httpx.Response, error: type[SourceError]) -> None:
    """Only what is certain may be called certain."""
    adapter, _ = replying(lambda _: answer)
    with pytest.raises(error):
        await adapter.reply(PARENT, DRAFT)


async def test_our_reply_is_found_again() -> None:
    """Keys are ignored by GoToSocial and Takahe: after doubt, reading is the only way to know."""
    own = status(1, id="r9", account={**ALICE, "id": "900"}, in_reply_to_id="p1", created_at="2026-03-01T12:00:05Z")
    own["content"] = '<p><span class="h-card"><a href="x">@<span>alice</span></a></span> Thanks, we look  into it.</p>'
    other = {**own, "id": "r8", "account": ALICE}
    wire = Wire(
        {
            "/api/v1/accounts/verify_credentials": ME,
            "/api/v1/statuses/p1/context": {"ancestors": [], "descendants": [other, own]},
            "/api/v1/accounts/900/statuses": [],
        }
    )
    found = await source(wire, "t").find_reply(PARENT, DRAFT)
    assert found is not None
    assert (found.remote_id, found.parent_kept) == ("r9", True)
    assert await source(wire, "t").find_reply(PARENT, replace(DRAFT, text="Something else")) is None
    assert await source(wire, "t").find_reply(PARENT, replace(DRAFT, created_at=NOW + 3_600_000)) is None


async def test_our_reply_is_found_when_the_parent_is_gone() -> None:
    """The context is 404 then; our own statuses still tell."""
    own = status(
        1, id="r9", account={**ALICE, "id": "900"}, content="<p>@alice Thanks, we look into it.</p>", created_at="2026-03-01T12:00:05Z"
    )
    wire = Wire({"/api/v1/accounts/verify_credentials": ME, "/api/v1/accounts/900/statuses": [own]})
    found = await source(wire, "t").find_reply(PARENT, DRAFT)
    assert found is not None
    assert not found.parent_kept


async def test_a_thread_that_cannot_be_read_is_not_an_absent_reply() -> None:
    """ "Not there" lets the sender publish again."""
    wire = Wire({"/api/v1/accounts/verify_credentials": ME, "/api/v1/statuses/p1/context": lambda _: httpx.Response(500)})
    with pytest.raises(Unreachable):
        await source(wire, "t").find_reply(PARENT, DRAFT)


def test_addressing() -> None:
    """A name that is there already is not repeated."""
    assert addressed("hi", "a@far.example") == "@a@far.example hi"
    assert addressed("hi @A@far.example!", "a@far.example") == "hi @A@far.example!"
    assert addressed("@a hi", "a@far.example") == "@a hi"


async def test_length_as_the_server_counts() -> None:
    """An address counts 23, a family emoji one, a remote handle its first half; the limit is the server's."""
    wire = Wire({"/api/v2/instance": {"configuration": {"statuses": {"max_characters": 5000}}}})
    adapter = source(wire)
    assert adapter.measure("a") == (1, 500)
    await adapter.read_limit()
    assert adapter.measure("https://example.org/" + "x" * 200) == (23, 5000)
    assert adapter.measure("👨‍👩‍👧‍👦é") == (2, 5000)
    assert adapter.measure("@alice@far.example ok") == (9, 5000)
    old = source(Wire({"/api/v1/instance": {"max_toot_chars": 1000}}))
    assert await old.read_limit() == 1000


async def test_refresh_believes_a_deletion_only_when_asked_by_name() -> None:
    """A server that does not know the list answers [] to everything: that would erase the whole inbox."""
    known = [plain_entry(name) for name in ("a", "b", "c")]
    wire = Wire(
        {
            "/api/v1/statuses": [status(1, id="a", favourites_count=5, content="<p>changed</p>")],
            "/api/v1/statuses/b": status(2, id="b", content="<p>hello</p>"),
        }
    )
    told = {fresh.native_id: fresh for fresh in await source(wire).refresh(known)}
    assert told["a"].engagement is not None
    assert told["a"].engagement.likes == 5
    assert told["a"].edited is not None
    assert told["a"].edited.text == "changed"
    assert (told["b"].deleted, told["b"].edited) == (False, None)
    assert told["c"].deleted


async def test_the_thread_in_order() -> None:
    """Operators read the conversation before they answer."""
    wire = Wire({"/api/v1/statuses/p1": status(2), "/api/v1/statuses/p1/context": {"ancestors": [status(1)], "descendants": [status(3)]}})
    assert [mention.text for mention in await source(wire).thread(PARENT)] == ["post 1", "post 2", "post 3"]


async def test_channels_with_and_without_a_token() -> None:
    """Without a token, words are followed as hashtags: better than nothing."""
    topics = [Topic("aurora", queries=('"aurora air" OR @auroraair',), hashtags=("AuroraAir",)), Topic("b", "competitor", ("borealis",))]
    assert [channel.key for channel in source(Wire({})).channels(topics)] == ["tag:auroraair", "tag:borealis"]
    keys = [channel.key for channel in source(Wire({}), "t", tags=("news",), public="local").channels(topics)]
    assert keys == [
        "tag:news",
        "tag:auroraair",
        'search:"aurora air"',
        "search:@auroraair",
        "search:borealis",
        "public:local",
        "notifications",
    ]
    trusted = [channel for channel in source(Wire({}), "t").channels(topics) if channel.trusted]
    assert [(channel.key, channel.topic) for channel in trusted] == [("tag:auroraair", "aurora"), ("notifications", "aurora")]


async def test_check_tells_an_empty_search_from_a_working_one() -> None:
    """Without full-text search a server answers 200 and nothing."""
    routes = {"/api/v2/instance": {"configuration": {}}, "/api/v1/accounts/verify_credentials": ME, "/api/v2/search": {"statuses": []}}
    lines = {line.what: line for line in await source(Wire(routes), "t").check()}
    assert (lines["reach"].state, lines["credentials"].state, lines["search"].state) == ("ok", "ok", "warning")
    lines = {line.what: line for line in await source(Wire({**routes, "/api/v2/search": {"statuses": [status(1)]}}), "t").check()}
    assert lines["search"].state == "ok"
    lines = {line.what: line for line in await source(Wire({}), "t").check()}
    assert lines["reach"].state == "failed"


def test_the_port_is_kept() -> None:
    """The desk offers what a source is an instance of."""
    adapter = source(Wire({}))
    assert isinstance(adapter, Replier)
    assert isinstance(adapter, ThreadReader)
    assert isinstance(adapter, Refresher)
