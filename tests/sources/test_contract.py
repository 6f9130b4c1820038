"""What every network of the catalogue is held to, whatever it speaks. A new one needs a specimen in tests/sources/specimens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from listener.config.tree import SourceSetting
from listener.domain.mention import Mention
from listener.errors import AuthFailed, RateLimited, SourceError, Unreachable
from listener.source import Page, Source
from sources.catalogue import networks, open_source
from sources.fields import EARLIEST, LATEST
from sources.http import Http
from sources.limits import LONGEST
from sources.opening import Context
from sources.workers import FeedWorkers
from tests.sources.specimens import START, Specimen, specimens
from tests.sources.test_limits import DIALECTS
from tests.sources.test_limits import NOW as DIALECT_NOW
from tests.sources.wire import Wire

NOT_HTTP = {"mail", "jetstream"}
"""Read over other protocols: they have contracts of their own beside their tests."""
NOW_S = START + 2 * 86_400
ALL = specimens()
each = pytest.mark.parametrize(
    "specimen", ALL, ids=[f"{specimen.kind}-{specimen.channel.kind}-{position}" for position, specimen in enumerate(ALL)]
)


class Net:
    """A specimen behind the real client: what exists, and what goes wrong."""

    def __init__(self, specimen: Specimen, workers: FeedWorkers, *, clock: float = NOW_S) -> None:
        self.specimen = specimen
        self.numbers: list[int] = []
        self.fault: Any = None
        """Takes the place of the answer to every request for posts: a response, an exception, or a function of the right answer."""
        self.wire = Wire(self._answer)
        http = Http(transport=self.wire, clock=lambda: clock, monotonic=lambda: 0.0)
        self.context = Context("net", http, clock=lambda: int(clock * 1000), workers=workers)
        self.source: Source = open_source(SourceSetting(specimen.kind, name="net", options=specimen.options), self.context)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path in self.specimen.login:
            return _response(self.specimen.login[request.url.path])
        if isinstance(self.fault, Exception):
            raise self.fault
        if isinstance(self.fault, httpx.Response):
            return httpx.Response(self.fault.status_code, headers=self.fault.headers, content=self.fault.content)
        right = _response(self.specimen.serve(request, self.numbers))
        return self.fault(right) if self.fault else right

    async def fetch(self, cursor: str = "") -> Page:
        return await self.source.fetch(self.specimen.channel, cursor)

    async def read_all(self, cursor: str = "") -> tuple[list[Mention], str]:
        read: list[Mention] = []
        for _ in range(200):
            page = await self.fetch(cursor)
            read += page.mentions
            cursor = page.cursor
            if not page.more:
                return read, cursor
        raise AssertionError("a poll that never ends")


def _response(value: object) -> httpx.Response:
    return value if isinstance(value, httpx.Response) else httpx.Response(200, json=value)


@pytest.fixture
async def workers() -> AsyncIterator[FeedWorkers]:
    made = FeedWorkers(patience=30)
    yield made
    await made.aclose()


def said(mentions: Sequence[Mention]) -> set[int]:
    return {int(mention.text.partition("post ")[2].split()[0]) for mention in mentions}


def is_sound(mention: Mention) -> None:
    """What the rest of the desk relies on."""
    assert mention.source == "net"
    assert mention.native_id
    assert isinstance(mention.created_at, int)
    assert EARLIEST <= mention.created_at <= LATEST
    assert mention.author.handle
    assert mention.author.native_id
    assert mention.lang == "" or (len(mention.lang) == 2 and mention.lang.islower())
    for address in (mention.url, mention.canonical_url, mention.author.url):
        assert address == "" or urlsplit(address).scheme in ("http", "https")
    for text in (
        mention.native_id,
        mention.text,
        mention.title,
        mention.url,
        mention.author.handle,
        mention.author.name,
        mention.author.native_id,
        mention.reply_ref,
        mention.parent_id,
        mention.thread_id,
    ):
        assert isinstance(text, str)
        text.encode("utf-8")
    for count in (
        mention.engagement.likes,
        mention.engagement.reposts,
        mention.engagement.replies,
        mention.engagement.views,
        mention.author.followers,
        mention.edited_at,
    ):
        assert count is None or (isinstance(count, int) and abs(count) < 2**63)
    if mention.reply_ref:
        json.loads(mention.reply_ref)


def test_every_network_has_a_specimen() -> None:
    """A network that is in the catalogue and not here would be held to nothing."""
    from sources.catalogue import TABLE

    assert {network.kind for network in TABLE} - NOT_HTTP == {specimen.kind for specimen in ALL}
    assert set(networks()) >= {network.kind for network in TABLE}


@each
async def test_posts_are_read(specimen: Specimen, workers: FeedWorkers) -> None:
    """The plain case."""
    net = Net(specimen, workers)
    net.numbers = [1, 2, 3]
    read, _ = await net.read_all()
    assert said(read) >= {1, 2, 3}
    for mention in read:
        is_sound(mention)
    assert {mention.created_at for mention in read if said([mention]) == {2}} == {(START + 120) * 1000}


@each
async def test_pages_leave_no_gap_and_come_to_an_end(specimen: Specimen, workers: FeedWorkers) -> None:
    """After downtime everything is read, and a quiet poll afterwards is short."""
    net = Net(specimen, workers)
    net.numbers = list(range(10))
    _, cursor = await net.read_all()
    net.numbers += range(10, 130)
    read, cursor = await net.read_all(cursor)
    assert said(read) >= set(range(10, 130))
    asked = len(net.wire.asked)
    again, _ = await net.read_all(cursor)
    assert said(again) <= set(range(130))
    assert len(net.wire.asked) - asked <= 20


@each
async def test_a_crash_in_the_middle_of_a_walk_loses_nothing(specimen: Specimen, workers: FeedWorkers) -> None:
    """Each page's cursor is stored with its mentions; another process goes on from there."""
    net = Net(specimen, workers)
    net.numbers = list(range(6))
    _, cursor = await net.read_all()
    net.numbers += range(6, 60)
    read: list[Mention] = []
    for _ in range(100):
        page = await net.fetch(cursor)
        read += page.mentions
        cursor = page.cursor
        if not page.more:
            break
        again = Net(specimen, workers)
        again.numbers = net.numbers
        net = again
    assert said(read) >= set(range(6, 60))


