"""Run every network's parser over recorded responses: `python tests/bench/recordings.py DIR`.

Prints one JSON object per network: files, posts, refused (answers without a single post, by reason), lost (objects with an id and a text that did
not become a mention), crashed (anything but a typed error). DIR holds one folder per network; a file is `{request, status, headers, body}` or the
bare body. Exit code 1 when anything crashed.

A network plugs in with one row of READERS: from an answer's bytes to (mentions, refused items, their reasons).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from listener.domain.mention import Mention
from listener.errors import SourceError
from sources import appstore, bluesky, discourse, feed, github, hackernews, mastodon, reddit, stackexchange, x, youtube
from sources.decode import decode
from sources.workers import FeedWorkers

NOW = 1_790_000_000_000
Read = tuple[list[Mention], int, str]
Shape = Callable[[Mapping[str, object]], str]


@dataclass(frozen=True)
class Recording:
    """One recorded answer."""

    path: Path
    body: bytes
    content_type: str
    url: str

    def json(self) -> object:
        return decode(self.body, self.content_type)


@dataclass(frozen=True)
class Reader:
    """A network's parser, and an independent eye for what a post looks like: it gives an object's id, or nothing."""

    read: Callable[[Recording, FeedWorkers], Awaitable[Read]]
    shape: Shape = lambda _: ""


@dataclass
class Tally:
    files: int = 0
    posts: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)


def of_json(parse: Callable[[object], Read]) -> Callable[[Recording, FeedWorkers], Awaitable[Read]]:
    async def read(recording: Recording, _: FeedWorkers) -> Read:
        return parse(recording.json())

    return read


async def _feed(recording: Recording, workers: FeedWorkers) -> Read:
    return await feed.parse_any(recording.body, recording.content_type, "feed", recording.url, NOW, workers)


def _is_status(item: Mapping[str, object]) -> str:
    return (
        str(item["id"]) if item.get("id") and item.get("content") and isinstance(item.get("account"), dict) and "visibility" in item else ""
    )


def _is_bluesky(item: Mapping[str, object]) -> str:
    record = item.get("record")
    return (
        str(item["uri"])
        if item.get("uri") and isinstance(record, dict) and record.get("text") and "indexedAt" in item and "author" in item
        else ""
    )


def _is_hit(item: Mapping[str, object]) -> str:
    key = item.get("objectID") or item.get("id")
    return (
        str(key)
        if key and (item.get("title") or item.get("comment_text") or item.get("story_text") or item.get("text")) and not item.get("deleted")
        else ""
    )


async def _reviews(recording: Recording, _: FeedWorkers) -> Read:
    return appstore.parse(recording.body, "appstore", "jp")


def _within(item: Mapping[str, object], *path: str) -> Any:
    here: Any = item
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
    return here


def _is_review(item: Mapping[str, object]) -> str:
    return str(_within(item, "id", "label")) if "im:rating" in item and _within(item, "content", "label") else ""


def _is_thing(item: Mapping[str, object]) -> str:
    words = _within(item, "data", "body") or _within(item, "data", "selftext") or _within(item, "data", "title")
    is_gone = words in ("[deleted]", "[removed]") or _within(item, "data", "removed_by_category")
    return str(_within(item, "data", "name")) if item.get("kind") in ("t1", "t3", "t4") and words and not is_gone else ""


def _is_github(item: Mapping[str, object]) -> str:
    url = str(item.get("html_url") or item.get("url") or "")
    if not (item.get("id") and (item.get("body") or item.get("title")) and (item.get("user") or item.get("author")) and "body" in item and url):
        return ""
    place = re.search(r"//[^/]+/([^/]+/[^/]+)/(?:issues|pull|discussions)/([0-9]+)", url)
    number = str(item.get("databaseId") or item["id"])
    issue = f"{place.group(1)}#{place.group(2)}" if place else ""
    return (issue or number) if item.get("title") else f"{issue}:{number}" if issue else number


def _is_stackexchange(item: Mapping[str, object]) -> str:
    if not any(item.get(key) for key in ("title", "body", "body_markdown", "excerpt")):
        return ""
    if item.get("comment_id"):
        return f"c{item['comment_id']}"
    return str(item.get("answer_id") or item.get("question_id") or "")


def _is_discourse(item: Mapping[str, object]) -> str:
    return str(item["id"]) if item.get("id") and item.get("post_number") and (item.get("raw") or item.get("cooked")) and item.get("username") else ""


def _is_youtube(item: Mapping[str, object]) -> str:
    shown = re.sub(r"<[^>]*>", "", str(_within(item, "snippet", "textDisplay") or ""))
    if _within(item, "snippet", "textOriginal") or shown.strip():
        return str(item.get("id") or "")
    found = _within(item, "id", "videoId") or (item.get("id") if item.get("kind") == "youtube#video" else "")
    return str(found or "") if _within(item, "snippet", "title") else ""


def _is_tweet(item: Mapping[str, object]) -> str:
    text = item.get("full_text") or item.get("text")
    return str(item.get("id_str") or item["id"]) if item.get("id") and isinstance(text, str) and text.strip() else ""


READERS: dict[str, Reader] = {
    "appstore": Reader(_reviews, _is_review),
    "discourse": Reader(of_json(lambda value: discourse.parse(value, "discourse", "https://forum.example")), _is_discourse),
    "github": Reader(of_json(lambda value: github.parse(value, "github")), _is_github),
    "reddit": Reader(of_json(lambda value: reddit.parse(value, "reddit")), _is_thing),
    "stackexchange": Reader(of_json(lambda value: stackexchange.parse(value, "stackexchange", "https://stackoverflow.com")), _is_stackexchange),
    "x": Reader(of_json(lambda value: x.parse(value, "x")), _is_tweet),
    "youtube": Reader(of_json(lambda value: youtube.parse(value, "youtube")), _is_youtube),
    "feeds_real": Reader(_feed),
    "hackernews": Reader(of_json(lambda value: hackernews.parse_any(value, "hackernews")), _is_hit),
    "mastodon": Reader(of_json(lambda value: mastodon.parse_any(value, "mastodon", "social.example")), _is_status),
    "bluesky": Reader(of_json(lambda value: bluesky.parse_any(value, "bluesky")), _is_bluesky),
}


def main(folder: Path) -> int:
    crashed = 0
    for name in sorted(path.name for path in folder.iterdir() if path.is_dir()):
        reader = READERS.get(name)
        if reader is None:
            print(json.dumps({"network": name, "skipped": "no reader"}))
            continue
        tally = asyncio.run(_measure(reader, [_open(path) for path in sorted((folder / name).iterdir())]))
        crashed += len(tally.crashed)
        print(
            json.dumps(
                {
                    "network": name,
                    "files": tally.files,
                    "posts": tally.posts,
                    "refused": dict(tally.refused),
                    "lost": tally.lost,
                    "crashed": tally.crashed,
                },
                ensure_ascii=False,
            )
        )
    return 1 if crashed else 0


async def _measure(reader: Reader, recordings: Iterable[Recording]) -> Tally:
    tally, workers = Tally(), FeedWorkers()
    for recording in recordings:
        path = recording.path
        tally.files += 1
        try:
            mentions, refused, note = await reader.read(recording, workers)
        except SourceError as error:
            tally.refused[f"{path.name}: {error}"] += 1
            mentions, refused, note = [], 0, str(error)
        except Exception:
            tally.crashed.append(f"{path.name}: {traceback.format_exc(limit=-2)}")
            continue
        tally.posts += len(mentions)
        if not mentions and not refused and not note:
            tally.refused["no posts in it"] += 1
        elif refused:
            tally.refused[f"{path.name}: {note}"] += refused
        known = {mention.native_id for mention in mentions}
        tally.lost += [f"{path.name}: {post}" for post in _posts(recording, reader.shape) if post not in known]
    await workers.aclose()
    return tally


def _posts(recording: Recording, shape: Shape) -> Iterable[str]:
    """Ids of everything in the answer that looks like a post with a text, wherever it stands."""
    try:
        value = recording.json()
    except SourceError:
        return []
    return [found for item in _objects(value) if (found := shape(item))]


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _open(path: Path) -> Recording:
    body, content_type, url = path.read_bytes(), "", "https://recorded.example/"
    if path.suffix == ".json":
        try:
            value = json.loads(body)
        except ValueError:
            return Recording(path, body, content_type, url)
        if isinstance(value, dict) and "request" in value and "body" in value:
            told = value["body"]
            headers = {str(key).lower(): str(entry) for key, entry in (value.get("headers") or {}).items()}
            url = value["request"].get("uri", url) if isinstance(value["request"], dict) else url
            return Recording(
                path, told.encode() if isinstance(told, str) else json.dumps(told).encode(), headers.get("content-type", ""), url
            )
    return Recording(path, body, content_type, url)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Usage: python tests/bench/recordings.py DIR, a folder with one folder of recorded responses per network.")
    sys.exit(main(Path(sys.argv[1])))
