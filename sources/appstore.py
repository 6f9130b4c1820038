"""App Store customer reviews, of our own app and of the rivals'.

API: `https://itunes.apple.com/{country}/rss/customerreviews/page={1…10}/id={app}/sortBy=mostRecent/{xml|json}`
(https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews for the keyed one, which only sees one's own apps)

The XML says when a review was written and the JSON often does not, so the XML is read and the JSON is the fall-back. Review
ids grow, so the walk goes by id. The store sometimes answers 200 with no entries at all: that is said, and moves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.errors import Malformed, SourceError
from listener.source import Capabilities, Channel, Check, Page
from sources.decode import decode
from sources.fields import ident, instant, integer, items, mapping, need, need_instant, payload, read_each, string
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.text import web_address
from sources.walk import Walk
from sources.xmltree import ATOM, atom, words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from listener.domain.topic import Topic
    from listener.source import Cursor

HOST = "https://itunes.apple.com"
LAST_PAGE = 10
ITUNES = "{http://itunes.apple.com/rss}"
TERRITORY_LANGUAGE = {"jp": "ja", "de": "de", "fr": "fr", "gb": "en", "us": "en", "it": "it", "es": "es", "gr": "el", "kr": "ko", "ru": "ru", "nl": "nl"}


class Options(Base, frozen=True):
    """Which apps, in which countries."""

    apps: Annotated[dict[str, str], Meta(description="Topic = the number in the app's store address, for each app.")]
    countries: Annotated[tuple[str, ...], Meta(min_length=1, description="Two-letter codes: each country has its own reviews.")] = ("us",)
    host: Annotated[str, Meta(description="Another address of the same service.")] = HOST


def open_source(context: Context, options: Options) -> AppStore:
    return AppStore(context, options)


class AppStore(Adapter):
    """Reviews of apps, one channel for each app and country."""

    kind = "appstore"
    capabilities = Capabilities(keyless=True, pace=900.0)

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.host.rstrip("/"))
        self._apps, self._countries = options.apps, tuple(country.lower() for country in options.countries)

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        known = {topic.name for topic in topics}
        return [
            Channel(f"reviews:{app}:{country}", "reviews", f"{country}/{app}", topic, trusted=True)
            for topic, app in self._apps.items()
            if topic in known
            for country in self._countries
        ]

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        walk = Walk.read(cursor, start=0)
        country, _, app = channel.text.partition("/")
        page = min(int(walk.token), LAST_PAGE) if walk.token.isdigit() else 1
        answer = await self.http.get(reviews_url(self.home, country, app, page))
        try:
            entries = xml_entries(answer.body)
        except Malformed:
            entries = json_entries((await self.http.get(reviews_url(self.home, country, app, page, "json"))).json())
        mentions, refused, note = read_each(entries, lambda entry: parse_review(entry, self.name, country))
        numbers = [number for entry in entries if (number := integer(mapping(entry), "id")) is not None]
        if not entries and page == 1:
            note = "The store answered without any reviews; it does that now and then, and it is not the same as none."
        after = walk.step(numbers, str(page + 1) if entries and page < LAST_PAGE else "")
        return Page(mentions[::-1], after.cursor(), more=after.more, note=note, refused=refused)

    async def check(self) -> Sequence[Check]:
        checks = []
        for app in self._apps.values():
            try:
                answer = await self.http.get(reviews_url(self.home, self._countries[0], app, 1))
                count = len(xml_entries(answer.body))
            except SourceError as error:
                checks.append(Check("reach", "failed", f"App {app}: {error}"))
                continue
            told = Check("reach", "ok", f"App {app}: {count} reviews on the newest page.")
            checks.append(told if count else Check("reach", "warning", f"App {app} shows no reviews in {self._countries[0]}: is the number right?"))
        return [*checks, Check("reply", "skipped", "Reviews are answered in App Store Connect; the desk opens it in the browser.")]


def reviews_url(host: str, country: str, app: str, page: int, form: str = "xml") -> str:
    return f"{host}/{country}/rss/customerreviews/page={page}/id={app}/sortBy=mostRecent/{form}"


def xml_entries(body: bytes) -> list[dict[str, object]]:
    """The entries of the XML. Raises Malformed."""
    return [_entry(entry) for entry in atom(body).iter(f"{ATOM}entry")]


def _entry(entry: Element) -> dict[str, object]:
    content = [(part.text or "").strip() for part in entry.findall(f"{ATOM}content") if part.get("type", "text") == "text"]
    link = entry.find(f"{ATOM}link")
    return {
        "id": words(entry, f"{ATOM}id"),
        "title": words(entry, f"{ATOM}title"),
        "content": content[0] if content else "",
        "updated": words(entry, f"{ATOM}updated"),
        "rating": words(entry, f"{ITUNES}rating"),
        "version": words(entry, f"{ITUNES}version"),
        "votes": words(entry, f"{ITUNES}voteCount"),
        "name": words(entry, f"{ATOM}author/{ATOM}name"),
        "author": words(entry, f"{ATOM}author/{ATOM}uri"),
        "link": link.get("href", "") if link is not None else "",
    }


def json_entries(answer: object) -> list[dict[str, object]]:
    """The entries of the JSON in the same shape. An undated one takes the time of the whole answer: it is no younger than that."""
    feed = mapping(answer, "feed")
    found = items(feed, "entry") or ([mapping(feed, "entry")] if mapping(feed, "entry") else [])
    stated = string(mapping(feed, "updated"), "label")

    def label(entry: object, *path: str) -> str:
        return string(mapping(entry, *path), "label")

    return [
        {
            "id": label(entry, "id"),
            "title": label(entry, "title"),
            "content": label(entry, "content"),
            "updated": label(entry, "updated") or stated,
            "rating": label(entry, "im:rating"),
            "version": label(entry, "im:version"),
            "votes": label(entry, "im:voteCount"),
            "name": label(entry, "author", "name"),
            "author": label(entry, "author", "uri"),
            "link": string(mapping(entry, "link", "attributes"), "href"),
        }
        for entry in found
        if "im:rating" in mapping(entry)  # the first entry of an old answer is the app itself
    ]


def parse(body: bytes, source: str, country: str = "") -> tuple[list[Mention], int, str]:
    """Every review of an answer in either form. Raises Malformed when it is neither."""
    entries = xml_entries(body) if body.lstrip()[:1] == b"<" else json_entries(decode(body))
    return read_each(entries, lambda entry: parse_review(entry, source, country))


def parse_review(entry: Mapping[str, object], source: str, country: str) -> Mention:
    """One review; the stars stand before its title, for nothing else says as much. Raises Malformed."""
    native_id = need(ident(entry, "id"), "id")
    title, content = string(entry, "title"), string(entry, "content")
    rating = integer(entry, "rating")
    stars = "★" * rating + "☆" * (5 - rating) if rating is not None and 0 <= rating <= 5 else ""
    name, page = string(entry, "name"), web_address(entry.get("author"))
    return Mention(
        source=source,
        native_id=native_id,
        text=need(content or title, "text"),
        title=f"{stars} {title}".strip(),
        created_at=need_instant(instant(entry.get("updated"))),
        author=Author(page.rpartition("/id")[2] or name or "unknown", name or "unknown", name, page),
        url=web_address(entry.get("link")),
        lang=TERRITORY_LANGUAGE.get(country, ""),
        engagement=Engagement(likes=integer(entry, "votes")),
        reply_ref=json.dumps({"review": native_id, "rating": rating, "version": string(entry, "version")}),
        payload=payload(dict(entry)),
    )
