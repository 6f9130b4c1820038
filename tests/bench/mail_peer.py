"""The mail adapter against a real IMAP server: dovecot, started here on loopback in a folder of its own.

    python -m tests.bench.mail_peer        (Debian: apt install dovecot-imapd)

Answers are handed in to an SMTP server of our own that delivers the blind copy into the mailbox, as a provider would.
Prints one JSON object: what was tried, what was seen; exit code 1 when anything is not as it must be, 2 without dovecot.
"""

from __future__ import annotations

import asyncio
import getpass
import grp
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from sources import mail
from sources.http import Http
from sources.letters import parse
from sources.opening import Context
from tests.sources.postoffice import post_office
from tests.sources.turns import BRAND, draft, entry

LETTERS, FOLDER = 500, "Support"
SETTINGS = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = password=pw
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


def main() -> int:
    if shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        print("There is no dovecot here. Debian: apt install dovecot-imapd", file=sys.stderr)
        return 2
    with dovecot() as port:
        seen = asyncio.run(_try(port))
    wrong = sorted(name for name, is_right in seen.pop("right").items() if not is_right)
    print(json.dumps({"bench": "mail_peer", **seen, "wrong": wrong}))
    return 1 if wrong else 0


@contextmanager
def dovecot() -> Iterator[int]:
    """A dovecot of our own; the port it listens at. Its mail belongs to nobody when root runs this."""
    user = "nobody" if os.getuid() == 0 else getpass.getuser()
    group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        folder = Path(name)
        folder.chmod(0o755)
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        for inner in ("run", "state", "mail"):
            (folder / inner).mkdir()
        if os.getuid() == 0:
            shutil.chown(folder / "mail", user, group)
        settings = folder / "dovecot.conf"
        settings.write_text(SETTINGS.format(folder=folder, user=user, group=group, port=port))
        program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        process = subprocess.Popen([program, "-F", "-c", str(settings)], stderr=subprocess.DEVNULL)
        try:
            _await_port(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _await_port(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("dovecot did not start")


def _letter(number: int, extra: str = "") -> bytes:
    return (
        f"From: =?utf-8?q?N=C3=B6ra?= <nora@home.example>\r\nSubject: Bag {number}\r\nDate: Sun, 22 Nov 2026 15:00:00 +0000\r\n"
        f"Message-ID: <m{number}.+x@home.example>\r\n{extra}\r\nWhere is it? {number}\r\n"
    ).encode()


async def _read_all(source: mail.Mail, cursor: str) -> tuple[list[Any], str, int]:
    channel = source.channels([BRAND])[0]
    read, pages, more = [], 0, True
    while more:
        page = await source.fetch(channel, cursor)
        read += page.mentions
        cursor, more, pages = page.cursor, page.more, pages + 1
    return read, cursor, pages


async def _try(port: int) -> dict[str, Any]:
    from imapclient import IMAPClient

    box = IMAPClient("127.0.0.1", port, ssl=False)
    box.login("help", "pw")
    box.create_folder(FOLDER)
    for number in range(LETTERS):
        box.append(FOLDER, _letter(number))
    async with post_office() as office:
        options = {
            "address": "help@aurora.example", "user": "help", "password": "pw", "imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none",
            "smtp_host": "127.0.0.1", "smtp_port": office.smtp_port, "smtp_security": "none", "folders": [FOLDER], "days": 365,
        }  # fmt: skip
        source = mail.open_source(Context("mail", Http()), msgspec.convert(options, mail.Options))
        begun = time.perf_counter()
        read, cursor, pages = await _read_all(source, "")
        seconds = time.perf_counter() - begun
        again, cursor, _ = await _read_all(source, cursor)
        box.append(FOLDER, _letter(LETTERS, "References: <m5.+x@home.example>\r\n"))
        fresh, cursor, _ = await _read_all(source, cursor)
        asked = entry(parse(_letter(5), "mail", fallback_id="none"))
        before = await source.find_reply(asked, draft("Sorry – „ja“"))
        receipt = await source.reply(asked, draft("Sorry – „ja“"))
        not_yet = await source.find_reply(asked, draft("Sorry – „ja“"))
        box.append(FOLDER, office.sent[0][2])
        found = await source.find_reply(asked, draft("Sorry – „ja“"))
        own, cursor, _ = await _read_all(source, cursor)
        thread = await source.thread(asked)
        box.select_folder(FOLDER)
        unread = len(box.search("UNSEEN"))
        box.close_folder()
        box.delete_folder(FOLDER)
        await asyncio.sleep(1.1)  # UIDVALIDITY counts in seconds
        box.create_folder(FOLDER)
        for number in range(10):
            box.append(FOLDER, _letter(number))
        renumbered, _, _ = await _read_all(source, cursor)
        checks = await source.check()
    box.logout()
    right = {
        "every letter is read once": [one.title for one in read] == [f"Bag {number}" for number in range(LETTERS)],
        "nothing comes again": not again,
        "a new letter comes": [one.native_id for one in fresh] == [f"<m{LETTERS}.+x@home.example>"],
        "an answer is found when it is there, and only then": before is None and not_yet is None and found == receipt,
        "our own answer is known as ours": [one.own for one in own] == [True],
        "the conversation is complete": {one.title for one in thread} == {"Bag 5", f"Bag {LETTERS}", "Re: Bag 5"},
        "reading leaves everything unread": unread == LETTERS + 2,
        "a renumbered folder brings the same keys": {one.native_id for one in renumbered} <= {one.native_id for one in read} and len(renumbered) == 10,
        "the check is content": all(one.state == "ok" for one in checks),
    }
    return {"letters": len(read), "pages": pages, "letters_per_second": round(len(read) / seconds), "tried": len(right), "right": right}


if __name__ == "__main__":
    sys.exit(main())
