"""Answering through the Mastodon API, and finding the answer again.

`Idempotency-Key` is honoured by Mastodon for an hour and ignored by others: after doubt, the thread and our own statuses are read.
https://docs.joinmastodon.org/methods/statuses/#create
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from listener.domain.mention import Mention, Visibility
from listener.errors import AuthFailed, Malformed, Unsupported
from listener.source import Receipt
from sources.answer import Answer, Credentials, host_of
from sources.fields import ident, integer, items, mapping, read_each, string
from sources.opening import Adapter, Context
from sources.replying import alike, reference, told
from sources.status import AS_SENT, parse_status
from sources.text import web_address

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.source import Draft
    from sources.http import Params

URL_LENGTH: Final = 23
"""What every address counts, however long."""
USUAL_LIMIT: Final = 500
SKEW_MS: Final = 10 * 60_000
_NARROWER: Final[Mapping[Visibility, int]] = {"public": 0, "unlisted": 1, "followers": 2, "direct": 3}
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_AT = re.compile(r"@([\w.-]+)(?:@[\w.-]+\w)?")


class Writing(Adapter):
    """The half of the adapter that speaks; the other half listens."""

    def __init__(self, context: Context, origin: str, credentials: Credentials | None) -> None:
        super().__init__(context, origin, credentials.account if credentials else "")
        self.credentials = credentials
        self.limit = USUAL_LIMIT
        self._limit_known = False
        self._me = ("", "")

    async def ask(self, path: str, params: Params | None = None, *, accept: Collection[int] = ()) -> Answer:
        return await self.http.get(
            f"{self.home}{path}", params=params, headers={"Accept": "application/json"}, credentials=self.credentials, accept=accept
        )

    def parse(self, item: Mapping[str, object]) -> Mention:
        return parse_status(item, self.name, host_of(self.home), self._me[0])

    async def myself(self) -> tuple[str, str]:
        """Our account's id and handle. A wrong token reads public timelines without complaint, so this is what tells. Raises AuthFailed."""
        if not self._me[0]:
            answer = await self.ask("/api/v1/accounts/verify_credentials", accept=(400, 422))
            account = mapping(answer.json()) if answer.status == 200 else {}
            if not ident(account, "id"):
                raise AuthFailed(
                    f"{host_of(self.home)} does not accept the token.", hint="Make a new one with `listener sources add mastodon`."
                )
            self._me = (ident(account, "id"), string(account, "acct", "username"))
        return self._me

    async def read_limit(self) -> int:
        """The most characters of a status, as the server says; both generations of the API are asked."""
        if self._limit_known:
            return self.limit
        for path in ("/api/v2/instance", "/api/v1/instance"):
            answer = await self.ask(path, accept=(404, 405))
            if answer.status == 200:
                value = answer.json()
                told_limit = integer(mapping(value, "configuration", "statuses"), "max_characters") or integer(
                    mapping(value), "max_toot_chars"
                )
                if not mapping(value):
                    raise Malformed(f"{host_of(self.home)} does not describe itself.")
                self.limit = told_limit if told_limit and 0 < told_limit <= 1_000_000 else USUAL_LIMIT
                self._limit_known = True
                return self.limit
        raise Unsupported(f"{host_of(self.home)} does not speak the Mastodon API.", hint="Check the address of the server.")

    def measure(self, text: str) -> tuple[int, int | None]:
        """(characters used, characters allowed): an address counts 23, a remote handle only its first half."""
        import regex

        bare = _AT.sub(lambda found: f"@{found.group(1)}", _ADDRESS.sub("x" * URL_LENGTH, text))
        return len(regex.findall(r"\X", bare)), self.limit

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        """Publish an answer under the parent, to nobody who could not see the parent. Raises as the port says."""
        if not self.credentials:
            raise Unsupported("Without a token nothing can be published.", hint="Run `listener sources add mastodon`.")
        noted = reference(mention.reply_ref)
        body: dict[str, object] = {
            "status": addressed(draft.text, string(noted, "acct")),
            "in_reply_to_id": mention.native_id,
            "visibility": AS_SENT[_clamped(draft.options.get("visibility", ""), mention.visibility)],
        }
        if spoiler := string(noted, "spoiler"):
            body["spoiler_text"] = spoiler
        if language := draft.options.get("language"):
            body["language"] = language
        answer = await self.http.publish(
            f"{self.home}/api/v1/statuses",
            json=body,
            headers={"Idempotency-Key": draft.key, "Accept": "application/json"},
            credentials=self.credentials,
        )
        return receipt(told(answer), mention.native_id, answer.url)

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        """Our answer in the thread, else among our own newest statuses. Raises SourceError."""
        me, _ = await self.myself()
        wanted = addressed(draft.text, string(reference(mention.reply_ref), "acct"))
        context = await self.ask(f"/api/v1/statuses/{quote(mention.native_id, safe='')}/context", accept=(404, 410))
        listed: list[object] = list(items(context.json(), "descendants")) if context.status == 200 else []
        own = (await self.ask(f"/api/v1/accounts/{quote(me, safe='')}/statuses", {"limit": 40, "exclude_reblogs": True})).json()
        if not isinstance(own, list):
            raise Malformed(f"{host_of(self.home)} does not list our own statuses.")
        for item in (*listed, *own):
            if found := self._ours(mapping(item), me, mention.native_id, wanted, draft.created_at):
                return found
        return None

    def _ours(self, item: Mapping[str, object], me: str, parent: str, wanted: str, since: int) -> Receipt | None:
        read, _, _ = read_each([item], self.parse)
        if not read or read[0].author.native_id != me or read[0].created_at < since - SKEW_MS or read[0].parent_id not in ("", parent):
            return None
        return receipt(item, parent, "") if alike(_AT.sub("", wanted), _AT.sub("", read[0].text)) else None


def addressed(text: str, acct: str) -> str:
    """The text with `@acct` in it: without that a reply notifies nobody."""
    local = acct.partition("@")[0]
    named = {name.casefold() for match in _AT.finditer(text) for name in (match.group(0)[1:], match.group(1))}
    return text if not acct or acct.casefold() in named or local.casefold() in named else f"@{acct} {text}"


def _clamped(wanted: str, parent: Visibility) -> Visibility:
    """What was asked for, but never wider than the parent: servers accept a public reply to a direct message."""
    choices: Sequence[Visibility] = [shown for shown in _NARROWER if shown == wanted]
    return max((parent, *choices), key=lambda shown: _NARROWER[shown])


def receipt(value: object, parent: str, url: str) -> Receipt:
    """The server's word. Takahe answers 200 to a reply whose parent is gone, and publishes it at the top level. Raises Ambiguous."""
    from listener.errors import Ambiguous

    status = mapping(value)
    remote_id = ident(status, "id")
    if not remote_id:
        raise Ambiguous(f"{host_of(url)} accepted the reply but does not say where it is.")
    link = web_address(string(status, "url")) or web_address(string(status, "uri"))
    return Receipt(remote_id, link, parent_kept=ident(status, "in_reply_to_id") == parent)
