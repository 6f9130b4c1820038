"""One polite client for every network.

What it promises: an answer within the time limit and the size limit, or a typed error; no request to a private address; no redirect on an API;
credentials only to the origin that they were made for and never in an error; no request to a host that asked for a pause or that keeps failing.
It never retries: when to ask again is the poller's decision, and a reply must not go out twice.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final, Literal

import httpx

from listener.errors import Ambiguous, AuthFailed, Malformed, RateLimited, Rejected, Unreachable
from sources.answer import Answer, Credentials, error_of, host_of, is_limit, one_line, origin_of, redirection
from sources.guard import Forbidden, Guard
from sources.limits import Gates, budget, retry_after
from sources.unpack import LARGEST, unpacked

if TYPE_CHECKING:
    from listener.source import Budget

PATIENCE: Final = 30.0
"""Seconds for one request, all of it: connecting, a dripping body, decompression."""
PER_HOST: Final = 4
"""Requests to one host at a time."""
POOLS: Final = 16
"""httpx scans the whole pool for each request, so hosts are spread over small ones."""
HOPS: Final = 5
Params = Mapping[str, str | int | float | bool | list[str] | None]
Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH"]


class Http:
    """The client. One for the whole process; adapters share it. Close it with `aclose`.

    Args:  user_agent_contact: an address or a page where a server's owner finds us.
           allow_hosts: the desk's own servers, `host` or `host:port`: they may be private and unencrypted.
           transport: answers in-process instead of sockets (the sandbox, the tests); everything else stays the same.
           clock: seconds since 1970, for what servers say about times. monotonic: seconds, for pauses.
    """

    def __init__(
        self,
        *,
        user_agent_contact: str = "",
        allow_hosts: Collection[str] = (),
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
        largest: int = LARGEST,
    ) -> None:
        contact = re.sub(r"[^\x21-\x7e]", "", user_agent_contact)[:200]
        self._agent = f"Listener/0.1 (+{contact})" if contact else "Listener/0.1"
        self.guard = Guard(allow_hosts)
        self._given = transport
        self._pools: dict[int, httpx.AsyncBaseTransport] = {}
        self._slots: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_HOST))
        self._gates = Gates()
        self._budgets: dict[tuple[str, str], dict[str, Budget]] = {}
        self._clock = clock
        self._monotonic = monotonic
        self._patience = patience
        self._largest = largest

    async def get(
        self,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        conditional: Mapping[str, str] | None = None,
        follow: bool = False,
        accept: Collection[int] = (),
        patience: float | None = None,
    ) -> Answer:
        """Read an address.

        Args:    params: None values are left out, lists are repeated.
                 conditional: `Answer.validators` of an earlier answer from this very address.
                 follow: go through redirects, each hop vetted; only without credentials.
                 accept: statuses besides 2xx (and 304 when conditional) that the caller wants to see as answers.
        Raises:  RateLimited, AuthFailed, Unsupported, Unreachable, Malformed.
        """
        if follow and credentials:
            raise Forbidden("Credentials never follow a redirect.")
        sent = {**(headers or {}), **_conditions(conditional)}
        accepted = {*accept, 304} if conditional else set(accept)
        for _ in range(HOPS + 1):
            answer = await self.send("GET", url, params=params, headers=sent, credentials=credentials, patience=patience)
            target = redirection(answer) if follow else ""
            if not target:
                return self._judged(answer, accepted, credentials)
            url, params = target, None
        raise Unreachable(f"{host_of(url)} redirects in circles.", hint="Open the address in a browser and use the one that it ends at.")

    async def json(
        self,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        patience: float | None = None,
    ) -> object:
        """Read an address that answers with JSON. Raises as `get`."""
        wanted = {"Accept": "application/json", **(headers or {})}
        return (await self.get(url, params=params, headers=wanted, credentials=credentials, patience=patience)).json()

    async def post(
        self,
        url: str,
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        accept: Collection[int] = (),
        patience: float | None = None,
    ) -> Answer:
        """Send something that may be sent twice without harm: a login, a query. Raises as `get`."""
        answer = await self.send(
            "POST", url, json=json, form=form, params=params, headers=headers, credentials=credentials, patience=patience
        )
        return self._judged(answer, accept, credentials)

    async def publish(
        self,
        url: str,
        *,
        method: Method = "POST",
        json: object = None,
        form: Mapping[str, str] | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        accept: Collection[int] = (),
        patience: float | None = None,
    ) -> Answer:
        """Send a reply, once.

        Raises:  Rejected, AuthFailed, RateLimited, Unsupported, Unreachable: certainly not published (Unreachable: no connection could be
                 made). Ambiguous: it may be published (time-out, 408, 5xx, a redirect, an answer cut short).
        """
        try:
            answer = await self.send(
                method, url, json=json, form=form, params=params, headers=headers, credentials=credentials, patience=patience, once=True
            )
        except Malformed as error:
            raise Ambiguous(f"{error.message} The reply may have been published.") from None
        if answer.status in accept or 200 <= answer.status < 300:
            return answer
        if answer.status < 400 or answer.status == 408 or answer.status >= 500:
            raise Ambiguous(f"{host_of(url)} answered {answer.status}: the reply may have been published.")
        refusal = error_of(answer, self._clock(), credentials)
        raise refusal if isinstance(refusal, (RateLimited, AuthFailed)) else Rejected(refusal.message, hint=refusal.hint)

    async def send(
        self,
        method: Method,
        url: str,
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        patience: float | None = None,
        once: bool = False,
    ) -> Answer:
        """Send one request and hand back whatever the server says, any status. `once`: time-outs after connecting are Ambiguous.

        Raises:  RateLimited, Unreachable without asking while a pause or a breaker holds; Unreachable, Malformed, Forbidden; Ambiguous.
        """
        self.guard.vet(url, credentials=credentials is not None)
        origin = origin_of(url)
        if credentials and credentials.origin != origin:
            raise Forbidden(f"Credentials for {host_of(credentials.origin)} were kept from {host_of(origin)}.")
        account = f"{origin} {credentials.account if credentials else ''}"
        self._pass_gates(origin, account)
        request = self._request(method, url, json, form, params, headers, credentials, once)
        try:
            async with self._slots[origin]:
                async with asyncio.timeout(patience or self._patience):
                    answer = await self._exchange(request, "once" if once else origin)
        except _NOT_SENT as error:
            self._gates.failed(origin, self._monotonic())
            raise Unreachable(f"No connection to {host_of(url)}: {one_line(str(error)) or type(error).__name__}.") from None
        except (TimeoutError, httpx.TransportError, OSError) as error:
            self._gates.failed(origin, self._monotonic())
            what = (
                f"{host_of(url)} did not answer in time"
                if isinstance(error, (TimeoutError, httpx.TimeoutException))
                else f"{host_of(url)} broke off"
            )
            raise (Ambiguous(f"{what}: the reply may have been published.") if once else Unreachable(f"{what}.")) from None
        self._remember(answer, origin, account, credentials)
        return answer

    def budgets(self, url: str, account: str = "") -> list[Budget]:
        """What is left of each allowance of this account at this origin, as last told."""
        return list(self._budgets.get((origin_of(url), account), {}).values())

    async def aclose(self) -> None:
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()
        self.guard.close()

    def _request(
        self,
        method: Method,
        url: str,
        json: object,
        form: Mapping[str, str] | None,
        params: Params | None,
        headers: Mapping[str, str] | None,
        credentials: Credentials | None,
        once: bool,
    ) -> httpx.Request:
        sent = {
            "User-Agent": self._agent,
            "Accept": "*/*",
            **(headers or {}),
            **(credentials.headers if credentials else {}),
            "Accept-Encoding": "gzip",
        }
        if once:
            sent["Connection"] = "close"
        given = {name: value for name, value in (params or {}).items() if value is not None}
        if any(_UNSENDABLE.search(value) for value in sent.values()):
            raise Forbidden(
                f"A token or header for {host_of(url)} holds characters that do not belong there.", hint="Store the token again."
            )
        limit = {"connect": 10.0, "read": self._patience, "write": self._patience, "pool": 10.0}
        try:
            address = httpx.URL(url).copy_merge_params(given) if given else httpx.URL(url)
            return httpx.Request(method, address, headers=sent, json=json, data=form, extensions={"timeout": limit})
        except (httpx.InvalidURL, ValueError, TypeError):
            raise Forbidden(
                f"A request to {host_of(url)} cannot be written: the address or a token holds characters that do not belong there."
            ) from None

    def _pool(self, group: str) -> httpx.AsyncBaseTransport:
        if self._given is not None:
            return self._given
        number = -1 if group == "once" else hash(group) % POOLS
        if number not in self._pools:
            from sources.pool import guarded_pool

            self._pools[number] = guarded_pool(self.guard, keep=0 if number < 0 else 8)
        return self._pools[number]

    async def _exchange(self, request: httpx.Request, group: str) -> Answer:
        try:
            response = await self._pool(group).handle_async_request(request)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise Forbidden(f"A request to {request.url.host} cannot be written: {one_line(str(error))}.") from None
        try:
            body = await unpacked(response, self._largest)
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, body, str(request.url))

    def _judged(self, answer: Answer, accept: Collection[int], credentials: Credentials | None) -> Answer:
        if answer.status in accept or 200 <= answer.status < 300:
            return answer
        raise error_of(answer, self._clock(), credentials)

    def _pass_gates(self, origin: str, account: str) -> None:
        wait, asked = self._gates.closed_for((origin, account), self._monotonic())
        if wait > 0 and asked:
            raise RateLimited(f"{host_of(origin)} asked for a pause of {wait:.0f} s.", retry_after=wait)
        if wait > 0:
            raise Unreachable(f"{host_of(origin)} kept failing and is left alone for {wait:.0f} s.")

    def _remember(self, answer: Answer, origin: str, account: str, credentials: Credentials | None) -> None:
        now = self._monotonic()
        left = budget(answer.headers, self._clock())
        if left is not None:
            self._budgets.setdefault((origin, credentials.account if credentials else ""), {})[left.name] = left
        if answer.status >= 500:
            self._gates.failed(origin, now)
        else:
            self._gates.answered(origin)
        if is_limit(answer):
            self._gates.pause(account, retry_after(answer.headers, answer.body, self._clock()) or 60.0, now)


_UNSENDABLE: Final = re.compile(r"[^\t\x20-\x7e]")
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def _conditions(validators: Mapping[str, str] | None) -> dict[str, str]:
    told = {"If-None-Match": (validators or {}).get("etag", ""), "If-Modified-Since": (validators or {}).get("modified", "")}
    return {name: value for name, value in told.items() if value}
