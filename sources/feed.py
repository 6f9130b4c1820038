"""Feeds: RSS, Atom and JSON Feed, and what speaks them: Google News and Alerts, YouTube channels, Reddit's `.rss`, comment feeds of blogs.

Formats: https://www.rssboard.org/rss-specification, RFC 4287, https://www.jsonfeed.org/version/1.1/. XML is read by feedparser in a process
of its own (`sources.workers`), JSON here. Replies go through the browser. An entry that leaves a feed's window is not deleted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote_plus

import msgspec

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.errors import Malformed
from listener.source import Capabilities, Channel, Check, Page
from sources.answer import Answer, host_of
from sources.fields import ident, instant, integer, items, language, mapping, payload, read_each, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import tried
from sources.searches import anchors, merged
from sources.text import canonical, handle, maybe_markup, plain, title, unwrap, web_address
from sources.unpack import LARGEST, gunzip

if TYPE_CHECKING:
    from listener.domain.topic import Topic
    from listener.source import Cursor
    from sources.workers import FeedWorkers

NEWS: Final = "https://news.google.com/rss/search?q={query}"
"""Google News: what is asked when no address is configured."""
ACCEPT: Final = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.8, text/xml;q=0.8, */*;q=0.5"
DAY_MS: Final = 86_400_000
LONGEST_REST: Final = 6 * 3600.0
_PERIODS: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_END = re.compile(rb"</(?:[A-Za-z]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_ALTERNATE = re.compile(rb"<link\b[^<>]{0,500}application/(?:rss|atom|feed)\+(?:xml|json)[^<>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'<>\s]{1,1000})", re.IGNORECASE)


class Options(Base, frozen=True):
    """`{query}` in an address stands for a search: one for each word or phrase of each topic."""

    url: Annotated[str, msgspec.Meta(description="Address of the feed; {query} in it is replaced by what is searched for")] = ""
    urls: Annotated[tuple[str, ...], msgspec.Meta(description="Further addresses")] = ()
    topic: Annotated[
        str, msgspec.Meta(description="A topic that everything in these feeds belongs to, for a forum or a blog of its own")
    ] = ""


def open_source(context: Context, options: Options) -> Feed:
    return Feed(context, options)


class Feed(Adapter):
    kind = "feed"
    capabilities = Capabilities(search=frozenset({"terms", "phrases"}), pace=600.0, keyless=True)

    def __init__(self, context: Context, options: Options) -> None:
        self._addresses = [address for address in (options.url, *options.urls) if address] or [NEWS]
        super().__init__(context, self._addresses[0])
        self._topic = options.topic
        self._workers = context.workers

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """Each feed once; an address with `{query}` once for each anchor of each topic."""
        return merged(self._channels(topics))

    def _channels(self, topics: Sequence[Topic]) -> Iterator[Channel]:
        for address in self._addresses:
            if "{query}" not in address:
                yield Channel(f"feed:{address}", "feed", address, self._topic, trusted=bool(self._topic))
                continue
            for topic in topics:
                for anchor in anchors(topic):
                    url = address.replace("{query}", quote_plus(f'"{anchor.text}"' if anchor.kind == "phrase" else str(anchor)))
                    yield Channel(f"feed:{url}", "search", url, topic.name)

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        known = _known(cursor, channel.text)
        answer = await self.http.get(channel.text, headers={"Accept": ACCEPT}, conditional=known, follow=True)
        if answer.not_modified:
            return Page((), cursor, next_check=_rest(answer, {}))
        digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        moved = json.dumps({"url": channel.text, "sum": digest, **answer.validators})
        if digest == known.get("sum"):
            return Page((), moved, next_check=_rest(answer, {}))
        told = await read_feed(answer, self._workers)
        mentions, refused, note = parse_feed(told, self.name, answer.url, self.clock())
        if _is_cut(answer):
            note = (
                f"{host_of(channel.text)} sent a feed without its end: what could be read was taken, and it is read again. {note}".strip()
            )
            return Page(mentions, cursor, note=note, refused=refused)
        if not mentions and not refused:
            note = f"{host_of(channel.text)} answers with a feed that holds no entries. That is not the same as no mentions."
        return Page(mentions, moved, next_check=_rest(answer, mapping(told, "feed")), note=note, refused=refused)

    async def check(self) -> Sequence[Check]:
        async def reach(address: str) -> str | Check:
            answer = await self.http.get(address.replace("{query}", "news"), headers={"Accept": ACCEPT}, follow=True)
            mentions, refused, note = parse_feed(await read_feed(answer, self._workers), self.name, answer.url, self.clock())
            if not mentions:
                return Check("reach", "warning", f"{host_of(address)} answers with a feed that holds no readable entries. {note}".strip())
            return f"{host_of(address)}: {len(mentions)} entries{f', {refused} left out' if refused else ''}."

        lines = [await tried("reach", reach(address)) for address in self._addresses]
        return [*lines, Check("reply", "skipped", "Replies open in the browser: a feed is for reading.")]


def _known(cursor: Cursor, url: str) -> dict[str, str]:
    """What an earlier answer left behind, if it came from this very address: servers reuse ETags across formats."""
    try:
        state = mapping(json.loads(cursor) if cursor else None)
    except ValueError:
        return {}
    known = {key: value for key, value in state.items() if isinstance(value, str)}
    return known if known.get("url") == url else {}


async def read_feed(answer: Answer, workers: FeedWorkers) -> object:
    """Any feed in one shape: `{"feed": {…}, "entries": [{id link title texts author … }]}`. Raises Malformed: it is no feed."""
    if answer.body.startswith(b"\x1f\x8b"):
        answer = replace(answer, body=gunzip(answer.body, LARGEST))
    body = answer.body
    if not body.strip():
        raise Malformed(f"{host_of(answer.url)} answers with nothing at all.")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") or answer.kind.endswith("json"):
        return json_feed(answer.json())
    told = await workers.read(body, content_type=answer.headers.get("content-type", "")[:200], url=answer.url)
    if not items(told, "entries") and not string(mapping(told), "version"):
        raise _no_feed(answer)
    return told


def _is_cut(answer: Answer) -> bool:
    """True for XML without its end: the parser reads the beginning gladly, and an ETag kept from it would hide the rest for good."""
    return (
        answer.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
        and b"\x00" not in answer.body[:4]
        and _END.search(answer.body[-4096:]) is None
    )


def _no_feed(answer: Answer) -> Malformed:
    found = _ALTERNATE.search(answer.body[:200_000]) if answer.is_page else None
    href = _HREF.search(found.group(0)) if found else None
    feed = web_address(href.group(1).decode("utf-8", "replace").replace("&amp;", "&"), answer.url) if href else ""
    what = "a web page" if answer.is_page else "something else"
    return Malformed(
        f"{host_of(answer.url)} answers with {what} where a feed is expected.",
        hint=f"Its feed may be at {feed}." if feed else "Open the address in a browser.",
    )


def json_feed(value: object) -> object:
    """A JSON Feed in the worker's shape. Raises Malformed."""
    root = mapping(value)
    if "jsonfeed.org" not in string(root, "version") and not isinstance(root.get("items"), list):
        raise Malformed("This is JSON, but not a JSON Feed.")
    told = {
        "title": string(root, "title"),
        "link": string(root, "home_page_url"),
        "language": string(root, "language"),
        "author": _json_author(root)[0],
    }
    return {"version": "json", "feed": told, "entries": [_json_entry(item) for item in items(root, "items")]}


