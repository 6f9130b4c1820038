"""Signing a request with four secrets that never expire.

Source: RFC 5849, section 3 (HMAC-SHA1, as X asks for; a JSON body is not part of what is signed).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Keys:
    """The application's pair and the account's pair."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token: str
    token_secret: str = field(repr=False)


def authorization(keys: Keys, method: str, url: str, params: dict[str, str], *, nonce: str, timestamp: int) -> str:
    """The value of the Authorization header.

    Args:  url: without its query. params: of the query. nonce: never used twice. timestamp: seconds since 1970.
    """
    oauth = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(timestamp),
        "oauth_token": keys.token,
        "oauth_version": "1.0",
    }
    pairs = sorted((_escape(name), _escape(value)) for name, value in {**params, **oauth}.items())
    base = "&".join(_escape(piece) for piece in (method.upper(), url, "&".join(f"{name}={value}" for name, value in pairs)))
    key = f"{_escape(keys.consumer_secret)}&{_escape(keys.token_secret)}".encode()
    oauth["oauth_signature"] = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
    return "OAuth " + ", ".join(f'{name}="{_escape(value)}"' for name, value in sorted(oauth.items()))


def _escape(text: str) -> str:
    return quote(text, safe="-._~")
