"""Tokens and passwords: the file says where they are kept, never what they are."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from listener.config.place import Place
from listener.errors import ConfigError

Keeper = Literal["keyring", "env", "file"]
KEEPERS: tuple[Keeper, ...] = ("keyring", "env", "file")
HOW = 'Write { keyring = "name" }, { env = "NAME" } or { file = "path" } instead; `listener sources add` stores it for you.'
SERVICE = "listener"
"""The keyring's word for who owns an entry."""
_WORDS = ("token", "password", "passwd", "secret", "key", "apikey", "credentials", "bearer", "cookie")


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is kept. It is read each time that it is needed, and never shown."""

    keeper: Keeper
    name: str
    """The keyring entry, the environment variable, or the absolute path of the file."""
    place: Place = field(default=Place(None), compare=False)

    def __repr__(self) -> str:
        return f"Secret({self.keeper}: {self.name})"

    __str__ = __repr__

    def reveal(self) -> str:
        """The secret itself.

        Raises:  ConfigError: it is not there, its file is open to others, or the keyring does not answer.
        """
        value = {"keyring": self._keyring, "env": self._env, "file": self._file}[self.keeper]().strip()
        if not value:
            raise self.place.error(f"the secret in {self.keeper} {self.name!r} is empty")
        return value

    def check_mode(self) -> None:
        """Refuse a file that others can read. A file that is not there yet passes."""
        if self.keeper != "file" or os.name == "nt":
            return
        try:
            mode = Path(self.name).stat().st_mode & 0o777
        except OSError:
            return
        if mode & 0o177:
            raise self.place.error(f"{self.name} holds a secret and its mode is {mode:04o}: others may read it", hint=f"Run: chmod 600 {self.name}")

    def _env(self) -> str:
        value = os.environ.get(self.name)
        if value is None:
            raise self.place.error(f"the environment has no {self.name}", hint=f"Set {self.name} before starting Listener.")
        return value

    def _file(self) -> str:
        self.check_mode()
        try:
            return Path(self.name).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise self.place.error(f"the secret's file {self.name} cannot be read: {reason}") from None

    def _keyring(self) -> str:
        try:
            import keyring

            value = keyring.get_password(SERVICE, self.name)
        except Exception as error:  # a backend may raise anything: D-Bus, Keychain, a broken plugin
            raise self.place.error(
                f"the keyring does not answer ({type(error).__name__})", hint="On a server without one, use { env = … } or { file = … }."
            ) from None
        if value is None:
            raise self.place.error(f"the keyring has no entry {self.name!r}", hint=f"Run: keyring set {SERVICE} {self.name}")
        return value


def is_secret_name(key: str) -> bool:
    """Whether a setting of this name holds a secret: `token`, `app_password`, `client_secret`, `api_key`, …"""
    lowered = key.lower().replace("-", "_")
    return any(lowered == word or lowered.endswith("_" + word) for word in _WORDS)


def read_secret(value: object, place: Place) -> Secret:
    """What stands in a secret's position, as a Secret.

    Raises:  ConfigError: a plain text, which is never repeated in the message, or a table of another shape.
    """
    if isinstance(value, str):
        raise place.error("a secret does not belong in this file", hint=HOW)
    if not isinstance(value, dict) or len(value) != 1:
        raise place.error("is not a place where a secret is kept", hint=HOW)
    (keeper, name), *_ = value.items()
    if keeper not in KEEPERS or not isinstance(name, str) or not name:
        raise place.error(f"{keeper!r} is not one of {', '.join(KEEPERS)} with a name", hint=HOW)
    if keeper == "file":
        path = Path(name).expanduser()
        name = str(path if path.is_absolute() or place.file is None else place.file.absolute().parent / path)
    secret = Secret(keeper, name, place)
    secret.check_mode()
    return secret


def store_secret(name: str, value: str, folder: Path | None = None) -> Secret:
    """Keep a secret in the keyring, or, where there is none, in a file of mode 0600 in `folder` (default: beside the configuration).

    Raises:  ConfigError: neither worked.
    """
    try:
        import keyring

        keyring.set_password(SERVICE, name, value)
        if keyring.get_password(SERVICE, name) == value:
            return Secret("keyring", name)
    except Exception:  # noqa: S110 - a backend may raise anything, and the file is the answer to all of it
        pass
    from listener.config.paths import config_file, private_folder, write_private

    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip(".") or "secret"
    path = private_folder((folder or config_file().parent) / "secrets") / safe
    try:
        write_private(path, value + "\n")
    except OSError as error:
        raise ConfigError(f"The secret {name!r} could not be kept in {path}: {error.strerror}.") from None
    return Secret("file", str(path))


def as_toml(secret: Secret) -> dict[str, str]:
    """How the configuration file names a secret's place."""
    return {secret.keeper: secret.name}
