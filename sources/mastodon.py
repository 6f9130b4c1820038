"""Mastodon and what speaks its API (GoToSocial, Pleroma, Akkoma, Takahe): hashtags, search, mentions of ourselves, the public timeline.

API: https://docs.joinmastodon.org/methods/timelines/, …/search/, …/notifications/, …/statuses/; paging by `min_id`:
https://docs.joinmastodon.org/api/guidelines/#pagination. Servers differ; what each was seen to do stands where it matters.
Ids are text of any shape. The status itself is read in `sources.status`, replies are written in `sources.mastodon_reply`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import quote

import msgspec

from listener.domain.mention import Mention
from listener.errors import AuthFailed, Malformed, Unsupported
from listener.source import Capabilities, Channel, Check, Freshness, Page
from sources.answer import Answer, bearer, host_of, origin_of
from sources.fields import ident, instant, items, mapping, objects, read_each
from sources.mastodon_reply import Writing
from sources.opening import Context
from sources.opening import Options as Base
from sources.replying import tried
from sources.searches import anchors, merged
from sources.status import parse_status
from sources.timeline import Timeline
from sources.walk import Walk

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Cursor

PAGE: Final = 40
REFRESHED: Final = 20
FIRST_LOOK_MS: Final = 3 * 86_400_000
OVERLAP_MS: Final = 30 * 60_000


class Options(Base, frozen=True):
    """Without a token only hashtags are read, and only where the server shows them to strangers."""

    instance: Annotated[str, msgspec.Meta(description="Address of the server, https://mastodon.social")] = "https://mastodon.social"
    token: Annotated[
        str, msgspec.Meta(description="Access token with read:statuses, read:search, read:notifications and write:statuses")
    ] = ""
    tags: Annotated[tuple[str, ...], msgspec.Meta(description="Further hashtags to follow, matched against all topics")] = ()
    search: Annotated[bool, msgspec.Meta(description="Search for the topics' words; needs a token")] = True
    mentions: Annotated[bool, msgspec.Meta(description="Read who mentions our account; needs a token")] = True
    public: Annotated[
        Literal["off", "local", "federated"], msgspec.Meta(description="Read a whole public timeline and pick out what matches")
    ] = "off"


def open_source(context: Context, options: Options) -> Mastodon:
    return Mastodon(context, options)


class Mastodon(Writing):
    kind = "mastodon"

    def __init__(self, context: Context, options: Options) -> None:
        origin = origin_of(options.instance if "://" in options.instance else f"https://{options.instance}")
        super().__init__(context, origin, bearer(origin, options.token))
        self._options = options
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases", "tags", "handles"}) if options.token else frozenset({"tags"}),
            reply=bool(options.token),
            idempotent_reply="key",
            deletion_check=True,
            counts=True,
            thread=True,
            pace=120.0,
            keyless=not options.token,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """Hashtags always; with a token also searches and our mentions; without one, words are followed as hashtags."""
        return merged(self._channels(topics))

    def _channels(self, topics: Sequence[Topic]) -> Iterator[Channel]:
        for tag in self._options.tags:
            yield _tag(tag, "", trusted=False)
        for topic in topics:
            for tag in topic.hashtags:
                yield _tag(tag, topic.name, trusted=True)
            listed = {tag.lstrip("#").casefold() for tag in topic.hashtags}
            for anchor in anchors(topic):
                if self.credentials and self._options.search and anchor.kind != "tag":
                    yield Channel(f"search:{str(anchor).casefold()}", "search", str(anchor), topic.name)
                elif anchor.kind != "handle" and anchor.text.casefold() not in listed:
                    yield _tag(anchor.text, topic.name, trusted=False)
        if self._options.public != "off":
            yield Channel(f"public:{self._options.public}", "public", self._options.public)
        if self.credentials and self._options.mentions:
            brand = next((topic.name for topic in topics if topic.role == "brand"), "")
            yield Channel("notifications", "notifications", "", brand, trusted=bool(brand))

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        if self.credentials:
            await self.myself()
        if channel.kind == "search":
            return await self._search(channel.text, cursor)
        place = Timeline.read(cursor, self.home)
        query: dict[str, str | int | bool | list[str] | None] = {"limit": PAGE, "min_id": place.after or None}
        if channel.kind == "notifications":
            answer = await self.ask("/api/v1/notifications", {**query, "types[]": ["mention"]})
        elif channel.kind == "public":
            answer = await self.ask("/api/v1/timelines/public", {**query, "local": channel.text == "local" or None})
        else:
            answer = await self._tagged(channel.text, query)
        if answer.status == 404:
            return Page((), cursor, note=f"{host_of(self.home)} knows no post with #{channel.text} yet.")
        return self._page(answer, place, overlap=0 if channel.kind == "notifications" else OVERLAP_MS)

    async def _tagged(self, tag: str, query: dict[str, str | int | bool | list[str] | None]) -> Answer:
        try:
            return await self.ask(f"/api/v1/timelines/tag/{quote(tag, safe='')}", query, accept=(404,))
        except (AuthFailed, Unsupported) as error:
            if self.credentials:
                raise
            raise Unsupported(f"{error.message} This server shows hashtags only to its own users.", hint="Add a token.") from None

    def _page(self, answer: Answer, place: Timeline, *, overlap: int) -> Page:
        """A page of a timeline or of notifications; the cursor moves over every item of it, refused ones too."""
        value = answer.json()
        if not isinstance(value, list):
            raise Malformed(f"{host_of(self.home)} answers with something that is no timeline.")
        mentions, refused, note = read_each(map(_inner, value), self.parse)
        now = self.clock()
        ids = [(min(instant(mapping(item).get("created_at")) or 0, now), name) for item in value if (name := ident(mapping(item), "id"))]
        newest = _parameter(answer.links().get("prev", ""), "min_id") or (ids[0][1] if ids else "")
        place, more = place.step(ids, newest, now, overlap=overlap)
        return Page(mentions[::-1], place.cursor(), more, note=note, refused=refused)

    async def _search(self, text: str, cursor: Cursor) -> Page:
        """Back from the newest: with search, servers take `min_id` for `since_id`, which leaves gaps."""
        walk = Walk.read(cursor, start=self.first_look(FIRST_LOOK_MS))
        query: dict[str, str | int | bool | list[str] | None] = {"q": text, "type": "statuses", "limit": PAGE, "max_id": walk.token or None}
        value = (await self.ask("/api/v2/search", query)).json()
        found = mapping(value).get("statuses")
        if not isinstance(found, list):
            raise Malformed(f"{host_of(self.home)} answers a search without statuses.")
        mentions, refused, note = read_each(found, self.parse)
        times = [moment for item in found if (moment := instant(mapping(item).get("created_at"))) is not None]
        last = ident(mapping(found[-1]), "id") if found else ""
        walk = walk.step(times, last if last != walk.token else "", overlap=OVERLAP_MS)
        if not found and not cursor:
            note = "Nothing was found. A server without full-text search says so to everything: see `listener sources check`."
        return Page(mentions[::-1], walk.cursor(), walk.more, note=note, refused=refused)

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        """The conversation as far as this server knows it. Raises SourceError."""
        here = quote(mention.native_id, safe="")
        status = (await self.ask(f"/api/v1/statuses/{here}")).json()
        around = (await self.ask(f"/api/v1/statuses/{here}/context")).json()
        return read_each((*items(around, "ancestors"), status, *items(around, "descendants")), self.parse)[0]

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        """Counts, edits and deletions. A status that the list leaves out is asked for by itself: some servers leave out all. Raises SourceError."""
        told: list[Freshness] = []
        asked = {mention.native_id: mention for mention in mentions[:REFRESHED]}
        if not asked:
            return told
        answer = await self.ask("/api/v1/statuses", {"id[]": list(asked)}, accept=(400, 404, 405, 422))
        found = {ident(mapping(item), "id"): item for item in items({"": answer.json()}, "")} if answer.status == 200 else {}
        for name, mention in asked.items():
            item = found.get(name)
            if item is None:
                single = await self.ask(f"/api/v1/statuses/{quote(name, safe='')}", accept=(404, 410))
                if single.status != 200:
                    told.append(Freshness(name, deleted=True))
                    continue
                item = single.json()
            read, _, _ = read_each([item], self.parse)
            told += [Freshness(name, engagement=now.engagement, edited=now if now.text != mention.text else None) for now in read]
        return told

    async def check(self) -> Sequence[Check]:
        lines = [await tried("reach", self._reach())]
        if lines[0].state == "failed":
            return lines
        if not self.credentials:
            what = "No token: only hashtags are read, and nothing can be replied to."
            return [*lines, await tried("hashtags", self._strangers()), Check("credentials", "skipped", what)]
        lines.append(await tried("credentials", self._credentials()))
        if lines[-1].state == "failed":
            return lines
        lines.append(await tried("search", self._searches()))
        return [
            *lines,
            Check("reply", "ok", f"Up to {self.limit} characters. The token must allow write:statuses; nothing was published to try."),
        ]

    async def _reach(self) -> str:
        await self.read_limit()
        return f"{host_of(self.home)} answers."

    async def _strangers(self) -> str:
        await self._tagged("news", {"limit": 1})
        return f"{host_of(self.home)} shows hashtags to strangers."

    async def _credentials(self) -> str:
        return f"Logged in as @{(await self.myself())[1]}."

    async def _searches(self) -> str | Check:
        """Full-text search finds “the”; without it the answer is an empty 200."""
        for word in ("the", "a", "news"):
            found = (await self.ask("/api/v2/search", {"q": word, "type": "statuses", "limit": 1})).json()
            if items(found, "statuses"):
                return "Full-text search works."
        return Check(
            "search", "warning", "The search finds nothing even for “the”: it seems to know only our own posts. Follow hashtags instead."
        )


def _tag(tag: str, topic: str, *, trusted: bool) -> Channel:
    name = "".join(char for char in tag.lstrip("#") if char.isalnum() or char == "_" or ord(char) > 127)
    return Channel(f"tag:{name.casefold()}", "tag", name, topic, trusted=trusted)


def _inner(item: object) -> object:
    """The status of a notification; a status as it is."""
    return mapping(item).get("status", item) if isinstance(item, dict) and "type" in item else item


def _parameter(address: str, name: str) -> str:
    """One parameter of a `Link`, which is all that is taken from it: it may name another origin."""
    from urllib.parse import parse_qs, urlsplit

    values = parse_qs(urlsplit(address).query).get(name, [""]) if address.count("&") < 50 else [""]
    return values[0][:200]


def parse_any(answer: object, source: str, host: str) -> tuple[list[Mention], int, str]:
    """Every status of any answer, at any depth: a timeline, a search, notifications, a context, a quote, a single status."""
    found = (item for item in objects(answer) if "content" in item and mapping(item, "account") and not mapping(item, "reblog"))
    return read_each(found, lambda item: parse_status(item, source, host))
