from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _item(number: int) -> dict[str, object]:
    return {
        "id": f"https://news.example/{number}",
        "url": f"https://news.example/{number}",
        "title": "Title",
        "content_html": f"<p>post {number}</p>",
        "content_text": f"post {number}",
        "date_published": stamp(number),
        "date_modified": stamp(number),
        "authors": [{"name": "Nora", "url": "https://news.example/nora"}],
        "language": "en",
    }


def _serve(_: httpx.Request, numbers: Sequence[int]) -> object:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "language": "en",
        "items": [_item(number) for number in reversed(numbers[-200:])],
    }


SPECIMEN = Specimen(
    "feed",
    Channel("feed:https://news.example/json", "feed", "https://news.example/json"),
    _serve,
    options={"url": "https://news.example/json"},
    forgets=True,
)
