from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _status(number: int) -> dict[str, object]:
    return {
        "id": f"{110_000_000_000_000_000 + number}",
        "created_at": stamp(number),
        "content": f"<p>post {number}</p>",
        "spoiler_text": "",
        "account": {"id": "7", "acct": "alice", "display_name": "Alice", "url": "https://social.example/@alice", "followers_count": 3},
        "url": f"https://social.example/@alice/{number}",
        "uri": f"https://social.example/users/alice/statuses/{number}",
        "visibility": "public",
        "language": "en",
        "in_reply_to_id": None,
        "edited_at": None,
        "favourites_count": 1,
        "media_attachments": [{"description": "a picture"}],
        "reblog": None,
        "poll": None,
    }


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    after = request.url.params.get("min_id")
    statuses = [_status(number) for number in numbers]
    found = statuses[-5:] if after is None else [status for status in statuses if str(status["id"]) > after][:5]
    return found[::-1]


SPECIMEN = Specimen(
    "mastodon",
    Channel("tag:post", "tag", "post", "t", trusted=True),
    _serve,
    options={"instance": "https://social.example", "token": "canary-token"},
    login={"/api/v1/accounts/verify_credentials": {"id": "900", "acct": "desk"}},
    keyed=True,
)
