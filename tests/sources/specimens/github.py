from __future__ import annotations

import re
from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _issue(number: int) -> dict[str, object]:
    return {
        "id": 9000 + number,
        "number": number,
        "html_url": f"https://github.com/a/b/issues/{number}",
        "title": "A title",
        "body": f"post {number}",
        "user": {"login": "nora", "id": 5, "html_url": "https://github.com/nora"},
        "created_at": stamp(number),
        "updated_at": stamp(number)[:19] + "Z",
        "comments": 0,
        "reactions": {"total_count": 3},
    }


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    asked = request.url.params
    since = (re.findall(r"updated:>=(\S+)", asked.get("q", "")) or ["0"])[0]
    found = [number for number in numbers if stamp(number)[:19] + "Z" >= since]
    size, page = int(asked.get("per_page", 30)), int(asked.get("page", 1))
    return {"total_count": len(found), "incomplete_results": False, "items": [_issue(number) for number in found[(page - 1) * size : page * size]]}


SPECIMEN = Specimen("github", Channel("search:post", "search", "post", "t"), _serve, options={"token": "canary-token"}, keyed=True)
