"""Whatever a widget paints, the terminal is told nothing that the desk did not mean to tell it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from tests.tui.hostile import OWN
from tests.tui.pty_screen import run, tokens
from tui.sink import Sink

BLACK = Color(0, 0, 0)


@given(
    st.lists(st.tuples(st.text(st.characters(), max_size=40), st.sampled_from([None, "https://a.example/", "file:///x", "javascript:x"])))
)
def test_nothing_passes_that_could_drive_a_terminal(pieces: list[tuple[str, str | None]]) -> None:
    """The law of the last door, with the width that Textual has counted left as it was."""
    segments = [Segment(text, Style(link=link)) for text, link in pieces]
    passed = Sink().apply(segments, BLACK)
    assert Strip(passed).cell_length == Strip(segments).cell_length
    for text, style, control in passed:
        assert control is None
        assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 or 0xD800 <= ord(character) < 0xE000 for character in text)
        assert style is None or style.link in {None, "https://a.example/"}


def test_harmless_lines_are_handed_on_untouched() -> None:
    """Nearly every line is harmless, so this is what painting costs."""
    segments = [Segment("SEV1 ▼ nora 👩‍🚀 مرحبا", Style(bold=True)), Segment(" ")]
    assert Sink().apply(segments, BLACK) is segments


def test_a_control_segment_is_disarmed() -> None:
    """Rich lets a segment carry a command instead of text."""
    assert [segment.control for segment in Sink().apply([Segment("\x1b[2J", None, [(ControlType.CLEAR,)])], BLACK)] == [None]


def test_a_real_terminal_hears_only_what_it_hears_for_plain_text() -> None:
    """Raw hostile texts in every sort of widget on a pty: no token more than for plain text, no crash, no click taken for a command."""
    plain, code = run("-m", "tests.tui.hostile_child", "plain")
    assert code == 0, plain[-2000:]
    said, code = run("-m", "tests.tui.hostile_child", seconds=600)
    assert code == 0, said[-2000:]
    foreign = {kind: n for kind, n in tokens(said).items() if kind not in tokens(plain)}
    assert foreign == {}
    assert b"owned" in said, "the texts were shown"


def test_the_tokens_are_found_when_they_are_there() -> None:
    """A counter that sees nothing would pass everything."""
    found = [text for text in OWN[:15] if tokens(text.encode("utf-8", "replace"))]
    assert len(found) == 15
