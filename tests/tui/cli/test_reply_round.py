"""The whole way of a reply over real sockets: polled, answered, published in the thread, read back, and the customer's answer under it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from sources.sandbox.demo import prepare
from tui.cli import run

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def sandbox():
    """The networks of the sandbox on a loopback port, their time running forty times as fast."""
    with subprocess.Popen([sys.executable, "-m", "sources.sandbox", "--speed", "40"], stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def ask(address, path, body=None):
    with urlopen(Request(address + path, data=json.dumps(body).encode() if body else None, headers={"Content-Type": "application/json"})) as answer:
        return json.loads(answer.read())


@pytest.fixture
def desk(sandbox, tmp_path, capsys):
    config = prepare(tmp_path / "desk", address=sandbox)
    text = config.read_text().split("[[sources]]")
    kept = [part for part in text[1:] if 'kind = "mastodon"' in part or 'kind = "bluesky"' in part]
    config.write_text("[[sources]]".join([text[0], *kept]) + "\n" + "[[streams]]".join(["", *text[-1].split("[[streams]]")[1:]]))

    def call(*arguments):
        code = run(["--config", str(config), "--db", str(tmp_path / "desk.db"), "--operator", "nora", *arguments])
        told = capsys.readouterr()
        assert code == 0, told.err
        return json.loads(told.out) if "--json" in arguments else told.out

    return call


@pytest.mark.slow
def test_a_reply_is_published_once_in_its_thread_whatever_becomes_of_the_answer(sandbox, desk):
    """The first is answered properly; of the second the network publishes it and breaks off, so that it has to be found in the thread."""
    desk("poll", "--once", "--json")
    chosen = [desk("list", "-q", f'source:{network} topic:"Aurora Air" lang:en', "--order", "newest", "-n", "1", "--json")[0] for network in ("mastodon", "bluesky")]
    for mention in chosen:
        desk("reply", str(mention["id"]), f"Thank you, we look into case {mention['id']}.", "--now")
    for path in ("/api/v1/statuses", "putRecord"):
        ask(sandbox, "/_sandbox/faults", {"kind": "dropped", "path": path, "method": "POST", "count": 1})
    desk("poll", "--once", "--json")
    assert {row["state"] for row in desk("outbox", "--json")} == {"unknown"}
    for row in desk("outbox", "--json"):
        desk("outbox", "read-back", str(row["id"]))
    desk("poll", "--once", "--json")
    rows = desk("outbox", "--json")
    assert [(row["state"], row["parent_kept"], row["attempts"]) for row in rows] == [("sent", True, 1), ("sent", True, 1)]
    published = ask(sandbox, "/_sandbox/published")
    for mention in chosen:
        assert sum(f"case {mention['id']}." in post["text"] for post in published) == 1
        whole = desk("show", str(mention["id"]), "--json")[0]
        assert "pending" in {line["action"] for line in whole["journal"]}, "a customer who answers quickly has opened it again"
        assert any(post["own"] and f"case {mention['id']}." in post["text"] for post in whole["thread"]), "our words stand under the customer's"
