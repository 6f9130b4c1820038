"""Mail as it comes over the wire → mentions. Any bytes are mail to somebody: nothing here raises but Malformed."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.utils import getaddresses
from typing import TYPE_CHECKING

from listener.domain.author import Author
from listener.domain.mention import Mention
from listener.errors import Malformed
from sources.decode import CHARSETS
from sources.fields import instant, storable
from sources.text import plain

if TYPE_CHECKING:
    from email.message import Message

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
"""What may be searched for or written into a header: no space, no control character, no bracket inside."""
_ATTRIBUTION = re.compile(r"^(?:On|Am|Le|El|Il|Op|Στις|-{2,} ?Original)\b.{0,200}(?::|-{2,})\s*$", re.IGNORECASE)
_WROTE = re.compile(r"\b(?:wrote|schrieb|écrit|escribió|ha scritto|schreef|έγραψε)\b.{0,80}:\s*$", re.IGNORECASE)
_PARTS = 50
"""Parts of a mail that are looked at."""


def parse(raw: bytes, source: str, *, fallback_id: str, received: int | None = None, me: str = "") -> Mention:
    """One mail.

    Args:    raw: the mail, perhaps cut off.
             fallback_id: the key of a mail without a usable Message-ID.
             received: when our server took it in, UTC ms: a Date header may lie, and counts only when it is earlier.
             me: our own address, to know our own answers by.
    Raises:  Malformed: no sender, no time, or no words.
    """
    try:
        letter = message_from_bytes(raw)
        return _read(letter, source, fallback_id, received, me)
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Malformed(f"not a mail ({type(error).__name__})") from None


def _read(letter: Message, source: str, fallback_id: str, received: int | None, me: str) -> Mention:
    name, address = _person(letter, "From")
    if not address:
        raise Malformed("no sender")
    said = instant(_raw(letter, "Date"))
    times = [moment for moment in (said, received) if moment is not None]
    if not times:
        raise Malformed("no readable time")
    subject = header(letter, "Subject")
    words = visible(body(letter)) or subject
    if not words:
        raise Malformed("no text")
    own_id = _ids(letter, "Message-ID")[:1]
    references = _ids(letter, "References")
    parent = (_ids(letter, "In-Reply-To") or references[-1:] or [""])[0]
    answer_to = _person(letter, "Reply-To")[1] or address
    reference = {"to": answer_to, "references": " ".join(references[-20:]), "automatic": is_automatic(letter)}
    return Mention(
        source=source,
        native_id=own_id[0] if own_id else fallback_id,
        text=words,
        title=subject,
        created_at=min(times),
        author=Author(address.lower(), address, name),
        parent_id=parent,
        thread_id=(references or [parent])[0],
        visibility="direct",
        reply_ref=json.dumps(reference),
        own=bool(me) and address.lower() == me.lower(),
    )


def is_automatic(letter: Message) -> bool:
    """Whether a machine sent it: an out-of-office note, a bounce, a list. Answering one could go on for ever."""
    submitted = _raw(letter, "Auto-Submitted").split(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _raw(letter, "Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply")
        or _raw(letter, "Return-Path").strip() == "<>"
        or any(letter.get(mark) is not None for mark in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond"))
    )


def body(letter: Message) -> str:
    """The words: of the first plain part, else of the first HTML part. Attachments are none."""
    plain_text = markup = ""
    for part, _ in zip(letter.walk(), range(_PARTS), strict=False):
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain" and not plain_text.strip():
            plain_text = _decoded(part)
        elif part.get_content_type() == "text/html" and not markup:
            markup = _decoded(part)
    return plain_text.strip() or plain(markup)


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = (part.get_content_charset() or "utf-8").lower()
    try:
        return storable(content.decode(charset if charset in CHARSETS else "utf-8", "replace"))
    except LookupError:
        return storable(content.decode("utf-8", "replace"))


def visible(text: str) -> str:
    """What was written this time: without the quoted mail below it and without the signature. All of it when nothing else is left."""
    lines = text.replace("\r\n", "\n").split("\n")
    kept: list[str] = []
    for line in lines:
        if line.rstrip("\r") == "-- " or (kept and (_ATTRIBUTION.match(line) or _WROTE.search(line))):
            break
        if not line.startswith(">"):
            kept.append(line)
    return "\n".join(kept).strip() or text.strip()


def header(letter: Message, name: str) -> str:
    """A header as people read it, on one line."""
    words: list[str] = []
    for piece, charset in decode_header(_raw(letter, name)):
        if isinstance(piece, str):
            words.append(piece)
            continue
        known = (charset or "").lower()
        try:
            words.append(piece.decode(known if known in CHARSETS else "utf-8", "replace"))
        except LookupError:
            words.append(piece.decode("utf-8", "replace"))
    return one_line("".join(words))


def one_line(text: str) -> str:
    """The same words without line breaks or control characters, so that they can stand in a header."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in storable(text)).split())


def _raw(letter: Message, name: str) -> str:
    value = letter.get(name)
    return str(value)[:20_000] if value is not None else ""


def _ids(letter: Message, name: str) -> list[str]:
    return MESSAGE_ID.findall(_raw(letter, name))


def _person(letter: Message, name: str) -> tuple[str, str]:
    """(display name, address) of the first one named."""
    for found, address in getaddresses([_raw(letter, name)]):
        if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", address):
            return one_line("".join(piece if isinstance(piece, str) else piece.decode("utf-8", "replace") for piece, _ in decode_header(found))), storable(address)
    return "", ""
