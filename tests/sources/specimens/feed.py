from __future__ import annotations

from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp


def _item(number: int) -> str:
    return (
        f"<item><guid>https://news.example/{number}</guid><link>https://news.example/{number}</link><title>Title</title>"
        f"<dc:date>{stamp(number)}</dc:date><description>&lt;p&gt;post {number}&lt;/p&gt;</description></item>"
    )


def _serve(_: httpx.Request, numbers: Sequence[int]) -> object:
    body = "".join(map(_item, reversed(numbers[-200:])))
    xml = f'<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News</title>{body}</channel></rss>'
    return httpx.Response(200, text=xml, headers={"content-type": "application/rss+xml", "etag": '"v"'})


SPECIMEN = Specimen(
    "feed",
    Channel("feed:https://news.example/rss", "feed", "https://news.example/rss"),
    _serve,
    options={"url": "https://news.example/rss"},
    lenient=True,
    forgets=True,
)
