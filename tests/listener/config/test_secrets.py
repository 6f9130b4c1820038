from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from listener.config import Secret, load, store_secret
from listener.errors import ConfigError


def fake_keyring(monkeypatch: pytest.MonkeyPatch, *, broken: bool = False) -> dict[tuple[str, str], str]:
    """Put a keyring in memory in the real one's place: no test may touch the owner's."""
    kept: dict[tuple[str, str], str] = {}

    def get(service: str, name: str) -> str | None:
        if broken:
            raise RuntimeError("No recommended backend was available")
        return kept.get((service, name))

    def put(service: str, name: str, value: str) -> None:
        if broken:
            raise RuntimeError("No recommended backend was available")
        kept[service, name] = value

    module = types.ModuleType("keyring")
    module.get_password, module.set_password = get, put  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return kept


def source(tmp_path: Path, line: str) -> Path:
    file = tmp_path / "listener.toml"
    file.write_text(f'[[sources]]\nkind = "mastodon"\n{line}\n')
    return file


def token(file: Path) -> Secret:
    found = load(file).sources[0].secret("token")
    assert found is not None
    return found


def test_a_plain_secret_is_refused_and_never_repeated(tmp_path: Path) -> None:
    """The message goes to screens and logs: it must not hold what it complains about."""
    with pytest.raises(ConfigError) as caught:
        load(source(tmp_path, 'token = "canary-1234"'))
    assert str(caught.value).startswith("listener.toml:3:1: sources[0].token: a secret does not belong in this file")
    assert "keyring" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("key", ["token", "access_token", "app_password", "client_secret", "api_key"])
def test_whatever_sounds_like_a_secret_is_one(key: str, tmp_path: Path) -> None:
    """Adapters name their secrets by these words; a plain text there is refused before any adapter is asked."""
    with pytest.raises(ConfigError, match="does not belong"):
        load(source(tmp_path, f'{key} = "x"'))


def test_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read when it is needed, with the line of the setting when it is missing."""
    secret = token(source(tmp_path, 'token = { env = "LISTENER_TEST_TOKEN" }'))
    with pytest.raises(ConfigError, match=r"listener.toml:3:1: sources\[0\].token: the environment has no LISTENER_TEST_TOKEN"):
        secret.reveal()
    monkeypatch.setenv("LISTENER_TEST_TOKEN", " canary\n")
    assert secret.reveal() == "canary"
    monkeypatch.setenv("LISTENER_TEST_TOKEN", "")
    with pytest.raises(ConfigError, match="is empty"):
        secret.reveal()


def test_a_file_wider_than_0600_is_refused(tmp_path: Path) -> None:
    """At load, with the command that mends it; a relative path starts beside the configuration."""
    kept = tmp_path / "token"
    kept.write_text("canary\n")
    kept.chmod(0o640)
    file = source(tmp_path, 'token = { file = "token" }')
    with pytest.raises(ConfigError, match=f"chmod 600 {kept}"):
        load(file)
    kept.chmod(0o600)
    assert token(file).reveal() == "canary"
    secret = token(file)
    kept.chmod(0o604)
    with pytest.raises(ConfigError, match="chmod 600"):
        secret.reveal()
    kept.unlink()
    with pytest.raises(ConfigError, match="No such file"):
        secret.reveal()


def test_a_secret_never_shows_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees are printed into crash reports."""
    monkeypatch.setenv("LISTENER_TEST_TOKEN", "canary")
    config = load(source(tmp_path, 'token = { env = "LISTENER_TEST_TOKEN" }'))
    assert "canary" not in repr(config)
    assert str(config.sources[0].secret("token")) == "Secret(env: LISTENER_TEST_TOKEN)"


def test_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found, missing, and with a backend that fails in a way of its own."""
    kept = fake_keyring(monkeypatch)
    secret = token(source(tmp_path, 'token = { keyring = "mastodon" }'))
    with pytest.raises(ConfigError, match="keyring set listener mastodon"):
        secret.reveal()
    kept["listener", "mastodon"] = "canary"
    assert secret.reveal() == "canary"
    fake_keyring(monkeypatch, broken=True)
    with pytest.raises(ConfigError, match=r"the keyring does not answer \(RuntimeError\).*env"):
        secret.reveal()


def test_store_prefers_the_keyring_and_falls_back_to_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`listener sources add` must work on a server without a keyring, and its file must pass our own check."""
    kept = fake_keyring(monkeypatch)
    assert store_secret("mastodon", "canary") == Secret("keyring", "mastodon")
    assert kept == {("listener", "mastodon"): "canary"}
    fake_keyring(monkeypatch, broken=True)
    secret = store_secret("../mastodon: x", "canary", tmp_path)
    assert secret.keeper == "file"
    assert Path(secret.name).parent == tmp_path / "secrets"
    assert Path(secret.name).stat().st_mode & 0o777 == 0o600
    assert secret.reveal() == "canary"


@pytest.mark.parametrize(
    "line", ["token = { keyrin = 'x' }", "token = { env = 1 }", "token = 5", "token = { env = 'A', file = 'b' }", "token = { env = '' }"]
)
def test_other_shapes_are_refused(line: str, tmp_path: Path) -> None:
    """Anything but one known keeper with a name."""
    with pytest.raises(ConfigError, match=r"listener.toml:3:1: sources\[0\].token"):
        load(source(tmp_path, line))
