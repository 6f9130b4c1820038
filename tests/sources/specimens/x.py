from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import START, Specimen, stamp

EPOCH = 1_288_834_974_657


def _id(number: int) -> int:
    return (START + number * 60) * 1000 - EPOCH << 22


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    asked = request.url.params
    last = int(asked.get("next_token", 1 << 62))
    found = [number for number in reversed(numbers) if int(asked.get("since_id", 0)) < _id(number) < last]
    page = found[:10]
    posts = [
        {
            "id": str(_id(number)),
            "text": f"post {number}",
            "author_id": "7",
            "created_at": stamp(number),
            "lang": "en",
            "public_metrics": {"like_count": 1, "retweet_count": 2, "quote_count": 0, "reply_count": 0},
            "entities": {"urls": [{"url": "https://t.co/x", "expanded_url": "https://e.example/"}]},
            "edit_history_tweet_ids": [str(_id(number))],
        }
        for number in page
    ]
    meta = {"result_count": len(page), **({"next_token": str(_id(page[-1]))} if len(found) > 10 else {})}
    users = [{"id": "7", "username": "nora", "name": "Nora", "public_metrics": {"followers_count": 3}}]
    return {"data": posts, "includes": {"users": users}, "meta": meta} if page else {"meta": {"result_count": 0}}


SPECIMEN = Specimen(
    "x",
    Channel("search:post", "search", "post", "t"),
    _serve,
    options={"bearer_token": "canary-token", "monthly_budget": 1000.0},
    keyed=True,
)
