"""Telling people about a single mention: what a rule's `notify` becomes. The notices go out with those of incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.domain.calendar import BusinessCalendar
from listener.domain.case import Severity
from listener.store.notices import Notices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.config import Channel, Config
    from listener.domain.mention import Entry
    from listener.store.connection import Connection, Store

EXCERPT = 200


class Teller:
    """Writes notices about mentions, inside the transaction of whoever decided to tell."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._notices = Notices(store)
        quiet = config.notify.quiet_hours
        self._quiet = BusinessCalendar(quiet, config.desk.time_zone) if quiet else None

    def tell(self, connection: Connection, names: Sequence[str], mention: Entry, rule: str) -> int:
        """Tell channels by their names, people and teams by every channel that is theirs. How many notices."""
        at, wanted = self._not_before(mention), self.channels(names)
        words = " ".join(mention.text.split())[:EXCERPT]
        for channel, people in wanted:
            self._notices.add(
                connection, channel.name, channel.kind, f"rule {rule}", f"{rule}: mention {mention.id}", f"@{mention.author.handle} on {mention.source}: {words}",
                at=at, people=people, urgency=mention.severity.urgency,
            )  # fmt: skip
        return len(wanted)

    def channels(self, names: Sequence[str]) -> list[tuple[Channel, tuple[str, ...]]]:
        """(channel, the people that it is to tell; empty for everybody)."""
        teams = self._config.teams()
        by_name = [channel for channel in self._config.notify.channels if channel.name in names]
        known = {channel.name for channel in self._config.notify.channels}
        people = tuple(dict.fromkeys(one for name in names if name not in known for one in teams.get(name, (name,))))
        found: list[tuple[Channel, tuple[str, ...]]] = [(channel, ()) for channel in by_name]
        for channel in self._config.notify.channels if people else ():
            theirs = {one for name in channel.people for one in teams.get(name, (name,))}
            told = people if not theirs else tuple(one for one in people if one in theirs)
            if told and channel not in by_name:
                found.append((channel, told))
        return found

    def _not_before(self, mention: Entry) -> int:
        """Quiet hours hold for this too, but for what may break them."""
        at = self._store.clock() + self._config.notify.group
        grave = 0 < mention.severity <= Severity[self._config.notify.quiet_except]
        return at if self._quiet is None or grave or not self._quiet.is_open(at) else self._quiet.next_closing(at)
