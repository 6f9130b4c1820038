from __future__ import annotations

import re
from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import START, Specimen


def _hit(number: int) -> dict[str, object]:
    return {
        "objectID": str(number),
        "created_at_i": START + number * 60,
        "created_at": "2026-03-01T00:00:00Z",
        "author": "nora",
        "comment_text": f"<p>post {number}</p>",
        "story_id": 1,
        "parent_id": 2,
        "points": 3,
        "url": "https://example.org/",
        "_tags": ["comment"],
    }


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    filters = request.url.params.get("numericFilters", "")
    low = int((re.findall(r">(\d+)", filters) or ["0"])[0])
    high = int((re.findall(r"<=(\d+)", filters) or [str(1 << 50)])[0])
    found = [number for number in reversed(numbers) if low < START + number * 60 <= high]
    return {"hits": [_hit(number) for number in found[: int(request.url.params["hitsPerPage"])]], "nbHits": len(found), "page": 0}


SPECIMEN = Specimen("hackernews", Channel("search:post", "search", "post"), _serve)
