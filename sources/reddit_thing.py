"""The `{kind, data}` objects of Reddit → mentions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from sources.fields import ident, instant, integer, mapping, need, need_instant, payload, read_each, string
from sources.text import web_address

KINDS = {"t1": "comment", "t3": "post", "t4": "message"}
GONE = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})
SITE = "https://www.reddit.com"


def parse(answer: object, source: str, me: str = "") -> tuple[list[Mention], int, str]:
    """Every post, comment and message of an answer, answers inside `replies` too."""
    return read_each(things(answer), lambda item: parse_thing(item, source, me))


def things(answer: object) -> Iterator[dict[str, object]]:
    """The `{kind, data}` objects that are posts, however deep a listing hides them."""
    waiting = [answer]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            data = mapping(node, "data")
            if node.get("kind") in KINDS:
                yield node
                waiting.append(data.get("replies"))
            else:
                waiting.extend(value for value in reversed(list((data or node).values())) if isinstance(value, (dict, list)))


def parse_thing(item: Mapping[str, object], source: str, me: str = "") -> Mention | None:
    """A post, comment or message; None when its author or a moderator took it away. Raises Malformed."""
    kind, data = string(item, "kind"), mapping(item, "data")
    native_id = ident(data, "name") or f"{kind}_{need(ident(data, 'id'), 'id')}"
    title = string(data, "title", "subject", "link_title").strip()
    words = string(data, "body", "selftext").strip()
    if is_gone(data):
        return None
    name = string(data, "author")
    created = need_instant(data.get("created_utc") or data.get("created"))
    parent, link = ident(data, "parent_id"), ident(data, "link_id")
    path = string(data, "permalink", "context")
    return Mention(
        source=source,
        native_id=native_id,
        text=need(words or title, "text"),
        title=title if words else "",
        created_at=created,
        author=Author(ident(data, "author_fullname") or name or "unknown", name or "unknown", url=web_address(f"{SITE}/user/{name}") if name else ""),
        url=web_address(urljoin(SITE, path)) if path.startswith("/") else "",
        parent_id=parent,
        thread_id=link,
        visibility="direct" if kind == "t4" else "public",
        engagement=Engagement(likes=integer(data, "score"), replies=integer(data, "num_comments") if kind == "t3" else None),
        edited_at=None if isinstance(data.get("edited"), bool) else instant(data.get("edited")),
        reply_ref=json.dumps({"id": native_id, "article": link or native_id}),
        own=bool(me) and name.lower() == me.lower(),
        payload=payload(item),
    )


def is_gone(data: Mapping[str, object]) -> bool:
    """Whether its author or a moderator took it away: the words are gone, or a link post says by whom."""
    return string(data, "body", "selftext").strip() in GONE or (string(data, "title") in GONE) or bool(string(data, "removed_by_category"))
