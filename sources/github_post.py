"""Issues, pull requests, discussions and comments of GitHub, REST or GraphQL → mentions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from sources.fields import ident, instant, integer, items, mapping, need, need_instant, payload, read_each, string
from sources.text import web_address

PLACE = re.compile(r"https?://[^/]+/([^/?#]+/[^/?#]+)/(?:issues|pull|discussions)/(\d+)")
"""Repository and number in a permalink; issues, pull requests and discussions of a repository count together."""


def parse(answer: object, source: str, me: str = "") -> tuple[list[Mention], int, str]:
    """Every issue, pull request, discussion and comment of an answer, REST, GraphQL or a list of events."""
    return read_each(posts(answer), lambda item: parse_post(item, source, me))


def posts(answer: object) -> Iterator[object]:
    """The objects of an answer that people wrote, and those inside them."""
    if isinstance(answer, list):
        for item in answer:
            yield from posts(item)
        return
    node = mapping(answer)
    if _is_post(node):
        yield node
        for comment in items(node, "comments", "nodes"):
            yield {**mapping(comment), "discussion": node}
        return
    inside = (mapping(node, "payload", "comment"), mapping(node, "payload", "issue"), mapping(node, "payload", "pull_request"), mapping(node, "issue"))
    graph = (mapping(node, "data", "node"), mapping(node, "data", "repository", "discussion"))
    for found in (items(node, "items"), items(node, "data", "search", "nodes"), *([one] for one in (*inside, *graph) if one)):
        yield from posts(list(found))


def _is_post(node: Mapping[str, object]) -> bool:
    return bool(string(node, "html_url", "url")) and ("body" in node or "bodyText" in node) and ("user" in node or "author" in node)


def parse_post(item: Mapping[str, object], source: str, me: str = "") -> Mention:
    """An issue, pull request, discussion or comment. Raises Malformed.

    Keys are `owner/name#12` and `owner/name#12:99`: they join a comment to its issue without asking.
    """
    number_id = need(ident(item, "databaseId", "id"), "id")
    url = web_address(string(item, "html_url", "url"))
    place = PLACE.match(url)
    repo, number = (place.group(1), place.group(2)) if place else ("", "")
    title = string(item, "title").strip()
    is_comment = not title
    issue = f"{repo}#{number}" if place else ""
    user = mapping(item, "user") or mapping(item, "author")
    login = string(user, "login") or "ghost"
    created = need_instant(item.get("created_at") or item.get("createdAt"))
    edited = instant(item.get("lastEditedAt")) if "lastEditedAt" in item else instant(item.get("updated_at")) if is_comment else None
    words = string(item, "body", "bodyText").strip()
    reactions = mapping(item, "reactions")
    return Mention(
        source=source,
        native_id=(f"{issue}:{number_id}" if issue else number_id) if is_comment else issue or number_id,
        text=need(words or title, "text"),
        title=title if words else "",
        created_at=created,
        author=Author(ident(user, "id") or login, login, string(user, "name"), web_address(string(user, "html_url", "url"))),
        url=url,
        parent_id=issue if is_comment else "",
        thread_id=issue if is_comment else "",
        engagement=Engagement(
            likes=integer(reactions, "total_count", "totalCount"),
            replies=integer(item, "comments") if not mapping(item, "comments") else integer(mapping(item, "comments"), "totalCount"),
        ),
        edited_at=edited if edited is not None and edited > created else None,
        reply_ref=json.dumps(_reference(item, repo, number)) if place else "",
        own=bool(me) and login.lower() == me.lower(),
        payload=payload(item),
    )


def _reference(item: Mapping[str, object], repo: str, number: str) -> dict[str, str]:
    """What a reply needs: the number of an issue, or the node of a discussion and of the comment to answer below."""
    discussion = mapping(item, "discussion")
    node = ident(item, "node_id") or ident(item, "id")
    if discussion:
        return {"repo": repo, "number": number, "discussion": ident(discussion, "id"), "comment": ident(mapping(item, "replyTo"), "id") or node}
    kind = string(item, "__typename")
    return {"repo": repo, "number": number, "discussion": node} if kind == "Discussion" else {"repo": repo, "number": number}
