from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _view(number: int) -> dict[str, object]:
    creator = {"id": 5, "name": "nora", "actor_id": "https://away.example/u/nora", "local": False}
    if number % 2:
        comment = {"id": number, "post_id": 3, "content": f"post {number}", "published": stamp(number), "path": f"0.{number}", "ap_id": f"https://away.example/comment/{number}"}
        return {"comment": comment, "post": {"id": 3, "name": "T"}, "creator": creator, "counts": {"score": 1, "child_count": 0}}
    post = {"id": number, "name": "A title", "body": f"post {number}", "published": stamp(number), "ap_id": f"https://away.example/post/{number}"}
    return {"post": post, "creator": creator, "counts": {"score": 4, "comments": 2}}


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    size, page = int(request.url.params.get("limit", 10)), int(request.url.params.get("page", 1))
    lists = {key: [_view(number) for number in reversed(numbers) if number % 2 == odd] for key, odd in (("posts", 0), ("comments", 1))}
    return {"type_": "All", "users": [], "communities": [], **{key: found[(page - 1) * size : page * size] for key, found in lists.items()}}


SPECIMEN = Specimen(
    "lemmy",
    Channel("search:post", "search", "post", "t"),
    _serve,
    options={"instance": "https://lemmy.example"},
    login={"/api/v3/site": {"site_view": {"site": {"name": "L"}}, "version": "0.19.5"}},
)
