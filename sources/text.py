"""HTML, entities and escapes → plain text; addresses → safe ones. Never cleaned for the screen: the display does that."""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from sources.fields import LONGEST, storable

TAGS: Final = 5_000
"""Beyond so many `<` the parser's tree gets quadratic, and nobody wrote that by hand: tags are cut out without a tree."""
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|!--.*?--|![^<>]*|\?[^<>]*)>", re.DOTALL)
_SILENT = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_LINE = re.compile(
    r"</?(?:div|li|tr|dt|dd|h[1-6]|ul|ol|dl|table|section|article|header|footer|figure|figcaption|hr|pre|aside|details|summary)\b[^<>]*>",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"</?(?:p|blockquote)\b[^<>]*>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_SPACED_BREAK = re.compile(r" ?\n ?")
_MANY_BREAKS = re.compile(r"\n{3,}")
_MARKUP = re.compile(
    r"</?[A-Za-z][A-Za-z0-9-]*(?:\s+[A-Za-z:@_-]+\s*=[^<>]*)?\s*/?>|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\\]")
_TRACKING = re.compile(
    r"(?:utm_|mc_|_hs|pk_|mtm_)|(?:fbclid|gclid|dclid|msclkid|igshid|yclid|twclid|ref_src|ref_url|cmpid|ncid|ocid|smid|at_medium|at_campaign|oc)\Z"
)
_GOOGLE = re.compile(r"(?:www\.|news\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?\Z")


def plain(markup: str) -> str:
    """The text that a reader of this HTML would see, with a line break for each block, and the `alt` of emoji images.

    Text without markup comes back as it is, trimmed. Bare `&` and `<` are text. Scripts and styles are dropped.
    """
    markup = markup[:LONGEST]
    if "<" not in markup and "&" not in markup:
        return _tidy(storable(markup))
    marked = storable(markup) if "<pre" in markup else storable(markup).replace("\n", " ")
    marked = _PARAGRAPH.sub("\n\n", _LINE.sub("\n", _BREAK.sub("\n", _SILENT.sub(" ", marked))))
    if "<" not in marked:
        return _tidy(html.unescape(marked))
    if marked.count("<") > TAGS:
        return _tidy(storable(html.unescape(_TAG.sub("", marked))))
    return _tidy(_read_tree(marked))


def _read_tree(marked: str) -> str:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(f"<body>{marked}")
    body = tree.body
    if body is None:
        return html.unescape(_TAG.sub("", marked))
    if "<img" in marked.lower():
        for image in body.css("img[alt]"):
            image.replace_with(image.attributes.get("alt") or "")
    body.strip_tags(["script", "style", "template", "noscript", "iframe", "object"], recursive=True)
    return body.text(deep=True)


def _tidy(text: str) -> str:
    return _MANY_BREAKS.sub("\n\n", _SPACED_BREAK.sub("\n", _SPACES.sub(" ", text.replace("\r\n", "\n")))).strip()


def maybe_markup(text: str) -> str:
    """Plain text of a field that may or may not be HTML: only real tags and entities are taken for markup."""
    return plain(text) if _MARKUP.search(text[:LONGEST]) else _tidy(storable(text[:LONGEST]))


def title(markup: str) -> str:
    """A headline on one line: `<b>` of search alerts and entities, also doubly escaped ones, resolved."""
    text = maybe_markup(markup)
    if _MARKUP.search(text):
        text = maybe_markup(text)
    return " ".join(text.split())


def web_address(value: object, base: str = "") -> str:
    """An http(s) address with a host and without login or control characters, made absolute; empty when it is none."""
    if not isinstance(value, str) or not 0 < len(value) <= 4000:
        return ""
    try:
        address = urljoin(base, value.strip()) if base else value.strip()
        parts = urlsplit(address)
        sound = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.username is None and parts.password is None
        _ = parts.port
    except ValueError:
        return ""
    return storable(address) if sound and not _CONTROL.search(address) else ""


def unwrap(address: str) -> str:
    """The target of a redirect link of Google (`google.com/url?url=…`); any other address comes back as it is."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.path != "/url" or not _GOOGLE.match(parts.hostname or ""):
        return address
    query = parse_qs(parts.query, max_num_fields=50) if parts.query.count("&") < 50 else {}
    for key in ("url", "q"):
        for target in query.get(key, ()):
            if found := web_address(target):
                return found
    return address


def canonical(address: str) -> str:
    """The same address for the same page: host in lower case, no default port, no fragment, no tracking parameters."""
    address = web_address(address)
    if not address:
        return ""
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    scheme = parts.scheme.lower()
    if parts.port and parts.port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{parts.port}"
    query = parts.query
    if query and query.count("&") < 100:
        kept = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(key)]
        query = urlencode(kept) if len(kept) != query.count("&") + 1 else query
    return urlunsplit((scheme, host, parts.path or "/", query, ""))


def handle(name: str) -> str:
    """A handle without its leading `@` and without spaces around it."""
    return name.strip().lstrip("@")
