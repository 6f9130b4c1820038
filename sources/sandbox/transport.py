"""The sandbox under an HTTP client: everything above the socket stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from sources.sandbox.wire import Dropped, Request

if TYPE_CHECKING:
    from sources.sandbox.internet import Internet


class SandboxTransport(httpx.AsyncBaseTransport):
    """Hands each request to the sandbox's servers; nothing leaves the process."""

    def __init__(self, internet: Internet) -> None:
        self.internet = internet

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        url = request.url
        if not self.internet.knows(url.host):
            raise httpx.ConnectError(f"the sandbox knows no {url.host}", request=request)
        headers = {key.lower(): value for key, value in request.headers.items()}
        base = f"{url.scheme}://{url.netloc.decode('ascii')}"
        query = tuple(httpx.QueryParams(url.query.decode("ascii")).multi_items())
        try:
            answer = self.internet.answer(Request(request.method, url.host, url.path, query, headers, body, base))
        except Dropped as drop:
            if drop.done:
                raise httpx.ReadTimeout("the answer never came", request=request) from None
            raise httpx.ConnectError("connection refused", request=request) from None
        return httpx.Response(answer.status, headers=list(answer.headers), stream=_Body(answer.body), request=request)


class _Body(httpx.AsyncByteStream):
    """A body that is still to be read, so that a client may read it raw."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        yield self._body
