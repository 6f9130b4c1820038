from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import START, Specimen


def _question(number: int) -> dict[str, object]:
    return {
        "question_id": 1 + number,
        "item_type": "question",
        "title": "A title",
        "excerpt": f"post {number}",
        "body": f"<p>post {number}</p>",
        "creation_date": START + number * 60,
        "owner": {"user_id": 5, "display_name": "nora", "link": "https://stackoverflow.com/users/5"},
        "link": f"https://stackoverflow.com/questions/{1 + number}",
        "score": 2,
    }


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    asked = request.url.params
    if "/questions/" in request.url.path:
        ids = {int(one) for one in request.url.path.rpartition("/")[2].split(";")}
        return {"items": [_question(number) for number in numbers if 1 + number in ids], "has_more": False}
    found = [number for number in numbers if START + number * 60 >= int(asked.get("fromdate", 0))]
    first = (int(asked.get("page", 1)) - 1) * 20
    return {"items": [_question(number) for number in found[first : first + 20]], "has_more": len(found) > first + 20, "quota_remaining": 250, "quota_max": 300}


SPECIMEN = Specimen("stackexchange", Channel("search:post", "search", "post", "t"), _serve)
