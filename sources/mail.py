"""A mailbox: mail to the brand in by IMAP, answers out by SMTP.

API: RFC 9051 (IMAP4rev2), RFC 5321 (SMTP), RFC 5322 (messages), RFC 3834 (automatic answers must not be answered), RFC 8058.

The key of a mail is its Message-ID, so that a mailbox whose numbers were thrown away (a new UIDVALIDITY) brings nothing twice.
Reading never marks anything as read. An answer carries a Message-ID made from the reply's key, and a blind copy goes to the
mailbox itself: whether a reply went out is then a question that the mailbox can answer on any provider.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, getaddresses
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from msgspec import Meta

from listener.errors import Ambiguous, AuthFailed, Malformed, RateLimited, Rejected, SourceError, Unreachable, Unsupported
from listener.source import Capabilities, Channel, Check, Page, Receipt
from sources.fields import integer, mapping, string
from sources.letters import MESSAGE_ID, one_line, parse
from sources.opening import Context
from sources.opening import Options as Base
from sources.replying import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imapclient import IMAPClient

    from listener.domain.mention import Entry, Mention
    from listener.domain.topic import Topic
    from listener.source import Budget, Cursor, Draft

BATCH = 50
LARGEST = 262_144
"""Bytes of one mail that are read: the words stand in front, attachments behind."""
LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes of one piece of an answer."""
Answer = TypeVar("Answer")
NOT_IMAP = (LookupError, TypeError, AttributeError, ValueError, AssertionError, ArithmeticError, RecursionError)
"""What the library raises over answers that it did not expect."""
Security = Literal["tls", "starttls", "none"]
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """Where to log in."""

    host: str
    port: int
    security: Security = "tls"
    """`none` only for a server on this machine: a password crosses the network."""


class Options(Base, frozen=True):
    """A mailbox of the brand."""

    address: Annotated[str, Meta(description="The brand's address.")]
    imap_host: Annotated[str, Meta(description="The server to read from.")]
    password: Annotated[str, Meta(description="The mailbox's password; many providers want an app password.")]
    user: Annotated[str, Meta(description="The login, when it is not the address.")] = ""
    imap_port: Annotated[int, Meta(ge=1, le=65_535, description="143 for starttls.")] = 993
    imap_security: Annotated[Security, Meta(description="tls from the first byte, starttls, or none (this machine only).")] = "tls"
    smtp_host: Annotated[str, Meta(description="The server to answer through; empty only reads.")] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65_535, description="587 for starttls.")] = 465
    smtp_security: Annotated[Security, Meta(description="As imap_security.")] = "tls"
    folders: Annotated[tuple[str, ...], Meta(min_length=1, description="Folders to read.")] = ("INBOX",)
    sent: Annotated[str, Meta(description="The folder of sent mail, if answers written elsewhere should show in threads.")] = ""
    topic: Annotated[str, Meta(description="The topic that this mailbox belongs to; empty takes the first brand.")] = ""
    display_name: Annotated[str, Meta(description="The sender's name in answers.")] = ""
    days: Annotated[int, Meta(ge=1, le=365, description="How far the first read looks back.")] = 7
    patience: Annotated[float, Meta(gt=0, le=300, description="Seconds to wait for a server.")] = 30.0


def open_source(context: Context, options: Options) -> Mail:
    return Mail(context, options)


