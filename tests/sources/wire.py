"""A network in a few lines: what a test says it answers, behind the real client."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import httpx

from listener.domain.author import Author
from listener.domain.case import Severity, State
from listener.domain.mention import Entry, Mention
from listener.domain.sentiment import UNSCORED
from listener.source import Draft
from sources.http import Http
from sources.opening import Context

NOW = 1_772_366_400_000
"""2026-03-01T12:00:00Z"""
Answer = Callable[[httpx.Request], httpx.Response]


class Wire(httpx.AsyncBaseTransport):
    """Answers by path, in order of the routes; remembers what was asked."""

    def __init__(self, routes: Mapping[str, object] | Answer) -> None:
        self.routes = routes
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        if callable(self.routes):
            return self.routes(request)
        for path, answer in self.routes.items():
            if request.url.path == path:
                found = answer(request) if callable(answer) else answer
                return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)
        return httpx.Response(404, json={"error": "not here"})

    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]


def context(wire: httpx.AsyncBaseTransport, name: str = "net", **more: object) -> Context:
    return Context(name, Http(transport=wire, clock=lambda: NOW / 1000, **more), clock=lambda: NOW)  # type: ignore[arg-type]


def entry(mention: Mention) -> Entry:
    """A mention as the store would give it back."""
    return Entry(
        id=1,
        source=mention.source,
        native_id=mention.native_id,
        text=mention.text,
        created_at=mention.created_at,
        received_at=NOW,
        author_id=1,
        author=mention.author,
        url=mention.url,
        title=mention.title,
        lang=mention.lang,
        lang_confidence=0,
        parent_id=mention.parent_id,
        thread_id=mention.thread_id,
        visibility=mention.visibility,
        engagement=mention.engagement,
        edited_at=None,
        deleted_at=None,
        reply_ref=mention.reply_ref,
        own=mention.own,
        topic="",
        topics=(),
        sentiment=UNSCORED,
        machine=UNSCORED,
        kinds=(),
        tags=(),
        state=State.OPEN,
        severity=Severity.NONE,
        assignee="",
        task_kind=None,
        due_at=None,
        snoozed_until=None,
        duplicates=0,
        leader_id=None,
        permalinks=(),
        version=1,
    )


def plain_entry(native_id: str, source: str = "net", **more: object) -> Entry:
    made = entry(Mention(source, native_id, "hello", NOW, Author("1", "nora@social.example")))
    return replace(made, **more)  # type: ignore[arg-type]


DRAFT = Draft("Thanks, we look into it.", "8f14e45f-key", NOW)


def sent(request: httpx.Request) -> dict[str, object]:
    value = json.loads(request.content)
    assert isinstance(value, dict)
    return value
