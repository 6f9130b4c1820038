"""Lemmy: communities of the Fediverse, through either version of its API.

API: https://join-lemmy.org/api (v3, up to 0.19 and kept by 1.0) and v4 (1.0): `/search`, `/comment`, `/post`

One search brings posts and comments, newest first, in pages (v3) or by a page cursor (v4). In v3 they are two lists: the walk goes on
while either of them has not reached known ground. Ids are the instance's own; where a post was born is its `ap_id`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from listener.domain.mention import Mention
from listener.errors import Ambiguous, AuthFailed, RateLimited, Rejected, Unsupported
from listener.source import Capabilities, Channel, Check, Freshness, Page, Receipt
from sources.answer import Credentials, bearer
from sources.fields import ident, instant, integer, items, mapping, read_each, string
from sources.lemmy_view import is_gone, parse, parse_view, posts
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import alike, reference, told, tried
from sources.searches import anchors, merged
from sources.text import web_address
from sources.walk import Walk

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Cursor, Draft

PAGE = 50
OVERLAP = 600_000
"""ms: what is federated arrives late, with the time at which it was written."""
LONGEST = 10_000
REFRESHED = 20
TOO_FAST = "rate_limit_error"


class Options(Base, frozen=True):
    """An instance; searching it needs no account."""

    instance: Annotated[str, Meta(description="The instance's address, https://lemmy.example.")]
    api: Annotated[Literal["auto", "v3", "v4"], Meta(description="The version of its API; auto finds out.")] = "auto"
    username: Annotated[str, Meta(description="The account that answers; its mentions are read too.")] = ""
    password: Annotated[str, Meta(description="Its password.")] = ""
    days: Annotated[int, Meta(ge=1, le=365, description="How far the first read looks back.")] = 7


def open_source(context: Context, options: Options) -> Lemmy:
    return Lemmy(context, options)


class Lemmy(Adapter):
    """One instance."""

    kind = "lemmy"

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.instance.rstrip("/"), options.username)
        self._options, self._me = options, options.username
        self._version = "" if options.api == "auto" else options.api
        self._token = ""
        self._login = asyncio.Lock()
        self.capabilities = Capabilities(
            search=frozenset({"terms"}),
            reply=bool(options.username and options.password),
            idempotent_reply="no",  # a key is sent, but those servers that know it forget it after two minutes
            deletion_check=True,
            counts=True,
            thread=True,
            length=LONGEST,
            pace=180.0,
            keyless=True,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        found = [Channel(f"search:{anchor.text}", "search", anchor.text, topic.name) for topic in topics for anchor in anchors(topic)]
        brand = next((topic.name for topic in topics if topic.role == "brand"), "")
        if self.capabilities.reply:
            found += [Channel(kind, kind, "", brand, trusted=bool(brand)) for kind in ("mentions", "replies")]
        return merged(found)

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        walk = Walk.read(cursor, start=self.clock() - self._options.days * 86_400_000)
        version = await self._find_version()
        told_version, _, place = walk.token.partition(":")
        place = place if told_version == version else ""
        path, params = listing(channel, version, place)
        if path is None:
            return Page((), cursor, note="This instance tells of mentions in a way that is not read yet; the search finds them.", next_check=3600.0)
        answer = await self._read(path, params, own=channel.kind != "search")
        found = list(posts(answer))
        mentions, refused, note = read_each(found, lambda item: parse_view(item, self.name, self._me))
        token = next_page(answer, version, place)
        # What is federated says itself when it was written: a time to come must not end the reading until then.
        now = self.clock()
        after = walk.step([min(edge, now) for edge in edges(answer)], f"{version}:{token}" if token else "", overlap=OVERLAP)
        mentions.sort(key=lambda mention: mention.created_at)
        return Page(mentions, after.cursor(), more=after.more, note=note, refused=refused)

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        if not self.capabilities.reply:
            raise Unsupported("No account is set up for replies here.", hint="Set username and password of this source.")
        where = reference(mention.reply_ref)
        body = {"content": draft.text, "post_id": integer(where, "post"), "parent_id": integer(where, "comment")}
        answer = await self.http.publish(
            f"{self.home}/api/{await self._find_version()}/comment",
            json={key: value for key, value in body.items() if value is not None},
            headers={"Idempotency-Key": draft.key},
            credentials=await self._credentials(),
            accept=(400,),
        )
        said = mapping(told(answer))
        if answer.status == 400 or string(said, "error"):
            reason = string(said, "error")
            if reason == TOO_FAST:
                raise RateLimited("The instance asks for a pause.", retry_after=60.0)
            if reason in ("not_logged_in", "incorrect_login"):
                self._token = ""
                raise AuthFailed("The instance has ended our session.", hint="Try again; the desk logs in anew.")
            raise Rejected(f"The instance refuses the reply ({reason or 'no reason given'}).", hint="The post may be locked or gone.")
        comment = mapping(said, "comment_view", "comment")
        number = ident(comment, "id")
        if not number:
            raise Ambiguous("The instance answered without the id of a comment: the reply may have been published.")
        kept = ident(comment, "post_id") in ("", string(where, "post"))
        return Receipt(f"comment:{number}", web_address(comment.get("ap_id")), parent_kept=kept)

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        where = reference(mention.reply_ref)
        params = {"post_id": string(where, "post"), "parent_id": string(where, "comment") or None, "limit": PAGE, "max_depth": 2}
        answer = await self._comments({**params, "sort": "New"})
        parent = f"comment:{string(where, 'comment')}" if string(where, "comment") else f"post:{string(where, 'post')}"
        for comment in parse(answer, self.name, self._me)[0]:
            if comment.own and comment.parent_id == parent and alike(draft.text, comment.text):
                return Receipt(comment.native_id, comment.url)
        return None

    def measure(self, text: str) -> tuple[int, int | None]:
        return len(text), LONGEST

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        post = string(reference(mention.reply_ref), "post")
        top = await self._read("/post", {"id": post})
        answer = await self._comments({"post_id": post, "sort": "Old", "limit": PAGE, "max_depth": 8})
        return sorted([*parse(top, self.name, self._me)[0], *parse(answer, self.name, self._me)[0]], key=lambda one: one.created_at)

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        """One request for each: the newest few."""
        found = []
        for mention in mentions[:REFRESHED]:
            kind, _, number = mention.native_id.partition(":")
            if kind not in ("post", "comment") or not number.isdigit():
                continue
            url = f"{self.home}/api/{await self._find_version()}/{kind}"
            answer = await self.http.get(url, params={"id": number}, accept=(400, 404))
            said = answer.json()
            thing = mapping(said, f"{kind}_view", kind)
            if is_gone(thing) or string(mapping(said), "error").startswith(("couldnt_find", "not_found")):
                found.append(Freshness(mention.native_id, deleted=True))
            for now in parse(said, self.name, self._me)[0]:
                found.append(Freshness(now.native_id, engagement=now.engagement, edited=now if now.edited_at else None))
        return found

    async def check(self) -> Sequence[Check]:
        checks = [await tried("reach", self._try_site()), await tried("search", self._try_search())]
        if not self.capabilities.reply:
            return [*checks, Check("reply", "skipped", "No account is set up for replies here.")]
        return [*checks, await tried("credentials", self._try_login())]

    async def _try_site(self) -> str:
        site = await self._read("/site", {})
        return f"{string(mapping(site, 'site_view', 'site'), 'name') or self.home} answers, version {string(mapping(site), 'version') or 'unknown'}."

    async def _try_search(self) -> str | Check:
        version = await self._find_version()
        path, params = listing(Channel("search:the", "search", "the"), version, "")
        found = list(posts(await self._read(path or "/search", params)))
        return f"The search answers ({version})." if found else Check("search", "warning", "The search finds nothing, not even for a common word.")

    async def _try_login(self) -> str:
        await self._credentials()
        return f"Logged in; replies go out as {self._me}."

    async def _comments(self, params: Mapping[str, Any]) -> object:
        if await self._find_version() == "v4":
            params = {**params, "sort": str(params["sort"]).lower()}
        return await self._read("/comment/list", params)

    async def _read(self, path: str, params: Mapping[str, Any], *, own: bool = False) -> object:
        version = await self._find_version()
        credentials = await self._credentials() if own else None
        answer = await self.http.get(f"{self.home}/api/{version}{path}", params=params, credentials=credentials, accept=(400,))
        said = answer.json()
        if error := string(mapping(said), "error"):
            if error == TOO_FAST:
                raise RateLimited("The instance asks for a pause.", retry_after=60.0)
            if error in ("not_logged_in", "incorrect_login"):
                self._token = ""
                raise AuthFailed("The instance does not accept our session.", hint="Check username and password of this source.")
            raise Unsupported(f"The instance refuses the request ({error[:100]}).")
        return said

    async def _find_version(self) -> str:
        """v3 where there is one, for both generations of servers speak it."""
        if not self._version:
            try:
                await self.http.json(f"{self.home}/api/v3/site")
                self._version = "v3"
            except Unsupported:
                await self.http.json(f"{self.home}/api/v4/site")
                self._version = "v4"
        return self._version

    async def _credentials(self) -> Credentials:
        async with self._login:
            if not self._token:
                version = await self._find_version()
                path = "user/login" if version == "v3" else "account/auth/login"
                login = {"username_or_email": self._me, "password": self._options.password}
                answer = await self.http.post(f"{self.home}/api/{version}/{path}", json=login, accept=(400, 401, 404))
                said = mapping(answer.json())
                self._token = string(said, "jwt")
                if not self._token:
                    raise AuthFailed(f"The instance refuses the login ({string(said, 'error') or 'no reason given'}).", hint="Check username and password.")
        found = bearer(self.home, self._token, self._me)
        assert found is not None
        return found


def listing(channel: Channel, version: str, place: str) -> tuple[str | None, dict[str, Any]]:
    """Path and parameters of a channel, newest first; no path where this version has none. `place`: page number or page cursor."""
    if version == "v4":
        params = {"search_term": channel.text, "type_": "all", "sort": "new", "limit": PAGE, "page_cursor": place or None}
        return ("/search", params) if channel.kind == "search" else (None, {})
    page = {"sort": "New", "limit": PAGE, "page": int(place) if place.isdigit() else 1}
    if channel.kind == "search":
        return "/search", {"q": channel.text, "type_": "All", "listing_type": "All", **page}
    return ("/user/mention" if channel.kind == "mentions" else "/user/replies"), {**page, "unread_only": "false"}


def next_page(answer: object, version: str, place: str) -> str:
    """Where the next page is; empty when this was the last."""
    if version == "v4":
        return string(mapping(answer), "next_page")
    is_full = any(len(items(answer, key)) >= PAGE for key in ("posts", "comments", "mentions", "replies"))
    return str((int(place) if place.isdigit() else 1) + 1) if is_full else ""


def edges(answer: object) -> list[int]:
    """Positions for the walk: the newest time, and how far back *every* list of the answer has been read.

    A list that is not full has been read to its end; the others count from their oldest item, and the youngest of those decides.
    """
    lists = [[time for item in items(answer, key) if (time := _written(item)) is not None] for key in ("posts", "comments", "mentions", "replies")]
    lists = [times for times in lists if times]
    if not lists:
        return [time for item in posts(answer) if (time := _written(item)) is not None]
    full = [min(times) for times in lists if len(times) >= PAGE]
    return [max(map(max, lists)), max(full) if full else min(map(min, lists))]


def _written(item: object) -> int | None:
    thing = mapping(item, "comment") or mapping(item, "post")
    return instant(thing.get("published") or thing.get("published_at"))