@each
async def test_an_empty_page_moves_nothing(specimen: Specimen, workers: FeedWorkers) -> None:
    """A quiet hour is no reason to forget where one was."""
    net = Net(specimen, workers)
    page = await net.fetch()
    assert not page.mentions
    assert not page.more
    net.numbers = [1, 2, 3]
    _, cursor = await net.read_all(page.cursor)
    net.numbers = []
    page = await net.fetch(cursor)
    assert not page.mentions
    net.numbers = [1, 2, 3, 4, 5]
    read, _ = await net.read_all(page.cursor)
    assert {4, 5} <= said(read)


@each
@pytest.mark.parametrize(("headers", "body", "seconds"), [case[1:] for case in DIALECTS], ids=[case[0] for case in DIALECTS])
async def test_every_dialect_of_not_so_fast(
    headers: list[tuple[str, str]], body: object, seconds: float | None, specimen: Specimen, workers: FeedWorkers
) -> None:
    """The adapter must not swallow what the client has understood."""
    net = Net(specimen, workers, clock=DIALECT_NOW)
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    net.fault = httpx.Response(429, headers=headers, content=content)
    with pytest.raises(RateLimited) as caught:
        await net.fetch()
    wait = caught.value.retry_after
    assert wait is None or 0 <= wait <= LONGEST
    assert wait == (None if seconds is None else pytest.approx(seconds))


@each
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599])
async def test_a_sick_server_is_unreachable(status: int, specimen: Specimen, workers: FeedWorkers) -> None:
    """With a page, with JSON, with nothing."""
    for more in ({"html": "<html>Bad gateway</html>"}, {"json": {"error": "oops"}}, {}):
        net = Net(specimen, workers)
        net.fault = httpx.Response(status, **more)
        with pytest.raises(Unreachable):
            await net.fetch()


@each
async def test_no_connection_is_unreachable(specimen: Specimen, workers: FeedWorkers) -> None:
    """Names that do not resolve, cables that are cut, answers that never end."""
    for fault in (httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), httpx.ReadError("x")):
        net = Net(specimen, workers)
        net.fault = fault
        with pytest.raises(Unreachable):
            await net.fetch()


