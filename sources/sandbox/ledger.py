"""What happened in the sandbox that does not follow from the seed: our own posts, the answers to them, and when the desk was started.

Kept in a small JSON file beside the demo's database, so that a restart goes on in the same world, and several processes share one.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 1


@dataclass(slots=True)
class Written:
    """A post that was written while the sandbox ran."""

    network: str
    uid: int
    at: int
    author: int
    """The key of the persona."""
    text: str
    lang: str
    kind: str
    parent: int = 0
    root: int = 0
    rkey: str = ""
    visibility: str = "public"
    deleted_at: int | None = None
    edited_at: int | None = None
    record: dict[str, Any] | None = None
    """The record as a Bluesky client sent it."""
    soothes: bool = False
    """A word of the brand on the story that is going on: it calms people down."""


@dataclass(slots=True)
class Ledger:
    """The part of a world that is remembered."""

    seed: int = 7
    zone: str = "Europe/Athens"
    anchor: int = 0
    """The wall's time at the first start, UTC ms."""
    speed: float = 1.0
    scenario: str = "demo"
    starts: list[int] = field(default_factory=list)
    """When the desk was started, in the world's time, UTC ms; the story begins anew with each."""
    posts: list[Written] = field(default_factory=list)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Idempotency key → (uid of the post, when)."""
    path: Path | None = None
    stamp: tuple[int, int, int] = (0, 0, 0)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Alone with the newest state, which is saved at the end."""
        if self.path is None:
            yield
            return
        with _alone(self.path.with_suffix(".lock")):
            self.refresh()
            yield
            self._save(self.path)

    def refresh(self) -> bool:
        """Take over what another process has saved. True when there was something new. Raises InputError."""
        if self.path is None or (stamp := _stamp(self.path)) == self.stamp or stamp == (0, 0, 0):
            return False
        try:
            state = json.loads(self.path.read_bytes())
            if state["version"] != VERSION:
                raise InputError(f"{self.path} was written by another version of the sandbox.", hint="Delete it to begin a new world.")
            self.seed, self.zone, self.anchor, self.speed = state["seed"], state["zone"], state["anchor"], state["speed"]
            self.scenario, self.starts = state["scenario"], state["starts"]
            self.posts = [Written(**written) for written in state["posts"]]
            self.keys = {key: (uid, at) for key, (uid, at) in state["keys"].items()}
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise InputError(f"{self.path} cannot be read: {error}.", hint="Delete it to begin a new world.") from error
        self.stamp = stamp
        return True

    def _save(self, path: Path) -> None:
        state = {
            "version": VERSION, "seed": self.seed, "zone": self.zone, "anchor": self.anchor, "speed": self.speed,
            "scenario": self.scenario, "starts": self.starts, "keys": self.keys,
            "posts": [{name: getattr(written, name) for name in Written.__slots__} for written in self.posts],
        }  # fmt: skip
        draft = path.with_suffix(f".{os.getpid()}.new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        self.stamp = _stamp(path)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time; where the system has no file locks, the demo's single collector is alone anyway."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
