"""Comments and videos of YouTube → mentions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from sources.fields import ident, instant, integer, items, mapping, need, need_instant, payload, read_each, string
from sources.text import plain, web_address


def parse(answer: object, source: str, me: str = "") -> tuple[list[Mention], int, str]:
    """Every comment (with the answers that came along) and every video of an answer."""
    return read_each(_posts(answer), lambda item: parse_video(item, source, me) if "topLevelComment" not in item and _is_video(item) else parse_comment(item, source, me))


def _posts(answer: object) -> Iterator[object]:
    found = answer if isinstance(answer, list) else items(answer, "items")
    if mapping(answer, "topLevelComment"):
        found = [{"snippet": answer}]
    for item in found or ([answer] if mapping(answer, "snippet") else []):
        top = mapping(item, "snippet", "topLevelComment")
        if top:
            yield {**top, "thread": mapping(item, "snippet")}
            yield from ({**mapping(reply), "thread": mapping(item, "snippet")} for reply in items(item, "replies", "comments"))
        elif _is_comment(item) or _is_video(item):
            yield item


def _is_comment(item: object) -> bool:
    snippet = mapping(item, "snippet")
    return "textOriginal" in snippet or "textDisplay" in snippet


def _is_video(item: object) -> bool:
    kind = string(mapping(item, "id"), "kind") or string(mapping(item), "kind")
    return kind == "youtube#video" or bool(ident(mapping(item, "id"), "videoId"))


def parse_comment(item: Mapping[str, object], source: str, me: str = "") -> Mention:
    """A comment under a video or an answer to one. Raises Malformed."""
    native_id = need(ident(item, "id"), "id")
    snippet, thread = mapping(item, "snippet"), mapping(item, "thread")
    created = need_instant(snippet.get("publishedAt"))
    edited = instant(snippet.get("updatedAt"))
    channel = ident(mapping(snippet, "authorChannelId"), "value")
    name = string(snippet, "authorDisplayName")
    video = ident(snippet, "videoId") or ident(thread, "videoId")
    parent = ident(snippet, "parentId")
    is_top = not parent
    return Mention(
        source=source,
        native_id=native_id,
        text=need(string(snippet, "textOriginal") or plain(string(snippet, "textDisplay")), "text"),
        created_at=created,
        author=Author(channel or name or "unknown", name.removeprefix("@") or channel or "unknown", name, web_address(snippet.get("authorChannelUrl"))),
        url=web_address(f"https://www.youtube.com/watch?v={video}&lc={native_id}") if video else "",
        parent_id=parent or video,
        thread_id=parent or video,
        engagement=Engagement(likes=integer(snippet, "likeCount"), replies=integer(thread, "totalReplyCount") if is_top else None),
        edited_at=edited if edited is not None and edited > created else None,
        reply_ref=json.dumps({"thread": parent or native_id, "video": video}),
        own=bool(me) and channel == me,
        payload=payload(item),
    )


def parse_video(item: Mapping[str, object], source: str, me: str = "") -> Mention:
    """A video that a search found. Raises Malformed."""
    native_id = need(ident(mapping(item, "id"), "videoId") or ident(item, "id"), "id")
    snippet, counts = mapping(item, "snippet"), mapping(item, "statistics")
    title = plain(string(snippet, "title"))
    channel, name = ident(snippet, "channelId"), plain(string(snippet, "channelTitle"))
    return Mention(
        source=source,
        native_id=native_id,
        text=need(plain(string(snippet, "description")) or title, "text"),
        title=title,
        created_at=need_instant(snippet.get("publishedAt") or snippet.get("publishTime")),
        author=Author(channel or name or "unknown", name or channel or "unknown", name, web_address(f"https://www.youtube.com/channel/{channel}") if channel else ""),
        url=web_address(f"https://www.youtube.com/watch?v={native_id}"),
        engagement=Engagement(likes=integer(counts, "likeCount"), replies=integer(counts, "commentCount"), views=integer(counts, "viewCount")),
        reply_ref=json.dumps({"video": native_id, "channel": channel}),
        own=bool(me) and channel == me,
        payload=payload(item),
    )
