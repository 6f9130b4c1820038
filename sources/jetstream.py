"""Bluesky's live stream: every public post, matched here, as it is written. No account is needed.

API: https://github.com/bluesky-social/jetstream (`/subscribe?wantedCollections=…&cursor=<time_us>`)

A stream in a house of polls: each fetch opens the socket at the cursor, listens for a bounded time, and closes it with the
cursor at the last event seen, matched or not. So a crash loses nothing, and after a pause the server replays what was missed.
It keeps about a day and a half and says nothing when a cursor is older: then the note does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode, urlsplit

from msgspec import Meta

from listener.domain.author import Author
from listener.domain.mention import Mention
from listener.errors import Malformed, RateLimited, SourceError, Unreachable, Unsupported
from listener.source import Capabilities, Channel, Check, Page
from sources.bluesky_post import parse_post
from sources.decode import decode
from sources.fields import ident, integer, items, mapping, need, read_each, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.searches import anchors

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from websockets.asyncio.client import ClientConnection

    from listener.domain.topic import Topic
    from listener.source import Cursor

HOST = "wss://jetstream2.us-east.bsky.network/subscribe"
PROFILES = "https://public.api.bsky.app"
ACTORS = 25
"""Authors in one question."""
COLLECTION = "app.bsky.feed.post"
OVERLAP_US = 2_000_000
"""How far before the cursor a new connection starts: events of one instant come in any order."""
BEHIND_US = 30_000_000
"""Further behind than this, there is more waiting right now."""
GAP_US = 600_000_000
"""A first event so much later than the cursor means that the server no longer had what lay between."""
LARGEST = 1 << 20
"""Bytes of one event."""
KEPT = 1_000
"""Mentions of one page: a stream that matches more ends its page early and goes on at once."""


class Options(Base, frozen=True):
    """Nothing needs to be set."""

    url: Annotated[str, Meta(description="A Jetstream server's /subscribe.")] = HOST
    seconds: Annotated[float, Meta(ge=1, le=300, description="How long one fetch listens.")] = 20.0
    profiles: Annotated[str, Meta(description="Where authors' names and followers are asked for; empty asks nobody.")] = PROFILES


def open_source(context: Context, options: Options) -> Jetstream:
    return Jetstream(context, options)


class Jetstream(Adapter):
    """The stream as a source."""

    kind = "jetstream"
    capabilities = Capabilities(search=frozenset({"terms", "phrases", "and", "or", "prefix", "tags", "handles"}), keyless=True, pace=1.0)

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.profiles)
        self._guard, self._url, self._seconds = context.http.guard, options.url, options.seconds
        self._profiles = options.profiles.rstrip("/")

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """One stream for all topics; its text holds the words that a post must hold to be worth a closer look."""
        words = needles(topics)
        return [Channel("posts", "posts", json.dumps(words, ensure_ascii=False))] if words else []

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        start = int(cursor) if cursor.isascii() and cursor.isdigit() else 0
        wanted = matcher(json.loads(channel.text))
        events, first, last = await self._listen(start, wanted)
        mentions, refused, note = read_each(events, lambda event: parse_event(event, self.name))
        mentions = await self._named(mentions)
        if start and first - start > GAP_US:
            note = f"The stream no longer holds {(first - start) / 3.6e9:.1f} h of what was missed. {note}".strip()
        return Page(
            mentions, str(last) if last else cursor, more=bool(last) and self.clock() * 1000 - last > BEHIND_US, note=note, refused=refused, next_check=1.0
        )

    async def _named(self, mentions: Sequence[Mention]) -> list[Mention]:
        """With names and followers, which the stream does not carry. Where the mirror refuses, the DID stands for the name."""
        dids = list(dict.fromkeys(one.author.native_id for one in mentions))
        profiles: dict[str, Mapping[str, object]] = {}
        try:
            for first in range(0, len(dids), ACTORS) if self._profiles else ():
                answer = await self.http.json(f"{self._profiles}/xrpc/app.bsky.actor.getProfiles", params={"actors": dids[first : first + ACTORS]})
                profiles |= {ident(mapping(profile), "did"): mapping(profile) for profile in items(answer, "profiles")}
        except SourceError:
            pass
        return [named(one, profiles.get(one.author.native_id, {})) for one in mentions]

    async def _listen(self, start: int, wanted: Callable[[str], bool]) -> tuple[list[object], int, int]:
        """(events that match, time of the first event, time of the last one seen, µs; 0 when none came)."""
        from websockets.exceptions import ConnectionClosed

        events: list[object] = []
        first = last = 0
        try:
            async with asyncio.timeout(self._seconds), await self._connect(start) as socket:
                async for message in socket:
                    raw = message if isinstance(message, bytes) else message.encode("utf-8", "replace")
                    event = _decoded(raw)
                    moment = integer(mapping(event), "time_us") or 0
                    first, last = first or moment, max(last, moment)
                    if wanted(heard(event)):
                        events.append(event)
                        if len(events) >= KEPT:
                            break
                if not last:
                    raise Unreachable(f"{_host(self._url)} closed the stream before anything came.")
        except TimeoutError:
            if not last:
                return events, 0, 0
        except ConnectionClosed as error:
            if not last:
                raise Unreachable(f"{_host(self._url)} closed the stream ({error.rcvd.code if error.rcvd else 'no reason'}).") from None
        except (OSError, EOFError) as error:
            raise Unreachable(f"{_host(self._url)} broke off: {type(error).__name__}.") from None
        return events, first, last

    async def _connect(self, start: int) -> AbstractAsyncContextManager[ClientConnection]:
        """A socket to an address that the guard judged, following no redirect."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

        address = subscribe_url(self._url, start)
        parts = urlsplit(address)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise Unsupported("A stream's address begins with wss://.", hint="Check `url` of this source.")
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        try:
            judged = await self._guard.addresses(parts.hostname, port)
            return await connect(address, host=judged[0], port=port, max_size=LARGEST, open_timeout=min(10.0, self._seconds), close_timeout=1, compression=None, proxy=None)
        except InvalidStatus as error:
            status = error.response.status_code
            if status == 429:
                raise RateLimited(f"{parts.hostname} asks for a pause.") from None
            raise (Unreachable if status >= 500 else Unsupported)(f"{parts.hostname} answered {status} instead of a stream.") from None
        except (InvalidHandshake, InvalidURI, ValueError) as error:
            raise Unsupported(f"{parts.hostname} does not speak WebSocket: {type(error).__name__}.", hint="Check `url` of this source.") from None
        except OSError as error:
            raise Unreachable(f"No connection to {parts.hostname}: {type(error).__name__}.") from None

    async def check(self) -> Sequence[Check]:
        try:
            async with asyncio.timeout(15.0), await self._connect(0) as socket:
                event = _decoded(str(await socket.recv()).encode())
        except TimeoutError:
            return [Check("reach", "warning", f"{_host(self._url)} is connected, but nothing came for 15 s.")]
        except SourceError as error:
            return [Check("reach", "failed", str(error))]
        except Exception as error:  # the library raises its own kinds, and a check never does
            return [Check("reach", "failed", f"{_host(self._url)} broke off: {type(error).__name__}.")]
        known = integer(mapping(event), "time_us") is not None
        return [Check("reach", "ok", f"{_host(self._url)} streams.") if known else Check("reach", "failed", f"{_host(self._url)} streams something else.")]


