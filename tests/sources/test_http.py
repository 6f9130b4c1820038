from __future__ import annotations

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from listener.errors import Ambiguous, AuthFailed, Malformed, RateLimited, Rejected, SourceError, Unreachable, Unsupported
from sources.answer import Credentials, bearer
from sources.guard import Forbidden
from sources.http import Http

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
URL = "https://api.example/x"


def client(answer: Callable[[httpx.Request], httpx.Response], **more: object) -> Http:
    return Http(user_agent_contact="mailto:desk@example.org", transport=httpx.MockTransport(answer), **more)  # type: ignore[arg-type]


@asynccontextmanager
async def loopback(serve: Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def says(raw: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    return serve


async def fetched(raw: bytes, **more: object) -> bytes:
    async with loopback(says(raw)) as port:
        http = Http(allow_hosts=["127.0.0.1"], **more)  # type: ignore[arg-type]
        try:
            return (await http.get(f"http://127.0.0.1:{port}/")).body
        finally:
            await http.aclose()


async def test_says_who_asks_and_asks_for_gzip_only() -> None:
    """A server's owner must be able to complain, and only one packing is bounded."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"a": 1})

    assert await client(answer).json(URL, params={"q": "ü & b", "none": None, "t": ["a", "b"]}) == {"a": 1}
    assert seen[0].headers["user-agent"] == "Listener/0.1 (+mailto:desk@example.org)"
    assert seen[0].headers["accept-encoding"] == "gzip"
    assert seen[0].url.params.multi_items() == [("q", "ü & b"), ("t", "a"), ("t", "b")]
    assert "none" not in str(seen[0].url)


STATUSES: list[tuple[httpx.Response, type[SourceError]]] = [
    (httpx.Response(429), RateLimited),
    (httpx.Response(403, headers={"x-ratelimit-remaining": "0"}, json={"message": "API rate limit exceeded"}), RateLimited),
    (httpx.Response(403, json={"message": "You have exceeded a secondary rate limit"}), RateLimited),
    (
        httpx.Response(
            503, headers=[("Retry-After", "30"), ("Retry-After", "Sun, 01 Mar 2026 12:00:40 GMT")], html="<html>starting</html>"
        ),
        RateLimited,
    ),
    (httpx.Response(401, json={"error": "nope"}), AuthFailed),
    (httpx.Response(403, json={"error": "nope"}), AuthFailed),
    (httpx.Response(403, html="<!doctype html><title>Attention</title>"), Unreachable),
    (httpx.Response(404, json={}), Unsupported),
    (httpx.Response(400, text="bad"), Unsupported),
    (httpx.Response(302, headers={"location": "https://login.example/"}), Unreachable),
    (httpx.Response(500), Unreachable),
    (httpx.Response(502, html="<html>"), Unreachable),
    (httpx.Response(304), Unreachable),
]


@pytest.mark.parametrize(("response", "error"), STATUSES, ids=[f"{r.status_code}-{e.__name__}" for r, e in STATUSES])
async def test_each_status_is_the_error_that_an_operator_can_act_on(response: httpx.Response, error: type[SourceError]) -> None:
    """A block page read as a wrong password sends people to change a good token."""
    with pytest.raises(SourceError) as caught:
        await client(lambda _: response).get(URL)
    assert type(caught.value) is error


async def test_a_pause_is_kept_without_asking_again() -> None:
    """Asking during a pause prolongs it at many networks; another account is not punished."""
    asked = 0
    clock = [1000.0]

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(429, headers={"Retry-After": "60"}) if asked == 1 else httpx.Response(200, text="ok")

    http = client(answer, monotonic=lambda: clock[0])
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            await http.get(URL)
    assert caught.value.retry_after == 60
    assert asked == 1
    assert (await http.get(URL, credentials=bearer(URL, "secret-token", "other"))).body == b"ok"
    clock[0] += 61
    assert (await http.get(URL)).body == b"ok"


async def test_a_failing_host_is_left_alone_and_others_are_not() -> None:
    """One source never stops another."""
    clock = [0.0]
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(500 if request.url.host == "sick.example" else 200)

    http = client(answer, monotonic=lambda: clock[0])
    for _ in range(10):
        with pytest.raises(Unreachable):
            await http.get("https://sick.example/")
    assert asked.count("sick.example") == 4
    assert (await http.get("https://well.example/")).status == 200
    clock[0] += 31
    with pytest.raises(Unreachable):
        await http.get("https://sick.example/")
    assert asked.count("sick.example") == 5


async def test_credentials_stay_at_their_origin() -> None:
    """A token sent to another host is a stolen token."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers={"location": "https://evil.example/"})

    http = client(answer)
    token = bearer("https://api.example/some/path", "canary-secret")
    with pytest.raises(Forbidden):
        await http.get("https://evil.example/", credentials=token)
    with pytest.raises(Forbidden):
        await http.get("http://api.example/", credentials=token)
    with pytest.raises(Forbidden):
        await http.get(URL, credentials=token, follow=True)
    with pytest.raises(Unreachable):
        await http.get(URL, credentials=token)
    assert [request.url.host for request in seen] == ["api.example"]


async def test_secrets_are_in_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """Errors are shown on screens, kept in the database and pasted into chats."""
    caplog.set_level("DEBUG")

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"error": f"bad token {request.headers['authorization']}"})

    http = client(answer)
    token = Credentials("https://api.example", {"Authorization": "Bearer canary-secret"})
    with pytest.raises(AuthFailed) as caught:
        await http.get("https://api.example/path?key=canary-query", credentials=token)
    told = f"{caught.value}{caught.value!r}{token!r}{caplog.text}"
    assert "canary" not in told
    with pytest.raises(Forbidden) as forbidden:
        await http.get(URL, credentials=Credentials("https://api.example", {"Authorization": "Bearer canary\nx"}))
    assert "canary" not in str(forbidden.value)


