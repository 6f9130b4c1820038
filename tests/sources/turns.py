"""A network that says what the test wrote down, in turn, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import httpx

from listener.domain.topic import Topic
from listener.source import Draft
from sources.http import Http
from sources.opening import Context
from tests.sources.wire import entry

__all__ = ["BRAND", "NOW", "RIVAL", "Wire", "draft", "entry", "opened"]

NOW = 1_700_000_000_000
BRAND = Topic("Aurora Air", "brand", ('"aurora air"',))
RIVAL = Topic("Borealis", "competitor", ("borealis",))
Said = Any
"""JSON, an `httpx.Response`, a function of the request, or a list of these, served in turn; the last one stays."""


class Wire:
    """Routes are pieces of the address; the first that is in it answers, and an address without a route fails the test."""

    def __init__(self, routes: Mapping[str, Said]) -> None:
        self.routes = {piece: list(said) if isinstance(said, list) else [said] for piece, said in routes.items()}
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for piece, said in self.routes.items():
            if piece in str(request.url):
                answer = said.pop(0) if len(said) > 1 else said[0]
                answer = answer(request) if callable(answer) else answer
                return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)
        raise AssertionError(f"nobody expected {request.method} {request.url}")


def opened(module: ModuleType, routes: Mapping[str, Said] | Callable[[httpx.Request], httpx.Response], **options: Any) -> tuple[Any, Wire]:
    """An adapter as the catalogue opens it, with the wire behind it."""
    import msgspec

    wire = Wire(routes if isinstance(routes, Mapping) else {"": routes})
    context = Context(module.__name__.rpartition(".")[2], Http(transport=httpx.MockTransport(wire)), clock=lambda: NOW)
    return module.open_source(context, msgspec.convert(options, module.Options)), wire


def draft(text: str, key: str = "key-1") -> Draft:
    return Draft(text, key, NOW)
