from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _post(number: int) -> dict[str, object]:
    return {
        "id": 1000 + number,
        "username": "nora",
        "name": "Nora",
        "user_id": 5,
        "created_at": stamp(number),
        "updated_at": stamp(number),
        "cooked": f"<p>post {number}</p>",
        "raw": f"post {number}",
        "post_number": 2,
        "post_type": 1,
        "topic_id": 40,
        "topic_slug": "x",
        "topic_title": "A title",
        "reply_count": 1,
        "version": 1,
        "actions_summary": [{"id": 2, "count": 6}],
    }


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    before = int(request.url.params.get("before", 1 << 40))
    return {"latest_posts": [_post(number) for number in reversed(numbers) if 1000 + number <= before][:5]}


SPECIMEN = Specimen(
    "discourse",
    Channel("latest", "latest", "", "t"),
    _serve,
    options={"instance": "https://forum.example", "username": "aurora", "api_key": "canary-token"},
    login={"/session/current.json": {"current_user": {"username": "aurora"}}},
    keyed=True,
)
