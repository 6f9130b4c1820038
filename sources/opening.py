"""What an adapter is given when the desk opens it: its surroundings, and its options from the configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sources.http import Http


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one configured source."""

    name: str
    """As configured: the `source` of its mentions."""
    http: Http
    """The one polite client of the process."""
    vault: MutableMapping[str, str] = field(default_factory=dict, repr=False)
    """Small secrets that outlive a restart if the desk keeps them: refreshed tokens, sessions. Keys begin with the source's name."""
    clock: Callable[[], int] = now_ms
    """UTC ms."""


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every adapter's options: the keys that may stand in its `[[sources]]` table.

    A field's `msgspec.Meta(description=…)` is its documentation; names like `token` or `app_password` are secrets to the
    configuration, and arrive here revealed.
    """
