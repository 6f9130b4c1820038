"""The process that reads feeds: feedparser, alone, with limits, on bytes only.

feedparser opens paths and addresses if it is given text, and some inputs crash it or keep it busy for minutes; here that costs a process that is
replaced. Run as a script in isolated mode, so it imports nothing of ours. The wire: a 4-byte length, then JSON; both ways. A request is a JSON
head, a newline, and the feed's bytes; the answer `{"version", "feed": {…}, "entries": [{…}], "bozo": "…"}` or `{"error": "…"}`.
"""

from __future__ import annotations

import io
import json
import re
import struct
import sys
import warnings
from typing import Any

MEMORY = 1024 * 1024 * 1024
ENTRIES = 2_000
TEXT = 200_000
_HALF = re.compile(rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*5(?:529[6-9]|5[3-9]\d{2}|6\d{3}|7[0-2]\d{2}|73[0-3]\d|734[0-3]));")
_HUGE = re.compile(rb"&#(?:[xX][0-9a-fA-F]{7,}|\d{8,});")
_TIMES = ("published", "updated", "created")


def limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit of the parent stays
        return
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ValueError, OSError):
        return


def read(head: dict[str, str], body: bytes) -> dict[str, Any]:
    import feedparser

    body = _HUGE.sub(b"&#65533;", _HALF.sub(b"&#65533;", body))
    headers = {"content-type": head.get("type", ""), "content-location": head.get("url", "")}
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers={name: value for name, value in headers.items() if value},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    feed = parsed.get("feed", {})
    return {
        "version": parsed.get("version") or "",
        "bozo": type(parsed.get("bozo_exception")).__name__ if parsed.get("bozo") else "",
        "feed": {
            key: _text(feed.get(key)) for key in ("title", "link", "language", "ttl", "sy_updateperiod", "sy_updatefrequency", "author")
        },
        "entries": [_entry(entry) for entry in parsed.get("entries", [])[:ENTRIES]],
    }


def _entry(entry: Any) -> dict[str, Any]:
    texts = [part.get("value") for part in entry.get("content", []) if isinstance(part, dict)]
    author = entry.get("author_detail") or {}
    statistics = entry.get("media_statistics") or {}
    told: dict[str, Any] = {
        "id": _text(entry.get("id")),
        "link": _link(entry),
        "title": _text(entry.get("title")),
        "texts": [text for text in map(_text, [*texts, entry.get("summary")]) if text][:4],
        "author": _text(author.get("name") or entry.get("author") or entry.get("dc_creator") or entry.get("itunes_author")),
        "author_url": _text(author.get("href")),
        "origin": _text((entry.get("source") or {}).get("title")),
        "language": _text(entry.get("language") or (entry.get("title_detail") or {}).get("language")),
        "views": _text(statistics.get("views")) if isinstance(statistics, dict) else "",
        "answers": _text(entry.get("thr_ref") or (entry.get("thr_in-reply-to") or {}).get("ref"))
        if isinstance(entry.get("thr_in-reply-to"), dict)
        else "",
    }
    for name in _TIMES:
        told[name] = _time(entry.get(f"{name}_parsed"), entry.get(name))
    return told


def _link(entry: Any) -> str:
    """The entry's own page: `link`, else the first link that leads to a page, else an enclosure."""
    if entry.get("link"):
        return _text(entry["link"])
    links = [link for link in entry.get("links", []) if isinstance(link, dict) and link.get("href")]
    ranked = sorted(
        links,
        key=lambda link: ["alternate", "related", "via"].index(link["rel"]) if link.get("rel") in ("alternate", "related", "via") else 9,
    )
    return _text(ranked[0]["href"]) if ranked else ""


def _time(parsed: Any, raw: Any) -> str:
    """ISO 8601 when feedparser understood the time, else what stood there."""
    if isinstance(parsed, tuple) and len(parsed) >= 6:
        return "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*parsed[:6])
    return _text(raw)


def _text(value: Any) -> str:
    return value[:TEXT].encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def main() -> None:
    warnings.simplefilter("ignore")
    limit_memory()
    wire_in, wire_out = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while len(size := wire_in.read(4)) == 4:
        head, _, body = wire_in.read(struct.unpack(">I", size)[0]).partition(b"\n")
        try:
            answer = json.dumps(read(json.loads(head), body)).encode()
        except MemoryError:
            answer = b'{"error": "it needs too much memory"}'
        except Exception as error:  # feedparser raises whatever its input makes it raise
            answer = json.dumps({"error": f"it makes the parser fail ({type(error).__name__})"}).encode()
        wire_out.write(struct.pack(">I", len(answer)) + answer)
        wire_out.flush()


if __name__ == "__main__":
    main()
