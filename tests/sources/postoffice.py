"""A post office on loopback: as much IMAP and SMTP as the mail adapter speaks, with the faults that a test asks for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class PostOffice:
    """One mailbox: what lies in it, what was handed in, and how it misbehaves."""

    letters: dict[int, bytes] = field(default_factory=dict)
    validity: int = 1
    password: str = "pw"
    fault: str = ""
    """Drop the line at this SMTP command, or `after-data` once the mail is in; `refuse:<command>:<code>` says no."""
    garbage: tuple[str, bytes] = ("", b"")
    """At this IMAP command, these bytes come before what is right; none at all ends the line there."""
    sent: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    """(sender, recipients, mail)"""
    commands: list[str] = field(default_factory=list)
    imap_port: int = 0
    smtp_port: int = 0

    async def imap(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            self.commands.append(command)
            done = b"OK done"
            stage, rubbish = self.garbage
            if stage and command.startswith(stage):
                if not rubbish:
                    break
                writer.write(rubbish)
            if command.startswith("LOGIN") and self.password not in command:
                done = b"NO [AUTHENTICATIONFAILED] no"
            elif command.startswith(("EXAMINE", "SELECT")):
                top = max(self.letters, default=0) + 1
                writer.write(f"* {len(self.letters)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n* OK [UIDNEXT {top}] x\r\n".encode())
            elif command.startswith("CAPABILITY"):
                writer.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif command.startswith("UID SEARCH"):
                writer.write(b"* SEARCH " + " ".join(map(str, self._found(command))).encode() + b"\r\n")
            elif command.startswith("UID FETCH"):
                for number in sorted(self._numbers(command.split()[2])):
                    writer.write(self._fetched(number))
            writer.write(tag.encode() + b" " + done + b"\r\n")
        writer.close()

    def _numbers(self, wanted: str) -> set[int]:
        found: set[int] = set()
        for piece in wanted.split(","):
            low, _, high = piece.partition(":")
            last = max(self.letters, default=0) if high == "*" else int(high or low)
            # A range goes either way round: `9:*` in a mailbox whose last mail is 5 means 5:9.
            found |= {number for number in self.letters if min(int(low), last) <= number <= max(int(low), last)}
        return found

    def _found(self, command: str) -> list[int]:
        if uids := re.search(r"UID (\S+)$", command):
            return sorted(self._numbers(uids.group(1)))
        wanted = re.findall(r'HEADER "?(Message-ID|References)"? "?(<[^>]+>)', command, re.IGNORECASE)
        if not wanted:
            return sorted(self.letters)
        read = {number: message_from_bytes(raw) for number, raw in self.letters.items()}
        return [number for number, letter in sorted(read.items()) if any(value in str(letter.get(name, "")) for name, value in wanted)]

    def _fetched(self, number: int) -> bytes:
        raw = self.letters[number]
        head = f'* {number} FETCH (UID {number} INTERNALDATE "14-Nov-2023 22:13:20 +0000" BODY[]<0> {{{len(raw)}}}\r\n'
        return head.encode() + raw + b")\r\n"

    async def smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        sender, recipients = "", []
        while line := await reader.readline():
            command = line.decode().strip()
            verb = command.split(" ")[0].split(":")[0].upper()
            if self.fault == verb:
                break
            if self.fault.startswith(f"refuse:{verb}:"):
                writer.write(f"{self.fault.rpartition(':')[2]} no\r\n".encode())
                continue
            if verb == "EHLO":
                writer.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif verb == "AUTH":
                import base64

                right = self.password.encode() in base64.b64decode(command.split(" ")[-1])
                writer.write(b"235 in\r\n" if right else b"535 no\r\n")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                raw = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
                self.sent.append((sender, recipients, raw))
                if self.fault == "after-data":
                    break
                answer = self.fault.rpartition(":")[2] if self.fault.startswith("refuse:body:") else "250"
                writer.write(f"{answer} done\r\n".encode())
            else:
                sender = command.partition("<")[2].rstrip(">") if verb == "MAIL" else sender
                recipients += [command.partition("<")[2].rstrip(">")] if verb == "RCPT" else []
                writer.write(b"250 yes\r\n")
        writer.close()


@asynccontextmanager
async def post_office(**mailbox: object) -> AsyncIterator[PostOffice]:
    office = PostOffice(**mailbox)  # type: ignore[arg-type]
    async with (
        await asyncio.start_server(office.imap, "127.0.0.1", 0) as imap,
        await asyncio.start_server(office.smtp, "127.0.0.1", 0) as smtp,
    ):
        office.imap_port, office.smtp_port = imap.sockets[0].getsockname()[1], smtp.sockets[0].getsockname()[1]
        yield office