@each
async def test_an_answer_cut_anywhere_moves_no_cursor(specimen: Specimen, workers: FeedWorkers) -> None:
    """Half an answer that is taken for a whole one loses the other half for good."""
    net = Net(specimen, workers)
    net.numbers = [1, 2]
    _, cursor = await net.read_all()
    net.numbers = [1, 2, 3]
    whole = _whole(net, await _last_request(net, cursor))
    step = 1 if not specimen.lenient else 29
    for cut in range(0, len(whole), step):
        net.fault = lambda right, cut=cut: httpx.Response(200, headers=_kind(right), content=whole[:cut])
        try:
            page = await net.fetch(cursor)
        except SourceError:
            continue
        assert specimen.lenient, f"cut at {cut} was read as whole"
        assert page.cursor == cursor, f"cut at {cut} moved the cursor"


async def _last_request(net: Net, cursor: str) -> httpx.Request:
    await net.fetch(cursor)
    return net.wire.asked[-1]


def _whole(net: Net, request: httpx.Request) -> bytes:
    return _response(net.specimen.serve(request, net.numbers)).content.rstrip()


def _kind(response: httpx.Response) -> dict[str, str]:
    return {"content-type": response.headers.get("content-type", ""), "etag": '"cut"'}


@each
@pytest.mark.parametrize("status", [200, 401, 403, 404])
async def test_a_block_page_is_not_taken_for_an_answer(status: int, specimen: Specimen, workers: FeedWorkers) -> None:
    """Neither for "no mentions" nor, with 401 and 403, for a wrong password."""
    net = Net(specimen, workers)
    net.fault = httpx.Response(status, html="<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>")
    try:
        page = await net.fetch()
    except AuthFailed:
        pytest.fail("a web page was taken for a wrong password")
    except SourceError:
        return
    assert status == 404, "a web page was taken for an answer"
    assert page.note
    assert not page.mentions


ODD_BODIES = [
    {},
    [],
    None,
    "text",
    5,
    True,
    {"error": "x"},
    {"errors": [{"message": "x"}]},
    {"error": {"code": 3}},
    {"data": None},
    [[]],
    [None],
    {"items": {}},
]


@each
async def test_a_200_that_holds_an_error_is_an_error_or_brings_nothing(specimen: Specimen, workers: FeedWorkers) -> None:
    """Success by status code is a trap: whatever comes, no mention and no move."""
    net = Net(specimen, workers)
    net.numbers = [1, 2]
    _, cursor = await net.read_all()
    for body in ODD_BODIES:
        net.fault = httpx.Response(200, json=body)
        try:
            page = await net.fetch(cursor)
        except SourceError:
            continue
        assert not page.mentions
    net.fault = None
    net.numbers = [1, 2, 3]
    assert 3 in said((await net.read_all(cursor))[0])


@each
async def test_a_refused_login_is_said(specimen: Specimen, workers: FeedWorkers) -> None:
    """401 stops an account and says so; the secret is not in what is said."""
    net = Net(specimen, workers)

    def echo(_: httpx.Response) -> httpx.Response:
        sent = [value for value in net.wire.asked[-1].headers.values() if "canary" in value]
        return httpx.Response(401, json={"error": "invalid_token", "message": f"{sent} is wrong"})

    net.fault = echo
    with pytest.raises(SourceError) as caught:
        await net.fetch()
    assert isinstance(caught.value, AuthFailed) or not specimen.keyed
    assert "canary" not in f"{caught.value}{caught.value!r}"


@each
async def test_secrets_travel_in_headers_only(specimen: Specimen, workers: FeedWorkers) -> None:
    """Addresses end up in logs."""
    net = Net(specimen, workers)
    net.numbers = [1]
    await net.fetch()
    assert not any("canary-token" in str(request.url) for request in net.wire.asked)
    assert all(request.headers["user-agent"].startswith("Listener/") for request in net.wire.asked)
    assert all(request.headers["accept-encoding"] == "gzip" for request in net.wire.asked)


@each
async def test_cancellation_is_clean(specimen: Specimen, workers: FeedWorkers) -> None:
    """The desk closes in the middle of a poll; the next poll works."""
    net = Net(specimen, workers)
    net.numbers = [1]
    await net.fetch()
    entered, never = asyncio.Event(), asyncio.Event()
    usual = net.wire.handle_async_request

    async def slow(request: httpx.Request) -> httpx.Response:
        entered.set()
        await never.wait()
        return await usual(request)

    net.wire.handle_async_request = slow  # type: ignore[method-assign]
    task = asyncio.create_task(net.fetch())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    net.wire.handle_async_request = usual  # type: ignore[method-assign]
    assert said((await net.fetch()).mentions) == {1}


