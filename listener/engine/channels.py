"""The ways in which people are told: a command of theirs, Apprise, the terminal's bell and notification."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

from listener.errors import ListenerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from listener.config.alarms import Channel

ABSENT = "Apprise is not installed"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


class Undelivered(ListenerError):
    """A channel did not take a notice. Its message holds no secret."""


def deliver(channel: Channel, title: str, text: str, facts: Mapping[str, Any], timeout: float) -> None:
    """Tell people by a channel that needs no terminal, and wait until it took it; seconds. Raises Undelivered."""
    if channel.kind == "command":
        _command(channel, {"title": title, "text": text, **facts}, timeout)
    else:
        _apprise(channel, title, text, timeout)


def _command(channel: Channel, notice: Mapping[str, Any], timeout: float) -> None:
    """Run the owner's program without a shell; the notice comes on its standard input, never among its arguments."""
    try:
        done = subprocess.run(  # noqa: S603 - the owner's own command, from a file that only the owner writes
            list(channel.command), input=json.dumps(notice, ensure_ascii=False).encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise Undelivered(f"{channel.name}: {channel.command[0]} took longer than {timeout:g} s.") from None
    except (OSError, ValueError) as error:
        raise Undelivered(f"{channel.name}: {channel.command[0]} cannot be run: {getattr(error, 'strerror', None) or error}.") from None
    if done.returncode:
        said = plain(done.stderr.decode("utf-8", "replace"), 200)
        raise Undelivered(f"{channel.name}: {channel.command[0]} ended with {done.returncode}" + (f": {said}" if said else "") + ".")


def _apprise(channel: Channel, title: str, text: str, timeout: float) -> None:
    """Slack, Teams, e-mail, ntfy, PagerDuty, … Its URL is a secret and stays out of every message."""
    from concurrent.futures import ThreadPoolExecutor
    from concurrent.futures import TimeoutError as TooLate

    try:
        import apprise
    except ImportError:
        raise Undelivered(f"{channel.name}: {ABSENT}.", hint="Run: pip install 'listener-desk[notify]'") from None
    assert channel.url is not None
    service = apprise.Apprise()
    try:
        known = service.add(channel.url.reveal())
    except ListenerError as error:
        raise Undelivered(f"{channel.name}: {error}") from None
    if not known:
        raise Undelivered(f"{channel.name}: Apprise does not understand its URL.", hint="https://github.com/caronc/apprise/wiki lists them.")
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        taken = pool.submit(service.notify, title=title, body=text).result(timeout)
    except TooLate:
        raise Undelivered(f"{channel.name}: no answer within {timeout:g} s.") from None
    except Exception as error:  # a plug-in may raise anything; its words may hold the URL
        raise Undelivered(f"{channel.name}: {type(error).__name__}.") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    if not taken:
        raise Undelivered(f"{channel.name}: it was not accepted.", hint="Check the URL, and whether the service is up.")


def osc(title: str, text: str) -> str:
    """The terminal's own notification: OSC 777 for those that know titles, OSC 9 for the rest. Nothing of the text can end the sequence."""
    heading, body = plain(title, 120).replace(";", ","), plain(text, 240).replace(";", ",")
    return f"\x1b]777;notify;{heading};{body}\x1b\\\x1b]9;{heading}: {body}\x1b\\"


def plain(text: str, limit: int) -> str:
    """One line without control characters."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
