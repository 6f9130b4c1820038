"""Run every network's parser over recorded responses: `python tests/bench/recordings.py DIR`.

Prints one JSON object per network: files, posts, refused (answers without a single post, by reason), lost (objects with an id and a text that did
not become a mention), crashed (anything but a typed error). DIR holds one folder per network; a file is `{request, status, headers, body}` or the
bare body. Exit code 1 when anything crashed.

A network plugs in with one row of READERS: from an answer's bytes to (mentions, refused items, their reasons).
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from listener.domain.mention import Mention
from listener.errors import SourceError
from sources import bluesky, feed, hackernews, mastodon
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


READERS: dict[str, Reader] = {
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