def _json_entry(value: object) -> object:
    if not isinstance(value, dict):
        return value
    name, address = _json_author(value)
    return {
        "id": ident(value, "id"),
        "link": string(value, "url", "external_url"),
        "title": string(value, "title"),
        "texts": [text for text in (string(value, "content_html"),) if text],
        "plain": string(value, "content_text", "summary"),
        "author": name,
        "author_url": address,
        "language": string(value, "language"),
        "published": value.get("date_published"),
        "updated": value.get("date_modified"),
    }


def _json_author(value: Mapping[str, object]) -> tuple[str, str]:
    for author in (*items(value, "authors"), value.get("author")):
        if name := string(mapping(author), "name", "url"):
            return name, string(mapping(author), "url")
    return "", ""


def parse_feed(told: object, source: str, url: str, now: int) -> tuple[list[Mention], int, str]:
    """The entries of a feed in the worker's shape, oldest first; how many were refused and why."""
    feed = mapping(told, "feed")
    mentions, refused, note = read_each(items(told, "entries"), lambda entry: parse_entry(entry, feed, source, url, now))
    return sorted(mentions, key=lambda mention: mention.created_at), refused, note


def parse_entry(entry: Mapping[str, object], feed: Mapping[str, object], source: str, url: str, now: int) -> Mention:
    """One entry. The id is its own, else its link, else a hash of its words; without a time it counts as written now. Raises Malformed."""
    link = unwrap(web_address(string(entry, "link"), url))
    headline = title(string(entry, "title"))
    body = next((text for value in items(entry, "texts") if isinstance(value, str) and (text := plain(value))), "") or maybe_markup(
        string(entry, "plain")
    )
    if not (headline or body or link):
        raise Malformed("an entry without words")
    native_id = _identity(ident(entry, "id"), link, headline + body, url)
    published, updated = instant(entry.get("published")), instant(entry.get("updated"))
    written = min((moment for moment in (published, updated, instant(entry.get("created"))) if moment is not None), default=now)
    name = (
        maybe_markup(string(entry, "author"))
        or maybe_markup(string(entry, "origin"))
        or maybe_markup(string(feed, "author", "title"))
        or host_of(url)
    )
    address = web_address(string(entry, "author_url"), url)
    return Mention(
        source=source,
        native_id=native_id,
        text=body or headline or link,
        created_at=written if written <= now + DAY_MS else now,
        author=Author(address or name, handle(name).removeprefix("/u/"), name, address),
        url=link,
        title=headline if body else "",
        lang=language(string(entry, "language") or string(feed, "language")),
        parent_id=_identity(string(entry, "answers"), "", "", url) if string(entry, "answers") else "",
        engagement=Engagement(views=integer(entry, "views")),
        edited_at=updated if published is not None and updated is not None and updated > published else None,
        canonical_url=canonical(link),
        payload=payload(entry),
    )