class Mail:
    """One mailbox. Everything that waits runs in a thread; a connection lives for one call."""

    kind = "mail"

    def __init__(self, context: Context, options: Options, *, tls: ssl.SSLContext | None = None) -> None:
        self.name, self._now, self._tls = context.name, context.clock, tls
        self._address, self._user, self._password = options.address, options.user or options.address, options.password
        self._imap = Server(options.imap_host, options.imap_port, options.imap_security)
        self._smtp = Server(options.smtp_host, options.smtp_port, options.smtp_security) if options.smtp_host else None
        self._folders, self._sent, self._topic = options.folders, options.sent, options.topic
        self._display_name, self._days, self._patience = options.display_name, options.days, options.patience
        self.capabilities = Capabilities(reply=self._smtp is not None, thread=True, pace=60.0)

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """Each folder. What is written to the brand's mailbox is about the brand, whether or not it says its name."""
        topic = self._topic or next((topic.name for topic in topics if topic.role == "brand"), "")
        return [Channel(f"folder:{folder}", "folder", folder, topic, trusted=bool(topic)) for folder in self._folders]

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        return await self._ask(lambda imap: self._page(imap, channel.text, cursor))

    def _page(self, imap: IMAPClient, folder: str, cursor: Cursor) -> Page:
        state = imap.select_folder(folder, readonly=True)
        validity = int(state[b"UIDVALIDITY"])
        known_validity, last = read_cursor(cursor)
        if known_validity == validity:
            # `n:*` always brings the newest mail, even when its number is below n.
            uids = sorted(uid for uid in imap.search(["UID", f"{last + 1}:*"]) if uid > last)
        else:
            first_day = datetime.fromtimestamp(self._now() / 1000, UTC).date() - timedelta(days=self._days)
            uids, last = sorted(imap.search(["SINCE", first_day])), int(state.get(b"UIDNEXT", 1)) - 1
        batch = uids[:BATCH]
        mentions, refused, note = self._read(imap, batch)
        reached = batch[-1] if batch else last
        return Page(mentions, json.dumps({"validity": validity, "uid": reached}), more=len(uids) > len(batch), note=note, refused=refused)

    def _read(self, imap: IMAPClient, uids: Sequence[int]) -> tuple[list[Mention], int, str]:
        mentions: list[Mention] = []
        refused: dict[str, int] = {}
        for uid, raw, received in _bodies(imap, uids):
            try:
                mentions.append(parse(raw, self.name, fallback_id=f"uid:{uid}", received=received, me=self._address))
            except Malformed as error:
                refused[error.message] = refused.get(error.message, 0) + 1
        return mentions, sum(refused.values()), ", ".join(f"{count} × {reason}" for reason, count in refused.items())

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        wanted = mention.thread_id or mention.native_id
        if not MESSAGE_ID.fullmatch(wanted):
            return []

        def read(imap: IMAPClient) -> list[Mention]:
            found: dict[str, Mention] = {}
            for folder in self._everywhere():
                imap.select_folder(folder, readonly=True)
                uids = imap.search(["OR", "HEADER", "Message-ID", wanted, "HEADER", "References", wanted])
                found.update((letter.native_id, letter) for letter in self._read(imap, sorted(uids)[-BATCH:])[0])
            return sorted(found.values(), key=lambda letter: letter.created_at)

        return await self._ask(read)

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        smtp = self._smtp
        if smtp is None:
            raise Unsupported("This mailbox has no SMTP server.", hint="Set smtp_host for this source.")
        letter = answer(mention, draft, self._address, self._display_name)
        recipients = [address for _, address in getaddresses([str(letter["To"])])] + [self._address]
        await asyncio.to_thread(self._deliver, smtp, letter, recipients)
        return Receipt(str(letter["Message-ID"]))

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        wanted = message_id(draft.key, self._address)

        def look(imap: IMAPClient) -> bool:
            for folder in self._everywhere():
                imap.select_folder(folder, readonly=True)
                if imap.search(["HEADER", "Message-ID", wanted]):
                    return True
            return False

        return Receipt(wanted) if await self._ask(look) else None

    def measure(self, text: str) -> tuple[int, int | None]:
        return len(text), None

    async def check(self) -> Sequence[Check]:
        checks = [await self._check_reading()]
        if self._smtp is None:
            return [*checks, Check("reply", "skipped", "No SMTP server is set: this mailbox is only read.")]
        try:
            await asyncio.to_thread(lambda smtp: self._login(smtp).quit(), self._smtp)
            checks.append(Check("reply", "ok", f"{self._smtp.host} lets {self._user} send."))
        except SourceError as error:
            checks.append(Check("reply", "failed", str(error)))
        except (OSError, smtplib.SMTPException) as error:
            checks.append(Check("reply", "failed", f"{self._smtp.host} broke off: {type(error).__name__}."))
        return checks

    async def _check_reading(self) -> Check:
        try:
            counts = await self._ask(lambda imap: {folder: int(imap.select_folder(folder, readonly=True)[b"EXISTS"]) for folder in self._folders})
        except AuthFailed as error:
            return Check("credentials", "failed", str(error))
        except SourceError as error:
            return Check("reach", "failed", str(error))
        return Check("credentials", "ok", ", ".join(f"{folder}: {count} mails" for folder, count in counts.items()))

    def budgets(self) -> Sequence[Budget]:
        return ()

    async def aclose(self) -> None:
        return None

    def _everywhere(self) -> tuple[str, ...]:
        return (*self._folders, self._sent) if self._sent else self._folders

    async def _ask(self, work: Callable[[IMAPClient], Answer]) -> Answer:
        """Log in, do the work, log out, in a thread. Raises SourceError."""
        return await asyncio.to_thread(self._blocking, work)

    def _blocking(self, work: Callable[[IMAPClient], Answer]) -> Answer:
        from imapclient import IMAPClient, SocketTimeout
        from imapclient.exceptions import IMAPClientError, LoginError

        server = self._imap
        _vet(server)
        try:
            imap = IMAPClient(
                server.host, server.port, ssl=server.security == "tls", ssl_context=self._context(), timeout=SocketTimeout(10.0, self._patience)
            )
            try:
                _bound(imap)
                if server.security == "starttls":
                    imap.starttls(self._context())
                imap.login(self._user, self._password)
                return work(imap)
            finally:
                imap.shutdown()
        except LoginError:
            raise AuthFailed(f"{server.host} refused the login of {self._user}.", hint="Check user and password; many providers want an app password.") from None
        except IMAPClientError as error:
            raise Malformed(f"{server.host} refused: {one_line(str(error))[:200]}", hint="Check the names of the folders.") from None
        except (OSError, EOFError) as error:
            raise Unreachable(f"{server.host} cannot be reached: {type(error).__name__}.") from None
        except NOT_IMAP as error:
            raise Malformed(f"{server.host} sent an answer that is not IMAP: {type(error).__name__}.") from None

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    def _login(self, server: Server) -> smtplib.SMTP:
        """A session that may send. Whatever fails here, nothing was sent."""
        _vet(server)
        try:
            if server.security == "tls":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self._patience, context=self._context())
            else:
                smtp = smtplib.SMTP(server.host, server.port, timeout=self._patience)
                if server.security == "starttls":
                    smtp.starttls(context=self._context())
            if self._password:
                smtp.login(self._user, self._password)
        except smtplib.SMTPAuthenticationError:
            raise AuthFailed(f"{server.host} refused the login of {self._user}.", hint="Many providers want an app password.") from None
        except smtplib.SMTPNotSupportedError:
            raise AuthFailed(f"{server.host} offers no login or no encryption here.", hint="Check smtp_port and smtp_security.") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{server.host} cannot be reached: {type(error).__name__}. Nothing was sent.") from None
        return smtp

    def _deliver(self, server: Server, letter: EmailMessage, recipients: Sequence[str]) -> None:
        smtp = self._login(server)
        try:
            _envelope(smtp, self._address, recipients)
            try:
                code, words = smtp.data(letter.as_bytes())
            except smtplib.SMTPDataError as error:
                raise _refusal(server, error.smtp_code, error.smtp_error) from None
            except (OSError, smtplib.SMTPException) as error:
                raise Ambiguous(f"{server.host} broke off while it took the mail: {type(error).__name__}.") from None
            if code != 250:
                raise _refusal(server, code, words)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise Unreachable(f"{server.host} broke off before the mail: {type(error).__name__}. Nothing was sent.") from None
        finally:
            smtp.close()


