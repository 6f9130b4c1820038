"""kill -9 of real collectors at random instants while replies go out to networks that fail in every way. Nothing may be said twice.

    python tests/bench/outbox_kill.py --kills 500 --replies 5000 --seed 1

A collector is forked, sends for a random while and is killed; another process writes replies meanwhile, as operators do. Then the networks
calm down, a last collector settles what can be settled, and what the networks published is compared with what the outbox says.
Prints JSON. Exit code 1: something was doubled, lost, or said to be sent though it was not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

NETWORKS = ("keyed", "keyless", "records")
MENTIONS = 60
PATIENCE = 1.5
"""Seconds that the collector waits for an answer; the desk's own 30 would only make the same take longer."""
CONFIG = """
[desk]
allow_hosts = ["127.0.0.1:{port}"]

[[topics]]
name = "Aurora"
handles = ["aurora"]

[[sources]]
kind = "mastodon"
name = "keyed"
instance = "http://127.0.0.1:{port}"
token = {{ env = "KEYED" }}
every = "1h"
search = false
mentions = false

[[sources]]
kind = "mastodon"
name = "keyless"
instance = "http://127.0.0.1:{port}"
token = {{ env = "KEYLESS" }}
every = "1h"
search = false
mentions = false

[[sources]]
kind = "bluesky"
name = "records"
service = "http://127.0.0.1:{port}"
handle = "desk.test"
app_password = {{ env = "RECORDS" }}
every = "1h"
search = false
mentions = false
"""


def prepare(folder: Path, port: int) -> tuple[Path, Path]:
    """A desk with mentions to answer. (database, configuration)"""
    from listener.domain.author import Author
    from listener.domain.mention import Filing, Mention
    from listener.domain.sentiment import UNSCORED
    from listener.store.connection import Store
    from listener.store.intake import Intake

    config = folder / "listener.toml"
    config.write_text(CONFIG.format(port=port))
    os.environ.update(KEYED="keyed", KEYLESS="keyless", RECORDS="records")
    with Store(folder / "desk.db") as store:
        intake, now = Intake(store), store.clock()
        filings = []
        for network in NETWORKS:
            for number in range(MENTIONS):
                native = f"at://did:plc:ann/app.bsky.feed.post/p{number}" if network == "records" else f"p{number}"
                ref = {"uri": native, "cid": "c", "did": "did:plc:ann", "handle": "ann.test", "root": ["", ""]} if network == "records" else {"acct": "ann"}
                mention = Mention(network, native, "help", now - number, Author("9", "ann"), url=f"https://peer.example/{network}/{number}", reply_ref=json.dumps(ref))
                filings.append(Filing(mention, ("Aurora",), "en", 0.9, UNSCORED))
        store.write(lambda connection: intake.add(connection, filings))
    return folder / "desk.db", config


def collect(db: Path, config: Path) -> None:
    """A real collector, but for its patience."""
    from listener.config import load
    from listener.store.connection import Store
    from sources.catalogue import open_source
    from sources.http import Http
    from sources.opening import Context
    from tui.cli.collecting import build

    read = load(config)
    store = Store(db)
    http = Http(allow_hosts=read.desk.allow_hosts, patience=PATIENCE)
    opened = [open_source(setting, Context("", http)) for setting in read.sources]
    collector, _ = build(read, store, sources=opened, failed=lambda text: print(text, file=sys.stderr, flush=True))
    asyncio.run(collector.run(asyncio.Event(), wait=True))


def write_replies(db: Path, replies: int, pace: float, seed: int) -> None:
    """The operators: replies with words of their own, queued at a pace."""
    from listener.domain.reply import ReplyState
    from listener.store.connection import Store
    from listener.store.outbox import Outbox

    rng = random.Random(seed)
    with Store(db) as store:
        outbox = Outbox(store)
        for number in range(replies):
            draft = outbox.open(rng.randrange(MENTIONS * len(NETWORKS)) + 1, f"operator{number % 5}")
            outbox.freeze(draft.id, ReplyState.QUEUED, draft.author, 0, text=f"Answer number {number} of the desk.")
            time.sleep(rng.expovariate(pace))


