"""What an adapter is given when the desk opens it: its surroundings, and its options from the configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from listener.source import Budget, Capabilities
from sources.workers import FeedWorkers

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
    look_back: int | None = None
    """How far back a first reading goes, in ms; None leaves it to the adapter."""
    workers: FeedWorkers = field(default_factory=FeedWorkers)
    """The processes that read feeds, shared by all sources."""

    async def aclose(self) -> None:
        """Close what the sources share."""
        await self.workers.aclose()
        await self.http.aclose()


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every adapter's options: the keys that may stand in its `[[sources]]` table.

    Write `class Options(Base, frozen=True)`, fields with defaults last. A field's `msgspec.Meta(description=…)` is its documentation; names like `token` or `app_password` are secrets to the
    configuration, and arrive here revealed.
    """


class Adapter:
    """What every adapter would write alike. Subclassing it is a convenience: the port is a protocol."""

    kind = ""
    capabilities = Capabilities()

    def __init__(self, context: Context, home: str, account: str = "") -> None:
        """`home` is the address whose allowance is shown, `account` the name of the credentials that draw on it."""
        self.name = context.name
        self.http = context.http
        self.home = home
        self.account = account
        self.clock = context.clock
        self.look_back = context.look_back

    def first_look(self, usual: int) -> int:
        """Where a first reading begins, UTC ms: `usual` ms ago, unless the desk wants more or less of the past."""
        return self.clock() - (usual if self.look_back is None else self.look_back)

    def budgets(self) -> Sequence[Budget]:
        """What is left of each allowance, as last told."""
        return self.http.budgets(self.home, self.account)

    async def aclose(self) -> None:
        """Nothing to close: the client belongs to the desk."""
