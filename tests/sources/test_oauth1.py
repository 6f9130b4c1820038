from __future__ import annotations

import base64
import hashlib
import hmac

from sources.oauth1 import Keys, authorization


def test_signs_as_the_rfc_says() -> None:
    """The base string is written out here by hand: one wrong escape and every reply fails with 401."""
    keys = Keys("ck", "c&s", "tk", "t s")
    header = authorization(keys, "post", "https://api.x.com/2/tweets", {"a b": "ä+/"}, nonce="n", timestamp=7)
    base = (
        "POST&https%3A%2F%2Fapi.x.com%2F2%2Ftweets&"
        "a%2520b%3D%25C3%25A4%252B%252F%26oauth_consumer_key%3Dck%26oauth_nonce%3Dn%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D7%26oauth_token%3Dtk%26oauth_version%3D1.0"
    )
    signature = base64.b64encode(hmac.new(b"c%26s&t%20s", base.encode(), hashlib.sha1).digest()).decode()
    assert f'oauth_signature="{signature.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")}"' in header
    assert header.startswith('OAuth oauth_consumer_key="ck"')


def test_secrets_do_not_show() -> None:
    """A traceback or a log must not hold them."""
    assert "hush" not in repr(Keys("ck", "hush", "tk", "hush"))
