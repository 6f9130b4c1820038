"""Everything that a network can do wrong, to be switched on by tests, the drill and the curious.

The dialects are those that real servers speak: see the adapters' tests. A fault strikes the next `count` requests that fit it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from listener.errors import InputError
from sources.sandbox.clock import SECOND
from sources.sandbox.wire import Answer, Dropped, Request, Server, as_json, http_date, iso

BLOCK_PAGE: Final = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Access denied</h1></body></html>"
PAUSE: Final = 30
"""Seconds that a limited client is asked to wait."""


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong."""

    kind: str
    """A key of `KINDS`."""
    host: str = ""
    """Empty: any."""
    path: str = ""
    """What the path must contain; empty: any."""
    method: str = ""
    """Empty: any."""
    count: int = 1
    """How many requests it strikes; below 0: all until it is cleared."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"There is no fault called {self.kind!r}.", hint=f"Known are {', '.join(KINDS)}.")

    def fits(self, request: Request) -> bool:
        return self.host in ("", request.host) and self.path in request.path and self.method in ("", request.method) and self.count != 0


@dataclass(slots=True)
class Faults:
    """The faults that are switched on, the first that fits strikes."""

    active: list[Fault] = field(default_factory=list)
    struck: list[tuple[str, str]] = field(default_factory=list)
    """(kind, path) of each that happened."""

    def add(self, kind: str, *, host: str = "", path: str = "", method: str = "", count: int = 1) -> Fault:
        """Switch one on. Raises InputError for an unknown kind."""
        fault = Fault(kind, host, path, method, count)
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        self.active.clear()

    def answer(self, request: Request, server: Server, now: int) -> Answer:
        """What the server says, or what goes wrong instead. Raises Dropped."""
        fault = next((fault for fault in self.active if fault.fits(request)), None)
        if fault is None:
            return server.answer(request)
        fault.count -= 1
        self.struck.append((fault.kind, request.path))
        return KINDS[fault.kind](request, server, now)


Act = Callable[[Request, Server, int], Answer]


def _limited(*headers: Callable[[int], tuple[str, str]]) -> Act:
    def act(request: Request, server: Server, now: int) -> Answer:
        return as_json({"error": "Too many requests"}, 429, *(header(now) for header in headers))

    return act


def _page(status: int, body: bytes = BLOCK_PAGE, *headers: tuple[str, str]) -> Act:
    def act(request: Request, server: Server, now: int) -> Answer:
        return Answer(status, body, (("Content-Type", "text/html; charset=utf-8"), *headers))

    return act


def _error(status: int, error: dict[str, str]) -> Act:
    def act(request: Request, server: Server, now: int) -> Answer:
        return as_json(error, status)

    return act


def _refuse(request: Request, server: Server, now: int) -> Answer:
    raise Dropped(done=False)


def _accept_and_drop(request: Request, server: Server, now: int) -> Answer:
    server.answer(request)
    raise Dropped(done=True)


def _accept_and_fail(request: Request, server: Server, now: int) -> Answer:
    server.answer(request)
    return as_json({"error": "Internal Server Error"}, 500)


def _truncated(request: Request, server: Server, now: int) -> Answer:
    answer = server.answer(request)
    return Answer(answer.status, answer.body[: len(answer.body) * 2 // 3], answer.headers)


def _doubled(request: Request, server: Server, now: int) -> Answer:
    """Every entry of the answer twice, as some caches and merged timelines have it."""
    answer = server.answer(request)
    try:
        body = json.loads(answer.body)
    except ValueError:
        return answer
    lists = [body] if isinstance(body, list) else [value for value in body.values() if isinstance(value, list)]
    for entries in lists:
        entries[:] = [entry for entry in entries for _ in range(2)]
    return Answer(answer.status, json.dumps(body).encode(), answer.headers)


def _empty(request: Request, server: Server, now: int) -> Answer:
    answer = server.answer(request)
    return Answer(200, b"", answer.headers)


KINDS: Final[dict[str, Act]] = {
    "429": _limited(lambda now: ("Retry-After", str(PAUSE))),
    "429-date": _limited(lambda now: ("Retry-After", http_date(now + PAUSE * SECOND))),
    "429-both": _limited(lambda now: ("Retry-After", str(PAUSE)), lambda now: ("Retry-After", http_date(now + PAUSE * SECOND))),
    "429-iso": _limited(lambda now: ("X-RateLimit-Remaining", "0"), lambda now: ("X-RateLimit-Reset", iso(now + PAUSE * SECOND))),
    "429-epoch": _limited(lambda now: ("RateLimit-Remaining", "0"), lambda now: ("RateLimit-Reset", str(now // 1000 + PAUSE))),
    "429-seconds": _limited(lambda now: ("X-Ratelimit-Remaining", "0.0"), lambda now: ("X-Ratelimit-Reset", str(PAUSE))),
    "429-bare": _limited(),
    "500": _error(500, {"error": "Internal Server Error"}),
    "502": _error(502, {"error": "UpstreamFailure", "message": "Upstream service unreachable"}),
    "503": _page(503, b"<html><body>starting</body></html>", ("Retry-After", "5")),
    "401": _error(401, {"error": "The access token is invalid"}),
    "403-page": _page(403),
    "200-page": _page(200),
    "refused": _refuse,
    "dropped": _accept_and_drop,
    "accepted-500": _accept_and_fail,
    "truncated": _truncated,
    "doubled": _doubled,
    "empty": _empty,
}
"""By name: 429 in every dialect · errors · block pages · no connection · carried out but the answer lost · damaged answers."""
