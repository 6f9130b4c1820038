"""Files of mentions: CSV and JSONL in, resumable, duplicates skipped, bad rows put aside with their reason."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.errors import InputError
from listener.store.checkpoints import Checkpoints
from listener.store.intake import storable

if TYPE_CHECKING:

    from listener.engine.ingest import Ingest
    from listener.store.connection import Connection, Store
    from listener.store.intake import Added

FIELDS = ("id", "text", "created_at", "topic", "author", "author_name", "url", "followers", "lang", "title", "source", "parent", "thread", "likes", "reposts", "replies")
CHUNK = 1_000
REJECTS = b"line,reason,row\r\n"
"""How a file of rejected rows begins."""
OLDEST, NEWEST = 0, 4_102_444_800_000
csv.field_size_limit(16 * 1024 * 1024)


def parse_mapping(text: str) -> dict[str, str]:
    """`id=tweet_id,text=text` as field → column. Raises InputError."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        field, equals, column = part.partition("=")
        if not equals or not column.strip():
            raise InputError(f"--map: {part!r} is not FIELD=COLUMN.", hint=f"Fields: {', '.join(FIELDS)}.")
        if field.strip() not in FIELDS:
            raise InputError(f"--map: there is no field {field.strip()!r}.", hint=f"Fields: {', '.join(FIELDS)}.")
        found[field.strip()] = column.strip()
    return found


_OFFSET = re.compile(r"\s+([+-]\d{2}:?\d{2})$")


def parse_time(text: str, zone: ZoneInfo) -> int:
    """UTC ms from ISO 8601, seconds or milliseconds since 1970, RFC 2822, or X's own form. Raises ValueError."""
    text = text.strip()
    if re.fullmatch(r"-?\d{9,11}(\.\d+)?", text):
        return _plausible(round(float(text) * 1000))
    if re.fullmatch(r"\d{12,14}", text):
        return _plausible(int(text))
    try:
        when = datetime.fromisoformat(_OFFSET.sub(r"\1", text.removesuffix(" UTC")))
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            when = datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")
    return _plausible(round((when if when.tzinfo else when.replace(tzinfo=UTC if text.endswith("UTC") else zone)).timestamp() * 1000))


def _plausible(at: int) -> int:
    if not OLDEST <= at < NEWEST:
        raise ValueError("outside 1970–2099")
    return at


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise InputError(f"There is no time zone {name!r}.", hint="Such as Europe/Athens or UTC.") from None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's rows."""

    rows: int = 0
    new: int = 0
    known: int = 0
    merged: int = 0
    edited: int = 0
    strangers: int = 0
    """Rows that match no topic of the configuration."""
    rejected: int = 0
    resumed: int = 0
    """The row after which an earlier run had stopped; 0 for a fresh one."""


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    """As an editor counts lines: the header of a CSV is 1."""
    values: Mapping[str, Any]
    end: int
    """Bytes read so far."""
    error: str = ""
    raw: str = ""


