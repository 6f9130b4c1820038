from __future__ import annotations

import re
from collections.abc import Sequence

import httpx

from listener.source import Channel
from tests.sources.specimens import Specimen, stamp

PAGE = 20


def _review(number: int) -> str:
    return (
        f'<entry><updated>{stamp(number)}</updated><id>{5000 + number}</id><title>A title</title><content type="text">post {number}</content>'
        "<im:rating>4</im:rating><im:version>3.5</im:version><author><name>nora</name><uri>https://itunes.apple.com/us/reviews/id9</uri></author>"
        '<link rel="related" href="https://itunes.apple.com/us/review?id=1"/></entry>'
    )


def _serve(request: httpx.Request, numbers: Sequence[int]) -> object:
    page = int((re.findall(r"page=([0-9]+)", request.url.path) or ["1"])[0])
    found = list(reversed(numbers))[(page - 1) * PAGE : page * PAGE]
    body = "".join(_review(number) for number in found)
    feed = f'<?xml version="1.0"?><feed xmlns:im="http://itunes.apple.com/rss" xmlns="http://www.w3.org/2005/Atom">{body}</feed>'
    return httpx.Response(200, content=feed.encode(), headers={"content-type": "text/xml"})


SPECIMEN = Specimen("appstore", Channel("reviews:1:us", "reviews", "us/1", "t", trusted=True), _serve, options={"apps": {"t": "1"}})
