"""Where Listener keeps its files: the platform's own places, `XDG_*` where they are set, or all below `LISTENER_HOME`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

APP = "listener"
FILE = "listener.toml"
DATABASE = "listener.db"


def config_file() -> Path:
    """The configuration that counts when none is named; it need not exist."""
    home = _home()
    if home:
        return home / FILE
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / FILE


def database_file() -> Path:
    """The database that counts when none is named; it need not exist."""
    home = _home()
    if home:
        return home / DATABASE
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / DATABASE


def cache_folder() -> Path:
    """What may be deleted at any time. Made when it is missing, mode 0700."""
    home = _home()
    if home:
        return private_folder(home / "cache")
    import platformdirs

    return private_folder(Path(platformdirs.user_cache_dir(APP, appauthor=False)))


def log_folder() -> Path:
    """Logs and crash reports. Made when it is missing, mode 0700."""
    home = _home()
    if home:
        return private_folder(home / "log")
    import platformdirs

    return private_folder(Path(platformdirs.user_log_dir(APP, appauthor=False)))


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter; one that exists keeps its mode."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 whole or not at all: a crash leaves the old one. A link is followed, not replaced."""
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


def _home() -> Path | None:
    home = os.environ.get("LISTENER_HOME")
    return Path(home).expanduser().absolute() if home else None