async def test_feeds_follow_redirects_and_vet_each_hop() -> None:
    """A feed that moved must be read; one that leads to a file or in circles must not."""

    def answer(request: httpx.Request) -> httpx.Response:
        to = {
            "/a": "/b",
            "/b": "https://other.example/c",
            "/loop": "/loop",
            "/file": "file:///etc/passwd",
            "/login": "https://u:p@x.example/",
        }.get(request.url.path)
        return httpx.Response(302, headers={"location": to}) if to else httpx.Response(200, text="feed")

    http = client(answer)
    found = await http.get("https://feed.example/a", follow=True)
    assert (found.url, found.body) == ("https://other.example/c", b"feed")
    for path in ("loop", "file", "login"):
        with pytest.raises(Unreachable):
            await http.get(f"https://feed.example/{path}", follow=True)


async def test_conditional_get() -> None:
    """An unchanged feed costs one small answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("if-none-match") == '"v1"':
            return httpx.Response(304, headers={"etag": 'W/"v1"'})
        return httpx.Response(
            200,
            text="feed",
            headers={"etag": '"v1"', "last-modified": "Sun, 01 Mar 2026 12:00:00 GMT", "cache-control": "public, max-age=600"},
        )

    http = client(answer)
    first = await http.get(URL)
    assert first.validators == {"etag": '"v1"', "modified": "Sun, 01 Mar 2026 12:00:00 GMT"}
    assert first.max_age == 600
    second = await http.get(URL, conditional=first.validators)
    assert second.not_modified
    assert second.body == b""


PUBLISHED: list[tuple[httpx.Response | Exception, type[SourceError]]] = [
    (httpx.Response(400, json={"error": "too long"}), Rejected),
    (httpx.Response(404), Rejected),
    (httpx.Response(422), Rejected),
    (httpx.Response(401, json={}), AuthFailed),
    (httpx.Response(429), RateLimited),
    (httpx.Response(408), Ambiguous),
    (httpx.Response(500), Ambiguous),
    (httpx.Response(503, headers={"retry-after": "5"}), Ambiguous),
    (httpx.Response(302, headers={"location": "/"}), Ambiguous),
    (httpx.ConnectError("refused"), Unreachable),
    (httpx.ConnectTimeout("slow"), Unreachable),
    (httpx.ReadTimeout("slow"), Ambiguous),
    (httpx.WriteError("broken pipe"), Ambiguous),
    (httpx.RemoteProtocolError("gone"), Ambiguous),
]


@pytest.mark.parametrize(("outcome", "error"), PUBLISHED, ids=[f"{getattr(o, 'status_code', o)}-{e.__name__}" for o, e in PUBLISHED])
async def test_what_became_of_a_reply(outcome: httpx.Response | Exception, error: type[SourceError]) -> None:
    """Taking an ambiguous failure for a certain one publishes a reply twice."""

    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with pytest.raises(SourceError) as caught:
        await client(answer).publish(URL, json={"status": "hello"})
    assert type(caught.value) is error


async def test_a_reply_that_drips_is_ambiguous() -> None:
    """The request went out whole: only the answer is missing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(30)

    async with loopback(serve) as port:
        http = Http(allow_hosts=["127.0.0.1"], patience=0.2)
        with pytest.raises(Ambiguous):
            await http.publish(f"http://127.0.0.1:{port}/", json={})
        await http.aclose()


def _packed(body: bytes, coding: str, length: int | None = None) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    return head.encode() + body


