"""Unpacking under a limit: three kilobytes of gzip can become two gigabytes, and the HTTP library sets no bound."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Final

import httpx

from listener.errors import Malformed

LARGEST: Final = 15 * 1024 * 1024
"""Bytes of one answer after decompression."""
_GZIP: Final = ("gzip", "x-gzip")
_STEP: Final = 262_144
_HONEST: Final = 4 * 1024 * 1024
"""Bytes up to which nobody asks how well an answer was packed."""
_RATIO: Final = 200
"""The best packed honest answer (a table of the same words) comes to about 50; a bomb to 1 000. Several bombs at once stay small by this."""


async def unpacked(response: httpx.Response, largest: int) -> bytes:
    """The body, read piece by piece: neither its packed nor its unpacked size may pass the limit."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding and coding != "identity" and coding not in _GZIP:
        raise Malformed("The answer is packed in a way that was not asked for.")
    parts: list[bytes] = []
    size = 0
    async for part in _pieces(response, coding in _GZIP):
        size += len(part)
        if size > largest:
            raise Malformed(f"The answer is larger than {largest // (1024 * 1024)} MB.")
        parts.append(part)
    return b"".join(parts)


async def _pieces(response: httpx.Response, packed: bool) -> AsyncIterator[bytes]:
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    unpack = zlib.decompressobj(31)
    started = False
    packed_size = size = 0
    async for piece in stream:
        if not packed:
            yield piece
            continue
        while piece:
            started = True
            try:
                part = unpack.decompress(piece, _STEP)
            except zlib.error:
                raise Malformed("The answer is damaged: it cannot be unpacked.") from None
            packed_size += len(piece) - len(unpack.unconsumed_tail) - len(unpack.unused_data)
            size += len(part)
            if size > max(_HONEST, packed_size * _RATIO):
                raise Malformed(f"The answer unpacks to more than {_RATIO} times its size: it is larger than it says.")
            yield part
            piece = unpack.unconsumed_tail or unpack.unused_data
            if unpack.eof:
                piece = piece if piece.startswith(b"\x1f\x8b") else b""
                if piece:
                    unpack = zlib.decompressobj(31)
    if started and not unpack.eof:
        yield unpack.flush()
    if started and not unpack.eof:
        raise Malformed("The answer was cut short.")


def gunzip(body: bytes, largest: int) -> bytes:
    """A file that is itself packed, as some servers hand out feeds. Raises Malformed."""
    try:
        whole = zlib.decompressobj(31).decompress(body, largest + 1)
    except zlib.error:
        raise Malformed("The answer is damaged: it cannot be unpacked.") from None
    if len(whole) > largest:
        raise Malformed("The answer is too large.")
    return whole
