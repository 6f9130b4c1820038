"""Hacker News: stories and comments by the day, without an account. There is no API to write with: replies go through the browser.

Search: https://hn.algolia.com/api (index by date, filters on `created_at_i`); single items: https://github.com/HackerNews/API.
One search shows at most 1 000 hits, so a walk back never turns pages: it moves the upper bound of the time instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.errors import Malformed
from listener.source import Capabilities, Channel, Check, Freshness, Page
from sources.fields import flag, ident, integer, items, mapping, need, need_instant, payload, read_each, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import tried
from sources.searches import anchors, merged
from sources.text import plain, title, web_address
from sources.walk import Walk

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Cursor

SEARCH: Final = "https://hn.algolia.com/api/v1"
ITEMS: Final = "https://hacker-news.firebaseio.com/v0"
PAGE: Final = 200
FIRST_LOOK: Final = 7 * 86_400
"""Seconds that the first read looks back."""
OVERLAP: Final = 3_600
"""Seconds that are read again: the index takes items out of order."""
REFRESHED: Final = 20


class Options(Base, frozen=True):
    """Nothing to configure."""


def open_source(context: Context, options: Options) -> HackerNews:
    return HackerNews(context)


class HackerNews(Adapter):
    kind = "hackernews"
    capabilities = Capabilities(
        search=frozenset({"terms", "phrases"}), deletion_check=True, counts=True, thread=True, pace=180.0, keyless=True
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, SEARCH)

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """One search for each anchor: the site knows no OR."""
        return merged(
            Channel(f"search:{text.casefold()}", "search", text, topic.name)
            for topic in topics
            for anchor in anchors(topic)
            if (text := f'"{anchor.text}"' if anchor.kind == "phrase" else anchor.text)
        )

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        walk = Walk.read(cursor, start=self.first_look(FIRST_LOOK * 1000) // 1000)
        bounds = [f"created_at_i>{walk.done - OVERLAP}"]
        if walk.token.isdigit():
            bounds.append(f"created_at_i<={walk.token}")
        query: dict[str, str | int] = {
            "query": channel.text,
            "tags": "(story,comment)",
            "numericFilters": ",".join(bounds),
            "hitsPerPage": PAGE,
            "advancedSyntax": "true",
        }
        answer = await self.http.json(f"{SEARCH}/search_by_date", params=query)
        hits = items(answer, "hits")
        if not isinstance(mapping(answer).get("hits"), list):
            raise Malformed("hn.algolia.com answers without hits.")
        mentions, refused, note = read_each(hits, lambda hit: parse_hit(hit, self.name))
        times = [seconds for hit in hits if (seconds := integer(mapping(hit), "created_at_i")) is not None]
        told = string(mapping(answer), "message")
        if told and not hits:
            note = f"{note} The search says: {told[:200]}".strip()
        walk = walk.step(times, _bound(times, walk.token) if len(hits) >= PAGE else "", overlap=OVERLAP)
        return Page(mentions, walk.cursor(), walk.more, note=note, refused=refused)

    async def check(self) -> Sequence[Check]:
        async def search() -> str | Check:
            found = await self.http.json(f"{SEARCH}/search_by_date", params={"query": "the", "hitsPerPage": 1})
            if items(found, "hits"):
                return "The search answers."
            return Check("search", "warning", "The search answers, and finds nothing for “the”: its index may be down.")

        return [await tried("search", search()), Check("reply", "skipped", "Replies open in the browser: there is no API to write with.")]

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        """The whole conversation. Raises SourceError."""
        root = mention.thread_id or mention.native_id
        answer = await self.http.json(f"{SEARCH}/items/{quote(root, safe='')}")
        mentions, _, _ = read_each(_branches(answer), lambda item: parse_hit(item, self.name))
        return sorted(mentions, key=lambda post: post.created_at)

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        """Score, answers and deletion, item by item; the newest few, for each costs a request. Raises SourceError."""
        told = []
        for mention in mentions[:REFRESHED]:
            item = await self.http.json(f"{ITEMS}/item/{quote(mention.native_id, safe='')}.json")
            if item is not None:
                told.append(freshness(mention, mapping(item)))
        return told


def _bound(times: Sequence[int], before: str) -> str:
    """The new upper bound: the oldest second of the page, read again whole, unless the page lay within one second."""
    if not times:
        return ""
    oldest = min(times)
    return str(oldest - 1 if before == str(oldest) else oldest)


def _branches(answer: object) -> Iterator[object]:
    """A tree of comments, flat; without recursion, for threads are deep."""
    waiting = [answer]
    while waiting:
        item = waiting.pop()
        yield item
        waiting.extend(items(item, "children"))


def parse_any(answer: object, source: str) -> tuple[list[Mention], int, str]:
    """Every story and comment of any answer: a search, a tree of comments, a single item of either API."""
    hits = items(answer, "hits") or items(answer, "items")
    return read_each(hits or _branches(answer), lambda item: parse_hit(item, source))


def parse_hit(hit: Mapping[str, object], source: str) -> Mention | None:
    """A hit of the search, a node of a comment tree, or an item of the Firebase API. None for what is deleted or no post. Raises Malformed."""
    if flag(hit, "deleted") or flag(hit, "dead"):
        return None
    native_id = need(ident(hit, "objectID", "id"), "id")
    created_at = need_instant(hit.get("created_at_i") or hit.get("created_at") or hit.get("time"))
    parent = ident(hit, "parent_id", "parent")
    headline = title(string(hit, "title"))
    body = plain(string(hit, "comment_text", "story_text", "text"))
    link = web_address(string(hit, "url"))
    text = "\n".join(part for part in (body or headline, link) if part)
    name = string(hit, "author", "by")
    if not text:
        raise Malformed("no text")
    story = ident(hit, "story_id")
    return Mention(
        source=source,
        native_id=native_id,
        text=text,
        created_at=created_at,
        author=Author(
            name or "unknown", name or "unknown", url=f"https://news.ycombinator.com/user?id={quote(name, safe='')}" if name else ""
        ),
        url=f"https://news.ycombinator.com/item?id={quote(native_id, safe='')}",
        title=headline if body else "",
        parent_id=parent,
        thread_id="" if story == native_id else story,
        engagement=Engagement(likes=integer(hit, "points", "score"), replies=integer(hit, "num_comments", "descendants")),
        edited_at=None,
        canonical_url=f"https://news.ycombinator.com/item?id={quote(native_id, safe='')}",
        payload=payload({key: value for key, value in hit.items() if key not in ("_highlightResult", "children")}),
    )


def freshness(known: Entry, item: Mapping[str, object]) -> Freshness:
    """What the Firebase API says of an item now."""
    if flag(item, "deleted") or flag(item, "dead"):
        return Freshness(known.native_id, deleted=True)
    replies = integer(item, "descendants")
    counts = Engagement(likes=integer(item, "score"), replies=len(items(item, "kids")) if replies is None else replies)
    try:
        now = parse_hit(item, known.source)
    except Malformed:
        now = None
    return Freshness(known.native_id, engagement=counts, edited=now if now and now.text != known.text else None)
