"""Where a connection may go. A name is resolved once, every address is judged, and exactly a judged address is dialled.

A check of the text of an address stops nothing: `0x7f.1`, `[::ffff:127.0.0.1]`, a name that resolves to 10.0.0.1, a redirect, a name that
resolves differently the second time. So the judgement sits below the HTTP library, where the socket is opened.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpcore

from listener.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RESOLVERS: Final = 16
"""Threads that wait for names: dead name servers must not hold up the names that resolve."""
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_DEFAULT_PORT: Final = {"http": 80, "https": 443}


class Forbidden(Unsupported):
    """The address leads somewhere that a source has no business with."""


def is_public(address: str) -> bool:
    """True for an address on the open internet; false for this machine, its networks, and every way of spelling them."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and any(found in network for network in _NAT64):
            inner = IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is None and int(found) >> 32 == 0:
            return False
        if inner is not None:
            found = inner
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback or found.is_link_local
    )


class Guard:
    """Judges addresses. `allow_hosts` are the desk's own servers: `host` or `host:port`, reachable wherever they are."""

    def __init__(self, allow_hosts: Iterable[str] = ()) -> None:
        self._allowed = frozenset(_plain(host) for host in allow_hosts)
        self._threads: ThreadPoolExecutor | None = None

    def allows(self, host: str, port: int | None) -> bool:
        """True when the configuration names this host as one of its own."""
        name = _plain(host)
        return name in self._allowed or f"{name}:{port}" in self._allowed

    def vet(self, url: str, *, credentials: bool = False) -> None:
        """Judge the text of an address before anything is sent: scheme, host, login; credentials only over TLS or to an own host. Raises Forbidden."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _DEFAULT_PORT.get(parts.scheme)
        except ValueError:
            raise Forbidden("This address cannot be read.", hint="Check the address in the configuration.") from None
        if parts.scheme not in _DEFAULT_PORT or not host:
            raise Forbidden("Only http and https addresses with a host can be read.", hint="Check the address in the configuration.")
        if parts.username is not None or parts.password is not None:
            raise Forbidden(f"The address of {host} carries a login.", hint="Put the password into the keyring, never into an address.")
        if credentials and parts.scheme != "https" and not self.allows(host, port):
            raise Forbidden(
                f"Credentials would cross the network unencrypted to {host}.", hint="Use https, or name the host in allow_hosts."
            )

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses that may be dialled for this name, in the resolver's order. Raises Forbidden, or OSError when the name is unknown."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolve")
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _resolve, host, port)
        if self.allows(host, port):
            return found
        public = [address for address in found if is_public(address)]
        if not public:
            raise Forbidden(f"{host} leads into a private network.", hint=f'If it is your own server, write allow_hosts = ["{host}"] into [desk] of the configuration.')
        return public

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _plain(host: str) -> str:
    return host.lower().rstrip(".").strip("[]")


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens sockets for httpcore, to judged addresses only. TLS still checks the certificate against the name."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._guard.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name cannot be resolved ({type(error).__name__})") from None
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
