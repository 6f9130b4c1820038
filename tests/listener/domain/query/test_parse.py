"""The query language as its users meet it: what is understood, what is refused, and where the finger points."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.domain.query import And, Field, Handle, Near, Not, Or, Query, Tag, Term, parse, to_text
from listener.errors import QueryError
from tests.listener.domain.query.strategies import queries


@given(queries)
@settings(max_examples=300, deadline=None)
def test_what_is_printed_is_read_back_as_the_same_tree(query: Query) -> None:
    """Saved streams, configuration files and the filter bar all go through text."""
    text = to_text(query)
    assert parse(text) == query
    assert to_text(parse(text)) == text


ALPHABET = st.sampled_from(
    [
        "(",
        ")",
        '"',
        "“",
        "”",
        "«",
        "（",
        "a",
        "AND",
        "OR",
        "NOT",
        "NEAR/2",
        "NEAR",
        "-",
        "#",
        "@",
        "*",
        ":",
        "lang:",
        "since:",
        ">",
        "\\",
        " ",
        "\n",
        "✈️",
        "ß",
        "5",
    ]
)


@given(st.one_of(st.text(), st.lists(ALPHABET, max_size=30).map("".join), st.lists(ALPHABET, max_size=30).map(" ".join)))
@settings(max_examples=600, deadline=None)
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    """Whatever lands in the filter bar, the screen stays; and what is understood can be printed and read again."""
    try:
        query = parse(text)
    except QueryError as error:
        assert 1 <= error.column <= len(error.text) + 1
        assert "\n" not in error.text
    else:
        assert parse(str(query)) == query


@pytest.mark.parametrize(
    "text", ["(" * 40_000, "a " * 90_000, "NOT " * 40_000 + "a", "a NEAR/1 " * 2_000 + "a", "x" * 300_000, "-" * 5_000 + "a"]
)
def test_no_length_and_no_depth_breaks_it(text: str) -> None:
    """A pasted book or a mischievous configuration ends in an answer, not in a recursion error."""
    try:
        query = parse(text)
    except QueryError:
        return
    assert str(query)


a, b, c, d = Term("a"), Term("b"), Term("c"), Term("d")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("a b", And((a, b))),
        ("a AND b c", And((a, b, c))),
        ("a b OR c", Or((And((a, b)), c))),
        ("a (b OR c)", And((a, Or((b, c))))),
        ("a NOT b", And((a, Not(b)))),
        ("a -b", And((a, Not(b)))),
        ("a OR b NOT c", And((Or((a, b)), Not(c)))),
        ("a OR b NOT c -d", And((Or((a, b)), Not(c), Not(d)))),
        ("a OR b AND NOT c", Or((a, And((b, Not(c)))))),
        ("a NOT c OR b", Or((And((a, Not(c))), b))),
        ("a OR NOT b", Or((a, Not(b)))),
        ("NOT NOT a", a),
        ("a or b and not c", And((a, Term("or"), b, Term("and"), Term("not"), c))),
        ("a NEAR/3 (b OR c*)", Near(a, Or((b, Term("c", prefix=True))), 3)),
        ("a NEAR b", Near(a, b, 10)),
        ('"a  b"', Term("a b", quoted=True)),
        ("“a b” OR «c»", Or((Term("a b", quoted=True), Term("c", quoted=True)))),
        (r'"say \"no\""', Term('say "no"', quoted=True)),
        ("#aurora ＃極光 @nora@mastodon.example", And((Tag("aurora"), Tag("極光"), Handle("nora@mastodon.example")))),
        ("（a　OR　b）", Or((a, b))),
        ("don't C++ https://a.example/?b=c", And((Term("don't"), Term("C++"), Term("https://a.example/?b=c")))),
        ("well-known", Term("well-known")),
    ],
)
def test_words_and_operators(text: str, root: object) -> None:
    """The rules of precedence, one example each."""
    assert parse(text).root == root


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("lang:EN-gb", Field("lang", "en")),
        ("lang:unknown", Field("lang", "none")),
        ("LANG:el", Field("lang", "el")),
        ('author:"Nora B"', Field("author", "Nora B")),
        ("followers:>=10k", Field("followers", 10_000, ">=")),
        ("followers:>1.5m", Field("followers", 1_500_000, ">")),
        ("sentiment:<-0.3", Field("sentiment", -0.3, "<")),
        ("sentiment:Negative", Field("sentiment", "negative")),
        ("severity:SEV1", Field("severity", 1)),
        ("severity:<=2", Field("severity", 2, "<=")),
        ("severity:none", Field("severity", 0)),
        ("since:24h", Field("since", "24h")),
        ("until:2026-11-22T10:00z", Field("until", "2026-11-22T10:00Z")),
        ("outside:hours", Field("outside", "hours")),
        ("assignee:me", Field("assignee", "me")),
    ],
)
def test_fields_hold_typed_values(text: str, field: Field) -> None:
    """The store and the matcher never parse a value again."""
    assert parse(text).root == field


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("aurora langg:en", 8, "Did you mean lang:"),
        ("aurora is:questoin", 11, "Did you mean is:question"),
        ("followers:many", 11, "followers"),
        ("lang:>en", 6, "compared"),
        ("sentiment:>3", 11, "sentiment"),
        ("since:2026-13-40", 7, "2026-11-22"),
        ("lang:", 6, "needs a value"),
        ("a (b OR c", 3, "never closed"),
        ("a b)", 4, "closes nothing"),
        ('a "b', 3, "no partner"),
        ("a OR", 5, "missing"),
        ("OR a", 1, "nothing to join"),
        ("a AND OR b", 7, "nothing to join"),
        ("()", 2, "nothing before"),
        ("re*fund", 3, "end of a word"),
        ("a - b", 3, "nothing to look for"),
        ("a && b", 3, "Write AND"),
        ('""', 1, "nothing to look for"),
        ("a NEAR/x b", 3, "not a distance"),
        ("a NEAR/2 lang:en", 10, "NEAR cannot"),
        ("a\nb (", 5, "never closed"),
    ],
)
def test_errors_point_at_the_column(text: str, column: int, says: str) -> None:
    """An operator at three in the morning sees which character is wrong, and what to write instead."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.column == column
    assert says in str(caught.value)


def test_the_caret_stands_below_the_culprit_in_any_script() -> None:
    """Chinese characters are two cells wide and Thai vowels none: the caret counts cells, the column counts characters."""
    with pytest.raises(QueryError) as caught:
        parse("航班 เที่ยว langg:en")
    assert caught.value.column == 11
    assert caught.value.caret() == "航班 เที่ยว langg:en\n" + " " * 10 + "^"


def test_the_empty_query_matches_everything() -> None:
    """The filter bar starts empty, and that is no error."""
    assert parse("  \n").root == Query().root
    assert not parse("")
    assert str(parse("")) == ""


def test_what_is_slow_to_import_waits_until_it_is_needed() -> None:
    """Commands that never read a query must not pay for the parser at start-up, nor the first paint for the matcher."""
    code = (
        "import sys, listener.domain.query as q; late = ('lark', 'ahocorasick_rs', 'listener.domain.query.match');"
        "print(*[name in sys.modules for name in late]); q.Matcher({1: q.parse('a')}); print(*[name in sys.modules for name in late])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert answer == ["False False False", "True True True"]


def test_every_exported_name_is_there() -> None:
    """The late ones are found by name: a misspelt one would only be noticed by its user."""
    from listener.domain import query

    assert all(getattr(query, name) for name in query.__all__)
    with pytest.raises(AttributeError):
        query.nothing_of_the_kind  # noqa: B018
