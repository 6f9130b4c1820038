"""docs/queries.md is a promise: its queries can be read, its fields exist, its examples give what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from listener.domain.query import FIELDS, collectable, parse, pushdown, spans
from listener.errors import QueryError

PAGE = (Path(__file__).parents[4] / "docs" / "queries.md").read_text(encoding="utf-8")
QUERIES = [line for block in re.findall(r"```query\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
ROWS = [row.split(" | ") for row in re.findall(r"^\| (`[a-z]+:.*) \|$", PAGE, re.MULTILINE)]


def test_every_query_on_the_page_can_be_read() -> None:
    """People copy them."""
    assert len(QUERIES) > 10
    for line in QUERIES:
        assert parse(str(parse(line))) == parse(line)


def test_the_two_that_are_called_one_are_one() -> None:
    """The one rule of precedence that is ours."""
    assert (
        parse("aurora OR borealis NOT airport") == parse("(aurora OR borealis) NOT airport") != parse("aurora OR borealis AND NOT airport")
    )


def test_the_table_of_fields_is_complete_and_right_about_collecting() -> None:
    """A field that is not on the page does not exist for its readers."""
    shown = [(example, row[-1].strip() == "yes") for row in ROWS for example in re.findall(r"`([a-z]+:[^`]*)`", row[0])]
    assert {example.partition(":")[0] for example, _ in shown} == set(FIELDS)
    for example, collects in shown:
        assert (collectable(parse(example)) is None) == collects, example


def test_the_error_on_the_page_is_the_one_that_is_printed() -> None:
    """Messages change; the page must not lie."""
    with pytest.raises(QueryError) as caught:
        parse("aurora langg:en")
    assert f"{caught.value.caret()}\n{caught.value}" in PAGE


def test_the_programmers_examples_are_true() -> None:
    """Three results are written there."""
    query = parse('"aurora air" OR #auroraair')
    assert spans(query, "Aurora Air is late") == [(0, 10)]
    assert pushdown(query, frozenset({"terms", "phrases"})) == ('"aurora air"', "auroraair")
