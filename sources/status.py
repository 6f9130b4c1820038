"""One status of the Mastodon API as a mention: https://docs.joinmastodon.org/entities/Status/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention, Visibility
from listener.errors import Malformed
from sources.fields import ident, instant, integer, items, language, mapping, need, need_instant, payload, string
from sources.text import canonical, handle, plain, web_address

VISIBILITY: Final[Mapping[str, Visibility]] = {"public": "public", "unlisted": "unlisted", "private": "followers", "direct": "direct"}
AS_SENT: Final[Mapping[Visibility, str]] = {shown: sent for sent, shown in VISIBILITY.items()}


def parse_status(item: Mapping[str, object], source: str, host: str, me: str = "") -> Mention:
    """A status; of a boost, what was boosted. `me` is our account's id, `host` the server that completes local handles. Raises Malformed."""
    item = mapping(item, "reblog") or item
    if "content" not in item and "text" not in item:
        raise Malformed("not a status")
    native_id = need(ident(item, "id"), "id")
    account = mapping(item, "account")
    acct = handle(string(account, "acct", "username"))
    acct = acct if "@" in acct or not acct else f"{acct}@{host}"
    url = web_address(string(item, "url")) or web_address(string(item, "uri"))
    visibility = VISIBILITY.get(string(item, "visibility"), "public")
    return Mention(
        source=source,
        native_id=native_id,
        text=_words(item),
        created_at=need_instant(item.get("created_at")),
        author=Author(
            ident(account, "id") or acct or "unknown",
            acct or "unknown",
            string(account, "display_name"),
            web_address(string(account, "url")),
            integer(account, "followers_count"),
        ),
        url=url,
        title=plain(string(item, "spoiler_text")),
        lang=language(string(item, "language")),
        parent_id=ident(item, "in_reply_to_id"),
        visibility=visibility,
        engagement=Engagement(integer(item, "favourites_count"), integer(item, "reblogs_count"), integer(item, "replies_count")),
        edited_at=instant(item.get("edited_at")),
        canonical_url=canonical(url),
        reply_ref=json.dumps({"acct": acct, "visibility": visibility, "spoiler": string(item, "spoiler_text")[:500]}),
        own=bool(me) and ident(account, "id") == me,
        payload=payload(item),
    )


def _words(item: Mapping[str, object]) -> str:
    """What is said: the content, and where that is empty, what the pictures show and the poll asks."""
    said = plain(string(item, "content", "text"))
    if said:
        return said
    shown = [string(mapping(media), "description") for media in items(item, "media_attachments")]
    asked = [string(mapping(option), "title") for option in items(item, "poll", "options")]
    return "\n".join(part for part in (*shown, *asked) if part)