def _bound(imap: IMAPClient) -> None:
    """The library reads as many bytes as a server announces, however many that are."""
    read = imap._imap.read

    def bounded(size: int) -> bytes:
        if size > LARGEST_ANSWER:
            raise ValueError(size)
        data: bytes = read(size)
        return data

    imap._imap.read = bounded


def _vet(server: Server) -> None:
    if server.security == "none" and server.host not in LOCAL:
        raise Unsupported(f"The password would cross the network unencrypted to {server.host}.", hint="Use tls or starttls.")


def _envelope(smtp: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
    smtp.ehlo_or_helo_if_needed()
    for code, words in (smtp.mail(sender), *(smtp.rcpt(recipient) for recipient in recipients)):
        if not 200 <= code < 300:
            raise _refusal(Server(str(smtp._host), 0), code, words)  # type: ignore[attr-defined]


def _refusal(server: Server, code: int, words: bytes | str) -> SourceError:
    said = one_line(words.decode("utf-8", "replace") if isinstance(words, bytes) else words)[:200]
    if 400 <= code < 500:
        return RateLimited(f"{server.host} wants it later ({code} {said}). Nothing was sent.")
    return Rejected(f"{server.host} refused the mail ({code} {said}).", hint="Check the sender's and the customer's address.")


def _bodies(imap: IMAPClient, uids: Sequence[int]) -> Iterator[tuple[int, bytes, int | None]]:
    """(number, the first bytes of the mail, when the server took it in, ms) for each."""
    if not uids:
        return
    answers: dict[int, dict[bytes, Any]] = imap.fetch(uids, [f"BODY.PEEK[]<0.{LARGEST}>", "INTERNALDATE"])
    for uid in uids:
        parts = answers.get(uid, {})
        raw = next((value for key, value in parts.items() if key.startswith(b"BODY[]") and isinstance(value, bytes)), b"")
        received = parts.get(b"INTERNALDATE")
        yield uid, raw, round(received.timestamp() * 1000) if received is not None else None


def read_cursor(cursor: Cursor) -> tuple[int, int]:
    """(UIDVALIDITY, highest UID read); zeros when there is none."""
    try:
        state = mapping(json.loads(cursor) if cursor else None)
    except ValueError:
        return 0, 0
    return integer(state, "validity") or 0, integer(state, "uid") or 0


def message_id(key: str, address: str) -> str:
    """The Message-ID of an answer: the same for every attempt at it."""
    domain = address.rpartition("@")[2]
    return f"<listener.{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def answer(mention: Entry, draft: Draft, address: str, display_name: str = "") -> EmailMessage:
    """The mail that answers a mail, identical for every attempt.

    Raises:  Rejected: a machine wrote that mail (answering it could go on for ever), or nobody can be answered.
    """
    from email.policy import SMTP

    where = reference(mention.reply_ref)
    if where.get("automatic"):
        raise Rejected("A machine wrote this mail.", hint="Answering it could go on for ever. Write to the person from your mail program.")
    to = string(where, "to")
    if not re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+", to):
        raise Rejected("This mail names no address to answer to.")
    letter = EmailMessage(policy=SMTP)
    letter["From"] = formataddr((one_line(display_name), address))
    letter["To"] = to
    subject = one_line(mention.title)[:200]
    letter["Subject"] = subject if re.match(r"(?i)re\s*:", subject) else f"Re: {subject}".strip()
    letter["Date"] = format_datetime(datetime.fromtimestamp(draft.created_at / 1000, UTC))
    letter["Message-ID"] = message_id(draft.key, address)
    known = MESSAGE_ID.findall(string(where, "references"))[-20:]
    if MESSAGE_ID.fullmatch(mention.native_id):
        letter["In-Reply-To"] = mention.native_id
        known = [*(one for one in known if one != mention.native_id), mention.native_id]
    if known:
        letter["References"] = " ".join(known)
    letter.set_content(draft.text)
    return letter