class FileImport:
    """One file on its way in.

    Args:    columns: field → column; a field that is not named is looked for under its own name.
             zone: of times without an offset.
    Raises:  InputError: a mapped column that the file does not have, an encoding that cannot be read.
    """

    def __init__(
        self, store: Store, ingest: Ingest, file: Path, columns: Mapping[str, str], *, topic: str = "", source: str = "import", zone: str = "UTC", reject: Path | None = None
    ) -> None:
        self._store, self._ingest, self._file = store, ingest, file
        self._topic, self._source, self._zone = topic, source, _zone(zone)
        self._asked = dict(columns)
        self.reject = reject or file.with_name(f"{file.name}.rejected.csv")
        self._spare_others()
        self.size = file.stat().st_size
        self._checkpoints = Checkpoints(store)
        self._key = self._fingerprint()

    def names(self, column: str) -> bool:
        """Whether the first row that can be read has this column. Raises InputError: there is nothing to read."""
        first = next((row for row in self._rows() if row.values), None)
        return first is not None and column in first.values

    def _spare_others(self) -> None:
        """Rejects go to a new file or over those of an earlier run, never over anything else. Raises InputError."""
        if not self.reject.exists():
            return
        with self.reject.open("rb") as stream:
            head = stream.read(len(REJECTS))
        if self.reject.is_file() and head and head != REJECTS:
            raise InputError(f"{self.reject} is there already, and no file of rejected rows.", hint="Name another file with --reject.")

    def _fingerprint(self) -> str:
        """The file, by content of its first megabyte and its size: a changed file is a new import."""
        with self._file.open("rb") as stream:
            head = hashlib.sha256(stream.read(1 << 20))
        head.update(f"{self.size} {sorted(self._asked.items())} {self._topic} {self._source}".encode())
        return f"file:{head.hexdigest()[:24]}"

    def run(self, *, restart: bool = False, progress: Callable[[int], object] = lambda _: None, stop: Callable[[], bool] = lambda: False) -> Imported:
        """Read the file to its end, or until `stop` says so; what was read by then is stored."""
        point = None if restart else self._checkpoints.get(self._source, self._key)
        done = int(json.loads(point.cursor)["row"]) if point and point.cursor and not json.loads(point.cursor).get("finished") else 0
        total = Imported(resumed=done)
        if not done:
            self.reject.unlink(missing_ok=True)
        chunk: list[_Row] = []
        for row in self._rows():
            if row.number <= done:
                continue
            chunk.append(row)
            if len(chunk) >= CHUNK:
                total = self._take(chunk, total, finished=False)
                progress(chunk[-1].end)
                chunk = []
                if stop():
                    return total
        total = self._take(chunk, total, finished=True)
        progress(self.size)
        return total

    def _take(self, chunk: list[_Row], total: Imported, *, finished: bool) -> Imported:
        mentions: dict[str, list[Mention]] = {}
        rejects: list[tuple[_Row, str]] = []
        for row in chunk:
            if row.error:
                rejects.append((row, row.error))
                continue
            try:
                topic, mention = self._mention(row.values)
            except ValueError as error:
                rejects.append((row, str(error)))
                continue
            mentions.setdefault(topic, []).append(mention)
        self._put_aside(rejects)
        filings = [filing for topic, posts in mentions.items() for filing in self._ingest.file(posts, topic=topic)]
        cursor = json.dumps({"row": chunk[-1].number if chunk else 0, "finished": finished})

        def advance(connection: Connection, added: Added) -> None:
            self._checkpoints.advance(connection, self._source, self._key, cursor, 0)

        added = self._ingest.store_page(filings, advance)
        readable = sum(map(len, mentions.values()))
        return replace(
            total, rows=total.rows + len(chunk), new=total.new + len(added.new), merged=total.merged + added.merged, edited=total.edited + len(added.edited),
            known=total.known + len(filings) - len(added.new) - added.merged - len(added.edited),
            strangers=total.strangers + readable - len(filings), rejected=total.rejected + len(rejects),
        )  # fmt: skip

    def _put_aside(self, rejects: list[tuple[_Row, str]]) -> None:
        if not rejects:
            return
        is_new = not self.reject.exists()
        with self.reject.open("a", newline="", encoding="utf-8", errors="backslashreplace") as stream:
            writer = csv.writer(stream)
            if is_new:
                stream.write(REJECTS.decode())
            for row, reason in rejects:
                writer.writerow([row.number, reason, row.raw or json.dumps(row.values, ensure_ascii=False, default=str)])

    # -- reading

    def _rows(self) -> Iterator[_Row]:
        return self._jsonl() if self._file.suffix.casefold() in (".jsonl", ".ndjson", ".json") else self._csv()

    def _lines(self) -> Iterator[tuple[str, int]]:
        """Lines with the bytes read so far. UTF-8 with or without a byte order mark, UTF-16 by its mark; bad bytes become U+FFFD in the one line."""
        with self._file.open("rb") as stream:
            mark = stream.read(3)
            stream.seek(0)
            if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
                with self._file.open(encoding="utf-16", errors="replace", newline="") as text:
                    yield from ((line, 0) for line in text)
                return
            end = 0
            for raw in stream:
                end += len(raw)
                yield raw.decode("utf-8-sig" if end == len(raw) else "utf-8", "replace"), end

    def _csv(self) -> Iterator[_Row]:
        position = [0]

        def feed() -> Iterator[str]:
            for text, end in self._lines():
                position[0] = end
                yield text.replace("\0", "\ufffd")

        reader = csv.reader(feed(), dialect=self._dialect(), strict=False)
        header = [name.strip() for name in next(reader, [])]
        if not header:
            raise InputError(f"{self._file}: the file is empty.", hint="The first line of a CSV names its columns.")
        self._check(header)
        while (values := self._next(reader)) is not None:
            if isinstance(values, str):
                yield _Row(reader.line_num, {}, position[0], values)
                continue
            if not values:
                continue
            number = reader.line_num
            if len(values) != len(header):
                yield _Row(number, {}, position[0], f"{len(values)} columns where the header has {len(header)}", json.dumps(values, ensure_ascii=False))
            else:
                yield _Row(number, dict(zip(header, values, strict=True)), position[0])

    @staticmethod
    def _next(reader: Iterator[list[str]]) -> list[str] | str | None:
        """The next row, the reason why it cannot be read, or None at the end."""
        try:
            return next(reader, None)
        except csv.Error as error:
            return f"not CSV: {error}"

    def _dialect(self) -> type[csv.Dialect]:
        """Comma, semicolon or tab: whichever the header has most of."""
        head = next(self._lines(), ("", 0))[0]

        class Found(csv.excel):
            delimiter = max(",;\t", key=head.count)

        return Found

    def _jsonl(self) -> Iterator[_Row]:
        checked = False
        for number, (text, end) in enumerate(self._lines(), 1):
            if not text.strip():
                continue
            try:
                values = json.loads(text)
            except (ValueError, RecursionError) as error:
                yield _Row(number, {}, end, f"not JSON: {error}", text.rstrip("\r\n"))
                continue
            if not isinstance(values, dict):
                yield _Row(number, {}, end, "not a JSON object", text.rstrip("\r\n"))
                continue
            if not checked:
                self._check(list(values), complete=False)
                checked = True
            yield _Row(number, values, end)

    def _check(self, header: list[str], *, complete: bool = True) -> None:
        """Every mapped column must exist; a text column must be found."""
        for field, column in self._asked.items():
            if column not in header and complete:
                from difflib import get_close_matches

                near = get_close_matches(column, header, 1)
                raise InputError(f"{self._file}: there is no column {column!r} for {field}.", hint=f"Did you mean {near[0]!r}?" if near else f"Columns: {', '.join(header)}.")
        if "text" not in self._asked and "text" not in header and complete:
            raise InputError(f"{self._file}: no column holds the text.", hint=f"Say which: --map text=COLUMN. Columns: {', '.join(header)}.")

    # -- one row

    def _value(self, values: Mapping[str, Any], field: str) -> str:
        value = values.get(self._asked.get(field, field))
        if isinstance(value, dict):
            value = value.get("handle") or value.get("name") or ""
        return "" if value is None else storable(str(value))

    def _mention(self, values: Mapping[str, Any]) -> tuple[str, Mention]:
        """Raises ValueError with the reason and the column."""
        text = self._value(values, "text")
        if not text.strip():
            raise ValueError(f"{self._asked.get('text', 'text')}: empty")
        stamp = self._value(values, "created_at")
        try:
            created_at = parse_time(stamp, self._zone)
        except (ValueError, OverflowError):
            raise ValueError(f"{self._asked.get('created_at', 'created_at')}: {stamp!r} is no time") from None
        handle = self._value(values, "author").lstrip("@").strip()
        native_id = self._value(values, "id").strip() or hashlib.sha256(f"{stamp}\0{handle}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
        # Who is not named may be anybody: two such posts are by two authors, or no alarm that counts authors could ever sound.
        topic = self._topic or (self._value(values, "topic").strip() if "topic" in self._asked or "topic" in values else "")
        url = self._value(values, "url").strip()
        return topic, Mention(
            source=self._value(values, "source").strip() if "source" in self._asked else self._source,
            native_id=native_id, text=text, created_at=created_at,
            author=Author(handle or f"unknown:{native_id}", handle or "unknown", self._value(values, "author_name"), followers=_count(values, self._asked.get("followers", "followers"))),
            url=url if url.startswith(("http://", "https://")) else "", title=self._value(values, "title"), lang=self._value(values, "lang").strip().casefold()[:2],
            parent_id=self._value(values, "parent"), thread_id=self._value(values, "thread"),
            engagement=Engagement(*(_count(values, self._asked.get(name, name)) for name in ("likes", "reposts", "replies"))),
        )  # fmt: skip


def _count(values: Mapping[str, Any], column: str) -> int | None:
    """A whole number, or None where there is none. Raises ValueError naming the column."""
    value = values.get(column)
    if value in (None, ""):
        return None
    try:
        number = int(float(str(value).replace(" ", "")))
    except (ValueError, OverflowError):
        raise ValueError(f"{column}: {value!r} is no number") from None
    if not 0 <= number < 2**53:
        raise ValueError(f"{column}: {value!r} is out of range")
    return number
