"""What an operator reads is what was written, less what would take hold of the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tui.hostile import corpus
from tui import format as shown

TEXTS = st.text(alphabet=st.characters(), max_size=200)
VISIBLE_FORMATS = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Signs that Unicode files under "format" although they paint something."""


def dangers(text: str, *, lines: bool = False) -> list[str]:
    return [
        f"U+{ord(character):04X}"
        for character in text
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        and ord(character) not in VISIBLE_FORMATS
        and not (lines and character == "\n")
    ]


def stacked(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        longest = max(longest, run)
    return longest


@given(TEXTS, st.integers(0, 300), st.booleans())
@example("\x1b[2J", 100, False)
@example("e" + "\u0301" * 9, 100, False)
@example("a\r\nb\rc\td", 100, True)
def test_nothing_dangerous_is_left(text: str, limit: int, lines: bool) -> None:
    """The law of the display boundary, for any text at all."""
    result = shown.clean(text, limit, lines=lines)
    assert dangers(result, lines=lines) == []
    assert stacked(result) <= shown.MARKS
    assert len(result) <= limit
    assert shown.clean(result, limit, lines=lines) == result, "cleaning twice changes nothing"


def test_nothing_dangerous_is_left_of_the_known_lists() -> None:
    """Lists made by people who know terminals find what random text does not."""
    for text in corpus():
        assert dangers(shown.clean(text)) == []
        assert dangers(shown.one_line(text, 200)) == []
        assert "\n" not in shown.one_line(text, 200)


def test_controls_are_pictures_not_gaps() -> None:
    """An operator should see that somebody tried."""
    assert shown.clean("\x1b[31m\x00\x7f") == "␛[31m␀␡"
    assert shown.clean("\x9b\ud800") == "\ufffd\ufffd"


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0"), max_size=100))
def test_plain_writing_stays_as_it_is(text: str) -> None:
    """Every script reads as it was written."""
    assert shown.clean(text) == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "file:///etc/passwd", "//host/x", "--help", "-https://x", "https://", "https://user@x.example/",
        "https://good.example\\@bad.example/", "https://x.example/\x1b]0;x\x07", "https://x.example/a b", "https://-x.example/",
        "https://x.example:99999/", "https://\u202ex.example/", "ftp://x.example", "https://[::1", "https://a:b@x.example", "",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_are_opened(url: str) -> None:
    """An address becomes an argument of a browser."""
    assert shown.safe_url(url) is None


def test_a_disguised_host_is_said_to_be_one() -> None:
    """The Cyrillic letter looks like the Latin one; the ASCII form does not."""
    link = shown.safe_url("https://аpple.example/x")
    assert link is not None
    assert (link.host, link.disguised) == ("xn--pple-43d.example", True)
    plain = shown.safe_url("https://apple.example/x?a=b#c")
    assert plain == shown.Link("https://apple.example/x?a=b#c", "apple.example", False)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "now"), (-5, "now"), (59, "now"), (180, "3 m"), (7200, "2 h"), (5 * 86_400, "5 d"), (20 * 86_400, "2 w"), (800 * 86_400, "2 y")],
)
def test_an_age_is_a_number_and_a_letter(seconds: int, text: str) -> None:
    """Four cells in the list, whatever the age."""
    assert shown.age(1_000_000_000_000 - seconds * 1000, 1_000_000_000_000) == text


@given(st.integers(0, 10**11))
def test_a_count_fits_its_column(count: int) -> None:
    """The reach column is five cells wide."""
    assert len(shown.short(count)) <= 5


def test_counts_read_as_a_colleague_would_say_them() -> None:
    """48 k, not 48123."""
    assert [shown.short(n) for n in (None, 0, 950, 1000, 4812, 9_960, 48_123, 999_600, 1_200_000)] == [
        "", "0", "950", "1 k", "4.8 k", "10 k", "48 k", "1 M", "1.2 M",
    ]  # fmt: skip
    assert shown.plural(1, "mention") == "1 mention"
    assert shown.plural(1234, "mention") == "1 234 mentions"


def test_writing_from_right_to_left_is_kept_out_of_columns() -> None:
    """It would carry the next column away with it; wide emoji differ in width between terminals."""
    assert shown.steady("nora@mastodon.example")
    assert shown.steady("日本語")
    assert not shown.steady("نورا")
    assert not shown.steady("nora 🚀")


@given(st.lists(st.floats(0, 1e6), max_size=50))
def test_a_sparkline_has_one_block_a_value_and_its_tallest_on_top(values: list[float]) -> None:
    """A chart that drops a bucket lies about time."""
    line = shown.sparkline(values)
    assert len(line) == len(values)
    if max(values, default=0) > 0:
        assert line[values.index(max(values))] == "█"


def test_what_has_just_happened_is_not_now_ago() -> None:
    assert (shown.ago(1000, 2000), shown.ago(0, 180_000)) == ("just now", "3 m ago")
