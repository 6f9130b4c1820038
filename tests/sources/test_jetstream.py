"""The live stream in bounded sips: nothing between two of them is lost, and a silent gap is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from listener.errors import Malformed, SourceError, Unreachable
from listener.source import Channel
from sources import jetstream
from sources.bluesky_post import parse_post
from sources.guard import Forbidden
from sources.http import Http
from sources.opening import Context
from tests.sources.turns import BRAND, NOW, RIVAL, Wire

US = NOW * 1000


def event(at: int, text: str = "I love Aurora Air", **commit: object) -> dict[str, object]:
    record = {"$type": jetstream.COLLECTION, "text": text, "createdAt": "2023-11-14T22:00:00Z", "langs": ["pt-BR"]}
    return {
        "did": "did:plc:nora",
        "time_us": at,
        "kind": "commit",
        "commit": {"operation": "create", "collection": jetstream.COLLECTION, "rkey": f"k{at}", "cid": "c", "record": record, **commit},
    }


@asynccontextmanager
async def stream(*events: object, asked: list[dict[str, list[str]]] | None = None, stay: bool = True) -> AsyncIterator[str]:
    async def talk(socket: ServerConnection) -> None:
        assert socket.request is not None
        if asked is not None:
            asked.append(parse_qs(urlsplit(socket.request.path).query))
        for one in events:
            await socket.send(one if isinstance(one, str) else json.dumps(one))
        if stay:
            await socket.wait_closed()

    async with serve(talk, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/subscribe"


def opened(url: str, *, allow: bool = True, seconds: float = 0.3, profiles: str = "") -> Any:
    context = Context("jetstream", Http(allow_hosts=["127.0.0.1"] if allow else []), clock=lambda: NOW)
    source = jetstream.Jetstream(context, jetstream.Options(url=url, profiles=profiles))
    source._seconds = seconds
    return source


async def test_hears_what_matters_and_moves_past_the_rest() -> None:
    """The cursor stands at the last event, matched or not: a quiet brand must not read the same hours again."""
    asked: list[dict[str, list[str]]] = []
    async with stream(event(US + 1), event(US + 2, "nothing"), event(US + 3, "BOREALIS!"), asked=asked) as url:
        source = opened(url)
        [channel] = source.channels([BRAND, RIVAL])
        page = await source.fetch(channel, str(US))
    assert [mention.text for mention in page.mentions] == ["I love Aurora Air", "BOREALIS!"]
    assert (page.cursor, page.more) == (str(US + 3), False)
    assert asked == [{"wantedCollections": [jetstream.COLLECTION], "cursor": [str(US - jetstream.OVERLAP_US)]}]


async def test_more_waits_while_it_is_behind() -> None:
    async with stream(event(US - 60_000_000)) as url:
        source = opened(url)
        assert (await source.fetch(source.channels([BRAND])[0], "")).more


async def test_a_silent_gap_is_told() -> None:
    """An old cursor is clamped without a word: without this note nobody would know what is missing."""
    async with stream(event(US)) as url:
        source = opened(url)
        page = await source.fetch(source.channels([BRAND])[0], str(US - 7_200_000_000))
    assert "2.0 h" in page.note


async def test_a_quiet_stream_moves_nothing() -> None:
    async with stream() as url:
        source = opened(url)
        page = await source.fetch(source.channels([BRAND])[0], "5")
    assert (list(page.mentions), page.cursor) == ([], "5")


async def test_garbage_on_the_stream_ends_nothing() -> None:
    async with stream("{", "[]", '{"time_us": "x"}', event(US, rkey=None), event(US + 1)) as url:
        source = opened(url)
        page = await source.fetch(source.channels([BRAND])[0], "")
    assert len(page.mentions) == 1
    assert page.refused == 1 and "no key" in page.note


async def test_a_closed_stream_is_a_typed_error() -> None:
    async with stream(stay=False) as url:
        source = opened(url, seconds=5)
        with pytest.raises(Unreachable):
            await source.fetch(source.channels([BRAND])[0], "")


async def test_what_came_before_a_break_is_kept() -> None:
    async with stream(event(US), stay=False) as url:
        source = opened(url, seconds=5)
        assert len((await source.fetch(source.channels([BRAND])[0], "")).mentions) == 1


async def test_nobody_there_is_a_typed_error() -> None:
    source = opened("ws://127.0.0.1:9/subscribe", seconds=5)
    with pytest.raises(Unreachable):
        await source.fetch(source.channels([BRAND])[0], "")
    assert (await source.check())[0].state == "failed"


async def test_private_addresses_are_refused_unless_named() -> None:
    """A stream's address is dialled like any other: through the guard."""
    async with stream(event(US)) as url:
        source = opened(url, allow=False)
        with pytest.raises(Forbidden):
            await source.fetch(source.channels([BRAND])[0], "")