def needles(topics: Sequence[Topic]) -> list[str]:
    """Words of which a post must hold one, inside a word too, to be worth a closer look; folded, sorted."""
    from listener.domain.query.fold import fold

    folded = (fold(anchor.text).split() for topic in topics for anchor in anchors(topic, prefix=True))
    return sorted({max(words, key=len) for words in folded if words})


def matcher(words: Sequence[str]) -> Callable[[str], bool]:
    """Tells whether a text holds any of these needles, in one pass however many they are."""
    from ahocorasick_rs import AhoCorasick

    from listener.domain.query.fold import fold

    automaton = AhoCorasick(words)
    return lambda text: bool(text) and bool(automaton.find_matches_as_indexes(fold(text)))


def subscribe_url(url: str, start: int) -> str:
    """Where to listen; from the cursor less an overlap, or from now on."""
    wanted = {"wantedCollections": COLLECTION} | ({"cursor": str(max(1, start - OVERLAP_US))} if start else {})
    return f"{url}{'&' if '?' in url else '?'}{urlencode(wanted)}"


def parse_event(event: Mapping[str, object], source: str) -> Mention | None:
    """A post that was written or changed, just as Bluesky's own answers would bring it; None for everything else. Raises Malformed."""
    commit = mapping(event, "commit")
    if commit.get("operation") not in ("create", "update") or commit.get("collection") != COLLECTION:
        return None
    did, key = need(ident(event, "did"), "did"), need(ident(commit, "rkey"), "key")
    seen = (integer(event, "time_us") or 0) // 1000
    view = {"uri": f"at://{did}/{COLLECTION}/{key}", "cid": ident(commit, "cid"), "author": {"did": did}, "record": mapping(commit, "record"), "indexedAt": seen or None}
    mention = parse_post(view, source)
    return replace(mention, edited_at=seen) if mention and commit.get("operation") == "update" else mention


def heard(event: object) -> str:
    """All the words of a post: its text, its link card, what its pictures show."""
    record = mapping(event, "commit", "record")
    embed = mapping(record, "embed")
    card = mapping(embed, "external") or mapping(embed, "media", "external")
    alts = [string(mapping(image), "alt") for image in items(embed, "images")]
    return "\n".join((string(record, "text"), string(card, "uri"), string(card, "title"), *alts))


def named(mention: Mention, profile: Mapping[str, object]) -> Mention:
    """The same post with what its author's profile says."""
    handle, did = string(profile, "handle"), mention.author.native_id
    if not handle or "/" in handle:
        return mention
    page = f"https://bsky.app/profile/{handle}"
    author = Author(did, handle, string(profile, "displayName"), page, integer(profile, "followersCount"))
    return replace(mention, author=author, url=mention.url.replace(f"https://bsky.app/profile/{did}", page))


def _decoded(raw: bytes) -> object:
    try:
        return decode(raw)
    except Malformed:
        return None


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the stream"
