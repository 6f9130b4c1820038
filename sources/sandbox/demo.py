"""The demo's desk: a configuration that points at the sandbox, with tokens, playbooks and saved replies, in a folder of its own."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sources.sandbox.opening import open_world
from sources.sandbox.servers.bluesky import PASSWORD
from sources.sandbox.servers.mastodon import TOKEN

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from sources.sandbox.transport import SandboxTransport

STATE = "sandbox.json"
"""The world's memory, beside the configuration and the database."""
CONFIG = "listener.toml"


def sandbox_config(folder: Path, *, zone: str = "Europe/Athens", address: str = "") -> str:
    """The configuration as TOML.

    Args:  folder: where `prepare` has put the tokens. zone: IANA name of the desk's clock.
           address: of a sandbox on a loopback port; empty for the one in-process.
    """
    values = {
        "zone": zone, "folder": folder.as_posix(), "mastodon": address or "https://mastodon.sandbox", "bluesky": address or "https://bsky.sandbox",
        "news": address or "https://news.sandbox", "reddit": address or "https://reddit.sandbox",
    }  # fmt: skip
    text = files("sources.sandbox").joinpath("demo_desk", CONFIG).read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", json.dumps(value)[1:-1])
    if address:
        host = address.split("://")[-1]
        text = text.replace("[desk]\n", f'[desk]\nallow_hosts = ["{host}"]\n', 1)
    return text


def prepare(folder: Path, *, zone: str = "Europe/Athens", address: str = "") -> Path:
    """Write the demo's desk into a folder; what is there already stays as its owner left it. The path of the configuration."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / "mastodon.token", TOKEN)
    _write(folder / "bluesky.password", PASSWORD)
    for name in ("playbooks", "replies"):
        (folder / name).mkdir(exist_ok=True, mode=0o700)
        _copy(files("sources.sandbox").joinpath("demo_desk", name), folder / name)
    _write(folder / CONFIG, sandbox_config(folder, zone=zone, address=address))
    return folder / CONFIG


def demo_transport(folder: Path, *, zone: str = "Europe/Athens", speed: float = 1.0, anew: bool = False) -> SandboxTransport:
    """The demo's networks for an HTTP client, remembered in the folder: every process that opens them there shares one world.

    `anew` belongs to the first process of a session: the story begins again when the last session is hours old. Raises InputError.
    """
    from sources.sandbox.transport import SandboxTransport

    return SandboxTransport(open_world(zone=zone, speed=speed, state=folder / STATE, anew=anew))


def _copy(shipped: Traversable, folder: Path) -> None:
    for entry in shipped.iterdir():
        if entry.name.endswith(".md"):
            _write(folder / entry.name, entry.read_text("utf-8"))


def _write(path: Path, text: str) -> None:
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