async def test_only_streams_are_dialled() -> None:
    for url in ("https://a.example/x", "file:///etc/passwd", "wss://"):
        with pytest.raises(SourceError):
            await opened(url).fetch(Channel("posts", "posts", '["a"]'), "")


async def test_check_hears_the_stream() -> None:
    async with stream(event(US)) as url:
        assert (await opened(url).check())[0].state == "ok"


def test_a_post_is_the_same_as_from_bluesky_itself() -> None:
    """Keyed by its uri, so that the stream and a search bring one mention."""
    reply = {"root": {"uri": "at://r", "cid": "rc"}, "parent": {"uri": "at://p", "cid": "pc"}}
    told = event(US, operation="update")
    told["commit"]["record"]["reply"] = reply  # type: ignore[index]
    mention = jetstream.parse_event(told, "jetstream")
    assert mention is not None
    assert mention.native_id == f"at://did:plc:nora/app.bsky.feed.post/k{US}"
    assert (mention.parent_id, mention.thread_id, mention.lang, mention.edited_at) == ("at://p", "at://r", "pt", NOW)
    assert json.loads(mention.reply_ref)["root"] == ["at://r", "rc"]
    seen = {"uri": mention.native_id, "cid": "c", "author": {"did": "did:plc:nora"}, "record": told["commit"]["record"], "indexedAt": NOW}  # type: ignore[index]
    searched = parse_post(seen, "jetstream")
    assert searched and (searched.reply_ref, searched.canonical_url, searched.text) == (mention.reply_ref, mention.canonical_url, mention.text)


@pytest.mark.parametrize("commit", [{"operation": "delete"}, {"collection": "app.bsky.feed.like"}])
def test_other_events_are_no_mentions(commit: dict[str, object]) -> None:
    assert jetstream.parse_event(event(US, **commit), "jetstream") is None


def test_a_post_without_a_time_is_refused() -> None:
    with pytest.raises(Malformed):
        jetstream.parse_event({**event(0), "commit": {**event(0)["commit"], "record": {"text": "x"}}}, "jetstream")  # type: ignore[dict-item]


def test_folds_before_it_matches() -> None:
    """The prefilter may let too much through, never too little."""
    wants = jetstream.matcher(jetstream.needles([BRAND]))
    assert wants("AURORA  air") and wants("ＡＵＲＯＲＡ air") and wants("auroraairways") and not wants("boreal")


def test_pictures_and_links_are_heard_too() -> None:
    """A complaint in a picture's description is a complaint."""
    embed = {"images": [{"alt": "Aurora delayed"}], "media": {"external": {"uri": "https://borealis.example/x", "title": "T"}}}
    told = event(US, "")
    told["commit"]["record"]["embed"] = embed  # type: ignore[index]
    assert jetstream.heard(told) == "\nhttps://borealis.example/x\nT\nAurora delayed"


async def test_authors_get_their_names_where_somebody_tells() -> None:
    """The stream carries no handle; a number that nobody can read is no help at night, but no reason to lose a post either."""
    profile = {"did": "did:plc:nora", "handle": "nora.example", "displayName": "Nora", "followersCount": 48_000}
    for answer, handle in (({"profiles": [profile]}, "nora.example"), (httpx.Response(403, html="<html>no</html>"), "did:plc:nora")):
        wire = Wire({"getProfiles": answer})
        source = jetstream.open_source(Context("jetstream", Http(transport=httpx.MockTransport(wire))), jetstream.Options())
        mention = jetstream.parse_event(event(US), "jetstream")
        [told] = await source._named([mention])
        assert told.author.handle == handle
        assert told.native_id == mention.native_id
        assert handle in told.url
        assert wire.asked[0].url.params.get_list("actors") == ["did:plc:nora"]
