from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.text import canonical, maybe_markup, plain, title, unwrap, web_address

PLAIN = [
    ("hello", "hello"),
    ("<p>a &amp; b & c > d < e<br>f</p><p>g</p>", "a & b & c > d < e\nf\n\ng"),
    (
        '<p>see <a href="https://x.example/long"><span class="invisible">https://</span><span class="ellipsis">x.example/lo</span><span class="invisible">ng</span></a></p>',
        "see https://x.example/long",
    ),
    ('<p>hi <img src="s.png" alt="😀" class="emoji"> there</p>', "hi 😀 there"),
    ("a<script>alert(1)</script>b<style>x{}</style>c", "a b c"),
    ("<script>never closed", ""),
    ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
    ("x &#39;y&#39; &#x2F; &nbsp;z", "x 'y' / z"),
    ("line\nbroken <b>source</b>", "line broken source"),
    ("<pre>a\n  b</pre>", "a\nb"),
    ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
    ("<!-- secret -->seen", "seen"),
    ("&lt;b&gt;not bold&lt;/b&gt;", "<b>not bold</b>"),
    ("", ""),
    ("ไทย <b>ภาษา</b> 中文 &amp; عربي", "ไทย ภาษา 中文 & عربي"),
]


@pytest.mark.parametrize(("markup", "text"), PLAIN)
def test_what_a_reader_would_see(markup: str, text: str) -> None:
    """Sentiment and search work on words, not on tags."""
    assert plain(markup) == text


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_no_text_breaks_it_and_all_of_it_can_be_stored(text: str) -> None:
    """Posts hold lone surrogates, NULs and half tags."""
    for read in (plain, maybe_markup, title):
        read(text).encode("utf-8")
    canonical(text)
    web_address(text, "https://base.example/")
    unwrap(text)


def test_a_tower_of_tags_is_cut_down_without_a_tree() -> None:
    """A hundred thousand nested blocks take the parser sixteen seconds."""
    assert plain("<div>" * 30_000 + "x") == "x"
    assert plain("<b>y" * 6_000).count("y") == 6_000


def test_text_that_only_looks_like_markup_stays() -> None:
    """`if a<b and b>c` in a plain-text field is not a tag."""
    assert maybe_markup("if a<b and b>c & d") == "if a<b and b>c & d"
    assert maybe_markup("a <3 b") == "a <3 b"
    assert maybe_markup("<b>x</b> y") == "x y"
    assert title("AT&amp;amp;T &lt;b&gt;wins&lt;/b&gt;\n now") == "AT&T wins now"


ADDRESSES = [
    ("https://x.example/a", "https://x.example/a"),
    (" https://x.example/a ", "https://x.example/a"),
    ("/a", "https://base.example/a"),
    ("javascript:alert(1)", ""),
    ("data:text/html,x", ""),
    ("file:///etc/passwd", ""),
    ("https://user:pw@x.example/", ""),
    ("https://user@x.example/", ""),
    ("https://x.example/\x1b]52;c;x\x07", ""),
    ("http://[::1", ""),
    (7, ""),
]


@pytest.mark.parametrize(("address", "sound"), ADDRESSES)
def test_only_web_addresses_can_be_opened_later(address: object, sound: str) -> None:
    """A permalink goes to the operator's browser."""
    assert web_address(address, "https://base.example/x") == sound


def test_redirect_links_of_google_are_unwrapped() -> None:
    """Alerts carry redirects: the same article would be a new one each time."""
    link = "https://www.google.com/url?rct=j&sa=t&url=https://news.example/a%3Fid%3D1&ct=ga&cd=abc"
    assert unwrap(link) == "https://news.example/a?id=1"
    assert unwrap("https://www.google.co.uk/url?q=https://news.example/b") == "https://news.example/b"
    assert unwrap("https://www.google.com/url?url=javascript:alert(1)") == "https://www.google.com/url?url=javascript:alert(1)"
    assert unwrap("https://notgoogle.com/url?url=https://x.example/") == "https://notgoogle.com/url?url=https://x.example/"


def test_one_page_has_one_canonical_address() -> None:
    """The same article arrives through three feeds with three trails of tracking."""
    assert canonical("HTTPS://News.Example:443/a?utm_source=x&id=1&fbclid=y#top") == "https://news.example/a?id=1"
    assert canonical("https://news.example") == "https://news.example/"
    assert canonical("https://news.example/a?b=%20c") == "https://news.example/a?b=%20c"
    assert canonical("mailto:x@y.example") == ""
