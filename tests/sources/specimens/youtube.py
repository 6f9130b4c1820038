from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _thread(number: int) -> dict[str, object]:
    snippet = {
        "textOriginal": f"post {number}",
        "textDisplay": f"post {number}",
        "authorDisplayName": "@nora",
        "authorChannelId": {"value": "UCnora"},
        "authorChannelUrl": "http://www.youtube.com/@nora",
        "publishedAt": stamp(number),
        "updatedAt": stamp(number),
        "likeCount": 2,
        "videoId": "vid",
    }
    name = f"c{number:05}"
    return {"id": name, "snippet": {"videoId": "vid", "topLevelComment": {"id": name, "snippet": snippet}, "totalReplyCount": 0}}


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    if request.url.path.endswith("/comments"):
        return {"items": []}
    last = int(request.url.params.get("pageToken", 1 << 40))
    found = [number for number in reversed(numbers) if number < last]
    return {"items": [_thread(number) for number in found[:5]], **({"nextPageToken": str(found[4])} if len(found) > 5 else {})}


SPECIMEN = Specimen(
    "youtube",
    Channel("channel:UCours", "channel", "UCours", "t", trusted=True),
    _serve,
    options={"api_key": "canary-token", "channels": {"t": ["UCours"]}},
    keyed=True,
)
