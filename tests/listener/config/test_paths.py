from __future__ import annotations

from pathlib import Path

import pytest

from listener.config.paths import cache_folder, config_file, database_file, log_folder, write_private


def test_listener_home_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable moves the whole desk: tests, demos, a stick."""
    monkeypatch.setenv("LISTENER_HOME", str(tmp_path / "h"))
    assert config_file() == tmp_path / "h" / "listener.toml"
    assert database_file() == tmp_path / "h" / "listener.db"
    for folder in (cache_folder(), log_folder()):
        assert folder.parent == tmp_path / "h"
        assert folder.stat().st_mode & 0o777 == 0o700


def test_xdg_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's own places otherwise."""
    monkeypatch.delenv("LISTENER_HOME", raising=False)
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    assert config_file() == tmp_path / "CONFIG" / "listener" / "listener.toml"
    assert database_file() == tmp_path / "DATA" / "listener" / "listener.db"
    assert cache_folder().is_relative_to(tmp_path)
    assert log_folder().is_relative_to(tmp_path)


def test_a_private_file_is_whole_and_private(tmp_path: Path) -> None:
    """Mode 0600 whatever was there before, a link keeps pointing, and nothing is left lying about."""
    target = tmp_path / "real.toml"
    target.write_text("old")
    target.chmod(0o644)
    link = tmp_path / "link.toml"
    link.symlink_to(target)
    write_private(link, "new\r\n")
    assert link.is_symlink()
    assert target.read_bytes() == b"new\r\n"
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link.toml", "real.toml"]
