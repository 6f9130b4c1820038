"""The pictures of README, taken from the sandbox: `python docs/screenshots.py [FOLDER]`.

FOLDER is where the demo keeps its desk; without one a desk is made in a temporary folder, and listened to until its crisis has begun.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IMAGES = Path(__file__).parent / "images"
SIZE = (132, 38)
PATIENCE = 240.0
"""Seconds to wait for the sandbox's crisis."""
SHOTS: dict[str, tuple[str, ...]] = {
    "inbox": ("j", "j", "t", *"check-in", "enter", "j"),
    "board": ("f3",),
    "composer": ("j", "r", *"We are sorry for the wait. Your bags are safe and"),
}
"""Name → the keys that lead there."""


def furnish(folder: Path) -> tuple[Path, Path]:
    """The demo's desk with an open incident: (configuration, database)."""
    run = [sys.executable, "-m", "tui"]
    subprocess.run([*run, "demo", "--folder", str(folder), "--prepare"], check=True)
    config, db = folder / "listener.toml", folder / "demo.db"
    collector = subprocess.Popen([*run, "--config", str(config), "--db", str(db), "poll", "--sandbox", str(folder)])
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not burning(db):
            time.sleep(2)
    finally:
        collector.terminate()
        collector.wait()
    return config, db


def burning(db: Path) -> bool:
    """Whether an incident is open."""
    from listener.engine.incidents import Incidents
    from listener.store.connection import Store

    with Store(db) as store:
        return bool(Incidents(store, "desk").board(states=("open",)))


async def picture(config: Path, db: Path, keys: tuple[str, ...]) -> str:
    """The SVG of the screen that these keys lead to."""
    from tui.app import ListenerApp
    from tui.screens.session import Session

    session = Session(config, db, "nora")
    app = ListenerApp(session, keys=session.keys())
    app.theme = "listener-dark"
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(1)
        for key in keys:
            await pilot.press("space" if key == " " else "full_stop" if key == "." else key)
            await pilot.pause(0.1)
        await pilot.pause(5)  # a toast has gone by then
        svg = app.export_screenshot(title="listener")
    app.close_desk()
    return svg.replace("<text ", '<text xml:space="preserve" ')


def main(folder: Path) -> None:
    config, db = furnish(folder)
    IMAGES.mkdir(exist_ok=True)
    for name, keys in SHOTS.items():
        (IMAGES / f"{name}.svg").write_text(asyncio.run(picture(config, db, keys)), encoding="utf-8")
        print(IMAGES / f"{name}.svg")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made) / "demo")
