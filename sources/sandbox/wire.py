"""A request and an answer, without a socket, and what all servers of the sandbox need in order to read one and write the other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    base: str = ""
    """Scheme, host and port as the client spells them, for links back."""

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.query if key == name), default)

    def all(self, name: str) -> list[str]:
        """Every value of `name`, spelt `name`, `name[]` or `name[0]`."""
        return [value for key, value in self.query if key == name or key.startswith(f"{name}[")]

    def limit(self, default: int, most: int) -> int:
        text = self.get("limit")
        return max(1, min(int(text), most)) if text.isdigit() else default

    def fields(self) -> dict[str, Any]:
        """The body, be it JSON or a form."""
        if "json" in self.headers.get("content-type", ""):
            try:
                parsed = json.loads(self.body or b"{}")
            except ValueError:
                return {}
            return parsed if isinstance(parsed, dict) else {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def plus(self, *headers: tuple[str, str]) -> Answer:
        return Answer(self.status, self.body, (*self.headers, *headers))


class Server(Protocol):
    """One network's server."""

    host: str

    def answer(self, request: Request) -> Answer: ...


class Dropped(Exception):
    """The connection breaks: `done` says whether the request had been carried out."""

    def __init__(self, *, done: bool) -> None:
        super().__init__("the connection was dropped")
        self.done = done


def as_json(value: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, (("Content-Type", "application/json; charset=utf-8"), *headers))


def iso(at: int) -> str:
    """UTC ms as `2026-05-01T12:00:00.123Z`."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at % 1000:03d}Z"


def http_date(at: int) -> str:
    return format_datetime(datetime.fromtimestamp(at // 1000, UTC), usegmt=True)


def parse_iso(text: str) -> int | None:
    """UTC ms; None when it is not a time."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Search:
    """Words that must be there, words that must not, and who must have written them; as the networks' own searches read them."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    author: str = ""

    @classmethod
    def read(cls, text: str) -> Search:
        wanted: list[str] = []
        unwanted: list[str] = []
        author = ""
        for minus, phrase, word in _WORD.findall(text):
            token = (phrase or word).casefold()
            if word.startswith("from:"):
                author = word[5:].lstrip("@").casefold()
            elif token:
                (unwanted if minus else wanted).append(token)
        return cls(tuple(wanted), tuple(unwanted), author)

    def finds(self, folded: str, handle: str = "") -> bool:
        """Every wanted word begins a word of the text, as the networks' stemming search has it; no unwanted one is in it."""
        if self.author and not handle.casefold().startswith(self.author):
            return False
        return all(word in folded for word in self.wanted) and not any(word in folded for word in self.unwanted)
