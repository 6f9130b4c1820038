"""News sites and a forum as feeds: RSS, Atom, JSON Feed, Google Alerts' dialect and Reddit's search feed, with conditional GET.

Sources:  RSS 2.0 (rssboard.org), RFC 4287 (Atom), jsonfeed.org 1.1, RFC 9110 §13 (conditional requests)
"""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape

from sources.sandbox.wire import Answer, Request, Search, http_date, iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from sources.sandbox.post import Post
    from sources.sandbox.world import World

WINDOW = 100
"""Entries that a feed holds: older ones have left it, which is no deletion."""
OUTLETS = ("The Gate Post", "Runway Review", "Northern Courier", "Terminal Times")


class Press:
    """A news site: /rss, /atom.xml, /feed.json, /alerts; `?q=` narrows each."""

    host = "news.sandbox"
    network = "press"

    def __init__(self, world: World) -> None:
        self.world = world
        self._kinds: dict[str, tuple[str, Callable[[list[Post]], str]]] = {
            "/rss/search": ("application/xml; charset=utf-8", _rss),
            "/rss": ("application/rss+xml; charset=utf-8", _rss),
            "/atom.xml": ("application/atom+xml; charset=utf-8", lambda posts: _atom(posts, "Aviation news", _article)),
            "/feed.json": ("application/feed+json; charset=utf-8", _json_feed),
            "/alerts": ("text/xml; charset=UTF-8", lambda posts: _atom(posts, "Google Alert - airlines", _article, redirected=True)),
        }

    def answer(self, request: Request) -> Answer:
        kind = self._kinds.get(request.path)
        return _feed(self.world, "press", request, *kind) if kind else _missing()


class Reddit:
    """The forum's search feed: /search.rss?q=, the shape that the keyless one has."""

    host = "reddit.sandbox"
    network = "reddit"

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request) -> Answer:
        if request.path not in ("/search.rss", "/r/flying/new/.rss", "/r/flying/search.rss"):
            return _missing()
        return _feed(
            self.world, "reddit", request, "application/atom+xml; charset=UTF-8", lambda posts: _atom(posts, "search results", _comments)
        )


def _feed(world: World, network: str, request: Request, kind: str, render: Callable[[list[Post]], str]) -> Answer:
    search = Search.read(request.get("q"))
    limit = int(request.get("limit")) if request.get("limit").isdigit() else WINDOW
    posts = list(islice((post for post in world.newest(network) if search.finds(post.folded)), min(limit, WINDOW)))
    body = render(posts).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    changed = http_date(posts[0].at) if posts else http_date(world.beginning)
    about = (("ETag", tag), ("Last-Modified", changed), ("Cache-Control", "max-age=15"))
    asked = request.headers.get("if-none-match", "").replace("W/", "")
    if asked == tag or (not asked and request.headers.get("if-modified-since") == changed):
        return Answer(304, b"", about)
    return Answer(200, body, (("Content-Type", kind), *about))


def _article(post: Post) -> str:
    return f"https://news.sandbox/{post.uid:x}"


def _comments(post: Post) -> str:
    return f"https://reddit.sandbox/r/flying/comments/{post.uid:x}/"


def _outlet(post: Post) -> str:
    return OUTLETS[post.uid % len(OUTLETS)]


def _rss(posts: list[Post]) -> str:
    items = "".join(
        f'<item><title>{escape(post.title)}</title><link>{_article(post)}</link><guid isPermaLink="true">{_article(post)}</guid>'
        f"<pubDate>{http_date(post.at)}</pubDate><dc:creator>{escape(_outlet(post))}</dc:creator>"
        f"<description>{escape(f'<p>{escape(post.text)}</p>')}</description></item>\n"
        for post in posts
    )
    head = "<title>Aviation news</title><link>https://news.sandbox/</link><description>What flies</description><ttl>1</ttl>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{head}\n{items}</channel></rss>'


def _atom(posts: list[Post], title: str, link: Callable[[Post], str], *, redirected: bool = False) -> str:
    def entry(post: Post) -> str:
        address = link(post)
        href = f"https://www.google.com/url?rct=j&sa=t&url={quote(address, safe='')}&ct=ga" if redirected else address
        heading = escape(post.title)
        if redirected:
            heading = heading.replace("Aurora", "<b>Aurora</b>")
        author = _outlet(post) if post.network == "press" else f"/u/{post.author.handle}"
        body = f"<p>{escape(post.text)}</p>" if post.text != post.title else ""
        return (
            f'<entry><id>{escape(f"tag:{post.network}.sandbox,2024:{post.uid:x}")}</id><title type="html">{escape(heading)}</title>'
            f'<link href="{escape(href)}"/><published>{iso(post.at)}</published><updated>{iso(post.at)}</updated>'
            f'<author><name>{escape(author)}</name></author><content type="html">{escape(body)}</content></entry>\n'
        )

    entries = "".join(entry(post) for post in posts)
    updated = iso(posts[0].at) if posts else "2024-01-01T00:00:00Z"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:sandbox:{title}</id><title>{title}</title><updated>{updated}</updated>\n{entries}</feed>'


def _json_feed(posts: list[Post]) -> str:
    items = [
        {
            "id": _article(post), "url": _article(post), "title": post.title, "content_html": f"<p>{escape(post.text)}</p>",
            "date_published": iso(post.at), "authors": [{"name": _outlet(post)}],
        }
        for post in posts
    ]  # fmt: skip
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Aviation news", "items": items}, ensure_ascii=False)


def _missing() -> Answer:
    return Answer(404, b"<html><body><h1>Not Found</h1></body></html>", (("Content-Type", "text/html"),))