def _identity(own: str, link: str, words: str, url: str) -> str:
    """A key that no entry of another feed has: an id that is a mere number or word is told apart by its feed."""
    if own and (":" in own or "/" in own or len(own) >= 20):
        return own
    if own:
        return f"{hashlib.blake2b(url.partition('?')[0].encode('utf-8', 'replace'), digest_size=6).hexdigest()}:{own}"
    return link or hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _rest(answer: Answer, feed: Mapping[str, object]) -> float | None:
    """How long the feed wants to be left alone, as its headers, `ttl` or `sy:updatePeriod` say; six hours at most."""
    ttl = integer(feed, "ttl")
    period = _PERIODS.get(string(feed, "sy_updateperiod").strip().lower())
    frequency = max(1, integer(feed, "sy_updatefrequency") or 1)
    told = [answer.max_age, ttl * 60.0 if ttl and ttl > 0 else None, period / frequency if period else None]
    return min(max((wait for wait in told if wait), default=0.0), LONGEST_REST) or None


async def parse_any(
    body: bytes, content_type: str, source: str, url: str, now: int, workers: FeedWorkers
) -> tuple[list[Mention], int, str]:
    """A feed's bytes as mentions. Raises Malformed."""
    import httpx

    answer = Answer(200, httpx.Headers({"content-type": content_type}), body, url)
    return parse_feed(await read_feed(answer, workers), source, url, now)