async def test_gzip_in_all_its_forms() -> None:
    """Servers send several members, an empty body, trailing bytes."""
    assert await fetched(_packed(gzip.compress(b"hello"), "gzip")) == b"hello"
    assert await fetched(_packed(gzip.compress(b"a") + gzip.compress(b"b"), "x-gzip")) == b"ab"
    assert await fetched(_packed(gzip.compress(b"a") + b"\0\0\0", "gzip")) == b"a"
    assert await fetched(_packed(b"", "gzip")) == b""
    large = bytes(range(256)) * 8192
    assert await fetched(_packed(gzip.compress(large), "gzip")) == large


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "gzip,br", "zlib_codec"])
async def test_other_and_stacked_packings_are_refused(coding: str) -> None:
    """Only gzip is bounded; the rest was not asked for."""
    with pytest.raises(Malformed):
        await fetched(_packed(gzip.compress(gzip.compress(b"x")), coding))


async def test_a_damaged_or_short_answer_is_no_answer() -> None:
    """Half a page must never move a cursor."""
    whole = gzip.compress(b"hello world " * 500)
    with pytest.raises(SourceError):
        await fetched(_packed(whole[:-9], "gzip"))
    with pytest.raises(SourceError):
        await fetched(_packed(b"not gzip", "gzip"))
    for cut in (0, 1, len(whole) // 2, len(whole) - 1):
        with pytest.raises(SourceError):
            await fetched(_packed(whole[:cut], "gzip", len(whole)))


async def test_size_is_bounded_packed_and_unpacked() -> None:
    """Three kilobytes of gzip can become two gigabytes."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(64)) + squeeze.flush()
    with pytest.raises(Malformed, match="larger"):
        await fetched(_packed(bomb, "gzip"))
    with pytest.raises(Malformed, match="larger"):
        await fetched(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes(5000), largest=4000)


async def test_a_dripping_server_meets_the_outer_limit() -> None:
    """The library's time limit starts anew with each byte."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.05)

    async with loopback(serve) as port:
        http = Http(allow_hosts=["127.0.0.1"], patience=0.3)
        with pytest.raises(Unreachable, match="in time"):
            await http.get(f"http://127.0.0.1:{port}/")
        await http.aclose()


async def test_cancellation_frees_the_host() -> None:
    """The poller cancels when the desk closes; a slot that leaks would block the host for good."""
    entered, released = asyncio.Event(), asyncio.Event()

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            entered.set()
            await released.wait()
            return httpx.Response(200)

    http = Http(transport=Slow())
    for _ in range(8):
        entered.clear()
        task = asyncio.create_task(http.get(URL))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    released.set()
    assert (await http.get(URL)).status == 200


async def test_budgets_are_kept_per_account() -> None:
    """Two accounts on one server draw on two allowances."""

    def answer(request: httpx.Request) -> httpx.Response:
        left = "5" if "authorization" in request.headers else "99"
        return httpx.Response(200, headers={"x-ratelimit-remaining": left, "x-ratelimit-limit": "100"})

    http = client(answer)
    await http.get(URL)
    await http.get(URL, credentials=bearer(URL, "tttt", "desk"))
    assert [budget.left for budget in http.budgets(URL)] == [99]
    assert [budget.left for budget in http.budgets(URL, "desk")] == [5]


async def test_links_are_read_and_not_trusted() -> None:
    """`Link` may name another origin; it is read for its parameters."""
    link = '<https://a.example/x?min_id=5>; rel="prev", </y?max_id=1>; title="a"; rel="next", <javascript:alert(1)>; rel="evil"'
    found = await client(lambda _: httpx.Response(200, headers={"link": link})).get(URL)
    assert found.links() == {"prev": "https://a.example/x?min_id=5", "next": "https://api.example/y?max_id=1"}


async def test_an_answer_that_is_packed_too_well_is_refused_early() -> None:
    """Several bombs at a time, each just below the size limit, would take the memory together."""
    with pytest.raises(Malformed, match="times its size"):
        await fetched(_packed(gzip.compress(bytes(8 * 1024 * 1024)), "gzip"))


async def test_connections_are_kept_also_after_answers_without_a_body() -> None:
    """A hundred unchanged feeds of one server are one handshake, not a hundred."""
    opened = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
        writer.close()

    async with loopback(serve) as port:
        http = Http(allow_hosts=["127.0.0.1"])
        for _ in range(10):
            assert (await http.get(f"http://127.0.0.1:{port}/", conditional={"etag": '"1"'})).not_modified
        await http.aclose()
    assert opened == 1


async def test_a_reply_never_goes_out_on_a_kept_connection() -> None:
    """A connection that the server is just closing swallows a request, and nobody can say whether it was read."""
    opened = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b"content-length: 2" in head.lower():
                    await reader.readexactly(2)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    async with loopback(serve) as port:
        http = Http(allow_hosts=["127.0.0.1"])
        url = f"http://127.0.0.1:{port}/"
        await http.get(url)
        await http.publish(url, json={})
        await http.publish(url, json={})
        await http.aclose()
    assert opened == 3
