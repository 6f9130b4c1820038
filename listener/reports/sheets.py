"""Exports for other programs than text ones: XLSX, written row by row, and Parquet, written batch by batch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from listener.errors import InputError
from listener.store.exporting import COLUMNS, NUMBERS, Exports, check_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from listener.store.connection import Store
    from listener.store.filters import Filter

ROWS = 1_048_575
"""What a sheet of Excel holds beside its header; more goes on another sheet."""
LONGEST = 32_767
"""Characters that a cell of Excel holds; the rest of a longer text is left out, and CSV and JSONL have it."""
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write_xlsx(store: Store, filter_: Filter, stream: IO[bytes], columns: Sequence[str] = (), *, progress: Callable[[int], object] = lambda _: None) -> int:
    """Write the list as a workbook: texts are texts, whatever they begin with, and never formulas. How many rows."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    names = check_columns(columns or list(COLUMNS))
    book = Workbook(write_only=True)
    done, sheet = 0, book.create_sheet("mentions")
    sheet.append(names)

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, _writable(value))
        made.data_type = "s"
        return made

    for batch in Exports(store).rows(filter_, names):
        for row in batch:
            if done and done % ROWS == 0:
                sheet = book.create_sheet(f"mentions {done // ROWS + 1}")
                sheet.append(names)
            sheet.append([cell(value) if value else value for value in row])
            done += 1
        progress(done)
    book.save(stream)
    return done


def _writable(text: str) -> str:
    """What XML cannot hold, in the way that the format itself has for it: `_x0008_`."""
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)[:LONGEST]


def write_parquet(store: Store, filter_: Filter, stream: IO[bytes], columns: Sequence[str] = (), *, progress: Callable[[int], object] = lambda _: None) -> int:
    """Write the list as Parquet, every column with one type. How many rows. Raises InputError: the extra is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError("Parquet needs a package that is not installed.", hint="pip install 'listener-desk[parquet]'") from None
    names = check_columns(columns or list(COLUMNS))
    kinds = {name: pyarrow.float64() if name in _FRACTIONS else pyarrow.int64() if name in NUMBERS else pyarrow.string() for name in names}
    schema = pyarrow.schema(list(kinds.items()))
    done = 0
    with parquet.ParquetWriter(stream, schema) as writer:
        for batch in _grouped(Exports(store).rows(filter_, names)):
            writer.write_table(pyarrow.table([pyarrow.array(values, kinds[name]) for name, values in zip(names, zip(*batch, strict=True), strict=True)], schema=schema))
            done += len(batch)
            progress(done)
    return done


_FRACTIONS = frozenset({"lang_confidence", "compound", "confidence", "machine_compound"})


def _grouped(batches: Iterator[list[tuple[Any, ...]]], many: int = 20) -> Iterator[list[tuple[Any, ...]]]:
    """Fewer and larger batches: a row group is only worth its header with some thousands of rows."""
    while first := next(batches, None):
        yield [*first, *chain.from_iterable(batch for _, batch in zip(range(many - 1), batches, strict=False))]
