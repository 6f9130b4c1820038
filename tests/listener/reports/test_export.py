"""Exports lose nothing, run nothing, and leave no half a file."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import Sentiment
from listener.errors import InputError
from listener.reports.export import safe, unsafe, whole_file, write_csv, write_jsonl
from listener.store.connection import Store
from listener.store.exporting import COLUMNS
from listener.store.filters import Filter
from listener.store.intake import Intake

NASTY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''x", "  =cmd|' /C calc'!A0", '"=1', "＝1+1", 'a "quoted", text', "two\r\nlines", "ελληνικά 🎉", "'s Gravenhage", "don't", ""]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "desk.db", clock=lambda: 1_774_000_000_000) as opened:
        filings = [
            Filing(Mention("m", f"{n}", text, 1_773_000_000_000 + n, Author("a", text or "nobody", followers=n)), ("Aurora", "Borealis"), "en", 0.9, Sentiment("negative", -0.5, 0.7, "s", "A"))
            for n, text in enumerate(NASTY)
        ]
        opened.write(lambda connection: Intake(opened).add(connection, filings))
        yield opened


@given(st.one_of(st.text(), st.from_regex(r"[\s\"'=+\-@]{0,4}\w*", fullmatch=True)))
def test_the_quoting_is_reversible_and_leaves_no_formula(text):
    assert unsafe(safe(text)) == text
    assert not safe(text).lstrip(" \"\t\r\n").startswith(("=", "+", "-", "@"))


def test_csv_reads_back_exactly(store):
    """RFC 4180, and the apostrophe taken away: what comes out is what went in."""
    out = io.StringIO(newline="")
    assert write_csv(store, Filter(folded=False), out) == len(NASTY)
    assert out.getvalue().count("\r\n") >= len(NASTY) + 1
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert list(rows[0]) == list(COLUMNS)
    assert [unsafe(row["text"]) for row in rows] == NASTY
    assert {row["compound"] for row in rows} == {"-0.5"}
    assert rows[0]["created_at"] == "2026-03-08T20:00:00.000Z"
    assert json.loads(rows[0]["topics"]) == ["Borealis"]


def test_jsonl_is_exact(store):
    out = io.StringIO()
    write_jsonl(store, Filter(folded=False), out)
    rows = [json.loads(line) for line in out.getvalue().split("\n") if line]
    assert [row["text"] for row in rows] == NASTY
    assert rows[0]["topics"] == ["Borealis"] and rows[0]["tags"] == []


def test_columns_can_be_chosen_and_are_checked(store):
    out = io.StringIO()
    write_csv(store, Filter(), out, ["text", "id"])
    assert out.getvalue().splitlines()[0] == "text,id"
    with pytest.raises(InputError, match="sentiment"):
        write_csv(store, Filter(), out, ["sentimnt"])


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "out.csv"
    with pytest.raises(ZeroDivisionError), whole_file(target) as stream:
        stream.write("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with whole_file(target) as stream:
        stream.write("whole")
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("whole", 0o600)


def test_a_workbook_holds_texts_and_no_formulas(store, tmp_path):
    """Excel runs whatever looks like a formula, unless the file says that it is text."""
    from openpyxl import load_workbook
    from openpyxl.utils.escape import unescape

    from listener.reports.sheets import write_xlsx

    target = tmp_path / "out.xlsx"
    with whole_file(target, binary=True) as stream:
        assert write_xlsx(store, Filter(folded=False), stream, ["id", "text", "compound"]) == len(NASTY)
    rows = list(load_workbook(target).active.iter_rows())
    assert [cell.value for cell in rows[0]] == ["id", "text", "compound"]
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert [unescape(row[1].value or "") for row in rows[1:]] == NASTY, "as Excel reads it"
    assert {row[2].value for row in rows[1:]} == {-0.5}


def test_parquet_is_exact_and_typed(store, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    from listener.reports.sheets import write_parquet

    target = tmp_path / "out.parquet"
    with whole_file(target, binary=True) as stream:
        assert write_parquet(store, Filter(folded=False), stream) == len(NASTY)
    table = parquet.read_table(target)
    assert table.column_names == list(COLUMNS)
    assert table.column("text").to_pylist() == NASTY
    assert str(table.schema.field("likes").type) == "int64"
