"""Exports: one row for each mention, columns that stay where they are, safe to open in a spreadsheet, and exact to read back.

CSV follows RFC 4180. A text that a spreadsheet would run as a formula gets a leading apostrophe, and so does a text that begins with
one: `unsafe` takes exactly one away, so nothing is lost. JSONL needs none of it and is exact as it stands.
"""

from __future__ import annotations

import csv
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from listener.errors import InputError
from listener.store.exporting import COLUMNS, NUMBERS, Exports, check_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.store.connection import Store
    from listener.store.filters import Filter

Format = Literal["csv", "jsonl"]
Progress = Callable[[int], object]
_FORMULA = re.compile(r"""[\s"'\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]|'""")
"""What a spreadsheet might take for a formula, also after spaces and quotes and in full width; and our own mark."""
LISTS = {"tags", "kinds"}


def safe(text: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) else text


def unsafe(text: str) -> str:
    """What `safe` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def write_csv(store: Store, filter_: Filter, stream: IO[str], columns: Sequence[str] = (), *, bom: bool = False, progress: Progress = lambda _: None) -> int:
    """Write the list as CSV. How many rows."""
    names = check_columns(columns or list(COLUMNS))
    texts = [position for position, name in enumerate(names) if name not in NUMBERS]
    if bom:
        stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(names)
    done = 0
    risky = _FORMULA.match
    for batch in Exports(store).rows(filter_, names):
        for row in batch:
            cells: list[Any] | None = None
            for position in texts:
                value = row[position]
                if value and value[0] in _SUSPECTS and risky(value):
                    cells = cells if cells is not None else list(row)
                    cells[position] = f"'{value}"
            writer.writerow(cells if cells is not None else row)
        done += len(batch)
        progress(done)
    return done


_SUSPECTS = frozenset("=+-@'\"\ufeff\uff1d\uff0b\uff0d\uff20 \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000")
"""The first characters with which `_FORMULA` can begin: a look at one character spares most texts the expression."""


def write_jsonl(store: Store, filter_: Filter, stream: IO[str], columns: Sequence[str] = (), *, progress: Progress = lambda _: None) -> int:
    """Write the list as JSON objects, one a line. How many rows."""
    names = check_columns(columns or list(COLUMNS))
    done = 0
    for batch in Exports(store).rows(filter_, names):
        stream.writelines(json.dumps(_object(names, row), ensure_ascii=False) + "\n" for row in batch)
        done += len(batch)
        progress(done)
    return done


def _object(names: Sequence[str], row: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = dict(zip(names, row, strict=True))
    for name in LISTS & found.keys():
        found[name] = found[name].split(" ") if found[name] else []
    if "topics" in found:
        found["topics"] = json.loads(found["topics"])
    if "own" in found:
        found["own"] = bool(found["own"])
    return found


def _is_database(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


@contextmanager
def whole_file(path: Path, *, binary: bool = False) -> Iterator[IO[Any]]:
    """A file of mode 0600 that appears complete or not at all; a device or a pipe is written as it stands.

    Raises:  InputError: it cannot be written there, or a database stands there.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") if binary else path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as stream:
                yield stream
            return
        if path.exists() and _is_database(path):
            raise InputError(f"{path} is a database, which an export does not replace.", hint="Name another file with -o.")
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", hint="Name another file with -o.") from None
    try:
        with os.fdopen(handle, "wb") if binary else os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass", newline="") as stream:
            yield stream
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {error.strerror}.", hint="Nothing was left behind; free some space or name another file.") from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