def fork(work: object, *arguments: object) -> int:
    """A process of its own with everything imported already, so that a life begins at once."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work(*arguments)  # type: ignore[operator]
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(0)


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def alive(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG) == (0, 0)


def said(text: str) -> int:
    found = re.search(r"Answer number (\d+) of the desk", text)
    assert found is not None, text
    return int(found[1])


def ask(port: int, path: str, method: str = "GET") -> dict[str, object]:
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", method=method)) as answer:
        return json.loads(answer.read())  # type: ignore[no-any-return]


def settle(db: Path, config: Path, seconds: float) -> None:
    """Let a last collector work until nothing moves by itself any more."""
    from listener.store.connection import Store
    from listener.store.outbox import Outbox

    pid = fork(collect, db, config)
    until = time.monotonic() + seconds
    with Store(db) as store:
        outbox = Outbox(store)
        while time.monotonic() < until:
            states = {state.value: n for state, n in outbox.counts().items()}
            soon = outbox.to_read(store.clock() + 8_000, limit=1)
            if not states.get("queued") and not states.get("sending") and not soon:
                break
            time.sleep(0.3)
    kill(pid)


def verdict(db: Path, port: int) -> dict[str, object]:
    """What the networks published against what the outbox says."""
    from listener.domain.reply import ReplyState
    from listener.store.connection import Store
    from listener.store.outbox import Outbox

    told = ask(port, "/_published")
    posts = told["posts"]
    assert isinstance(posts, list)
    published = Counter(said(text) for _, _, text in posts)
    with Store(db) as store:
        rows = Outbox(store).find(limit=1_000_000)
    by_number = {said(row.text): row for row in rows}
    states = Counter(row.state.value for row in rows)
    shown = (ReplyState.UNKNOWN, ReplyState.FAILED, ReplyState.QUEUED)
    return {
        "replies": len(by_number),
        "published": len(published),
        "sent": states["sent"],
        "doubled": sum(count > 1 for count in published.values()),
        "lost": sum(not published[number] and row.state not in (*shown, ReplyState.SENT) for number, row in by_number.items()),
        "falsely_sent": sum(not published[number] and row.state is ReplyState.SENT for number, row in by_number.items()),
        "falsely_failed": sum(published[number] > 0 and row.state is ReplyState.FAILED for number, row in by_number.items()),
        "unknown": states["unknown"],
        "states": dict(states),
        "doubled_at": Counter(network for network, _, text in posts if published[said(text)] > 1),
        "held_back_by_keys": told["repeats"],
        "faults": told["struck"],
        "double_words": [by_number[n].text for n, count in published.items() if count > 1][:5],
    }


def run(kills: int, replies: int, seed: int, *, faults: float = 1.0, late: float = 0.8, longest: float = 1.2, patience: float = 120.0) -> dict[str, object]:
    for room in ("sources.bluesky", "sources.mastodon", "sources.pool", "tui.cli.collecting", "listener.config.read", "lark"):
        importlib.import_module(room)  # so that a fork has everything

    rng = random.Random(seed)
    began = time.monotonic()
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory(prefix="outbox-") as name:
        command = [sys.executable, "-m", "tests.bench.peer", "--seed", str(seed), "--faults", str(faults), "--late", str(late)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as peer:
            assert peer.stdout is not None
            port = int(peer.stdout.readline())
            setting = fork(prepare, Path(name), port)
            os.waitpid(setting, 0)
            os.environ.update(KEYED="keyed", KEYLESS="keyless", RECORDS="records")
            db, config = Path(name) / "desk.db", Path(name) / "listener.toml"
            writer = fork(write_replies, db, replies, replies / max(kills * longest * 0.55, 1.0), seed)
            writing, done = True, 0
            while done < kills or writing:
                collector = fork(collect, db, config)
                time.sleep(rng.uniform(0.02, longest))
                kill(collector)
                done += 1
                writing = writing and alive(writer)
            ask(port, "/_calm", "POST")
            settling = fork(settle, db, config, patience)
            os.waitpid(settling, 0)
            result = verdict(db, port)
            peer.terminate()
    return {"kills": done, **result, "seconds": round(time.monotonic() - began, 1)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--replies", type=int, default=0, help="10 for each kill unless said")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=1.0, help="0 none, 1 about every second request, as each fault has its share")
    parser.add_argument("--late", type=float, default=0.8, help="seconds that a request may lie at the server before it is carried out")
    asked = parser.parse_args()
    outcome = run(asked.kills, asked.replies or asked.kills * 10, asked.seed, faults=asked.faults, late=asked.late)
    print(json.dumps(outcome, indent=1))
    raise SystemExit(1 if outcome["doubled"] or outcome["lost"] or outcome["falsely_sent"] else 0)
