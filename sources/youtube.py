"""YouTube: comments under our own and the rivals' videos, and videos that name us. The daily units are counted and shown.

API: https://developers.google.com/youtube/v3/docs/commentThreads/list · comments · search (100 units) · comments/insert (50 units)

Everything costs units of one project, 10 000 a day, reset at midnight in California; a page of comments costs one, so comments are
read by channel and the search is only for those who ask for it. Threads come newest first by their first comment: a late answer
in an old thread shows when the thread is opened, not by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from listener.domain.mention import Mention
from listener.errors import Ambiguous, AuthFailed, RateLimited, Rejected, SourceError, Unreachable, Unsupported
from listener.source import Capabilities, Channel, Check, Freshness, Page, Receipt
from sources.allowance import Allowance
from sources.answer import Answer, Credentials, bearer
from sources.fields import LATEST, ident, instant, integer, items, mapping, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import alike, reference, told, tried
from sources.searches import anchors, joined, merged
from sources.text import plain
from sources.walk import Walk
from sources.youtube_comment import parse

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Budget, Cursor, Draft

HOST = "https://www.googleapis.com"
LOGIN = "https://oauth2.googleapis.com"
LONGEST = 10_000
SEARCH_EVERY = 21_600.0
"""Seconds between two searches: at 100 units each, four a day leave the units to the comments."""
COST = {"search": 100, "comments": 1, "commentThreads": 1, "videos": 1, "channels": 1}
COST_REPLY = 50
LATE_REPLIES = 5
"""Threads of a page whose further answers are fetched too."""
LIMITS = frozenset({"quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded"})
CLOSED = frozenset({"commentsDisabled", "videoNotFound", "channelNotFound", "processingFailure"})


class Options(Base, frozen=True):
    """An API key of a Google Cloud project, and the channels to read."""

    api_key: Annotated[str, Meta(description="The key of a project with the YouTube Data API v3.")]
    channels: Annotated[dict[str, tuple[str, ...]], Meta(description="Topic = channel ids (UC…), ours and the rivals'.")] = msgspec.field(default_factory=dict)
    videos: Annotated[dict[str, tuple[str, ...]], Meta(description="Topic = ids of single videos.")] = msgspec.field(default_factory=dict)
    search: Annotated[bool, Meta(description="Look for videos that name a topic; 100 units each time.")] = False
    units: Annotated[int, Meta(ge=1, description="Units that the project has a day.")] = 10_000
    days: Annotated[int, Meta(ge=1, le=365, description="How far the first read looks back.")] = 7
    client_id: Annotated[str, Meta(description="For replies: the OAuth client.")] = ""
    client_secret: Annotated[str, Meta(description="For replies: its secret.")] = ""
    refresh_token: Annotated[str, Meta(description="For replies: the brand's channel has granted it.")] = ""
    host: Annotated[str, Meta(description="Another address of the API.")] = HOST
    login: Annotated[str, Meta(description="Another address of the login.")] = LOGIN


def open_source(context: Context, options: Options) -> YouTube:
    return YouTube(context, options)


class YouTube(Adapter):
    """One project at YouTube."""

    kind = "youtube"

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.host.rstrip("/"), "project")
        self._options, self._login_host = options, options.login.rstrip("/")
        self._key = Credentials(self.home, {"X-Goog-Api-Key": options.api_key}, "project")
        self._units = Allowance("units", options.units, "day", "America/Los_Angeles")
        self._token, self._expires, self._me = "", 0, ""
        self._login = asyncio.Lock()
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases", "or"}) if options.search else frozenset(),
            reply=bool(options.client_id and options.client_secret and options.refresh_token),
            deletion_check=True,
            counts=True,
            thread=True,
            length=LONGEST,
            pace=600.0,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        names = {topic.name for topic in topics}
        found = [
            Channel(f"{kind}:{one}", kind, one, topic, trusted=True)
            for kind, listed in (("channel", self._options.channels), ("video", self._options.videos))
            for topic, ids in listed.items()
            if topic in names
            for one in ids
        ]
        if self._options.search:
            found += [
                Channel(f"search:{text}", "search", text, topic.name)
                for topic in topics
                for text in joined(anchors(topic), glue="|", longest=200)
            ]
        return merged(found)

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        now = self.clock()
        self._units.recall(_state(cursor), now)
        walk = Walk.read(cursor, start=now - self._options.days * 86_400_000)
        method, params = listing(channel, walk.done)
        answer = await self._ask(method, {**params, "pageToken": walk.token or None})
        threads = items(answer, "items")
        extra = [await self._replies(thread) for thread in lacking_replies(threads)[:LATE_REPLIES]]
        mentions, refused, note = parse(answer, self.name, self._me)
        mentions += [reply for replies in extra for reply in replies if all(reply.native_id != known.native_id for known in mentions)]
        moments = [min(moment, now) for thread in threads if (moment := _written(thread)) is not None]
        after = walk.step(moments, string(mapping(answer), "nextPageToken"))
        state = json.dumps({**json.loads(after.cursor()), "spent": self._units.note()}, separators=(",", ":"))
        reason = string(mapping(answer), "closed")
        note = " ".join(filter(None, (reason, note)))
        pause = SEARCH_EVERY if channel.kind == "search" and not after.more else None
        return Page(mentions[::-1], state, more=after.more, next_check=pause, note=note, refused=refused)

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        if not self.capabilities.reply:
            raise Unsupported("No channel at YouTube is set up for replies.", hint="Set client_id, client_secret and refresh_token.")
        where = reference(mention.reply_ref)
        thread, video = string(where, "thread"), string(where, "video")
        method = "comments" if thread else "commentThreads"
        words = {"textOriginal": draft.text}
        snippet: dict[str, object] = {"parentId": thread, **words} if thread else {"videoId": video, "topLevelComment": {"snippet": words}}
        url = f"{self.home}/youtube/v3/{method}"
        answer = await self.http.publish(
            url, params={"part": "snippet"}, json={"snippet": snippet}, credentials=await self._credentials(), accept=(400, 403)
        )
        self._units.spend(COST_REPLY, self.clock())
        if answer.status >= 400:
            error = self._error(answer)
            raise error if isinstance(error, (RateLimited, AuthFailed)) else Rejected(error.message, hint=error.hint)
        number = ident(mapping(told(answer)), "id")
        if not number:
            raise Ambiguous("YouTube answered without the id of a comment: the reply may have been published.")
        return Receipt(number, f"https://www.youtube.com/watch?v={video}&lc={number}" if video else "")

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        me = await self._my_channel()
        thread = string(reference(mention.reply_ref), "thread")
        if not thread:
            raise Unsupported("YouTube does not tell which comments under a video are ours.", hint="Look at the video in the browser.")
        for comment in parse(await self._ask("comments", {"part": "snippet", "parentId": thread, "maxResults": 100, "textFormat": "plainText"}), self.name, me)[0]:
            if comment.own and comment.created_at >= mention.created_at and alike(draft.text, comment.text):
                return Receipt(comment.native_id, comment.url or f"https://www.youtube.com/watch?v={string(reference(mention.reply_ref), 'video')}&lc={comment.native_id}")
        return None

    def measure(self, text: str) -> tuple[int, int | None]:
        return len(text), LONGEST

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        thread = string(reference(mention.reply_ref), "thread")
        if not thread:
            return []
        top = await self._ask("commentThreads", {"part": "snippet", "id": thread, "textFormat": "plainText"})
        replies = await self._replies({"id": thread})
        return sorted([*parse(top, self.name, self._me)[0], *replies], key=lambda one: one.created_at)

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        found: list[Freshness] = []
        comments = [one.native_id for one in mentions if string(reference(one.reply_ref), "thread")][:50]
        videos = [one.native_id for one in mentions if one.native_id not in comments][:50]
        for method, part, ids in (("comments", "snippet", comments), ("videos", "snippet,statistics", videos)):
            if ids:
                answer = await self._ask(method, {"part": part, "id": ",".join(ids), "maxResults": 50, "textFormat": "plainText" if method == "comments" else None})
                there = {one.native_id: one for one in parse(answer, self.name)[0]}
                found += [Freshness(one.native_id, engagement=one.engagement, edited=one if one.edited_at else None) for one in there.values()]
                known = there.keys() | {ident(mapping(item), "id") for item in items(answer, "items")}
                found += [Freshness(native_id, deleted=True) for native_id in ids if native_id not in known]
        return found

    async def check(self) -> Sequence[Check]:
        checks = [await tried("credentials", self._try_key())]
        if not self.capabilities.reply:
            return [*checks, Check("reply", "skipped", "No channel is set up for replies.")]
        return [*checks, await tried("reply", self._try_reply())]

    async def _try_key(self) -> str:
        ids = [one for listed in self._options.channels.values() for one in listed][:50]
        answer = await self._ask("channels", {"part": "id", "id": ",".join(ids) or "UC_x5XG1OV2P6uZZ5FSM9Ttw"})
        known = {ident(mapping(item), "id") for item in items(answer, "items")}
        if not known:
            raise Unsupported("The key is accepted, but YouTube shows none of these channels.", hint="A channel id begins with UC.")
        missing = [one for one in ids if one not in known]
        if missing:
            raise Unsupported(f"The key works, but YouTube knows no channel {', '.join(missing)}.", hint="A channel id begins with UC.")
        return f"The key works; {self._units.left:.0f} of {self._units.limit:.0f} units are left today by our count."

    async def _try_reply(self) -> str:
        return f"Replies go out as channel {await self._my_channel()}."

    def budgets(self) -> Sequence[Budget]:
        return [self._units.budget(self.clock())]

    async def _replies(self, thread: object) -> list[Mention]:
        parent = ident(mapping(thread), "id")
        answer = await self._ask("comments", {"part": "snippet", "parentId": parent, "maxResults": 100, "textFormat": "plainText"})
        return parse(answer, self.name, self._me)[0]

    async def _ask(self, method: str, params: Mapping[str, Any], credentials: Credentials | None = None) -> object:
        """Read, and count the units. A closed comment section is an answer with `closed`."""
        now, cost = self.clock(), COST[method]
        self._units.recall({}, now)
        if self._units.left < cost:
            raise RateLimited("Today's units for YouTube are spent.", retry_after=self._units.seconds_left(now), hint="Read fewer channels, or ask Google for more.")
        answer = await self.http.get(f"{self.home}/youtube/v3/{method}", params=params, credentials=credentials or self._key, accept=(400, 403, 404))
        self._units.spend(cost, now)
        if answer.status < 400:
            return answer.json()
        error = self._error(answer)
        if isinstance(error, Closed):
            return {"closed": error.message}
        raise error

    def _error(self, answer: Answer) -> SourceError:
        """The error that fits the `reason`, which says more than the status."""
        if answer.is_page:
            return Unreachable("YouTube shows a web page instead of an answer.", hint="A proxy may stand before the network.")
        error = mapping(answer.json(), "error")
        reasons = {string(mapping(one), "reason") for one in items(error, "errors")}
        said = plain(string(error, "message"))[:200]
        if reasons & LIMITS:
            return RateLimited(f"YouTube asks for a pause: {said}", retry_after=min(self._units.seconds_left(self.clock()), 3600.0))
        if reasons & CLOSED:
            return Closed(f"YouTube shows no comments here: {said}")
        if answer.status == 404:
            return Unsupported(f"YouTube does not have this: {said}")
        if answer.status == 403 or reasons & {"keyInvalid", "badRequest", "keyExpired", "authError"} or "API key" in said:
            return AuthFailed(f"YouTube refuses: {said or 'no reason given'}.", hint="Check the key, and that the YouTube Data API v3 is enabled for its project.")
        return Unsupported(f"YouTube refuses the request: {said}")

    async def _my_channel(self) -> str:
        if not self._me:
            answer = await self._ask("channels", {"part": "id", "mine": "true"}, await self._credentials())
            self._me = next((ident(mapping(item), "id") for item in items(answer, "items")), "")
            if not self._me:
                raise AuthFailed("The account that granted the replies has no channel.", hint="Grant them again as the brand's channel.")
        return self._me

    async def _credentials(self) -> Credentials:
        async with self._login:
            if self.clock() >= self._expires:
                form = {
                    "grant_type": "refresh_token",
                    "refresh_token": self._options.refresh_token,
                    "client_id": self._options.client_id,
                    "client_secret": self._options.client_secret,
                }
                answer = await self.http.post(f"{self._login_host}/token", form=form, accept=(400, 401))
                said = mapping(answer.json())
                self._token = string(said, "access_token")
                if not self._token:
                    raise AuthFailed(f"Google refuses the login ({string(said, 'error') or 'no reason given'}).", hint="Grant the replies again.")
                self._expires = self.clock() + max(60, (integer(said, "expires_in") or 3600) - 60) * 1000
        found = bearer(self.home, self._token, "channel")
        assert found is not None
        return found


class Closed(Unsupported):
    """Nobody may comment here: an answer, not a failure."""


def listing(channel: Channel, done: int) -> tuple[str, dict[str, Any]]:
    """Method and parameters of a channel, newest first."""
    if channel.kind == "search":
        from datetime import UTC, datetime

        after = datetime.fromtimestamp(min(done, LATEST) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return "search", {"part": "snippet", "type": "video", "order": "date", "maxResults": 50, "publishedAfter": after, "q": channel.text}
    owner = "videoId" if channel.kind == "video" else "allThreadsRelatedToChannelId"
    return "commentThreads", {"part": "snippet,replies", owner: channel.text, "order": "time", "maxResults": 100, "textFormat": "plainText"}


def lacking_replies(threads: Sequence[object]) -> list[object]:
    """Threads that have more answers than came along."""
    return [thread for thread in threads if (integer(mapping(thread, "snippet"), "totalReplyCount") or 0) > len(items(thread, "replies", "comments"))]


def _written(item: object) -> int | None:
    snippet = mapping(item, "snippet", "topLevelComment", "snippet") or mapping(item, "snippet")
    return instant(snippet.get("publishedAt"))


def _state(cursor: Cursor) -> object:
    try:
        return json.loads(cursor) if cursor else None
    except ValueError:
        return None
