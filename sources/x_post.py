"""A post of X → a mention: API v2, and the older shape of archives and exports."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from sources.fields import flag, ident, instant, integer, items, language, mapping, need, payload, read_each, string
from sources.text import web_address

EPOCH = 1_288_834_974_657
"""The first millisecond of snowflake ids."""


def parse(answer: object, source: str, me: str = "") -> tuple[list[Mention], int, str]:
    """Every post of an answer: API v2 with its `includes`, and the older shape with the author inside, as archives have it."""
    people = (*items(answer, "includes", "users"), *items(answer, "data"))
    users = {ident(mapping(user), "id"): mapping(user) for user in people if "username" in mapping(user)}
    return read_each(_posts(answer), lambda item: parse_post(item, users, source, me))


def _posts(answer: object) -> Iterator[object]:
    """What stands where posts belong, whether or not it is one, and every post inside of that: quoted ones, those of archives."""
    listed = answer if isinstance(answer, list) else items(answer, "data") or items(answer, "statuses")
    for item in listed:
        yield item
        yield from _inside(item)
    yield from _inside(mapping(answer, "includes"))
    if not listed:
        one = mapping(answer, "data") or mapping(answer)
        if ident(one, "id_str", "id") and _text(one):
            yield one
        yield from _inside(one)


def _inside(value: object) -> Iterator[Mapping[str, object]]:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        for key, child in here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ():
            waiting.append(child)
            if isinstance(child, dict) and ident(child, "id_str", "id") and _text(child):
                # The last post of an account, as lists of accounts have it, does not repeat whose it is.
                yield {**child, "user": here} if key == "status" and isinstance(here, dict) and "screen_name" in here else child


def parse_post(item: Mapping[str, object], users: Mapping[str, Mapping[str, object]], source: str, me: str = "") -> Mention | None:
    """One post. An edit gets a new id on this network: the first one is the key, so that edits are revisions. Raises Malformed."""
    current = need(ident(item, "id_str", "id"), "id")
    words = need(_text(item), "text")
    author_id = ident(item, "author_id") or ident(mapping(item, "user"), "id_str", "id")
    user = users.get(author_id) or mapping(item, "user")
    handle = string(user, "username", "screen_name")
    versions = [ident({"id": version}, "id") for version in items(item, "edit_history_tweet_ids")]
    first = versions[0] if versions and versions[0] else current
    answered = next((ident(mapping(other), "id") for other in items(item, "referenced_tweets") if mapping(other).get("type") == "replied_to"), "")
    conversation = ident(item, "conversation_id")
    return Mention(
        source=source,
        native_id=first,
        text=words,
        created_at=_created(item, first),
        author=Author(
            author_id or handle or "unknown",
            handle or author_id or "unknown",
            string(user, "name"),
            f"https://x.com/{handle}" if handle.isascii() and handle.replace("_", "").isalnum() else "",
            integer(mapping(user, "public_metrics"), "followers_count") if "public_metrics" in user else integer(user, "followers_count"),
        ),
        url=web_address(f"https://x.com/{handle or 'i'}/status/{current}" if handle else f"https://x.com/i/status/{current}"),
        lang={"in": "id", "iw": "he"}.get(string(item, "lang"), language(item.get("lang"))),
        parent_id=answered or ident(item, "in_reply_to_status_id_str"),
        thread_id="" if conversation == first else conversation,
        visibility="followers" if flag(user, "protected") else "public",
        engagement=_engagement(item),
        edited_at=written_at(current) if first != current else None,
        reply_ref=json.dumps({"id": current}),
        own=bool(me) and me in (author_id, handle),
        payload=payload(item),
    )


def _text(item: Mapping[str, object]) -> str:
    """The whole text, long posts too, with the addresses that were meant instead of t.co."""
    words = string(mapping(item, "note_tweet"), "text") or string(mapping(item, "extended_tweet"), "full_text") or string(item, "full_text", "text")
    words = html.unescape(words)
    for holder in (mapping(item, "entities"), mapping(item, "note_tweet", "entities"), mapping(item, "extended_tweet", "entities")):
        for entry in items(holder, "urls"):
            short, long = string(mapping(entry), "url"), web_address(mapping(entry).get("expanded_url"))
            if short and long:
                words = words.replace(short, long)
    return words.strip()


def _engagement(item: Mapping[str, object]) -> Engagement:
    counts = mapping(item, "public_metrics")
    if not counts:
        return Engagement(integer(item, "favorite_count"), integer(item, "retweet_count"), integer(item, "reply_count"))
    reposts, quotes = integer(counts, "retweet_count"), integer(counts, "quote_count")
    spread = None if reposts is None and quotes is None else (reposts or 0) + (quotes or 0)
    return Engagement(integer(counts, "like_count"), spread, integer(counts, "reply_count"), integer(counts, "impression_count"))


def _created(item: Mapping[str, object], number: str) -> int:
    """The time of a post; ids carry it too, so that it is never missing."""
    said = instant(item.get("created_at"))
    if said is None:
        try:
            said = int(datetime.strptime(string(item, "created_at"), "%a %b %d %H:%M:%S %z %Y").astimezone(UTC).timestamp() * 1000)
        except (ValueError, OverflowError):
            said = None
    return written_at(number) if said is None else said


def written_at(number: str) -> int:
    return (int(number) >> 22) + EPOCH if is_snowflake(number) else 0


def is_snowflake(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 20 and int(number) < 1 << 63
