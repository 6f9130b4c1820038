"""A login to Bluesky that lasts: https://docs.bsky.app/docs/api/com-atproto-server-create-session.

Logins are scarce (300 a day), so the session is kept in the vault and refreshed when it has run out. That it has, is told by HTTP 400.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, MutableMapping
from typing import TYPE_CHECKING, Final

from listener.errors import AuthFailed, Malformed, RateLimited, SourceError, Unreachable, Unsupported
from sources.answer import Answer, Credentials, bearer, error_of, origin_of
from sources.fields import items, mapping, string

if TYPE_CHECKING:
    from sources.http import Http, Method, Params

PUBLIC: Final = "https://public.api.bsky.app"
STALE: Final = ("ExpiredToken", "InvalidToken")
_DENIED: Final = (
    "AuthenticationRequired",
    "AuthMissing",
    "AuthFactorTokenRequired",
    "AccountTakedown",
    "AccountDeactivated",
    "InvalidLogin",
)


class Session:
    """Who we are at Bluesky, and the way to ask as that one. Without a handle, everything is asked of the public mirror."""

    def __init__(self, http: Http, vault: MutableMapping[str, str], key: str, service: str, handle: str, password: str) -> None:
        self._http = http
        self._vault = vault
        self._key = f"{key}:session"
        self._service = origin_of(service)
        self._handle = handle.lstrip("@")
        self._password = password
        self._lock = asyncio.Lock()

    @property
    def anonymous(self) -> bool:
        return not (self._handle and self._password)

    @property
    def did(self) -> str:
        """Our account's key; empty before the first login."""
        return string(self._kept(), "did")

    @property
    def home(self) -> str:
        """The server that holds our account; before the first login, the one that the configuration names."""
        return PUBLIC if self.anonymous else string(self._kept(), "pds") or self._service

    async def ready(self) -> None:
        """Log in unless that is done. Raises AuthFailed and what the network says."""
        if not self.anonymous and not string(self._kept(), "access"):
            await self._renew("")

    async def get(self, method: str, params: Params | None = None, *, accept: Collection[str] = ()) -> Answer:
        """Ask an XRPC query. `accept`: names of errors that the caller wants to see as answers. Raises SourceError."""
        for attempt in (1, 2):
            await self.ready()
            token = self._credentials()
            answer = await self._http.get(f"{self.home}/xrpc/{method}", params=params, credentials=token, accept=(400, 401))
            if answer.status < 400:
                return answer
            name = problem(answer)
            if name in accept:
                return answer
            if name not in STALE or attempt == 2 or token is None:
                raise failure(answer, token)
            await self._renew(string(self._kept(), "access"))
        raise AssertionError("unreachable")

    async def publish(self, method: str, body: object) -> Answer:
        """Call an XRPC procedure that writes, once; a session that has run out is certain not to have written. Raises as `Http.publish`."""
        verb: Method = "POST"
        for attempt in (1, 2):
            await self.ready()
            token = self._credentials()
            if token is None:
                raise Unsupported("Without an app password nothing can be published.", hint="Run `listener sources add bluesky`.")
            answer = await self._http.publish(f"{self.home}/xrpc/{method}", method=verb, json=body, credentials=token, accept=(400, 401))
            if answer.status < 400:
                return answer
            if problem(answer) not in STALE or attempt == 2:
                error = failure(answer, token)
                raise error if isinstance(error, (AuthFailed, RateLimited)) else Unsupported(error.message)
            await self._renew(string(self._kept(), "access"))
        raise AssertionError("unreachable")

    def _kept(self) -> dict[str, object]:
        try:
            return dict(mapping(json.loads(self._vault.get(self._key, "{}"))))
        except ValueError:
            return {}

    def _credentials(self) -> Credentials | None:
        return None if self.anonymous else bearer(self.home, string(self._kept(), "access"), self._handle)

    async def _renew(self, stale: str) -> None:
        """Refresh, else log in. Whoever waited for the lock finds it done."""
        async with self._lock:
            kept = self._kept()
            if string(kept, "access") != stale:
                return None
            refresh = bearer(self.home, string(kept, "refresh"), self._handle)
            if refresh:
                try:
                    answer = await self._http.post(
                        f"{self.home}/xrpc/com.atproto.server.refreshSession", credentials=refresh, accept=(400, 401)
                    )
                    if answer.status < 400:
                        return self._keep(answer.json())
                except (Unreachable, RateLimited, Malformed):
                    raise
                except SourceError:
                    pass
            login = {"identifier": self._handle, "password": self._password}
            answer = await self._http.post(f"{self._service}/xrpc/com.atproto.server.createSession", json=login, accept=(400, 401))
            if answer.status >= 400:
                raise AuthFailed(
                    f"Bluesky does not let @{self._handle} in ({problem(answer) or answer.status}).",
                    hint="Make an app password in Bluesky's settings.",
                )
            return self._keep(answer.json())

    def _keep(self, value: object) -> None:
        told = mapping(value)
        access, refresh, did = string(told, "accessJwt"), string(told, "refreshJwt"), string(told, "did")
        if not (access and refresh and did):
            raise Malformed("Bluesky answers a login without a session.")
        home = next(
            (
                string(mapping(service), "serviceEndpoint")
                for service in items(told, "didDoc", "service")
                if string(mapping(service), "id").endswith("#atproto_pds")
            ),
            "",
        )
        kept = {"access": access, "refresh": refresh, "did": did, "pds": origin_of(home) if home.startswith("https://") else self._service}
        self._vault[self._key] = json.dumps(kept)


def problem(answer: Answer) -> str:
    """The name of an XRPC error; empty when the body names none."""
    try:
        return string(mapping(answer.json()), "error")
    except Malformed:
        return ""


def failure(answer: Answer, token: Credentials | None) -> SourceError:
    """The error that an XRPC answer amounts to: 400 covers everything from a bad query to a login."""
    if problem(answer) in _DENIED or problem(answer) in STALE:
        return AuthFailed(f"Bluesky does not accept the login ({problem(answer)}).", hint="Make an app password in Bluesky's settings.")
    return error_of(answer, 0.0, token)
