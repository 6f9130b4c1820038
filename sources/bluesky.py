"""Bluesky: search and mentions of ourselves, through the server that holds our account.

API: https://docs.bsky.app/docs/api/app-bsky-feed-search-posts, …/app-bsky-notification-list-notifications, …/com-atproto-repo-put-record.
The public mirror is tried where there is no account; it often refuses. Replies are records under a key of our own making, which can be
written twice without being two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from listener.domain.mention import Mention
from listener.errors import Malformed, Rejected, SourceError, Unsupported
from listener.source import Capabilities, Channel, Check, Freshness, Page, Receipt
from sources.bluesky_post import POST, handles_in, parse_post, record_key, reply_record
from sources.bluesky_session import Session, problem
from sources.fields import instant, items, mapping, objects, read_each, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import reference, told, tried
from sources.searches import anchors, merged
from sources.walk import Walk

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Budget, Cursor, Draft

PAGE: Final = 100
FIRST_LOOK_MS: Final = 2 * 86_400_000
OVERLAP_MS: Final = 30 * 60_000
REFRESHED: Final = 25
GRAPHEMES: Final = 300
BYTES: Final = 3000


class Options(Base, frozen=True):
    """An app password, not the account's own: Settings → Privacy and security → App passwords."""

    handle: Annotated[str, msgspec.Meta(description="Our account, desk.bsky.social")] = ""
    app_password: Annotated[str, msgspec.Meta(description="An app password of that account")] = ""
    service: Annotated[str, msgspec.Meta(description="The server to log in at")] = "https://bsky.social"
    search: Annotated[bool, msgspec.Meta(description="Search for the topics")] = True
    mentions: Annotated[bool, msgspec.Meta(description="Read who mentions, answers or quotes us")] = True


def open_source(context: Context, options: Options) -> Bluesky:
    return Bluesky(context, options)


