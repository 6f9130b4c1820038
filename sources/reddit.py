"""Reddit: searches, subreddits and our inbox with an OAuth script app; without one, the search feed at a slow pace.

API: https://www.reddit.com/dev/api (`/search`, `/r/x/new`, `/r/x/comments`, `/message/inbox`, `/api/info`, `/api/comment`)

Keyless JSON is closed; `search.rss` still answers, slowly and without counts. Search knows posts only: comments are read from the
subreddits that are named, and matched here. The list's own `before` cursor dies with the post that it names, so the walk goes by time.
Two traps: a wrong login is a 200 with `error`, and a refused comment is a 200 with `json.errors`.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urljoin

from msgspec import Meta

from listener.domain.mention import Mention
from listener.errors import Ambiguous, AuthFailed, RateLimited, Rejected, Unsupported
from listener.source import Capabilities, Channel, Check, Freshness, Page, Receipt
from sources.answer import Credentials, bearer
from sources.fields import ident, instant, integer, items, mapping, number, read_each, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.reddit_thing import SITE, is_gone, parse, parse_thing, things
from sources.replying import alike, reference, told, tried
from sources.searches import anchors, joined, merged
from sources.text import plain, web_address
from sources.walk import Walk
from sources.xmltree import ATOM, atom, words

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Cursor, Draft

API = "https://oauth.reddit.com"
OVERLAP = 600_000
"""ms that a walk looks again behind what is done: search finds a post some minutes after it was written."""
LONGEST = 10_000


class Options(Base, frozen=True):
    """A script app of https://www.reddit.com/prefs/apps, or nothing at all for the slow feed."""

    client_id: Annotated[str, Meta(description="The app's id; empty reads the search feed without an account.")] = ""
    client_secret: Annotated[str, Meta(description="The app's secret.")] = ""
    username: Annotated[str, Meta(description="The brand's account: its inbox is read, and it answers.")] = ""
    password: Annotated[str, Meta(description="Its password.")] = ""
    subreddits: Annotated[tuple[str, ...], Meta(description="Read wholly, comments too, and matched here.")] = ()
    days: Annotated[int, Meta(ge=1, le=365, description="How far the first read looks back.")] = 2
    host: Annotated[str, Meta(description="Another address of the API.")] = API
    site: Annotated[str, Meta(description="Another address of the site.")] = SITE


def open_source(context: Context, options: Options) -> Reddit:
    return Reddit(context, options)


