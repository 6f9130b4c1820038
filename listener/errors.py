"""Everything that can go wrong and that a person should read about.

::

    ListenerError
    ├── ConfigError        the configuration file: names file, key and line
    ├── QueryError         a query's text: names the column
    ├── InputError         a file or an argument that the user gave
    ├── StoreError         the database: locked, full, read-only, damaged, too new
    │   └── Conflict       somebody else changed the same thing first
    └── SourceError        a network
        ├── RateLimited    come back after `retry_after` seconds
        ├── AuthFailed     the credentials are wrong, or lack a permission
        ├── Unreachable    no connection, no answer in time, or a 5xx
        ├── Malformed      an answer that cannot be read
        ├── Unsupported    this server does not offer it
        ├── Rejected       a reply that was certainly not published
        └── Ambiguous      a reply that may or may not have been published
"""

from __future__ import annotations


class ListenerError(Exception):
    """What happened, in words for an operator; `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class ConfigError(ListenerError):
    """The configuration cannot be used as it stands."""


class InputError(ListenerError):
    """A file or an argument cannot be used as it stands."""


class QueryError(ListenerError):
    """A query that cannot be read; `column` counts from 1 and points at the culprit in `text`."""

    def __init__(self, message: str, *, text: str = "", column: int = 1, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.column = column

    def caret(self) -> str:
        """The query with a caret below the culprit, two lines."""
        return f"{self.text}\n{' ' * sum(map(_cells, self.text[: self.column - 1]))}^"


def _cells(char: str) -> int:
    """The places that a character takes in a terminal; close enough to point with."""
    from unicodedata import category, east_asian_width

    return 0 if category(char) in ("Mn", "Me", "Cf") else 2 if east_asian_width(char) in "WF" else 1


class StoreError(ListenerError):
    """The database refuses."""


class Conflict(StoreError):
    """Somebody else changed it since it was read."""


class SourceError(ListenerError):
    """A network did not give what was asked of it."""


class RateLimited(SourceError):
    """The network asks for a pause of `retry_after` seconds; None when it does not say how long."""

    def __init__(self, message: str, *, retry_after: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class AuthFailed(SourceError):
    """The credentials are wrong, expired, or lack a permission."""


class Unreachable(SourceError):
    """No connection, no answer in time, or the server is out of order."""


class Malformed(SourceError):
    """An answer that cannot be read: the cursor must not move."""


class Unsupported(SourceError):
    """This server does not offer what was asked for."""


class Rejected(SourceError):
    """The network refused a reply: it was certainly not published."""


class Ambiguous(SourceError):
    """Nobody can say whether the reply was published: it must not be sent again blindly."""
