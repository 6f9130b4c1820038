"""What a server said: its body, its headers, and which error it amounts to when it is not an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from listener.errors import AuthFailed, Malformed, RateLimited, SourceError, Unreachable, Unsupported
from sources.decode import as_text, decode, looks_like_html
from sources.fields import mapping, string
from sources.limits import retry_after
from sources.text import plain, web_address

if TYPE_CHECKING:
    import httpx

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")
_LINK = re.compile(r"<([^<>]{1,4000})>((?:\s*;\s*[^,;<>]{1,400})*)")
_REL = re.compile(r";\s*rel\s*=\s*\"?([A-Za-z ]{1,60})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves who we are, bound to the one origin that may see it."""

    origin: str
    """`https://social.example`, without a path."""
    headers: Mapping[str, str] = field(repr=False)
    """E.g. `{"Authorization": "Bearer …"}`."""
    account: str = "account"
    """A name for the budget that these credentials draw on; not secret."""

    def __repr__(self) -> str:
        return f"Credentials({self.origin!r}, account={self.account!r})"


def bearer(origin: str, token: str, account: str = "account") -> Credentials | None:
    """The usual kind; None when there is no token."""
    return Credentials(origin_of(origin), {"Authorization": f"Bearer {token}"}, account) if token else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, read wholly and unpacked."""

    status: int
    headers: httpx.Headers
    """Names in any case; a doubled header is joined with `, `."""
    body: bytes
    url: str
    """Where it came from, after redirects."""

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    @property
    def kind(self) -> str:
        """The media type in lower case, without parameters."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """True for a web page: a block page, a login page, a proxy's error."""
        return self.kind in ("text/html", "application/xhtml+xml") or looks_like_html(self.body)

    @property
    def validators(self) -> dict[str, str]:
        """What to hand to the next `get(conditional=…)` of the same address; small, JSON-able, made to travel in a cursor."""
        told = {"etag": self.headers.get("etag", ""), "modified": self.headers.get("last-modified", "")}
        return {name: value for name, value in told.items() if value and len(value) <= 500 and value.isascii() and value.isprintable()}

    @property
    def max_age(self) -> float | None:
        """Seconds that the server considers this answer fresh; None when it does not say or says 0."""
        found = _MAX_AGE.search(self.headers.get("cache-control", "")[:1000].lower())
        return float(found.group(1)) or None if found else None

    def json(self) -> object:
        """The body as values. Raises Malformed."""
        try:
            return decode(self.body, self.headers.get("content-type", ""))
        except Malformed as error:
            raise Malformed(f"{host_of(self.url)}: {error.message}", hint=error.hint) from None

    def text(self) -> str:
        return as_text(self.body, self.headers.get("content-type", ""))

    def links(self) -> dict[str, str]:
        """The `Link` header as {rel: address}. Addresses may name another origin: never send credentials there, take parameters only."""
        found = _LINK.findall(self.headers.get("link", "")[:20_000])
        return {
            rel: address
            for target, rest in found
            if (match := _REL.search(rest)) and (address := web_address(target, self.url))
            for rel in match.group(1).lower().split()
        }

    def complaint(self) -> str:
        """What the server says went wrong, in one short line without control characters; empty when it says nothing readable."""
        if self.is_page:
            return ""
        try:
            said = self.json()
        except Malformed:
            return one_line(self.text()) if self.kind == "text/plain" else ""
        first = mapping(next(iter(found), None)) if isinstance(found := mapping(said).get("errors"), list) else {}
        inner = mapping(said, "error")
        words = string(mapping(said), "error_description", "message", "error_message", "detail", "reason", "error") or string(
            inner, "message", "type"
        )
        return one_line(words or string(first, "message", "detail", "title") or string(mapping(said), "title"))


def is_limit(answer: Answer) -> bool:
    """429 is one; so is a 403 that says so (GitHub), and a 503 that names a time."""
    if answer.status == 403:
        spent = answer.headers.get("x-ratelimit-remaining", "").strip() in ("0", "0.0")
        return "retry-after" in answer.headers or spent or "rate limit" in answer.complaint().lower()
    return answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers)


def error_of(answer: Answer, now: float, credentials: Credentials | None = None) -> SourceError:
    """The error that fits a status and its body; the server's own words in it, without the credentials."""
    status, host = answer.status, host_of(answer.url)
    if is_limit(answer):
        wait = retry_after(answer.headers, answer.body, now)
        return RateLimited(f"{host} asks for a pause ({status}).", retry_after=wait)
    said = _redacted(answer.complaint(), credentials)
    said = f": {said}" if said else ""
    if status in (401, 403) and answer.is_page:
        return Unreachable(
            f"{host} shows a web page instead of an answer ({status}).",
            hint="A block page: the token may be fine. Slow down, or ask the server's owner.",
        )
    if status in (401, 403):
        return AuthFailed(f"{host} does not accept the credentials ({status}){said}.", hint="Log in again with `listener sources add`.")
    if status in (404, 405, 410, 501):
        return Unsupported(f"{host} does not have this ({status}){said}.")
    if 300 <= status < 400:
        target = redirection(answer)
        return Unreachable(
            f"{host} answers with a redirect ({status}){f' to {host_of(target)}' if target else ''}.",
            hint="Configure the address that it leads to.",
        )
    if status >= 500 or status in (408, 425):
        return Unreachable(f"{host} is out of order ({status}){said}.")
    return Unsupported(f"{host} refuses the request ({status}){said}.")


def redirection(answer: Answer) -> str:
    """Where a redirect leads; empty when the answer is none, or leads nowhere that can be read."""
    if answer.status not in (301, 302, 303, 307, 308):
        return ""
    try:
        return web_address(urljoin(answer.url, answer.headers.get("location", "")))
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """`https://host[:port]` in lower case, without a default port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    shown = "" if port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def host_of(url: str) -> str:
    """The part of an address that may be shown in an error: never the path or the parameters, which may hold secrets."""
    return origin_of(url).partition("://")[2] or "the server"


def one_line(text: str) -> str:
    """A server's words, fit for an error: no markup, no control characters, short."""
    shown = "".join(char if char.isprintable() else " " for char in plain(text[:2000]))
    return " ".join(shown.split())[:200].rstrip(".")


def _redacted(text: str, credentials: Credentials | None) -> str:
    for value in credentials.headers.values() if credentials else ():
        for secret in (value, value.rpartition(" ")[2]):
            if len(secret) >= 4:
                text = text.replace(secret, "…")
    return text
