"""The sandbox on a loopback port, so that several processes, or any Mastodon client, can share one world."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from sources.sandbox.wire import Answer, Dropped, Request

if TYPE_CHECKING:
    from sources.sandbox.internet import Internet

LARGEST = 1_000_000
"""Bytes of a request's body."""


async def serve(internet: Internet, port: int = 0, host: str = "127.0.0.1") -> asyncio.Server:
    """Listen; port 0 takes a free one. The caller closes the server."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                writer.write(_written(internet.answer(request)))
                await writer.drain()
        except (Dropped, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            writer.close()

    return await asyncio.start_server(connected, host, port)


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request on the connection; None when the client has gone. Raises ValueError on what is no HTTP/1.1."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    length = int(headers.get("content-length", "0"))
    if length > LARGEST or "transfer-encoding" in headers:
        raise ValueError("a body of that sort is not read")
    body = await reader.readexactly(length)
    parts = urlsplit(target)
    host = headers.get("host", "")
    return Request(
        method, host, unquote(parts.path), tuple(parse_qsl(parts.query, keep_blank_values=True)), headers, body, f"http://{host}"
    )


def _written(answer: Answer) -> bytes:
    reason = HTTPStatus(answer.status).phrase
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    return f"HTTP/1.1 {answer.status} {reason}\r\n{headers}Content-Length: {len(answer.body)}\r\n\r\n".encode("latin-1") + answer.body