class Bluesky(Adapter):
    kind = "bluesky"

    def __init__(self, context: Context, options: Options) -> None:
        self.session = Session(context.http, context.vault, context.name, options.service, options.handle, options.app_password)
        super().__init__(context, self.session.home, options.handle.lstrip("@"))
        self._options = options
        account = not self.session.anonymous
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases", "tags", "handles"}),
            reply=account,
            idempotent_reply="record",
            deletion_check=True,
            counts=True,
            thread=True,
            length=GRAPHEMES,
            length_unit="graphemes",
            pace=120.0,
            keyless=not account,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """One search for each anchor, and our notifications."""
        return merged(self._channels(topics))

    def _channels(self, topics: Sequence[Topic]) -> Iterator[Channel]:
        for topic in topics if self._options.search else ():
            for anchor in anchors(topic):
                yield Channel(f"search:{str(anchor).casefold()}", "search", str(anchor), topic.name)
        if self._options.mentions and not self.session.anonymous:
            brand = next((topic.name for topic in topics if topic.role == "brand"), "")
            yield Channel("notifications", "notifications", "", brand, trusted=bool(brand))

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        walk = Walk.read(cursor, start=self.first_look(FIRST_LOOK_MS))
        if channel.kind == "notifications":
            answer = await self.session.get(
                "app.bsky.notification.listNotifications",
                {"limit": PAGE, "cursor": walk.token or None, "reasons": ["mention", "reply", "quote"]},
            )
            found = mapping(answer.json()).get("notifications")
        else:
            query: dict[str, str | int | None] = {
                "q": channel.text,
                "sort": "latest",
                "limit": PAGE,
                "since": _stamp(walk.done - OVERLAP_MS),
                "cursor": walk.token or None,
            }
            answer = await self.session.get("app.bsky.feed.searchPosts", query)
            found = mapping(answer.json()).get("posts")
        if not isinstance(found, list):
            raise Malformed("Bluesky answers without a list of posts.")
        mentions, refused, note = read_each(found, self._parse)
        token = string(mapping(answer.json()), "cursor")
        walk = walk.step(_positions(found), token if token != walk.token else "", overlap=OVERLAP_MS)
        return Page(mentions[::-1], walk.cursor(), walk.more, note=note, refused=refused)

    def _parse(self, view: Mapping[str, object]) -> Mention | None:
        return parse_post(view, self.name, self.session.did)

    async def check(self) -> Sequence[Check]:
        if self.session.anonymous:
            line = await tried("search", self._searches())
            return [
                line,
                Check(
                    "credentials",
                    "skipped",
                    "No app password: the public mirror is asked, which often refuses, and nothing can be replied to.",
                ),
            ]
        lines = [await tried("credentials", self._credentials())]
        if lines[0].state == "failed":
            return lines
        return [
            *lines,
            await tried("search", self._searches()),
            Check("reply", "ok", "Up to 300 characters; nothing was published to try."),
        ]

    async def _credentials(self) -> str:
        found = mapping((await self.session.get("com.atproto.server.getSession")).json())
        return f"Logged in as @{string(found, 'handle')}."

    async def _searches(self) -> str | Check:
        answer = await self.session.get("app.bsky.feed.searchPosts", {"q": "the", "sort": "latest", "limit": 1})
        if items(answer.json(), "posts"):
            return "The search answers."
        return Check("search", "warning", "The search answers, and finds nothing for “the”.")

    def budgets(self) -> Sequence[Budget]:
        return self.http.budgets(self.session.home, self.account)

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        """The conversation, oldest first. Raises SourceError."""
        root = mention.thread_id or mention.native_id
        answer = await self.session.get("app.bsky.feed.getPostThread", {"uri": root, "depth": 20, "parentHeight": 80})
        read, _, _ = read_each(_branches(mapping(answer.json()).get("thread")), self._parse)
        return sorted(read, key=lambda post: post.created_at)

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        """Counts and deletions; what the list leaves out is asked for by itself before it counts as deleted. Raises SourceError."""
        asked = [mention.native_id for mention in mentions[:REFRESHED]]
        if not asked:
            return []
        answer = await self.session.get("app.bsky.feed.getPosts", {"uris": asked})
        found = {string(mapping(view), "uri"): view for view in items(answer.json(), "posts")}
        fresh: list[Freshness] = []
        for uri in asked:
            if uri not in found:
                fresh += [Freshness(uri, deleted=True)] if await self._record(uri) is None else []
                continue
            read, _, _ = read_each([found[uri]], self._parse)
            fresh += [Freshness(uri, engagement=post.engagement) for post in read]
        return fresh

    async def _record(self, uri: str) -> Mapping[str, object] | None:
        """A record as it stands in its repository; None when it is not there."""
        repo, collection, key = ([*uri.removeprefix("at://").split("/"), "", "", ""])[:3]
        answer = await self.session.get(
            "com.atproto.repo.getRecord", {"repo": repo, "collection": collection, "rkey": key}, accept=("RecordNotFound", "RepoNotFound")
        )
        return None if problem(answer) in ("RecordNotFound", "RepoNotFound") else mapping(answer.json())

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        """Write the record under our own key: repeating it is the same post. Raises as the port says."""
        noted = reference(mention.reply_ref)
        if not string(noted, "uri") or not string(noted, "cid"):
            raise Rejected("This post cannot be answered: its reference is missing.", hint="Poll again, then answer.")
        await self.session.ready()
        await self._parent_exists(mention.native_id)
        record = reply_record(draft.text, draft.created_at, noted, await self._dids(draft.text, noted), draft.options.get("language", ""))
        key = record_key(draft.key, draft.created_at)
        body = {"repo": self.session.did, "collection": POST, "rkey": key, "record": record}
        try:
            answer = await self.session.publish("com.atproto.repo.putRecord", body)
        except Unsupported as error:
            raise Rejected(error.message, hint=error.hint) from None
        told(answer)
        return self._receipt(key)

    async def _parent_exists(self, uri: str) -> None:
        """A reply to a post that is gone would be accepted. Where this cannot be asked, the reply goes out all the same."""
        try:
            gone = not items((await self.session.get("app.bsky.feed.getPosts", {"uris": [uri]})).json(), "posts")
            gone = gone and await self._record(uri) is None
        except SourceError:
            return
        if gone:
            raise Rejected("The post that this answers is gone.")

    async def _dids(self, text: str, noted: Mapping[str, object]) -> dict[str, str]:
        """The keys of the accounts that a text names; unknown ones are left out."""
        dids = {string(noted, "handle").lower(): string(noted, "did")}
        for handle in handles_in(text):
            if handle not in dids:
                try:
                    answer = await self.session.get("com.atproto.identity.resolveHandle", {"handle": handle})
                    dids[handle] = string(mapping(answer.json()), "did")
                except SourceError:
                    continue
        return dids

    def _receipt(self, key: str) -> Receipt:
        did = self.session.did
        return Receipt(f"at://{did}/{POST}/{key}", f"https://bsky.app/profile/{did}/post/{key}")

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        """The record under the draft's key. Raises SourceError."""
        await self.session.ready()
        key = record_key(draft.key, draft.created_at)
        found = await self._record(f"at://{self.session.did}/{POST}/{key}")
        return None if found is None else self._receipt(key)

    def measure(self, text: str) -> tuple[int, int | None]:
        """(graphemes used, 300); a text of more than 3 000 bytes is too long however few they are."""
        import regex

        used = len(regex.findall(r"\X", text))
        size = len(text.encode("utf-8", "replace"))
        return (max(used, GRAPHEMES + -(-(size - BYTES) // 10)), GRAPHEMES) if size > BYTES else (used, GRAPHEMES)


def _positions(views: Sequence[object]) -> list[int]:
    """When the network had them: what their authors claim may lie far off."""
    return [moment for view in views if (moment := instant(mapping(view).get("indexedAt"))) is not None]


def _stamp(ms: int) -> str:
    return datetime.fromtimestamp(max(ms, 0) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _branches(node: object) -> Iterator[object]:
    """A tree of posts, flat; without recursion, for threads are deep. Branches that are blocked or gone hold no post."""
    waiting = [node]
    while waiting:
        here = mapping(waiting.pop())
        if mapping(here, "post"):
            yield here["post"]
        waiting += [value for value in (here.get("parent"), *items(here, "replies")) if isinstance(value, dict)]


def parse_any(answer: object, source: str) -> tuple[list[Mention], int, str]:
    """Every post of any answer, at any depth: a search, a feed, notifications, a thread, a list of posts."""
    return read_each((view for view in objects(answer) if "uri" in view and mapping(view, "record")), lambda view: parse_post(view, source))
