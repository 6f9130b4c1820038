"""Posts and comments of Lemmy, of either version of its API → mentions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from sources.fields import flag, ident, instant, integer, items, mapping, need, need_instant, payload, read_each, string
from sources.text import web_address


def parse(answer: object, source: str, me: str = "") -> tuple[list[Mention], int, str]:
    """Every post and comment of an answer of either version."""
    return read_each(posts(answer), lambda item: parse_view(item, source, me))


def posts(answer: object) -> Iterator[object]:
    for key in ("posts", "comments", "mentions", "replies", "search", "results", "items"):
        yield from items(answer, key)
    for key in ("post_view", "comment_view"):
        if mapping(answer, key):
            yield mapping(answer, key)


def parse_view(item: Mapping[str, object], source: str, me: str = "") -> Mention | None:
    """A post or comment; None for communities, people, and what was deleted or removed. Raises Malformed.

    v4 keeps in the post or comment itself what v3 has in `counts`, and says `published_at` for `published`.
    """
    comment, post = mapping(item, "comment"), mapping(item, "post")
    thing = comment or post
    if not thing or is_gone(thing):
        return None
    number = need(ident(thing, "id"), "id")
    post_id = ident(comment, "post_id") or ident(post, "id")
    creator = mapping(item, "creator")
    actor = string(creator, "actor_id", "ap_id")
    host = urlsplit(web_address(actor)).hostname or ""
    login = string(creator, "name")
    counts = {**thing, **mapping(item, "counts")}
    home = web_address(thing.get("ap_id"))
    link = web_address(post.get("url"))
    title = "" if comment else string(post, "name").strip()
    words = string(comment, "content").strip() if comment else string(post, "body").strip() or link
    trail = [step for step in string(comment, "path").split(".") if step and step != "0"]
    return Mention(
        source=source,
        native_id=f"comment:{number}" if comment else f"post:{number}",
        text=need(words or title, "text"),
        title=title if words else "",
        created_at=need_instant(thing.get("published") or thing.get("published_at")),
        author=Author(actor or ident(creator, "id") or "unknown", f"{login}@{host}" if login and host else login or "unknown", string(creator, "display_name"), web_address(actor)),
        url=home,
        canonical_url=home,
        parent_id=(f"comment:{trail[-2]}" if len(trail) > 1 else f"post:{post_id}") if comment else "",
        thread_id=f"post:{post_id}" if comment and post_id else "",
        engagement=Engagement(likes=integer(counts, "score"), replies=integer(counts, "child_count") if comment else integer(counts, "comments")),
        edited_at=instant(thing.get("updated") or thing.get("updated_at")),
        reply_ref=json.dumps({"post": post_id, "comment": number if comment else ""}),
        own=bool(me) and login.lower() == me.lower() and flag(creator, "local"),
        payload=payload(item),
    )


def is_gone(thing: Mapping[str, object]) -> bool:
    return flag(thing, "deleted") or flag(thing, "removed")
