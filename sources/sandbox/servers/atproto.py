"""What everything on Bluesky is named by: handles, keys of accounts and records, content ids, byte offsets, session tokens.

Specifications:  https://atproto.com/specs/  handle, did, at-uri-scheme, record-key, tid
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from sources.sandbox.phrases import HANDLE
from sources.sandbox.post import uid_of

if TYPE_CHECKING:
    from sources.sandbox.post import Persona, Post

DOMAIN = ".bsky.sandbox"
COLLECTION = "app.bsky.feed.post"
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_MARKS = re.compile(r"(?P<url>https?://[^\s]+)|(?<![\w@])@(?P<at>[\w.-]+\.sandbox)|(?<!\w)#(?P<tag>\w+)")


def handle_of(person: Persona) -> str:
    return HANDLE["bluesky"].format(person.handle).lstrip("@")


def did_of(person: Persona) -> str:
    return f"did:plc:{base64.b32encode(hashlib.sha256(person.handle.encode()).digest()).decode().lower()[:24]}"


def uri_of(post: Post) -> str:
    return f"at://{did_of(post.author)}/{COLLECTION}/{post.rkey or tid(post.at * 1000 + ((post.uid & 0xFFFF) >> 10), post.uid & 0x3FF)}"


def cid_of(record: dict[str, Any]) -> str:
    """The same record has the same cid, to the letter."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True, ensure_ascii=False).encode()).digest()
    return f"bafyrei{base64.b32encode(digest).decode().lower().rstrip('=')}"


def tid(microseconds: int, clock: int) -> str:
    """A timestamp identifier: 53 bits of time, 10 bits of clock, in sortable base 32."""
    number = (microseconds << 10) | (clock & 0x3FF)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def facets_of(text: str) -> list[dict[str, Any]]:
    """Mentions, hashtags and links with their offsets in UTF-8 bytes."""
    facets = []
    for match in _MARKS.finditer(text):
        begin = len(text[: match.start()].encode())
        kind: dict[str, str]
        if match["url"]:
            kind = {"$type": "app.bsky.richtext.facet#link", "uri": match["url"]}
        elif match["at"]:
            kind = {"$type": "app.bsky.richtext.facet#mention", "did": f"did:plc:{hashlib.sha256(match['at'].encode()).hexdigest()[:24]}"}
        else:
            kind = {"$type": "app.bsky.richtext.facet#tag", "tag": match["tag"]}
        facets.append({"index": {"byteStart": begin, "byteEnd": begin + len(match[0].encode())}, "features": [kind]})
    return facets


def uid_of_tid(rkey: str) -> int:
    if len(rkey) != 13 or any(letter not in _ALPHABET for letter in rkey):
        return 0
    number = 0
    for letter in rkey:
        number = number << 5 | _ALPHABET.index(letter)
    microseconds, clock = number >> 10, number & 0x3FF
    return uid_of(microseconds // 1000, (microseconds % 1000) << 10 | clock)


def graphemes(text: str) -> int:
    import regex

    return len(regex.findall(r"\X", text))


def make_token(scope: str, subject: str, now: int, life: int) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"scope": scope, "sub": subject, "iat": now // 1000, "exp": (now + life) // 1000, "aud": "did:web:bsky.sandbox"}
    return f"{part({'typ': 'at+jwt', 'alg': 'none'})}.{part(claims)}.sandbox"


def claims_of(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3 or parts[2] != "sandbox":
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) and {"scope", "iat", "exp"} <= claims.keys() else {}
