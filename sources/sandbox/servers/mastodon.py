"""The Mastodon API as the sandbox speaks it, version 4.4.

API:  https://docs.joinmastodon.org/methods/  timelines, search, notifications, statuses, accounts, instance
"""

from __future__ import annotations

import hashlib
import html
import re
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sources.sandbox.clock import MINUTE
from sources.sandbox.post import time_of
from sources.sandbox.wire import Answer, Request, Search, as_json, iso
from sources.sandbox.world import World, mentions_brand, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sources.sandbox.post import Persona, Post

TOKEN = "sandbox-mastodon-token"  # noqa: S105 - opens nothing but the sandbox
LENGTH = 500
_SECOND = 1000 << 16
_MARKS = re.compile(r"(?P<url>https?://[^\s<]+)|(?<![\w@/])@(?P<at>\w[\w.]*)(?:@(?P<home>[\w.-]+))?|(?<!\w)#(?P<tag>\w+)")
_TAG = re.compile(r"(?<!\w)#(\w+)")
_AT = re.compile(r"(?<![\w@/])@(\w[\w.]*)")


class Mastodon:
    """Timelines, search, notifications and statuses of one server."""

    host = "mastodon.sandbox"
    network = "mastodon"

    def __init__(self, world: World) -> None:
        self.world = world
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            (method, re.compile(pattern), handler)
            for method, pattern, handler in (
                ("GET", r"/api/v1/timelines/tag/([^/]+)", self._tag),
                ("GET", r"/api/v1/timelines/(?:public|home)", self._public),
                ("GET", r"/api/v2/search", self._search),
                ("GET", r"/api/v1/notifications", self._notifications),
                ("GET", r"/api/v1/statuses", self._several),
                ("POST", r"/api/v1/statuses", self._post),
                ("GET", r"/api/v1/statuses/(\d+)", self._one),
                ("PUT", r"/api/v1/statuses/(\d+)", self._edit),
                ("DELETE", r"/api/v1/statuses/(\d+)", self._delete),
                ("GET", r"/api/v1/statuses/(\d+)/context", self._context),
                ("GET", r"/api/v1/accounts/verify_credentials", self._me),
                ("GET", r"/api/v1/accounts/lookup", self._lookup),
                ("GET", r"/api/v1/accounts/(\d+)", self._account_of),
                ("GET", r"/api/v1/accounts/(\d+)/statuses", self._written_by),
                ("GET", r"/api/v1/instance", self._instance),
                ("GET", r"/api/v2/instance", self._instance2),
            )
        ]

    def answer(self, request: Request) -> Answer:
        for method, pattern, handler in self._routes:
            if method == request.method and (match := pattern.fullmatch(request.path)):
                return handler(request, *match.groups()).plus(*self._limits())
        return _error(404, "Record not found")

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _tag(self, request: Request, tag: str) -> Answer:
        wanted = {word.casefold() for word in (tag, *request.all("any"))}
        return self._timeline(request, lambda post: not wanted.isdisjoint(_TAG.findall(post.folded)))

    def _public(self, request: Request) -> Answer:
        local = request.get("local") in ("true", "1")
        return self._timeline(request, lambda post: not post.parent and not (local and post.author.home))

    def _search(self, request: Request) -> Answer:
        empty: dict[str, list[Any]] = {"accounts": [], "statuses": [], "hashtags": []}
        if request.get("type") not in ("", "statuses"):
            return as_json(empty)
        if not self._authorised(request):
            return as_json(empty)
        search = Search.read(request.get("q"))
        found = self._matching(
            request, lambda post: search.finds(post.folded, post.author.handle) and self.world.published.visibility(post) != "direct"
        )
        offset = request.get("offset")
        page = list(islice(found, int(offset) if offset.isdigit() else 0, None))[: request.limit(20, 40)]
        return as_json({**empty, "statuses": [self._status(request, post) for post in page]})

    def _notifications(self, request: Request) -> Answer:
        if not self._authorised(request):
            return _error(401, "The access token is invalid")
        types = request.all("types")
        if types and "mention" not in types:
            return as_json([])

        def told(post: Post) -> dict[str, Any]:
            status = self._status(request, post)
            return {"id": str(post.uid), "type": "mention", "created_at": iso(post.at), "account": status["account"], "status": status}

        return self._page(request, mentions_brand, told)

    def _several(self, request: Request) -> Answer:
        found = (self.world.get("mastodon", int(uid)) for uid in request.all("id") if uid.isdigit())
        return as_json([self._status(request, post) for post in found if post])

    def _one(self, request: Request, uid: str) -> Answer:
        post = self.world.get("mastodon", int(uid))
        return as_json(self._status(request, post)) if post else _error(404, "Record not found")

    def _context(self, request: Request, uid: str) -> Answer:
        post = self.world.get("mastodon", int(uid))
        if not post:
            return _error(404, "Record not found")
        above, below = self.world.ancestors(post), self.world.descendants(post)
        return as_json(
            {"ancestors": [self._status(request, one) for one in above], "descendants": [self._status(request, one) for one in below]}
        )

    def _me(self, request: Request) -> Answer:
        if not self._authorised(request):
            return _error(401, "The access token is invalid")
        return as_json({**self._account(request, self.world.brand()), "source": {"privacy": "public", "language": "en", "note": ""}})

    def _lookup(self, request: Request) -> Answer:
        name, _, home = request.get("acct").lstrip("@").partition("@")
        person = self.world.cast.named(name)
        return (
            as_json(self._account(request, person)) if person and home in ("", self.host, person.home) else _error(404, "Record not found")
        )

    def _account_of(self, request: Request, key: str) -> Answer:
        person = self.world.cast.by_key.get(_key_of(key))
        return as_json(self._account(request, person)) if person else _error(404, "Record not found")

    def _written_by(self, request: Request, key: str) -> Answer:
        author = _key_of(key)
        no_replies = request.get("exclude_replies") in ("true", "1")
        return self._timeline(request, lambda post: post.author.key == author and not (no_replies and post.parent))

    def _instance(self, request: Request) -> Answer:
        return as_json({"uri": self.host, "title": "The sandbox", "version": "4.4.0", "configuration": _CONFIGURATION, "languages": ["en"]})

    def _instance2(self, request: Request) -> Answer:
        api = {"mastodon": 6}
        return as_json(
            {"domain": self.host, "title": "The sandbox", "version": "4.4.0", "configuration": _CONFIGURATION, "api_versions": api}
        )

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _post(self, request: Request) -> Answer:
        if not self._authorised(request):
            return _error(401, "The access token is invalid")
        fields = request.fields()
        text, parent_id = str(fields.get("status") or "").strip(), str(fields.get("in_reply_to_id") or "")
        if not text:
            return _error(422, "Validation failed: Text can't be blank")
        if weighted(text) > LENGTH:
            return _error(422, f"Validation failed: Text character limit of {LENGTH} exceeded")
        parent = self.world.get("mastodon", int(parent_id)) if parent_id.isdigit() else None
        if parent_id and not parent:
            return _error(404, "The post that you are trying to reply to does not appear to exist")
        notified = parent is not None and parent.author.handle.casefold() in (name.casefold() for name in _AT.findall(text))
        post = self.world.publish(
            "mastodon", text, parent=parent, notifies=notified, key=request.headers.get("idempotency-key", ""),
            visibility=str(fields.get("visibility") or "public"), lang=str(fields.get("language") or "en"),
        )  # fmt: skip
        return as_json(self._status(request, post))

    def _edit(self, request: Request, uid: str) -> Answer:
        return self._change(request, uid, text=str(request.fields().get("status") or ""))

    def _delete(self, request: Request, uid: str) -> Answer:
        return self._change(request, uid, text=None)

    def _change(self, request: Request, uid: str, *, text: str | None) -> Answer:
        post = self.world.get("mastodon", int(uid))
        if not self._authorised(request) or not post or not post.author.own:
            return _error(404, "Record not found")
        before = self._status(request, post)
        self.world.published.change(post, self.world.now(), text=text)
        after = self.world.get("mastodon", int(uid))
        return as_json(self._status(request, after) if after else before)

    # ── pages and entities ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _matching(self, request: Request, wanted: Callable[[Post], bool]) -> Iterator[Post]:
        """Newest first; with `min_id` oldest first."""
        low = max(_number(request.get("min_id")), _number(request.get("since_id")))
        high = _number(request.get("max_id")) or None
        posts = self.world.oldest if request.get("min_id") else self.world.newest
        return (post for post in posts("mastodon", after=low, before=high) if wanted(post))

    def _timeline(self, request: Request, wanted: Callable[[Post], bool]) -> Answer:
        return self._page(request, lambda post: wanted(post) and self.world.published.visibility(post) in ("public", ""))

    def _page(self, request: Request, wanted: Callable[[Post], bool], entity: Callable[[Post], dict[str, Any]] | None = None) -> Answer:
        page: Iterable[Post] = islice(self._matching(request, wanted), request.limit(20, 40))
        page = sorted(page, key=lambda post: -post.uid)
        answer = as_json([entity(post) if entity else self._status(request, post) for post in page])
        if not page:
            return answer
        kept = [(key, value) for key, value in request.query if key not in ("min_id", "max_id", "since_id")]
        here = f"{request.base}{request.path}"
        older = f'<{here}?{urlencode([*kept, ("max_id", str(page[-1].uid))])}>; rel="next"'
        newer = f'<{here}?{urlencode([*kept, ("min_id", str(page[0].uid))])}>; rel="prev"'
        return answer.plus(("Link", f"{older}, {newer}"))

    def _authorised(self, request: Request) -> bool:
        return request.bearer() == TOKEN

    def _limits(self) -> tuple[tuple[str, str], ...]:
        window = 5 * MINUTE
        reset = (self.world.now() // window + 1) * window
        return (("X-RateLimit-Limit", "30000"), ("X-RateLimit-Remaining", "29990"), ("X-RateLimit-Reset", iso(reset)))

    def _status(self, request: Request, post: Post) -> dict[str, Any]:
        now = self.world.now()
        post = shown(post, now)
        author = self._account(request, post.author)
        parent = self.world.get("mastodon", post.parent) if post.parent else None
        mentions = [person for name in dict.fromkeys(_AT.findall(post.text)) if (person := self.world.cast.named(name))]
        return {
            "id": str(post.uid), "created_at": iso(post.at), "edited_at": iso(post.edit[0]) if post.edit and post.edit[0] <= now else None,
            "in_reply_to_id": str(post.parent) if post.parent else None,
            "in_reply_to_account_id": _account_id(parent.author) if parent else None,
            "sensitive": False, "spoiler_text": "", "visibility": self.world.published.visibility(post), "language": post.lang,
            "uri": f"https://{post.author.home or self.host}/users/{post.author.handle}/statuses/{post.uid}", "url": f"{author['url']}/{post.uid}",
            "replies_count": len(self.world.children(post)), "reblogs_count": post.grown(post.reposts, now), "favourites_count": post.grown(post.likes, now),
            "content": as_html(post.text), "reblog": None, "account": author, "media_attachments": [], "emojis": [], "card": None, "poll": None,
            "mentions": [{"id": _account_id(one), "username": one.handle, "acct": _acct(one), "url": _profile(one)} for one in mentions],
            "tags": [{"name": tag, "url": f"https://{self.host}/tags/{tag}"} for tag in dict.fromkeys(_TAG.findall(post.folded))],
        }  # fmt: skip

    def _account(self, request: Request, person: Persona) -> dict[str, Any]:
        return {
            "id": _account_id(person), "username": person.handle, "acct": _acct(person), "display_name": person.name, "locked": False, "bot": False,
            "url": _profile(person), "note": "", "avatar": "", "header": "", "followers_count": person.followers,
            "following_count": person.followers // 3, "statuses_count": 1 + person.key % 4000, "created_at": iso(time_of(int(_account_id(person)))),
        }  # fmt: skip


_CONFIGURATION = {
    "statuses": {"max_characters": LENGTH, "max_media_attachments": 4, "characters_reserved_per_url": 23},
    "accounts": {"max_featured_tags": 10},
}


def as_html(text: str) -> str:
    """A text as Mastodon sends it: paragraphs, mentions, hashtags and shortened links in their spans."""

    def mark(match: re.Match[str]) -> str:
        if url := match["url"]:
            scheme, _, rest = url.partition("://")
            visible, hidden = rest[:30], rest[30:]
            tail = (
                f'<span class="ellipsis">{visible}</span><span class="invisible">{hidden}</span>' if hidden else f"<span>{visible}</span>"
            )
            return f'<a href="{url}" target="_blank" rel="nofollow noopener"><span class="invisible">{scheme}://</span>{tail}</a>'
        if name := match["at"]:
            return f'<span class="h-card" translate="no"><a href="https://{match["home"] or Mastodon.host}/@{name}" class="u-url mention">@<span>{name}</span></a></span>'
        tag = match["tag"]
        return f'<a href="https://{Mastodon.host}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'

    paragraphs = html.escape(text, quote=False).split("\n\n")
    return "".join(f"<p>{_MARKS.sub(mark, paragraph).replace(chr(10), '<br />')}</p>" for paragraph in paragraphs)


def weighted(text: str) -> int:
    """The length as Mastodon counts: an address is 23, of `@name@server` only the name."""
    text = re.sub(r"https?://\S+", "x" * 23, text)
    return len(re.sub(r"(@\w[\w.]*)@[\w.-]+", r"\1", text))


def _account_id(person: Persona) -> str:
    """A snowflake that begins with when the account was made and ends with its key."""
    born = 1_600_000_000 + int.from_bytes(hashlib.sha256(person.handle.encode()).digest()[:4], "big") // 43
    return str(born * _SECOND + person.key)


def _key_of(account_id: str) -> int:
    return int(account_id) % _SECOND


def _acct(person: Persona) -> str:
    return f"{person.handle}@{person.home}" if person.home else person.handle


def _profile(person: Persona) -> str:
    return f"https://{person.home or Mastodon.host}/@{person.handle}"


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _error(status: int, words: str) -> Answer:
    return as_json({"error": words}, status)
