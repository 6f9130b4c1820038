"""Writing what a list shows to a file, with a line that shows how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from listener.errors import InputError
from tui import format as shown
from tui.widgets.progress import Work
from tui.widgets.prompt import Ask, Choice, Choose

if TYPE_CHECKING:
    from tui.screens.listing import Listing

FORMATS = {"csv": "for spreadsheets: formulas disarmed, and exact to read back", "jsonl": "for programs: one object a line, exact"}


class Stopped(Exception):
    """Somebody pressed the key that stops long work."""


async def export(screen: Listing) -> None:
    """Ask for a format and a file, then write. A file that exists is only replaced when somebody says so, and only when the new one is whole."""
    chosen = await screen.ask(Choose("Export what is shown", [Choice(name, name.upper(), note) for name, note in FORMATS.items()]))
    if not chosen:
        return
    kind, n = chosen[0], screen.listing.count
    name = "-".join(screen.pane.view.title.casefold().split()) or "mentions"
    proposed = Path.home() / f"{''.join(letter for letter in name if letter.isalnum() or letter == '-')}.{kind}"
    typed = await screen.ask(Ask("Write to", text=str(proposed), check=lambda text: meaning(text, n)))
    if not typed:
        return
    path = _path(typed)
    if _stands(path) and not await screen.sure("Replace this file?", [str(path)], yes="replace it"):
        return
    filter_, marked = screen.pane.filter, tuple(sorted(screen.listing.marks))
    if marked:
        from dataclasses import replace

        filter_ = replace(filter_, ids=marked, folded=False)

    def run(work: Work) -> int | None:
        from listener.reports.export import whole_file, write_csv, write_jsonl

        def progress(done: int) -> None:
            if not work.advance(done - work.done):
                raise Stopped

        try:
            with whole_file(path) as stream:
                if kind == "csv":
                    return write_csv(screen.session.store, filter_, stream, progress=progress)
                return write_jsonl(screen.session.store, filter_, stream, progress=progress)
        except Stopped:
            return None

    def then(written: int | None) -> None:
        screen.say("Stopped; no file was left behind." if written is None else f"{shown.plural(written, 'mention')} written to {path}")

    screen.long_work(Work("Export", len(marked) or n), run, then)


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _stands(path: Path) -> bool:
    return path.exists()


def meaning(text: str, n: int) -> str:
    """What will be written where. Raises InputError: it cannot be."""
    path = _path(text)
    if path.is_dir():
        raise InputError(f"{path} is a folder.", hint="Name a file in it.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent}.")
    return f"{shown.plural(n, 'mention')} to {path}" + (", which exists" if path.exists() else "")
