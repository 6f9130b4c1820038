"""Mail goes out once, and the mailbox itself can tell whether it did."""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any

import msgspec
import pytest

from listener.errors import Ambiguous, AuthFailed, Malformed, RateLimited, Rejected, SourceError, Unreachable, Unsupported
from sources import mail
from sources.http import Http
from sources.letters import parse
from sources.opening import Context
from tests.sources.postoffice import PostOffice, post_office
from tests.sources.turns import BRAND, NOW, RIVAL, draft, entry

TEXT = "We are sorry.\r\n.\r\nGreetings – Aurora"


def letter(number: int, subject: str = "My bag", extra: str = "") -> bytes:
    return (
        f"From: Nora <nora@home.example>\r\nSubject: {subject}\r\nDate: Tue, 14 Nov 2023 22:00:00 +0000\r\nMessage-ID: <m{number}@home.example>\r\n{extra}\r\nWhere is it?\r\n"
    ).encode()


def opened(office: PostOffice, **more: Any) -> mail.Mail:
    options = {
        "address": "help@aurora.example", "password": "pw", "imap_host": "127.0.0.1", "imap_port": office.imap_port, "imap_security": "none",
        "smtp_host": "127.0.0.1", "smtp_port": office.smtp_port, "smtp_security": "none", "patience": 5, **more,
    }  # fmt: skip
    return mail.open_source(Context("mail", Http(), clock=lambda: NOW), msgspec.convert(options, mail.Options))


async def test_reads_from_where_it_stopped() -> None:
    """`n:*` always brings the newest mail: read carelessly, every poll brings it again."""
    async with post_office(letters={1: letter(1), 2: letter(2)}) as office:
        source = opened(office)
        [channel] = source.channels([RIVAL, BRAND])
        assert (channel.topic, channel.trusted) == ("Aurora Air", True)
        first = await source.fetch(channel, "")
        again = await source.fetch(channel, first.cursor)
        office.letters[5] = letter(5)
        third = await source.fetch(channel, again.cursor)
    assert [mention.native_id for mention in first.mentions] == ["<m1@home.example>", "<m2@home.example>"]
    assert list(again.mentions) == []
    assert [mention.native_id for mention in third.mentions] == ["<m5@home.example>"]
    assert json.loads(third.cursor) == {"validity": 1, "uid": 5}
    assert not any("SELECT" in command for command in office.commands), "reading must not mark anything as read"
    assert all("BODY.PEEK" in command for command in office.commands if "FETCH" in command)


async def test_a_renumbered_mailbox_brings_the_same_keys() -> None:
    """UIDVALIDITY changed: every number means another mail, the Message-IDs do not."""
    async with post_office(letters={9: letter(1)}, validity=2) as office:
        source = opened(office)
        page = await source.fetch(source.channels([BRAND])[0], json.dumps({"validity": 1, "uid": 50}))
    assert [mention.native_id for mention in page.mentions] == ["<m1@home.example>"]
    assert json.loads(page.cursor) == {"validity": 2, "uid": 9}


async def test_many_letters_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "BATCH", 2)
    async with post_office(letters={number: letter(number) for number in range(1, 6)}) as office:
        source = opened(office)
        channel = source.channels([BRAND])[0]
        seen, cursor, more = [], "", True
        while more:
            page = await source.fetch(channel, cursor)
            seen += [mention.native_id for mention in page.mentions]
            cursor, more = page.cursor, page.more
    assert seen == [f"<m{number}@home.example>" for number in range(1, 6)]


async def test_one_bad_letter_costs_only_itself() -> None:
    async with post_office(letters={1: b"garbage", 2: letter(2)}) as office:
        source = opened(office)
        page = await source.fetch(source.channels([BRAND])[0], "")
    assert (len(page.mentions), page.refused, page.note) == (1, 1, "1 × no sender")


async def test_answers_in_the_thread_and_to_itself() -> None:
    """The blind copy is what makes "was it sent?" a question that the mailbox can answer."""
    mention = entry(
        parse(letter(1, extra="References: <r0@home.example>\r\nReply-To: Other <other@home.example>\r\n"), "mail", fallback_id="u")
    )
    async with post_office() as office:
        source = opened(office, display_name="Aurora Air\r\nBcc: evil@x.example")
        receipt = await source.reply(mention, draft(TEXT))
        [(sender, recipients, raw)] = office.sent
        sent = message_from_bytes(raw)
        assert (sender, recipients) == ("help@aurora.example", ["other@home.example", "help@aurora.example"])
        assert sent["Message-ID"] == receipt.remote_id == mail.message_id("key-1", "help@aurora.example")
        assert (sent["In-Reply-To"], sent["Subject"], sent["Bcc"]) == ("<m1@home.example>", "Re: My bag", None)
        assert sent["References"].split() == ["<r0@home.example>", "<m1@home.example>"]
        body = sent.get_payload(decode=True)
        assert isinstance(body, bytes) and "..\r\nGreetings – Aurora" in body.decode()
        assert await source.find_reply(mention, draft(TEXT)) is None
        office.letters[7] = raw
        found = await source.find_reply(mention, draft(TEXT))
        assert found and found.remote_id == receipt.remote_id
        own = (await source.fetch(source.channels([BRAND])[0], "")).mentions[0]
        assert own.own and own.parent_id == "<m1@home.example>"


