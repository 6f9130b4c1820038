"""What every command starts from: configuration, database and operator, each opened when it is first asked for."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from listener.errors import InputError

if TYPE_CHECKING:
    from listener.config import Config
    from listener.domain.calendar import BusinessCalendar
    from listener.engine.playbooks import Playbooks
    from listener.engine.replies import Replies
    from listener.engine.triage import Triage
    from listener.store.connection import Store
    from listener.store.mentions import Mentions


class Desk:
    """One run of the command line."""

    def __init__(self, db: str | None, config: str | None, operator: str | None) -> None:
        self._db = Path(db) if db else None
        self._config = Path(config).expanduser() if config else None
        self._operator = operator
        self._opened: Store | None = None
        self._closing = ExitStack()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()
        if self._opened is not None:
            self._opened.close()

    @property
    def named_db(self) -> Path | None:
        """The database that --db names, if it names one."""
        return self._db

    @property
    def config_path(self) -> Path:
        from listener.config.paths import config_file

        return self._config or config_file()

    @cached_property
    def config(self) -> Config:
        """The configuration; defaults when there is no file and none was named. Raises ConfigError."""
        from listener.config import Config, load

        if self._config is None and not self.config_path.exists():
            return Config()
        return load(self.config_path)

    @cached_property
    def db_path(self) -> Path:
        """Where the database is: --db, the configuration, the platform's own place."""
        from listener.config.paths import database_file

        if self._db is not None:
            return self._db
        has_config = self._config is not None or self.config_path.exists()
        return self.config.path(self.config.desk.database) if has_config and self.config.desk.database else database_file()

    @cached_property
    def store(self) -> Store:
        """The database, made when it does not exist, with the configuration's topics in it. Raises StoreError."""
        from listener.store.connection import Store

        self._opened = Store(self.db_path)
        if self._opened.writable and (self._config is not None or self.config_path.exists()):
            from listener.store.names import Topics

            Topics(self._opened).put(list(self.config.topics))
        return self._opened

    @cached_property
    def existing_store(self) -> Store:
        """The database of a command that only reads: it is not made by asking. Raises InputError."""
        if not self.db_path.exists():
            raise InputError(
                f"There is no database at {self.db_path} yet.", hint="`listener demo` shows one, `listener init` and `listener poll` or `listener import` make one."
            )
        return self.store

    @cached_property
    def mentions(self) -> Mentions:
        from listener.store.mentions import Mentions

        return Mentions(self.existing_store)

    @cached_property
    def triage(self) -> Triage:
        from listener.engine.triage import Triage

        return Triage(self.existing_store, self.operator)

    @cached_property
    def replies(self) -> Replies:
        """What this operator can do about replies; a network is opened only to count a text."""
        from listener.engine.replies import Replies
        from tui.cli.collecting import open_named

        return Replies(self.existing_store, self.operator, self.config, lambda name: open_named(self.config, name))

    @cached_property
    def playbooks(self) -> Playbooks:
        from listener.engine.playbooks import Playbooks

        return Playbooks(self.config)

    @cached_property
    def operator(self) -> str:
        """Who acts: --operator, LISTENER_OPERATOR, the login."""
        name = (self._operator or "").strip()
        if name:
            return name
        import getpass

        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return "operator"

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """The desk's business time."""
        from listener.domain.calendar import BusinessCalendar

        desk = self.config.desk
        return BusinessCalendar(desk.hours, desk.time_zone, holidays=desk.holidays, closed=desk.closed, open_days=desk.open)

    def rewind(self, when: str | None) -> None:
        """Everything that is read from here on is as it was at a time; None leaves it as it is. Raises InputError."""
        if not when:
            return
        from listener.store.rewind import as_of

        at = self.moment(when)
        if at > self.existing_store.clock():
            raise InputError(f"{when!r} is still to come.", hint="Name a time in the past.")
        self.__dict__["store"] = self.__dict__["existing_store"] = self._closing.enter_context(as_of(self.store, at))
        self.__dict__.pop("mentions", None)

    def moment(self, text: str, *, end: bool = False) -> int:
        """`--since 7d`, `--until 2026-11-22`: UTC ms. Raises InputError."""
        import time
        from zoneinfo import ZoneInfo

        from listener.domain.query.moments import moment

        try:
            return moment(text, time.time_ns() // 1_000_000, end=end, zone=ZoneInfo(self.config.desk.time_zone))
        except ValueError:
            raise InputError(f"{text!r} is no time.", hint="Such as 24h, 7d, today, yesterday, 2026-11-22 or 2026-11-22T08:30.") from None

