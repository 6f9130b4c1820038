from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _view(number: int) -> dict[str, object]:
    return {
        "uri": f"at://did:plc:alice/app.bsky.feed.post/k{number}",
        "cid": f"cid{number}",
        "author": {"did": "did:plc:alice", "handle": "alice.test", "displayName": "Alice"},
        "record": {
            "$type": "app.bsky.feed.post",
            "text": f"post {number}",
            "createdAt": stamp(number),
            "langs": ["en"],
            "facets": [{"index": {"byteStart": 0, "byteEnd": 4}, "features": [{"uri": "https://example.org/"}]}],
            "reply": {"root": {"uri": "at://r", "cid": "c"}, "parent": {"uri": "at://p", "cid": "c"}},
            "embed": {"external": {"uri": "https://card.example/"}, "images": [{"alt": "a picture"}]},
        },
        "indexedAt": stamp(number),
        "likeCount": 1,
    }


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    found = [view for view in map(_view, reversed(numbers)) if str(view["indexedAt"]) >= request.url.params.get("since", "")]
    start = int(request.url.params.get("cursor", "0"))
    more = {"cursor": str(start + 5)} if start + 5 < len(found) else {}
    return {"posts": found[start : start + 5], **more}


SPECIMEN = Specimen(
    "bluesky",
    Channel("search:post", "search", "post"),
    _serve,
    options={"handle": "desk.test", "app_password": "canary-token"},
    login={
        "/xrpc/com.atproto.server.createSession": {"accessJwt": "canary-token-a", "refreshJwt": "canary-token-r", "did": "did:plc:desk"}
    },
    keyed=True,
)