class Reddit(Adapter):
    """One account at Reddit, or none."""

    kind = "reddit"

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.host.rstrip("/"), options.username or "app")
        self._options, self._site, self._me = options, options.site.rstrip("/"), options.username
        self._keyed = bool(options.client_id)
        self._token, self._expires = "", 0
        self._login = asyncio.Lock()
        can_reply = bool(self._keyed and options.username and options.password)
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases", "or"}),
            reply=can_reply,
            deletion_check=self._keyed,
            counts=self._keyed,
            thread=self._keyed,
            length=LONGEST,
            pace=60.0 if self._keyed else 180.0,
            keyless=True,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        found = [Channel(f"search:{text}", "search", text, topic.name) for topic in topics for text in joined(anchors(topic), longest=450)]
        for name in self._options.subreddits:
            name = name.removeprefix("r/").strip("/")
            found += [Channel(f"new:{name}", "new", name), Channel(f"comments:{name}", "comments", name)]
        brand = next((topic.name for topic in topics if topic.role == "brand"), "")
        if self.capabilities.reply:
            found.append(Channel("inbox", "inbox", "", brand, trusted=bool(brand)))
        return merged(found)

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        walk = Walk.read(cursor, start=self.clock() - self._options.days * 86_400_000)
        path, params = listing(channel)
        if self._keyed:
            answer = await self._read(path, {**params, "limit": 100, "raw_json": 1, "after": walk.token or None})
            found: list[object] = list(items(answer, "data", "children"))
            token = string(mapping(answer, "data"), "after")
        else:
            body = (await self.http.get(f"{self._site}{path}.rss", params={**params, "limit": 100, "after": walk.token or None})).body
            found = [dict(thing) for thing in feed_things(body)]
            token = ident(mapping(found[-1], "data"), "name") if len(found) >= 25 else ""
        mentions, refused, note = read_each(found, lambda item: parse_thing(item, self.name, self._me))
        now = self.clock()
        moments = [min(moment, now) for item in found if (moment := instant(mapping(item, "data").get("created_utc"))) is not None]
        after = walk.step(moments, token, overlap=OVERLAP)
        return Page(mentions[::-1], after.cursor(), more=after.more, note=note, refused=refused)

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        if not self.capabilities.reply:
            raise Unsupported("No account at Reddit is set up for replies.", hint="Set client_id, client_secret, username and password.")
        form = {"thing_id": mention.native_id, "text": draft.text, "api_type": "json", "raw_json": "1"}
        answer = await self.http.publish(f"{self.home}/api/comment", form=form, credentials=await self._credentials())
        said = mapping(told(answer), "json")
        if errors := items(said, "errors"):
            raise refusal(errors, number(said.get("ratelimit")))
        thing = next((mapping(thing, "data") for thing in items(said, "data", "things")), {})
        name = ident(thing, "name") or (f"t1_{ident(thing, 'id')}" if ident(thing, "id") else "")
        if not name:
            raise Ambiguous("Reddit answered without the id of a comment: the reply may have been published.")
        path = string(thing, "permalink")
        return Receipt(name, web_address(urljoin(SITE, path)) if path else "", parent_kept=ident(thing, "parent_id") in ("", mention.native_id))

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        answer = await self._read(f"/user/{self._me}/comments", {"sort": "new", "limit": 100, "raw_json": 1})
        for comment in parse(answer, self.name, self._me)[0]:
            if comment.parent_id == mention.native_id and alike(draft.text, comment.text):
                return Receipt(comment.native_id, comment.url)
        return None

    def measure(self, text: str) -> tuple[int, int | None]:
        return len(text), LONGEST

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        article = string(reference(mention.reply_ref), "article").removeprefix("t3_") or mention.native_id.removeprefix("t3_")
        focus = mention.native_id.removeprefix("t1_") if mention.native_id.startswith("t1_") else None
        answer = await self._read(f"/comments/{article}", {"comment": focus, "context": 8 if focus else None, "limit": 200, "raw_json": 1})
        return sorted(parse(answer, self.name, self._me)[0], key=lambda one: one.created_at)

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        names = [one.native_id for one in mentions if one.native_id.startswith(("t1_", "t3_"))][:100]
        if not names or not self._keyed:
            return []
        answer = await self._read("/api/info", {"id": ",".join(names), "raw_json": 1})
        found = []
        for thing in things(answer):
            data = mapping(thing, "data")
            if is_gone(data):
                found.append(Freshness(ident(data, "name"), deleted=True))
                continue
            for now in read_each([thing], lambda item: parse_thing(item, self.name, self._me))[0]:
                found.append(Freshness(now.native_id, engagement=now.engagement, edited=now if now.edited_at else None))
        return found

    async def check(self) -> Sequence[Check]:
        if not self._keyed:
            return [
                await tried("reach", self._try_feed()),
                Check("reply", "skipped", "Without an app Reddit can only be read, slowly. Set client_id for more."),
            ]
        return [await tried("credentials", self._who()), Check("reply", *self._may_reply())]

    def _may_reply(self) -> tuple[Any, str]:
        return ("ok", f"Replies go out as u/{self._me}.") if self.capabilities.reply else ("skipped", "No account is set up for replies.")

    async def _try_feed(self) -> str:
        body = (await self.http.get(f"{self._site}/search.rss", params={"q": "news", "sort": "new", "limit": 5})).body
        return f"The search feed answers with {len(feed_things(body))} posts."

    async def _who(self) -> str | Check:
        if not self._me:
            await self._credentials()
            return "The app is accepted; it reads without an account."
        name = string(mapping(await self._read("/api/v1/me", {})), "name")
        return f"Logged in as u/{name}." if name else Check("credentials", "failed", "Reddit accepts the app but names no account.")

    async def _read(self, path: str, params: Mapping[str, Any]) -> object:
        """Read as logged in; a token that was taken back early is renewed once."""
        try:
            return await self.http.json(f"{self.home}{path}", params=params, credentials=await self._credentials())
        except AuthFailed:
            self._expires = 0
            return await self.http.json(f"{self.home}{path}", params=params, credentials=await self._credentials())

    async def _credentials(self) -> Credentials:
        if not self._keyed:
            raise Unsupported("Without an app Reddit shows its search feed only.", hint="Set client_id and client_secret of this source.")
        async with self._login:
            if self.clock() >= self._expires:
                await self._log_in()
        found = bearer(self.home, self._token, self.account)
        assert found is not None
        return found

    async def _log_in(self) -> None:
        options = self._options
        pair = base64.b64encode(f"{options.client_id}:{options.client_secret}".encode()).decode()
        form = {"grant_type": "password", "username": self._me, "password": options.password} if self._me else {"grant_type": "client_credentials"}
        answer = await self.http.post(
            f"{self._site}/api/v1/access_token", form=form, credentials=Credentials(self._site, {"Authorization": f"Basic {pair}"}, "login")
        )
        said = mapping(answer.json())
        self._token = string(said, "access_token")
        if not self._token:
            raise AuthFailed(
                f"Reddit refuses the login ({string(said, 'error') or 'no reason given'}).", hint="Check client_id, client_secret, username and password."
            )
        self._expires = self.clock() + max(60, (integer(said, "expires_in") or 3600) - 60) * 1000


