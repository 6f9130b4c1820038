"""A Bluesky PDS with its AppView as the sandbox speaks them.

API:  https://docs.bsky.app/docs/api/  com.atproto.server, com.atproto.repo, app.bsky.feed, app.bsky.notification, app.bsky.actor
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from sources.sandbox.clock import HOUR, MINUTE
from sources.sandbox.post import uid_of
from sources.sandbox.servers.atproto import (
    COLLECTION,
    DOMAIN,
    cid_of,
    claims_of,
    did_of,
    facets_of,
    graphemes,
    handle_of,
    make_token,
    tid,
    uid_of_tid,
    uri_of,
)
from sources.sandbox.wire import Answer, Request, Search, as_json, iso, parse_iso
from sources.sandbox.world import World, mentions_brand

if TYPE_CHECKING:
    from collections.abc import Callable

    from sources.sandbox.post import Persona, Post

PASSWORD = "sandbox-app-password"  # noqa: S105 - opens nothing but the sandbox
_WORD = re.compile(r"#?\w+")


class Bluesky:
    """Sessions, search, notifications, threads and our own records."""

    host = "bsky.sandbox"
    network = "bluesky"

    def __init__(self, world: World) -> None:
        self.world = world
        self.expire_before = 0
        """Access tokens made before this (UTC ms) have expired, whatever they say."""
        self._routes: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("POST", "com.atproto.server.createSession"): self._create_session,
            ("POST", "com.atproto.server.refreshSession"): self._refresh_session,
            ("GET", "com.atproto.server.getSession"): self._get_session,
            ("GET", "com.atproto.server.describeServer"): lambda _: as_json(
                {"did": "did:web:bsky.sandbox", "availableUserDomains": [DOMAIN]}
            ),
            ("GET", "com.atproto.identity.resolveHandle"): self._resolve,
            ("GET", "app.bsky.feed.searchPosts"): self._search,
            ("GET", "app.bsky.notification.listNotifications"): self._notifications,
            ("GET", "app.bsky.feed.getPosts"): self._posts,
            ("GET", "app.bsky.feed.getPostThread"): self._thread,
            ("GET", "app.bsky.feed.getAuthorFeed"): self._feed,
            ("GET", "app.bsky.actor.getProfile"): self._profile,
            ("GET", "app.bsky.actor.getProfiles"): self._profiles,
            ("POST", "com.atproto.repo.putRecord"): self._put,
            ("POST", "com.atproto.repo.createRecord"): self._create,
            ("GET", "com.atproto.repo.getRecord"): self._get_record,
            ("GET", "com.atproto.repo.listRecords"): self._list_records,
            ("POST", "com.atproto.repo.deleteRecord"): self._delete,
        }

    def answer(self, request: Request) -> Answer:
        if request.path == "/xrpc/_health":
            return as_json({"version": "sandbox"})
        name = request.path.removeprefix("/xrpc/")
        call = self._routes.get((request.method, name))
        if call is None:
            return _error(501, "MethodNotImplemented", "Method Not Implemented")
        if name not in _OPEN and (refusal := self._refused(request, name)):
            return refusal
        return call(request).plus(*self._limits())

    # ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _create_session(self, request: Request) -> Answer:
        fields = request.fields()
        brand = self.world.brand()
        known = (handle_of(brand), brand.handle, did_of(brand), "auroraair@brand.sandbox")
        if str(fields.get("identifier", "")).lstrip("@").lower() not in known or fields.get("password") != PASSWORD:
            return _error(401, "AuthenticationRequired", "Invalid identifier or password")
        return as_json(self._session())

    def _refresh_session(self, request: Request) -> Answer:
        claims = claims_of(request.bearer())
        if not claims or claims.get("scope") != "com.atproto.refresh":
            return _error(400, "InvalidToken", "Token could not be verified")
        return as_json(self._session())

    def _get_session(self, request: Request) -> Answer:
        session = self._session()
        return as_json({key: session[key] for key in ("did", "handle", "email", "active")})

    def _session(self) -> dict[str, Any]:
        brand = self.world.brand()
        now = self.world.now()
        return {
            "did": did_of(brand), "handle": handle_of(brand), "email": "auroraair@brand.sandbox", "active": True,
            "accessJwt": make_token("com.atproto.appPass", did_of(brand), now, 2 * HOUR), "refreshJwt": make_token("com.atproto.refresh", did_of(brand), now, 1440 * HOUR),
        }  # fmt: skip

    def _refused(self, request: Request, name: str) -> Answer | None:
        if not (token := request.bearer()):
            return _error(401, "AuthMissing", "Authentication Required")
        claims = claims_of(token)
        if not claims:
            return _error(400, "InvalidToken", "Malformed token")
        stale = claims["exp"] * 1000 <= self.world.now() or claims["iat"] * 1000 < self.expire_before
        if name != "com.atproto.server.refreshSession" and stale:
            return _error(400, "ExpiredToken", "Token has expired")
        return None

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _search(self, request: Request) -> Answer:
        text = request.get("q")
        if not text:
            return _error(400, "InvalidRequest", 'Error: Params must have the property "q"')
        search = Search.read(text)
        tags = [f"#{tag.casefold()}" for tag in request.all("tag")]
        lang, author, mentioned = (
            request.get("lang"),
            request.get("author").lstrip("@").casefold(),
            request.get("mentions").lstrip("@").casefold(),
        )
        since, until = parse_iso(request.get("since")), parse_iso(request.get("until"))

        def wanted(post: Post) -> bool:
            if not search.finds(post.folded, handle_of(post.author)) or (lang and post.lang != lang):
                return False
            if author and author not in (handle_of(post.author), did_of(post.author)):
                return False
            return all(tag in _WORD.findall(post.folded) for tag in tags) and (not mentioned or f"@{mentioned}" in post.folded)

        found = self.world.newest("bluesky", after=uid_of(since, 0) - 1 if since else 0, before=uid_of(until, 0) if until else None)
        return self._page(request, "posts", (post for post in found if wanted(post)), self._view, default=25)

    def _notifications(self, request: Request) -> Answer:
        wanted = set(request.all("reasons"))

        def reason(post: Post) -> str:
            if post.parent and (parent := self.world.get("bluesky", post.parent)) and parent.author.own:
                return "reply"
            return "mention" if mentions_brand(post) else ""

        def told(post: Post) -> dict[str, Any]:
            return {
                "uri": uri_of(post), "cid": self._cid(post), "author": self._person(post.author), "reason": reason(post), "record": self._record(post),
                "isRead": False, "indexedAt": iso(post.at), "labels": [],
            }  # fmt: skip

        found = (
            post for post in self.world.newest("bluesky") if not post.author.own and (why := reason(post)) and (not wanted or why in wanted)
        )
        return self._page(request, "notifications", found, told, default=50, extra={"priority": False})

    def _feed(self, request: Request) -> Answer:
        person = self._whom(request.get("actor"))
        if not person:
            return _error(400, "InvalidRequest", "Profile not found")
        own = (post for post in self.world.newest("bluesky") if post.author.key == person.key)
        return self._page(request, "feed", own, lambda post: {"post": self._view(post)}, default=50)

    def _posts(self, request: Request) -> Answer:
        uris = request.all("uris")
        if len(uris) > 25:
            return _error(400, "InvalidRequest", "Error: uris must not have more than 25 elements")
        return as_json({"posts": [self._view(post) for uri in uris if (post := self._find(uri))]})

    def _thread(self, request: Request) -> Answer:
        post = self._find(request.get("uri"))
        if not post:
            return _error(400, "NotFound", f"Post not found: {request.get('uri')}")
        depth = int(request.get("depth") or 6)
        view = self._below(post, depth)
        inner = view
        for parent in reversed(self.world.ancestors(post)):
            inner["parent"] = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(parent)}
            inner = inner["parent"]
        if post.parent and not self.world.get("bluesky", post.parent):
            inner["parent"] = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "", "notFound": True}
        return as_json({"thread": view})

    def _below(self, post: Post, depth: int) -> dict[str, Any]:
        replies = [self._below(child, depth - 1) for child in self.world.children(post)] if depth > 0 else []
        return {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(post), "replies": replies}

    def _resolve(self, request: Request) -> Answer:
        person = self._whom(request.get("handle"))
        return as_json({"did": did_of(person)}) if person else _error(400, "InvalidRequest", "Unable to resolve handle")

    def _profile(self, request: Request) -> Answer:
        person = self._whom(request.get("actor"))
        return as_json(self._detailed(person)) if person else _error(400, "InvalidRequest", "Profile not found")

    def _profiles(self, request: Request) -> Answer:
        return as_json({"profiles": [self._detailed(person) for name in request.all("actors") if (person := self._whom(name))]})

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _put(self, request: Request) -> Answer:
        fields = request.fields()
        rkey, record = str(fields.get("rkey") or ""), fields.get("record")
        if (refusal := self._unfit(fields)) or not isinstance(record, dict):
            return refusal or _error(400, "InvalidRequest", "Input must have the property record")
        known = self.world.published.with_rkey(rkey)
        if known and self.world.published.record(known) != record:
            self.world.published.change(known, self.world.now(), text=str(record.get("text", "")), record=record)
            return self._written(known, record)
        return self._written(known or self._publish(rkey, record), record)

    def _create(self, request: Request) -> Answer:
        fields = request.fields()
        rkey, record = str(fields.get("rkey") or ""), fields.get("record")
        if (refusal := self._unfit(fields)) or not isinstance(record, dict):
            return refusal or _error(400, "InvalidRequest", "Input must have the property record")
        if rkey and self.world.published.with_rkey(rkey):
            return _error(500, "InternalServerError", "Internal Server Error")
        return self._written(self._publish(rkey or tid(self.world.now() * 1000, len(self.world.ledger.posts)), record), record)

    def _unfit(self, fields: dict[str, Any]) -> Answer | None:
        record = fields.get("record")
        text = str(record.get("text", "")) if isinstance(record, dict) else ""
        if fields.get("repo") not in (did_of(self.world.brand()), handle_of(self.world.brand())):
            return _error(403, "InvalidRequest", "Not allowed to write to this repo")
        if fields.get("collection") != COLLECTION:
            return _error(400, "InvalidRequest", "The sandbox keeps posts only")
        if graphemes(text) > 300 or len(text.encode()) > 3000:
            return _error(400, "InvalidRequest", "Invalid app.bsky.feed.post record: Record/text must not be longer than 300 graphemes")
        return None

    def _publish(self, rkey: str, record: dict[str, Any]) -> Post:
        reply = record.get("reply") or {}
        parent = self._find(str((reply.get("parent") or {}).get("uri", "")))
        langs = record.get("langs") or ["en"]
        return self.world.publish("bluesky", str(record.get("text", "")), parent=parent, rkey=rkey, lang=str(langs[0]), record=record)

    def _written(self, post: Post, record: dict[str, Any]) -> Answer:
        answer = {"uri": uri_of(post), "cid": cid_of(record), "commit": {"cid": cid_of({"rev": post.uid}), "rev": tid(post.at * 1000, 0)}}
        return as_json({**answer, "validationStatus": "valid"})

    def _get_record(self, request: Request) -> Answer:
        uri = f"at://{request.get('repo')}/{request.get('collection')}/{request.get('rkey')}"
        post = self._find(uri)
        if not post:
            return _error(400, "RecordNotFound", f"Could not locate record: {uri}")
        return as_json({"uri": uri_of(post), "cid": self._cid(post), "value": self._record(post)})

    def _list_records(self, request: Request) -> Answer:
        own = reversed(self.world.published.own("bluesky"))
        records = [{"uri": uri_of(post), "cid": self._cid(post), "value": self._record(post)} for post in own]
        return as_json({"records": records[: request.limit(50, 100)]})

    def _delete(self, request: Request) -> Answer:
        if post := self.world.published.with_rkey(str(request.fields().get("rkey") or "")):
            self.world.published.change(post, self.world.now(), text=None)
        return as_json({})

    # ── pages and entities ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _page(
        self, request: Request, name: str, found: Any, entity: Callable[[Post], dict[str, Any]], *, default: int, extra: dict[str, Any] | None = None,
    ) -> Answer:  # fmt: skip
        """A page of what was found; the cursor is the number of entries that came before, as the AppView's search has it."""
        cursor = request.get("cursor")
        skip = int(cursor) if cursor.isdigit() else 0
        limit = request.limit(default, 100)
        page = list(islice(found, skip, skip + limit))
        more = {"cursor": str(skip + limit)} if len(page) == limit else {}
        return as_json({name: [entity(post) for post in page], **more, **(extra or {})})

    def _find(self, uri: str) -> Post | None:
        repo, _, rest = uri.removeprefix("at://").partition("/")
        collection, _, rkey = rest.partition("/")
        if collection != COLLECTION or not rkey:
            return None
        if (own := self.world.published.with_rkey(rkey)) and repo in (did_of(own.author), handle_of(own.author)):
            return own
        uid = uid_of_tid(rkey)
        post = self.world.get("bluesky", uid) if uid else None
        return post if post and repo in (did_of(post.author), handle_of(post.author)) else None

    def _whom(self, actor: str) -> Persona | None:
        if actor.startswith("did:"):
            return next((person for person in self.world.cast.by_key.values() if did_of(person) == actor), None)
        return self.world.cast.named(actor.lstrip("@").removesuffix(DOMAIN))

    def _view(self, post: Post) -> dict[str, Any]:
        now = self.world.now()
        return {
            "uri": uri_of(post), "cid": self._cid(post), "author": self._person(post.author), "record": self._record(post), "indexedAt": iso(post.at),
            "replyCount": len(self.world.children(post)), "repostCount": post.grown(post.reposts, now), "likeCount": post.grown(post.likes, now),
            "quoteCount": 0, "labels": [],
        }  # fmt: skip

    def _record(self, post: Post) -> dict[str, Any]:
        if own := self.world.published.record(post):
            return own
        written = post.at + (2 * HOUR if post.uid % 211 == 0 else -400)
        record: dict[str, Any] = {"$type": COLLECTION, "createdAt": iso(written), "langs": [post.lang], "text": post.text}
        if facets := facets_of(post.text):
            record["facets"] = facets
        if post.parent and (parent := self.world.get("bluesky", post.parent)):
            root = self.world.get("bluesky", post.root) or parent
            record["reply"] = {"root": self._reference(root), "parent": self._reference(parent)}
        return record

    def _reference(self, post: Post) -> dict[str, str]:
        return {"uri": uri_of(post), "cid": self._cid(post)}

    def _cid(self, post: Post) -> str:
        return cid_of(self.world.published.record(post) or {"uid": post.uid, "text": post.text})

    def _person(self, person: Persona) -> dict[str, Any]:
        return {
            "did": did_of(person),
            "handle": handle_of(person),
            "displayName": person.name,
            "labels": [],
            "viewer": {"muted": False, "blockedBy": False},
        }

    def _detailed(self, person: Persona) -> dict[str, Any]:
        counts = {"followersCount": person.followers, "followsCount": person.followers // 3, "postsCount": 1 + person.key % 4000}
        return {**self._person(person), **counts, "description": ""}

    def _limits(self) -> tuple[tuple[str, str], ...]:
        window = 5 * MINUTE
        reset = (self.world.now() // window + 1) * window // 1000
        return (
            ("RateLimit-Limit", "30000"),
            ("RateLimit-Remaining", "29990"),
            ("RateLimit-Reset", str(reset)),
            ("RateLimit-Policy", "30000;w=300"),
        )


_OPEN = frozenset({"com.atproto.server.createSession", "com.atproto.server.describeServer", "com.atproto.identity.resolveHandle"})


def _error(status: int, name: str, words: str) -> Answer:
    return as_json({"error": name, "message": words}, status)
