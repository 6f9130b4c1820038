from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import START, Specimen


def _thing(number: int) -> dict[str, object]:
    return {
        "kind": "t3",
        "data": {
            "name": f"t3_{number:05}",
            "id": f"{number:05}",
            "title": "A title",
            "selftext": f"post {number}",
            "author": "nora",
            "author_fullname": "t2_n",
            "created_utc": float(START + number * 60),
            "edited": False,
            "score": 3,
            "num_comments": 1,
            "permalink": f"/r/x/comments/{number:05}/a/",
        },
    }


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    after = request.url.params.get("after")
    found = [number for number in reversed(numbers) if not after or f"t3_{number:05}" < after]
    page = found[:5]
    return {"kind": "Listing", "data": {"children": [_thing(number) for number in page], "after": f"t3_{page[-1]:05}" if len(found) > 5 else None}}


SPECIMEN = Specimen(
    "reddit",
    Channel("search:post", "search", "post", "t"),
    _serve,
    options={"client_id": "id", "client_secret": "canary-secret", "username": "aurora", "password": "canary-password", "days": 7},
    login={"/api/v1/access_token": {"access_token": "canary-token", "expires_in": 3600}},
    keyed=True,
)