HOSTILE: list[object] = [
    None, True, False, -1, 0, 2**70, 1e308, "", " ", "\ud800", "\x00\x1b]52;c;aGk=\x07", "javascript:alert(1)", "https://user:pw@evil.example/", "http://[::1",
    "<script>alert(1)</script>", "[@click=app.quit]x[/x]", "x" * 250_000, "9" * 400, [], {}, [[[]]], {"a": {"b": None}}, ["x", 5, None], "2026-99-99T99:99:99Z", "\u202e\u2066",
]  # fmt: skip


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of an answer, containers included."""
    yield path
    inner: Iterator[tuple[str | int, object]] = (
        iter(value.items()) if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else iter(())
    )
    for key, child in inner:
        yield from places(child, (*path, key))


def planted(value: Any, path: tuple[str | int, ...], poison: object) -> Any:
    if not path:
        return poison
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = planted(value[path[0]], path[1:], poison)
    return copy


@each
async def test_hostile_values_in_every_field(specimen: Specimen, workers: FeedWorkers) -> None:
    """Everything from a network is hostile: it is read, or refused alone, or the answer is Malformed. Nothing else, and what is read is sound."""
    net = Net(specimen, workers)
    net.numbers = [1, 2]
    await net.fetch()
    right = _response(specimen.serve(net.wire.asked[-1], net.numbers))
    if "json" not in right.headers.get("content-type", ""):
        pytest.skip("not JSON: its hostile values are in the tests of its own parser")
    value = json.loads(right.content)
    for path in places(value):
        for poison in HOSTILE:
            body = json.dumps(planted(value, path, poison)).encode()
            net.fault = httpx.Response(200, content=body, headers={"content-type": "application/json"})
            try:
                page = await net.fetch()
            except SourceError:
                continue
            for mention in page.mentions:
                is_sound(mention)
            json.dumps(page.cursor)


@each
async def test_hostile_cursors_begin_anew(specimen: Specimen, workers: FeedWorkers) -> None:
    """A database edited by hand, or a cursor of an earlier version."""
    for cursor in (
        "nonsense",
        "[]",
        "7",
        "null",
        '{"done": "x"}',
        '{"host": 5, "after": [], "marks": 3}',
        '{"url": 1, "etag": {}}',
        "{",
        '{"done": 99999999999999999999}',
    ):
        net = Net(specimen, workers)
        net.numbers = [1, 2, 3]
        await net.fetch(cursor)


@each
async def test_unknown_fields_change_nothing(specimen: Specimen, workers: FeedWorkers) -> None:
    """Networks add fields without telling."""
    net = Net(specimen, workers)
    net.numbers = [1, 2]
    before = (await net.fetch()).mentions

    def enriched(right: httpx.Response) -> httpx.Response:
        if "json" not in right.headers.get("content-type", ""):
            return right
        return httpx.Response(200, json=_with_more(json.loads(right.content)))

    net.fault = enriched
    after = (await net.fetch()).mentions
    assert [(mention.native_id, mention.text, mention.created_at) for mention in after] == [
        (mention.native_id, mention.text, mention.created_at) for mention in before
    ]


def _with_more(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {**{key: _with_more(child) for key, child in value.items()}, "brand_new_field": {"deep": [1, 2]}}
    return [_with_more(child) for child in value] if isinstance(value, list) else value


@each
async def test_checks_never_raise(specimen: Specimen, workers: FeedWorkers) -> None:
    """`listener sources check` is run when something is wrong already."""
    for fault in (
        None,
        httpx.Response(500),
        httpx.Response(401, json={}),
        httpx.Response(200, html="<html>"),
        httpx.ConnectError("x"),
        httpx.Response(200, json=[]),
    ):
        net = Net(specimen, workers)
        net.numbers = [1]
        net.fault = fault
        lines = await net.source.check()
        assert lines
        assert all(line.state in ("ok", "warning", "failed", "skipped") and line.text for line in lines)
        if fault is not None:
            assert any(line.state in ("failed", "warning") for line in lines)
        assert isinstance(net.source.budgets(), Sequence)
        await net.source.aclose()
