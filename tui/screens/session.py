"""What all screens of a desk share: its database, its configuration, who acts, and what was done last."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from listener.config import Config, load
from listener.errors import InputError, ListenerError
from listener.store.connection import Store
from listener.store.mentions import Mentions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from listener.analysis.understand import Reader
    from listener.domain.calendar import BusinessCalendar
    from listener.engine.incidents import Incidents
    from listener.engine.playbooks import Playbooks
    from listener.engine.replies import Replies
    from listener.engine.streams import Stream
    from listener.engine.triage import Triage
    from listener.source import Source
    from listener.store.checkpoints import Checkpoints
    from listener.store.journal import Journal
    from tui.screens.deeds import Deed
    from tui.screens.whereabouts import Whereabouts
    from tui.widgets.status_line import Status


class Session:
    """One sitting of one operator. What is costly to load is loaded when it is first asked for.

    Raises:  ConfigError, StoreError.
    """

    def __init__(
        self, config: Path, db: Path, operator: str, *, collector: Sequence[str] = (), clock: Callable[[], int] | None = None
    ) -> None:
        self.config_path, self.db_path, self.operator = config, db, operator
        self.collector = tuple(collector)
        self.config = load(config) if config.exists() else Config()
        self.store = Store(db, clock=clock)
        self.mentions = Mentions(self.store)
        self.past: int | None = None
        """The instant that the screen shows, UTC ms; None shows the present."""
        self._past = ExitStack()
        self.status: Status | None = None
        """How the desk did when it was last looked at."""
        self.error: ListenerError | None = None
        """What went wrong last, for whoever asks for details."""
        self.last: Deed | None = None
        """What `.` does again."""
        self.sent: list[int] = []
        """Replies that were sent with the last stroke: undo takes them back while they can be."""
        self.recording: list[Deed] | None = None
        """The macro that is being recorded."""

    @cached_property
    def triage(self) -> Triage:
        from listener.engine.triage import Triage

        return Triage(self.store, self.operator)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        from listener.store.checkpoints import Checkpoints

        return Checkpoints(self.store)

    @cached_property
    def journal(self) -> Journal:
        from listener.store.journal import Journal

        return Journal(self.store)

    @cached_property
    def replies(self) -> Replies:
        from listener.engine.replies import Replies

        return Replies(self.store, self.operator, self.config, self.network)

    @cached_property
    def whereabouts(self) -> Whereabouts:
        from tui.screens.whereabouts import Whereabouts

        return Whereabouts(self)

    @cached_property
    def incidents(self) -> Incidents:
        from listener.engine.incidents import Incidents

        return Incidents(self.store, self.operator)

    @cached_property
    def playbooks(self) -> Playbooks:
        from listener.engine.playbooks import Playbooks

        return Playbooks(self.config)

    def network(self, name: str) -> Source | None:
        """The source of that name, opened; None when none is configured. Loads the networks' code. Raises ConfigError."""
        from sources.catalogue import open_source
        from sources.http import Http
        from sources.opening import Context

        desk = self.config.desk
        setting = next((one for one in self.config.sources if (one.name or one.kind) == name), None)
        if setting is None:
            return None
        return open_source(setting, Context("", Http(user_agent_contact=desk.contact, allow_hosts=desk.allow_hosts)))

    @cached_property
    def calendar(self) -> BusinessCalendar:
        return self.config.calendar()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.config.desk.time_zone)

    @cached_property
    def reader(self) -> Reader:
        """Whoever explains a score: loads its models at the first text."""
        from listener.analysis.care import parse
        from listener.analysis.understand import Reader
        from listener.config.words import read_words, words_file

        own = read_words(self.config)
        return Reader(parse(own, name=str(words_file(self.config))).valences if own else None, care_layer=self.config.sentiment.care)

    def clock(self) -> int:
        """The time of what is shown, UTC ms."""
        return self.store.clock() if self.past is None else self.past

    def go_back(self, at: int) -> Mentions:
        """The mentions as they were at an instant, read from a copy of the database; takes a while on a big one. Raises StoreError, InputError."""
        from listener.store.rewind import as_of

        if at >= self.store.clock():
            raise InputError("That time is still to come.", hint="Name one in the past: 03:00, yesterday 18:00.")
        with ExitStack() as stack:
            mentions = Mentions(stack.enter_context(as_of(self.store, at)))
            self.return_now()
            self._past = stack.pop_all()
        self.past, self.mentions = at, mentions
        return mentions

    def return_now(self) -> None:
        """Show the present again."""
        self.past, self.mentions = None, Mentions(self.store)
        self._past.close()

    def remember_topics(self) -> None:
        """Take the configuration's topics over into the database, for their roles and colours."""
        from listener.store.names import Topics

        Topics(self.store).put(list(self.config.topics))

    def keys(self) -> dict[str, str]:
        """The keymap of the configuration. Raises ConfigError: it names an action that there is not."""
        from tui.commands import keymap

        desk = self.config.desk
        own = {action.replace("_", "-"): ",".join(keys) for action, keys in self.config.keys.items()}
        return keymap("" if desk.keymap == "default" else desk.keymap, own)

    def streams(self) -> list[Stream]:
        """All streams of this operator. Raises QueryError: one of the configuration cannot be read."""
        from listener.engine.streams import streams

        return streams(self.config, self.operator)

    def read_again(self) -> None:
        """Take the configuration over as it stands in its file now. Raises ConfigError: it cannot be read; the former one stays."""
        self.config = load(self.config_path)
        for name in ("replies", "playbooks", "calendar", "zone", "reader"):
            self.__dict__.pop(name, None)

    def topics(self) -> list[tuple[str, str]]:
        """(name, role) of every topic that is configured or stored."""
        from listener.store.names import Topics

        stored = Topics(self.store).roles()
        configured = {topic.name: str(topic.role) for topic in self.config.topics}
        return list((configured | {name: role for name, role in stored.items() if name not in configured}).items())

    def people(self) -> list[tuple[str, str]]:
        """Whom a case can be given to, with a word about each: oneself first, then teams, then the others."""
        teams = self.config.teams()
        others = [one.name for one in self.config.operators() if one.name != self.operator]
        return [
            (self.operator, "you"),
            *((team, f"team of {len(members)}") for team, members in teams.items()),
            *((name, "") for name in others),
        ]

    def close(self) -> None:
        if "whereabouts" in self.__dict__:
            self.whereabouts.leave()
        self._past.close()
        self.store.close()