def listing(channel: Channel) -> tuple[str, dict[str, str]]:
    """Path and parameters of a channel, newest first."""
    match channel.kind:
        case "new":
            return f"/r/{channel.text}/new", {}
        case "comments":
            return f"/r/{channel.text}/comments", {}
        case "inbox":
            return "/message/inbox", {}
        case _:
            return "/search", {"q": channel.text, "sort": "new"}


def refusal(errors: Sequence[object], wait: float | None) -> RateLimited | AuthFailed | Rejected:
    """The error for `json.errors`, a list of [code, words, field]."""
    first = errors[0] if isinstance(errors[0], list) else [errors[0]]
    code, said = (str(piece)[:200] for piece in (*first, "", "")[:2])
    if code == "RATELIMIT":
        return RateLimited(f"Reddit wants the reply later: {said}.", retry_after=wait or 600.0)
    if code in ("USER_REQUIRED", "NOT_AUTHOR"):
        return AuthFailed(f"Reddit refuses the reply: {said}.")
    return Rejected(f"Reddit refuses the reply: {said or code}.", hint="Open the post in the browser to see whether it is locked or gone.")


def feed_things(body: bytes) -> list[dict[str, object]]:
    """The entries of a feed in the shape of the API. Raises Malformed."""
    return [_feed_thing(entry) for entry in atom(body).iter(f"{ATOM}entry")]


def _feed_thing(entry: Any) -> dict[str, object]:
    name = words(entry, f"{ATOM}id").rpartition("/")[2]
    link = entry.find(f"{ATOM}link")
    address = link.get("href", "") if link is not None else ""
    content = plain(words(entry, f"{ATOM}content")).removesuffix("[link] [comments]").strip()
    content = content.rpartition("submitted by")[0].strip() if "submitted by" in content else content
    data: dict[str, object] = {
        "name": name,
        "author": words(entry, f"{ATOM}author/{ATOM}name").removeprefix("/u/"),
        "created_utc": instant(words(entry, f"{ATOM}published") or words(entry, f"{ATOM}updated")),
        "permalink": address.removeprefix(SITE),
        "body" if name.startswith("t1_") else "selftext": content,
        "title": "" if name.startswith("t1_") else words(entry, f"{ATOM}title"),
    }
    if name.startswith("t1_") and "/comments/" in address:
        data["link_id"] = "t3_" + address.partition("/comments/")[2].partition("/")[0]
    return {"kind": name.partition("_")[0], "data": data}
