"""Posts of Bluesky: read into mentions, and written as records. https://docs.bsky.app/docs/advanced-guides/posts

Facets mark links, mentions and tags by offsets into the UTF-8 *bytes* of the text; what others wrote may point anywhere.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.errors import Malformed
from sources.fields import instant, integer, items, language, mapping, need, payload, string
from sources.text import canonical, web_address

POST: Final = "app.bsky.feed.post"
_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_URI = re.compile(r"at://(did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,500})/([A-Za-z0-9.-]{1,300})/([A-Za-z0-9._:~-]{1,512})\Z")
_LINK = re.compile(rb"(?<![A-Za-z0-9_@/.])https?://[^\s<>\"]*[^\s<>\".,;:!?)\]}']")
_HANDLE = re.compile(
    rb"(?<![A-Za-z0-9_@/.])@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)"
)
_TAG = re.compile(r"(?<![\w#&/])#(?!\d+\b)(\w{1,64})")


def parse_post(view: Mapping[str, object], source: str, me: str = "") -> Mention | None:
    """A post view, a notification, or a feed item. None for what is not a post (a like). Raises Malformed."""
    view = mapping(view, "post") or view
    record = mapping(view, "record") or mapping(view, "value")
    if string(record, "$type") not in ("", POST):
        return None
    uri = need(string(view, "uri"), "uri")
    place = _URI.match(uri)
    if place is None:
        raise Malformed("a uri of another shape")
    author = mapping(view, "author")
    did = string(author, "did") or place.group(1)
    handle = string(author, "handle")
    times = [moment for moment in (instant(record.get("createdAt")), instant(view.get("indexedAt"))) if moment is not None]
    if not times:
        raise Malformed("no readable time")
    root, parent = mapping(record, "reply", "root"), mapping(record, "reply", "parent")
    own_page = f"https://bsky.app/profile/{did}/post/{place.group(3)}"
    return Mention(
        source=source,
        native_id=uri,
        text=_words(record, mapping(view, "embed")),
        created_at=min(times),
        author=Author(
            did,
            handle or did,
            string(author, "displayName"),
            f"https://bsky.app/profile/{handle or did}",
            integer(author, "followersCount"),
        ),
        url=f"https://bsky.app/profile/{handle or did}/post/{place.group(3)}" if "/" not in handle else own_page,
        lang=next((code for value in items(record, "langs") if (code := language(value))), ""),
        parent_id=string(parent, "uri"),
        thread_id=string(root, "uri"),
        engagement=Engagement(integer(view, "likeCount"), integer(view, "repostCount"), integer(view, "replyCount")),
        canonical_url=canonical(string(record, "bridgyOriginalUrl")) or own_page,
        reply_ref=json.dumps(
            {"uri": uri, "cid": string(view, "cid"), "did": did, "handle": handle, "root": [string(root, "uri"), string(root, "cid")]}
        ),
        own=bool(me) and did == me,
        payload=payload(view),
    )


def _words(record: Mapping[str, object], shown: Mapping[str, object]) -> str:
    """The text with its links at full length, then the address of its link card; where nothing is written, what its pictures show."""
    text = _unfolded(string(record, "text"), items(record, "facets"))
    embed = mapping(record, "embed")
    card = web_address(string(mapping(embed, "external"), "uri") or string(mapping(embed, "media", "external"), "uri"))
    alts = [string(mapping(image), "alt") for image in (*items(embed, "images"), *items(shown, "images"))]
    said = text or "\n".join(dict.fromkeys(alt for alt in alts if alt))
    return f"{said}\n{card}".strip() if card and card not in said else said


def _unfolded(text: str, facets: object) -> str:
    """Links that are shown cut off, written out. Offsets that lie outside or inside a character are passed over."""
    raw = text.encode("utf-8")
    spans = sorted(_links(facets, len(raw)), reverse=True)
    upper = len(raw)
    for start, end, uri in spans:
        shown = raw[start:end]
        if (
            end <= upper
            and _is_boundary(raw, start)
            and _is_boundary(raw, end)
            and shown.rstrip(".…".encode()) != shown
            and b"://" not in shown
        ):
            raw, upper = raw[:start] + uri.encode("utf-8", "replace") + raw[end:], start
    return raw.decode("utf-8", "replace")


def _is_boundary(raw: bytes, at: int) -> bool:
    return at == len(raw) or raw[at] & 0xC0 != 0x80


def _links(facets: object, size: int) -> Iterator[tuple[int, int, str]]:
    for facet in facets if isinstance(facets, (list, tuple)) else ():
        start, end = integer(mapping(facet, "index"), "byteStart"), integer(mapping(facet, "index"), "byteEnd")
        for feature in items(facet, "features"):
            uri = web_address(mapping(feature).get("uri"))
            if uri and start is not None and end is not None and 0 <= start < end <= size:
                yield start, end, uri


def record_key(key: str, created_at: int) -> str:
    """The record's key, a TID: the same for each attempt at the same reply, so that it can never be two posts."""
    digest = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    number = (created_at * 1000 + digest % 1000) << 10 | digest >> 12 & 0x3FF
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def reply_record(
    text: str, created_at: int, reference: Mapping[str, object], dids: Mapping[str, str], language: str = ""
) -> dict[str, object]:
    """The record of an answer, identical to the letter whenever it is made from the same reply. `dids`: of the handles in the text."""
    parent = {"uri": string(reference, "uri"), "cid": string(reference, "cid")}
    root = [value for value in items(reference, "root") if isinstance(value, str) and value]
    record: dict[str, object] = {
        "$type": POST,
        "text": text,
        "createdAt": datetime.fromtimestamp(created_at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reply": {"root": {"uri": root[0], "cid": root[1]} if len(root) == 2 else parent, "parent": parent},
    }
    if facets := facets_of(text, dids):
        record["facets"] = facets
    if language:
        record["langs"] = [language]
    return record


def handles_in(text: str) -> list[str]:
    return list(dict.fromkeys(match.group(1).decode().lower() for match in _HANDLE.finditer(text.encode())))


def facets_of(text: str, dids: Mapping[str, str]) -> list[dict[str, object]]:
    """Links, mentions and tags of a text, by byte offsets. A handle that nobody knows stays plain text."""
    raw = text.encode()
    found = [
        (match.start(), match.end(), {"$type": "app.bsky.richtext.facet#link", "uri": match.group(0).decode()})
        for match in _LINK.finditer(raw)
    ]
    for match in _HANDLE.finditer(raw):
        if did := dids.get(match.group(1).decode().lower()):
            found.append((match.start(), match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}))
    for tag in _TAG.finditer(text):
        start = len(text[: tag.start()].encode())
        found.append((start, start + len(tag.group(0).encode()), {"$type": "app.bsky.richtext.facet#tag", "tag": tag.group(1)}))
    taken = 0
    facets: list[dict[str, object]] = []
    for start, end, feature in sorted(found, key=lambda facet: facet[0]):
        if start >= taken:
            facets.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
            taken = end
    return facets
