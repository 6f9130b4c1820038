"""Discourse: forums. All new posts are read and matched here, or, where a forum is too busy for that, its search.

API: https://docs.discourse.org (`/posts.json?before=`, `/search.json`, `/t/{id}.json`, `POST /posts.json`)

Post ids grow, so the walk goes by id. The latest posts come whole, fifty to a request; a search cuts them short (the full text is
then fetched post by post) and anonymous visitors get about fifteen searches a minute.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.errors import Ambiguous, AuthFailed, Rejected, Unsupported
from listener.source import Capabilities, Channel, Check, Freshness, Page, Receipt
from sources.answer import Credentials
from sources.fields import flag, ident, instant, integer, items, mapping, need, need_instant, payload, read_each, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import alike, reference, told, tried
from sources.searches import anchors, merged
from sources.text import maybe_markup, plain, web_address
from sources.walk import Walk

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Cursor, Draft

SMALL_ACTION = 3
"""The type of "closed this topic": nobody's words. A moderator's post (2) may say something."""
LONGEST = 32_000
COMPLETED = 20
"""Posts of a search page whose full text is fetched."""
REFRESHED = 20
WINDOW = 49


class Options(Base, frozen=True):
    """A forum; reading an open one needs no key."""

    instance: Annotated[str, Meta(description="The forum's address, https://forum.example.")]
    read: Annotated[Literal["latest", "search"], Meta(description="All new posts, or only what its search finds.")] = "latest"
    topic: Annotated[str, Meta(description="A topic that everything here belongs to, for a forum of one's own.")] = ""
    username: Annotated[str, Meta(description="The account that answers.")] = ""
    api_key: Annotated[str, Meta(description="Its API key, for replies and for closed forums.")] = ""
    days: Annotated[int, Meta(ge=1, le=365, description="How far the first read looks back.")] = 7


def open_source(context: Context, options: Options) -> Discourse:
    return Discourse(context, options)


class Discourse(Adapter):
    """One forum."""

    kind = "discourse"

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.instance.rstrip("/"), options.username)
        self._options, self._me = options, options.username
        headers = {"Api-Key": options.api_key, "Api-Username": options.username}
        self._key = Credentials(self.home, headers, options.username) if options.api_key and options.username else None
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases"}) if options.read == "search" else frozenset(),
            reply=self._key is not None,
            deletion_check=True,
            counts=True,
            thread=True,
            length=LONGEST,
            pace=120.0,
            keyless=True,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        if self._options.read == "latest":
            return [Channel("latest", "latest", "", self._options.topic, trusted=bool(self._options.topic))]
        return merged(
            Channel(f"search:{text}", "search", text, topic.name)
            for topic in topics
            for text in (f'"{anchor.text}"' if anchor.kind == "phrase" else anchor.text for anchor in anchors(topic))
        )

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        walk = Walk.read(cursor, start=0)
        horizon = self.clock() - self._options.days * 86_400_000
        if channel.kind == "latest":
            answer = await self._get("/posts.json", {"before": walk.token or None})
            found = list(posts(answer))
            token = before(_numbers(found), walk)
        else:
            page = int(walk.token) if walk.token.isdigit() else 1
            day = datetime.fromtimestamp(horizon / 1000, UTC).date() if not walk.done else None
            answer = await self._get("/search.json", {"q": search_text(channel.text, str(day or "")), "page": page})
            if refusal := string(mapping(answer, "grouped_search_result"), "error"):
                raise Unsupported(f"The forum does not search for this: {plain(refusal)[:200]}")
            found = await self._completed(posts(answer), walk.done)
            token = str(page + 1) if flag(mapping(answer, "grouped_search_result"), "more_full_page_results") else ""
        topics, numbers = topics_of(answer), numbers_of(found)
        mentions, refused, note = read_each(found, lambda item: parse_post(item, self.name, self.home, topics, self._me, numbers))
        moments = [moment for item in found if (moment := instant(mapping(item).get("created_at"))) is not None]
        if not walk.done and moments and min(moments) < horizon:
            token = ""
        positions = _numbers(found) or ([int(token)] if token and channel.kind == "latest" else [])
        after = walk.step(positions, token)
        return Page(mentions[::-1], after.cursor(), more=after.more, note=note, refused=refused)

    async def _completed(self, found: Sequence[object], done: int) -> list[object]:
        """The posts of a search with their full text, as far as they are new."""
        whole: list[object] = []
        for number, item in enumerate(found):
            native_id = ident(mapping(item), "id")
            is_new = (integer(mapping(item), "id") or 0) > done
            whole.append({**mapping(item), **mapping(await self._get(f"/posts/{native_id}.json"))} if is_new and native_id.isdigit() and number < COMPLETED else item)
        return whole

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        if self._key is None:
            raise Unsupported("No account is set up for replies here.", hint="Set username and api_key of this source.")
        where = reference(mention.reply_ref)
        body = {"topic_id": integer(where, "topic"), "raw": draft.text, "reply_to_post_number": integer(where, "number")}
        answer = await self.http.publish(f"{self.home}/posts.json", json=body, credentials=self._key, accept=(422,))
        said = mapping(told(answer))
        if answer.status == 422 or said.get("success") is False:
            reasons = "; ".join(plain(one) for one in items(said, "errors") if isinstance(one, str))[:300]
            raise Rejected(f"The forum refuses the reply: {reasons or 'no reason given'}", hint="It may be too short, or too much like an earlier one.")
        if string(said, "action") == "enqueued":
            return Receipt(f"pending:{ident(mapping(said, 'pending_post'), 'id')}")
        post = mapping(said, "post") or said
        native_id = ident(post, "id")
        if not native_id:
            raise Ambiguous("The forum answered without the id of a post: the reply may have been published.")
        kept = ident(post, "topic_id") in ("", string(where, "topic"))
        return Receipt(native_id, self._address(post), parent_kept=kept)

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        for post in await self._end_of(mention):
            if post.own and alike(draft.text, post.text):
                return Receipt(post.native_id, post.url)
        return None

    def measure(self, text: str) -> tuple[int, int | None]:
        return len(text), LONGEST

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        first = parse(await self._get(f"/t/{self._topic_of(mention)}.json"), self.name, self.home, self._me)[0]
        found = {post.native_id: post for post in (*first, *await self._end_of(mention))}
        return sorted(found.values(), key=lambda post: int(post.native_id))

    async def _end_of(self, mention: Entry) -> list[Mention]:
        """The last posts of a topic: a topic shows its first twenty unless asked from a number on."""
        topic = self._topic_of(mention)
        start = await self._get(f"/t/{topic}.json")
        highest = integer(mapping(start), "highest_post_number") or 0
        answer = await self._get(f"/t/{topic}/{highest}.json") if highest > len(posts(start)) else start
        return parse(answer, self.name, self.home, self._me)[0]

    def _topic_of(self, mention: Entry) -> str:
        topic = string(reference(mention.reply_ref), "topic")
        if not topic.isdigit():
            raise Unsupported("Nobody noted which topic this post belongs to.")
        return topic

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        """One request for each post: the newest few."""
        found = []
        for mention in mentions[:REFRESHED]:
            if not mention.native_id.isdigit():
                continue
            answer = await self.http.get(f"{self.home}/posts/{mention.native_id}.json", credentials=self._key, accept=(404, 410))
            if answer.status in (404, 410):
                # A page that is no JSON comes from something before the forum: it says nothing about the post.
                if not answer.is_page:
                    found.append(Freshness(mention.native_id, deleted=True))
                continue
            item = mapping(answer.json())
            if is_gone(item):
                found.append(Freshness(mention.native_id, deleted=True))
                continue
            for now in read_each([item], lambda one: parse_post(one, self.name, self.home, {}, self._me))[0]:
                found.append(Freshness(now.native_id, engagement=now.engagement, edited=now if now.edited_at else None))
        return found

    async def check(self) -> Sequence[Check]:
        checks = [await tried("reach", self._try_reading())]
        if self._key is None:
            return [*checks, Check("reply", "skipped", "No account is set up for replies here.")]
        return [*checks, await tried("credentials", self._try_key())]

    async def _try_reading(self) -> str | Check:
        found = posts(await self._get("/posts.json"))
        return f"The forum shows its latest {len(found)} posts." if found else Check("reach", "warning", "The forum shows no posts at all.")

    async def _try_key(self) -> str:
        user = mapping(await self._get("/session/current.json"), "current_user")
        name = string(user, "username")
        if name.lower() != self._me.lower():
            raise AuthFailed(f"The key belongs to {name or 'nobody'}, not to {self._me}.", hint="Make a key for that user in the forum's admin pages.")
        return f"Replies go out as {name}."

    async def _get(self, path: str, params: Mapping[str, str | int | None] | None = None) -> object:
        try:
            return await self.http.json(f"{self.home}{path}", params=params, credentials=self._key)
        except AuthFailed as error:
            if self._key is None:
                raise AuthFailed("This forum shows nothing without an account.", hint="Set username and api_key of this source.") from None
            raise error

    def _address(self, post: Mapping[str, object]) -> str:
        slug, topic, number = string(post, "topic_slug") or "-", ident(post, "topic_id"), ident(post, "post_number")
        return web_address(f"{self.home}/t/{slug}/{topic}/{number}") if topic and number else ""


def search_text(text: str, day: str) -> str:
    """A search newest first, from a day on when there is one."""
    return f"{text} order:latest{f' after:{day}' if day else ''}"


def before(numbers: Sequence[int], walk: Walk) -> str:
    """Where the latest posts go on; empty at the end.

    Older forums look at the fifty ids below `before` only, of which all may be private: an empty page in the middle of a walk
    is no end. Some count `before` itself in, some do not: it is asked for again, unless it was all that came.
    """
    last = int(walk.token) if walk.token.isdigit() else 0
    if numbers and (not last or min(numbers) < last):
        return str(min(numbers))
    return str(last - WINDOW) if walk.done and last - WINDOW > walk.done else ""


def _numbers(found: Sequence[object]) -> list[int]:
    return [number for item in found if (number := integer(mapping(item), "id")) is not None]


def numbers_of(found: Sequence[object]) -> dict[tuple[str, str], str]:
    """The id of each post, by its topic and its number in it."""
    return {(ident(mapping(item), "topic_id"), ident(mapping(item), "post_number")): ident(mapping(item), "id") for item in found}


def topics_of(answer: object) -> dict[str, Mapping[str, object]]:
    """The topics that came along with posts, by their id."""
    topics = {ident(mapping(topic), "id"): mapping(topic) for topic in items(answer, "topics")}
    if mapping(answer, "post_stream"):
        topics[ident(mapping(answer), "id")] = mapping(answer)
    return topics


def parse(answer: object, source: str, site: str, me: str = "") -> tuple[list[Mention], int, str]:
    """Every post of an answer: latest posts, a search, a topic, a single post."""
    topics, found = topics_of(answer), posts(answer)
    numbers = numbers_of(found)
    return read_each(found, lambda item: parse_post(item, source, site, topics, me, numbers))


def posts(answer: object) -> Sequence[object]:
    if isinstance(answer, list):
        return [post for node in answer for post in posts(node)]
    for found in (items(answer, "latest_posts"), items(answer, "post_stream", "posts"), items(answer, "posts")):
        if found:
            return found
    return [answer] if ident(mapping(answer), "post_number") and string(mapping(answer), "raw", "cooked") else []


def parse_post(
    item: Mapping[str, object],
    source: str,
    site: str,
    topics: Mapping[str, Mapping[str, object]],
    me: str = "",
    numbers: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Mention | None:
    """A post; None when it was deleted or is nobody's words. Raises Malformed.

    Args:  topics: the topics that came along, by id. numbers: ids of the posts that came along: an answer names its parent by number.
    """
    native_id = need(ident(item, "id"), "id")
    if is_gone(item) or item.get("post_type") == SMALL_ACTION:
        return None
    topic_id = ident(item, "topic_id")
    topic = topics.get(topic_id, {})
    number = integer(item, "post_number") or 1
    slug = string(item, "topic_slug") or string(topic, "slug") or "-"
    login, created = string(item, "username"), need_instant(item.get("created_at"))
    edited = instant(item.get("updated_at")) if (integer(item, "version") or 1) > 1 else None
    likes = integer(item, "like_count")
    if likes is None:
        likes = next((integer(mapping(action), "count") for action in items(item, "actions_summary") if mapping(action).get("id") == 2), None)
    return Mention(
        source=source,
        native_id=native_id,
        text=need(string(item, "raw").strip() or plain(string(item, "cooked")) or maybe_markup(string(item, "blurb")), "text"),
        title=maybe_markup(string(item, "topic_title") or string(topic, "title")),
        created_at=created,
        author=Author(ident(item, "user_id") or login or "unknown", login or "unknown", string(item, "name"), web_address(f"{site}/u/{login}") if login else ""),
        url=web_address(f"{site}/t/{slug}/{topic_id}/{number}") if topic_id else "",
        parent_id=numbers.get((topic_id, ident(item, "reply_to_post_number")), ""),
        thread_id=f"topic:{topic_id}" if topic_id else "",
        engagement=Engagement(likes=likes, replies=integer(item, "reply_count"), views=integer(item, "reads")),
        edited_at=edited if edited is not None and edited > created else None,
        reply_ref=json.dumps({"topic": topic_id, "number": number, "post": native_id}),
        own=bool(me) and login.lower() == me.lower(),
        payload=payload(item),
    )


def is_gone(item: Mapping[str, object]) -> bool:
    return bool(item.get("deleted_at")) or flag(item, "user_deleted") or flag(item, "hidden")
