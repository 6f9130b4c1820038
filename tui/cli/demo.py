"""`demo` and `tour`: the desk on the sandbox."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.errors import InputError
from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.engine.poller import Round

DATABASE = "demo.db"


@click.command("demo")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where the demo keeps its files; otherwise beside the database's own place.")
@click.option("--fresh", is_flag=True, help="Forget the last demo and begin anew.")
@click.option("--prepare", is_flag=True, help="Only make the desk and collect its two weeks of history; print where it is.")
@click.pass_obj
def demo_command(desk: Desk, folder: Path | None, fresh: bool, prepare: bool) -> None:
    """Open the desk on the sandbox: an invented airline, two competitors, several networks that answer in this machine alone.

    Two weeks of history, a quiet night with a sales lead at 03:00, and a crisis that begins while you watch. Replies land in the
    sandbox's threads, and people answer. Nothing leaves this machine. What you do stays for the next time; --fresh begins anew.
    """
    open_demo(desk, folder, fresh=fresh, prepare=prepare)


@click.command("tour")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where the demo keeps its files; otherwise beside the database's own place.")
@click.pass_obj
def tour_command(desk: Desk, folder: Path | None) -> None:
    """Learn the desk in five minutes, on the sandbox: each step says one thing to do, and goes on when you have done it."""
    open_demo(desk, folder, tour=True)


def open_demo(desk: Desk, folder: Path | None, *, fresh: bool = False, prepare: bool = False, tour: bool = False) -> None:
    """Make the demo's desk where it is missing, and open it."""
    from listener.config.paths import database_file
    from sources.sandbox.demo import CONFIG, STATE
    from sources.sandbox.demo import prepare as write_desk

    home = folder or database_file().parent / "demo"
    if fresh and home.exists():
        _clear(home, CONFIG, STATE)
    config, db = write_desk(home), home / DATABASE
    known = db.exists()
    if not known:
        _collect_history(config, db, home)
    if prepare:
        click.echo(f"listener --config {config} --db {db}")
        return
    from tui.cli.terminal import open_desk

    open_desk(config, db, desk.operator, sandbox=home, tour=tour)


def _clear(home: Path, config: str, state: str) -> None:
    """Remove what a demo wrote; a folder that holds anything else is left alone."""
    ours = {config, state, DATABASE, "playbooks", "replies", "mastodon.token", "bluesky.password"}
    foreign = [entry.name for entry in home.iterdir() if entry.name not in ours and not entry.name.startswith((DATABASE, state, "log", "cache", "collector", "."))]
    if foreign:
        raise InputError(f"{home} holds files that are not the demo's ({', '.join(sorted(foreign)[:3])}).", hint="Name another folder, or clear it by hand.")
    shutil.rmtree(home)


def _collect_history(config: Path, db: Path, home: Path) -> None:
    """Read two weeks through the adapters, saying how far it is."""
    from listener.config import load
    from listener.store.connection import Store
    from listener.store.names import Topics
    from tui.cli.collecting import build, watch_over

    click.echo("Collecting two weeks of history from the sandbox …", err=True)
    read = load(config)
    with Store(db) as store:
        Topics(store).put(list(read.topics))
        _, poller = build(read, store, sandbox=home)

        async def rounds() -> int:
            total = 0
            result: Round = await poller.once(everything=True)
            total += result.new
            while result.more:
                _say(f"\r{total} mentions")
                result = await poller.once()
                total += result.new
            await poller.aclose()
            return total

        _say(f"\r{asyncio.run(rounds())} mentions collected.\n")
        watch_over(read, store)


def _say(text: str) -> None:
    if sys.stderr.isatty() or text.endswith("\n"):
        click.echo(text, nl=False, err=True)
