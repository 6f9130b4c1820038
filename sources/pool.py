"""Connections whose sockets are opened by the guard."""

from __future__ import annotations

import ssl
from functools import cache
from typing import TYPE_CHECKING

import httpcore
import httpx

from sources.guard import GuardedBackend

if TYPE_CHECKING:
    from sources.guard import Guard


@cache
def _tls() -> ssl.SSLContext:
    """One for all pools: reading the certificates takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)


def guarded_pool(guard: Guard, *, keep: int) -> httpx.AsyncHTTPTransport:
    """A transport that dials only what the guard judged fit.

    httpx offers no seam for this, httpcore does: the transport's pool is replaced by one with our network backend. No proxy, no
    environment variables, no HTTP/2. `keep`: idle connections to hold.
    """
    transport = httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False)
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=_tls(),
        max_connections=None,
        max_keepalive_connections=keep,
        keepalive_expiry=20.0,
        network_backend=GuardedBackend(guard),
    )
    return transport
