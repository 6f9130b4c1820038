"""The file itself: what is ours is opened and kept private, what is not keeps every byte and its mode."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import stat
from typing import TYPE_CHECKING

import pytest

from listener.errors import StoreError
from listener.store.connection import Store

if TYPE_CHECKING:
    from pathlib import Path


def _foreign(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()


@pytest.mark.parametrize("kind", ["text", "sqlite", "empty"])
def test_a_foreign_file_is_refused_untouched(tmp_path: Path, kind: str) -> None:
    """A slip in --db must not change another program's file, its mode, or the way its database is journalled."""
    path = tmp_path / "theirs"
    if kind == "sqlite":
        _foreign(path)
    else:
        path.write_text("precious" if kind == "text" else "")
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(StoreError):
        Store(path)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [file.name for file in tmp_path.iterdir()] == ["theirs"]


def test_a_backup_onto_the_database_itself_is_refused(tmp_path: Path) -> None:
    """The copy once began by emptying its target, which a link or a slip can make the database."""
    path = tmp_path / "desk.db"
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with Store(path) as store:
        for target in (path, link):
            with pytest.raises(StoreError, match="database itself"):
                store.backup(target)
        assert store.check(full=True) == "ok"


def test_a_backup_replaces_only_backups(tmp_path: Path) -> None:
    """An older backup may be replaced, and is 0600; a person's file may not."""
    notes, backup = tmp_path / "notes.txt", tmp_path / "backup.db"
    notes.write_text("precious")
    with Store(tmp_path / "desk.db") as store:
        store.backup(backup)
        store.backup(backup)
        with pytest.raises(StoreError):
            store.backup(notes)
        with pytest.raises(StoreError):
            store.backup(tmp_path / "no" / "such" / "folder.db")
    assert notes.read_text() == "precious"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with Store(backup) as copy:
        assert copy.check(full=True) == "ok"
    assert not [file.name for file in tmp_path.iterdir() if file.name.startswith(".")]


@pytest.mark.parametrize("seed", range(12))
def test_damage_is_told_in_words(tmp_path: Path, seed: int) -> None:
    """Flipped bits reach even the text of SQLite's message, which then is no UTF-8."""
    path = tmp_path / "desk.db"
    Store(path).close()
    body, chance = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(400):
        body[chance.randrange(100, len(body))] ^= 1 << chance.randrange(8)
    path.write_bytes(body)
    with contextlib.suppress(StoreError), Store(path) as store:
        store.check(full=True)


def test_a_message_that_is_no_text_is_damage(tmp_path: Path) -> None:
    """The one way in which damage does not come as sqlite3.Error."""
    from listener.store.connection import in_words

    with pytest.raises(StoreError, match="damaged"), in_words(tmp_path):
        b"\xd4".decode()


def test_a_sealed_file_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk mounted read-only reading goes on and a write says why not; nothing is made beside the file."""
    import os

    path = tmp_path / "desk.db"
    with Store(path) as store:
        store.write(lambda connection: connection.execute("INSERT INTO topic (name) VALUES ('Acme')"))
    (tmp_path / "desk.db.lock").unlink(missing_ok=True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with Store(path) as store:
        assert not store.writable
        assert store.read().execute("SELECT name FROM topic").fetchall() == [("Acme",)]
        with pytest.raises(StoreError, match="read-only"):
            store.write(lambda connection: connection.execute("DELETE FROM topic"))
    assert [file.name for file in tmp_path.iterdir()] == ["desk.db"]
