"""Anybody can send any bytes to a mailbox; what comes out are mentions or one typed error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import Malformed
from sources.letters import parse, visible

LETTER = (
    b"From: =?utf-8?q?N=C3=B6ra?= <Nora@Home.example>\r\nTo: help@aurora.example\r\nSubject: =?utf-8?b?TXkgYmFnIPCfp7M=?=\r\n"
    b"Date: Tue, 14 Nov 2023 22:00:00 +0000\r\nMessage-ID: <m1@home.example>\r\nIn-Reply-To: <m0@aurora.example>\r\n"
    b"References: <r0@home.example>\r\n <m0@aurora.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"Where is my bag?\r\n\r\nOn Tue, Aurora Air <help@aurora.example> wrote:\r\n> Write to us\r\n"
)


def read(raw: bytes, **more: object) -> object:
    return parse(raw, "mail", fallback_id="uid:7", **more)  # type: ignore[arg-type]


def test_reads_a_letter() -> None:
    mention = parse(LETTER, "mail", fallback_id="uid:7", received=1_700_000_000_000)
    assert (mention.native_id, mention.title, mention.text) == ("<m1@home.example>", "My bag 🧳", "Where is my bag?")
    assert (mention.author.handle, mention.author.name, mention.author.native_id) == ("Nora@Home.example", "Nöra", "nora@home.example")
    assert (mention.parent_id, mention.thread_id, mention.visibility) == ("<m0@aurora.example>", "<r0@home.example>", "direct")
    assert mention.created_at == 1_699_999_200_000
    assert json.loads(mention.reply_ref)["to"] == "Nora@Home.example"


def test_a_date_in_the_future_is_a_lie() -> None:
    """The time at which our own server took it in is the latest that it can be."""
    late = LETTER.replace(b"2023", b"2033").replace(b"Tue, 14", b"Mon, 14")
    assert parse(late, "mail", fallback_id="u", received=1_700_000_000_000).created_at == 1_700_000_000_000


def test_html_only_and_attachments() -> None:
    raw = (
        b"From: a@b.example\r\nDate: Tue, 14 Nov 2023 22:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n"
        b"--X\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nnot this\r\n"
        b"--X\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<p>Gr\xfc\xdfe &amp; <b>more</b></p><script>x</script>\r\n--X--\r\n"
    )
    mention = parse(raw, "mail", fallback_id="uid:7")
    assert (mention.text, mention.native_id) == ("Grüße & more", "uid:7")


@pytest.mark.parametrize(
    "header",
    [b"Auto-Submitted: auto-replied", b"Precedence: bulk", b"Return-Path: <>", b"List-Id: <x.y>", b"Auto-Submitted: auto-generated; x=y"],
)
def test_machines_are_known(header: bytes) -> None:
    """Two automatic answers that answer each other never stop."""
    assert json.loads(parse(header + b"\r\n" + LETTER, "mail", fallback_id="u").reply_ref)["automatic"] is True
    assert json.loads(parse(b"Auto-Submitted: no\r\n" + LETTER, "mail", fallback_id="u").reply_ref)["automatic"] is False


def test_our_own_letters_are_ours() -> None:
    assert parse(LETTER, "mail", fallback_id="u", me="nora@home.EXAMPLE").own


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Hi\n-- \nNora\nCEO", "Hi"),
        ("> old\nNew words", "New words"),
        ("> only a quotation", "> only a quotation"),
        ("Ja.\n\nAm 3. Mai schrieb Aurora Air:\n> x", "Ja."),
        ("The crew wrote: sorry", "The crew wrote: sorry"),
        ("On time as always!", "On time as always!"),
    ],
)
def test_only_what_is_new_is_read(text: str, seen: str) -> None:
    """Our own apology, quoted below a complaint, must not be scored as the customer's words."""
    assert visible(text) == seen


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 50,
        b"From: x\r\n\r\nno address",
        b"From: a@b.example\r\n\r\nno time",
        b"From: a@b.example\r\nDate: never\r\n\r\nx",
        b"From: a@b.example\r\nDate: Tue, 14 Nov 2023 22:00:00 +0000\r\n\r\n",
    ],
)
def test_what_is_no_letter_is_a_typed_error(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Type: text/plain; charset=zlib_codec\r\n\r\nhello",
        b"Content-Type: text/plain; charset=\xff\r\n\r\nhello",
        b"Content-Transfer-Encoding: base64\r\n\r\nhello!!!=",
        b"Subject: =?zlib_codec?b?eJw=?=\r\n\r\nhello",
        b"Subject: =?utf-8?b?" + b"A" * 5000 + b"?=\r\n\r\nhello",
        b"From: =?utf-8?q?" + b"=FF" * 100 + b"?= <a@b.example>\r\n\r\nhello",
        b"Content-Type: multipart/mixed; boundary=X\r\n\r\nhello",
        b"Content-Type: multipart/mixed; boundary=A\r\n\r\n" + b"--A\r\nContent-Type: multipart/mixed; boundary=A\r\n\r\n" * 3000,
    ],
)
def test_hostile_letters_end_in_a_mention_or_a_typed_error(part: bytes) -> None:
    """Charsets that decompress, headers that are cut, parts inside parts."""
    try:
        mention = parse(b"From: a@b.example\r\nDate: Tue, 14 Nov 2023 22:00:00 +0000\r\n" + part, "mail", fallback_id="u")
    except Malformed:
        return
    mention.text.encode("utf-8")
    mention.title.encode("utf-8")


@given(st.integers(0, len(LETTER)), st.binary(max_size=40))
def test_any_damage_is_survived(cut: int, noise: bytes) -> None:
    """Cut anywhere, with anything behind the cut."""
    try:
        mention = parse(LETTER[:cut] + noise, "mail", fallback_id="u")
    except Malformed:
        return
    assert mention.text and mention.author.handle
    (mention.text + mention.title + mention.author.name + mention.author.handle + mention.reply_ref).encode("utf-8")
