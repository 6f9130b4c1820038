"""The sandbox as a program of its own, killed and started again: the ground under the outbox's kill test."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sources.sandbox.servers.mastodon import TOKEN

OURS = {"Authorization": f"Bearer {TOKEN}"}


def start(state: Path, *more: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "sources.sandbox", "--port", "0", "--state", str(state), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_what_was_published_survives_kill_9(tmp_path: Path) -> None:
    """A network does not forget because a client's machine fell over; an idempotency key holds across a restart too."""
    state = tmp_path / "world.json"
    process, base = start(state)
    try:
        answer = httpx.post(f"{base}/api/v1/statuses", json={"status": "hello"}, headers={**OURS, "Idempotency-Key": "k"}, timeout=30)
        start_of_world = httpx.get(f"{base}/_sandbox/now", timeout=30).json()["start"]
    finally:
        end(process)
    process, base = start(state)
    try:
        again = httpx.post(f"{base}/api/v1/statuses", json={"status": "hello"}, headers={**OURS, "Idempotency-Key": "k"}, timeout=30)
        assert again.json()["id"] == answer.json()["id"]
        assert httpx.get(f"{base}/_sandbox/now", timeout=30).json()["start"] == start_of_world
        assert len(httpx.get(f"{base}/_sandbox/published", timeout=30).json()) == 1
    finally:
        end(process)


@pytest.mark.parametrize(
    ("arguments", "word"), [(("--scenario", "nothing"), "no scenario called nothing"), (("--scenario", "missing.toml"), "cannot be read")]
)
def test_a_wrong_story_is_a_line_and_not_a_traceback(tmp_path: Path, arguments: tuple[str, ...], word: str) -> None:
    """Bad input never gives a traceback."""
    process, base = start(tmp_path / "world.json", *arguments)
    _, errors = process.communicate()
    assert base == ""
    assert process.returncode == 2
    assert word in errors
    assert "Traceback" not in errors
