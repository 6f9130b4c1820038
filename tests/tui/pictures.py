"""Pictures of a screen, to look at: `python -m tests.tui.pictures OUT` writes one of each widget in each theme and size."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from textual.app import ComposeResult
from textual.widget import Widget

from tests.tui.gallery import GALLERY
from tests.tui.settling import settle
from tui.canvas import Canvas

SIZES = ((80, 24), (120, 40))
THEMES = ("listener-dark", "listener-light", "ansi-dark")


class Frame(Canvas):
    """Holds one widget."""

    def __init__(self, make: Callable[[], Widget], ready: Callable[[Widget], object], theme: str) -> None:
        super().__init__(theme=theme)
        self.make, self.ready = make, ready

    def compose(self) -> ComposeResult:
        yield self.make()

    def on_mount(self) -> None:
        self.ready(self.screen.children[-1])


async def picture(name: str, theme: str, size: tuple[int, int]) -> str:
    """The SVG of a widget of the gallery; leading spaces are kept, which viewers like to drop."""
    make, ready, keys = GALLERY[name]
    app = Frame(make, ready, theme)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
        return app.export_screenshot(title=name).replace("<text ", '<text xml:space="preserve" ')


def main(out: Path, names: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name in names or GALLERY:
        for theme in THEMES:
            for size in SIZES:
                path = out / f"{name}_{theme.removeprefix('listener-')}_{size[0]}.svg"
                path.write_text(asyncio.run(picture(name, theme, size)), encoding="utf-8")
                if shutil.which("rsvg-convert"):
                    subprocess.run(["rsvg-convert", str(path), "-o", str(path.with_suffix(".png")), "-w", "1300"], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