def test_every_attempt_is_the_same_mail() -> None:
    mention = entry(parse(letter(1), "mail", fallback_id="u"))
    first, second = (mail.answer(mention, draft("Sorry"), "help@aurora.example").as_bytes() for _ in range(2))
    assert first == second
    assert mail.message_id("other", "help@aurora.example") != mail.message_id("key-1", "help@aurora.example")


def test_a_hostile_subject_stays_a_subject() -> None:
    mention = entry(parse(letter(1, subject="=?utf-8?q?x=0D=0ABcc:_evil@x.example?="), "mail", fallback_id="u"))
    built = message_from_bytes(mail.answer(mention, draft("Sorry"), "help@aurora.example").as_bytes())
    assert built["Bcc"] is None and "evil@x.example" in built["Subject"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("EHLO", Unreachable),
        ("AUTH", Unreachable),
        ("MAIL", Unreachable),
        ("refuse:MAIL:451", RateLimited),
        ("refuse:RCPT:550", Rejected),
        ("refuse:RCPT:421", RateLimited),
        ("refuse:DATA:554", Rejected),
        ("refuse:body:554", Rejected),
        ("refuse:body:452", RateLimited),
        ("after-data", Ambiguous),
    ],
)
async def test_each_fault_says_whether_it_was_sent(fault: str, error: type[Exception]) -> None:
    """Before the last dot nothing was sent; after it, only the server knows."""
    mention = entry(parse(letter(1), "mail", fallback_id="u"))
    async with post_office(fault=fault) as office:
        with pytest.raises(error):
            await opened(office).reply(mention, draft("Sorry"))


async def test_no_machine_is_answered() -> None:
    mention = entry(parse(letter(1, extra="Auto-Submitted: auto-replied\r\n"), "mail", fallback_id="u"))
    async with post_office() as office:
        with pytest.raises(Rejected, match="machine"):
            await opened(office).reply(mention, draft("Sorry"))
        assert office.sent == []


async def test_reads_the_conversation() -> None:
    mention = entry(parse(letter(1), "mail", fallback_id="u"))
    async with post_office(letters={1: letter(1), 2: letter(2), 3: letter(3, extra="References: <m1@home.example>\r\n")}) as office:
        found = await opened(office).thread(mention)
    assert [one.native_id for one in found] == ["<m1@home.example>", "<m3@home.example>"]


async def test_a_wrong_password_says_so() -> None:
    async with post_office(password="other") as office:
        source = opened(office)
        with pytest.raises(AuthFailed):
            await source.fetch(source.channels([BRAND])[0], "")
        assert [check.state for check in await source.check()] == ["failed", "failed"]
        with pytest.raises(AuthFailed):
            await source.reply(entry(parse(letter(1), "mail", fallback_id="u")), draft("x"))


async def test_check_tries_both_ways() -> None:
    async with post_office(letters={1: letter(1)}) as office:
        reading, replying = await opened(office).check()
        assert (reading.state, reading.text, replying.state) == ("ok", "INBOX: 1 mails", "ok")
        assert not opened(office, smtp_host="").capabilities.reply


async def test_a_server_that_is_none_is_a_typed_error() -> None:
    """Nobody there, and somebody who speaks another language."""
    import asyncio

    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 no\r\n\r\n")
        writer.close()

    async with post_office() as office, await asyncio.start_server(chatter, "127.0.0.1", 0) as server:
        wrong = opened(office, imap_port=server.sockets[0].getsockname()[1])
        nobody = opened(office, imap_port=9)
        channel = wrong.channels([BRAND])[0]
        with pytest.raises((Unreachable, Malformed)):
            await wrong.fetch(channel, "")
        with pytest.raises(Unreachable):
            await nobody.fetch(channel, "")


async def test_no_password_crosses_the_network_in_the_open() -> None:
    async with post_office() as office:
        source = opened(office, imap_host="mail.example", smtp_host="mail.example")
        with pytest.raises(Unsupported, match="unencrypted"):
            await source.fetch(source.channels([BRAND])[0], "")
        with pytest.raises(Unsupported, match="unencrypted"):
            await source.reply(entry(parse(letter(1), "mail", fallback_id="u")), draft("x"))


@pytest.mark.parametrize("stage", ["LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe\r\n",
        b"* SEARCH one two\r\n",
        b"* 1 FETCH (UID x INTERNALDATE 5)\r\n",
        b"* 1 FETCH (((((((\r\n",
        b"* 1 FETCH (BODY[]<0> {99999999999}\r\n",
        b'* 2 FETCH (UID 2 INTERNALDATE "99-Foo-0000 99:99:99 +9999" BODY[]<0> NIL)\r\n',
        b"* OK [UIDVALIDITY soon] x\r\n",
        b"* " + b"(" * 5000 + b"\r\n",
        b"{\r\n",
        b"",
    ],
)
async def test_whatever_a_server_says_is_a_page_or_a_typed_error(stage: str, garbage: bytes) -> None:
    """Anything but a typed error would stop the collector for all networks."""
    async with post_office(letters={2: letter(2)}, garbage=(stage, garbage)) as office:
        source = opened(office, patience=1)
        try:
            page = await source.fetch(source.channels([BRAND])[0], "")
        except SourceError:
            return
        assert page.refused <= 2
