"""What every adapter does alike when it answers, looks for its answer, or tries an account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from listener.errors import Ambiguous, Malformed, SourceError
from listener.source import Check
from sources.fields import mapping

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from sources.answer import Answer


def reference(reply_ref: str) -> Mapping[str, object]:
    """What the adapter noted in order to answer a mention; empty when it is not readable."""
    try:
        return mapping(json.loads(reply_ref) if reply_ref else None)
    except ValueError:
        return {}


def told(answer: Answer) -> object:
    """The body of an answer to something that was published. Raises Ambiguous: it was accepted, but what came back says nothing."""
    try:
        return answer.json()
    except Malformed as error:
        raise Ambiguous(f"{error.message} The reply may have been published.") from None


def alike(ours: str, theirs: str) -> bool:
    """Whether a published text is ours, after all that networks do to a text: white space, markup, escapes, shortened links."""
    return _bare(ours) == _bare(theirs)


def _bare(text: str) -> str:
    words = " ".join(word for word in text.split() if "://" not in word)
    return "".join(char for char in words.casefold() if char.isalnum()) or "".join(text.split())


async def tried(what: str, attempt: Awaitable[str | Check]) -> Check:
    """One line of a check: what the attempt saw, or why it failed."""
    try:
        seen = await attempt
    except SourceError as error:
        return Check(what, "failed", str(error))
    return seen if isinstance(seen, Check) else Check(what, "ok", seen)
