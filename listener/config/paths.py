"""Where Listener keeps its files: the platform's own places, `XDG_*` where they are set, or all below `LISTENER_HOME`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

APP = "listener"
FILE = "listener.toml"
DATABASE = "listener.db"
_XDG = {
    "config": ("XDG_CONFIG_HOME", ".config"),
    "data": ("XDG_DATA_HOME", ".local/share"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
    "log": ("XDG_STATE_HOME", ".local/state"),
}
"""The XDG base directories, as platformdirs reads them."""


def config_file() -> Path:
    """The configuration that counts when none is named; it need not exist."""
    home = _home()
    if home:
        return home / FILE
    return _place("config") / FILE


def database_file() -> Path:
    """The database that counts when none is named; it need not exist."""
    home = _home()
    if home:
        return home / DATABASE
    return _place("data") / DATABASE


def cache_folder() -> Path:
    """What may be deleted at any time. Made when it is missing, mode 0700."""
    home = _home()
    if home:
        return private_folder(home / "cache")
    return private_folder(_place("cache"))


def log_folder() -> Path:
    """Logs and crash reports. Made when it is missing, mode 0700."""
    home = _home()
    if home:
        return private_folder(home / "log")
    return private_folder(_place("log"))


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter; one that exists keeps its mode."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 whole or not at all: a crash leaves the old one. A link is followed, not replaced."""
    import tempfile

    target = path.resolve()
    private_folder(target.parent)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _place(kind: Literal["config", "data", "cache", "log"]) -> Path:
    """The platform's own folder for one kind of file. Every command asks, so that on Linux its rule stands here, and platformdirs, which loads a dozen modules, is left out."""
    variable, below = _XDG[kind]
    if sys.platform == "linux" and "ANDROID_DATA" not in os.environ:
        return Path(os.environ.get(variable, "").strip() or Path.home() / below) / APP / ("log" if kind == "log" else "")
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))


def _home() -> Path | None:
    home = os.environ.get("LISTENER_HOME")
    return Path(home).expanduser().absolute() if home else None
