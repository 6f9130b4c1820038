"""`doctor`: is everything as it should be, and what to do where it is not."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from listener.errors import ListenerError
from tui.cli.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from listener.config import Config


@dataclass(frozen=True, slots=True)
class Finding:
    state: Literal["ok", "warning", "failed"]
    what: str
    text: str


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True)
@click.option("--full", is_flag=True, help="Check every page of the database; takes a while on a large one.")
@click.option("--backup", "backup", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write a backup, check it, and stop.")
@click.pass_obj
def doctor_command(desk: Desk, as_json: bool, full: bool, backup: Path | None) -> int:
    """Look the installation, the configuration and the database over. Exit code 1 when something failed."""
    if backup is not None:
        desk.existing_store.backup(backup)
        click.echo(f"{backup}: backup written and checked.")
        return 0
    findings = list(_look(desk, full))
    if as_json:
        click.echo(json.dumps([{"state": f.state, "what": f.what, "text": f.text} for f in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            sign = {"ok": "✓", "warning": "!", "failed": "✗"}[finding.state]
            click.echo(f"{sign} {finding.what}: {finding.text}")
    return 1 if any(finding.state == "failed" for finding in findings) else 0


def _look(desk: Desk, full: bool) -> Iterator[Finding]:
    yield Finding("ok", "Python", f"{sys.version.split()[0]} at {sys.executable}")
    yield _sqlite()
    yield from _config(desk)
    yield from _database(desk, full)
    yield _keyring()


def _sqlite() -> Finding:
    from listener.store.connection import SQLITE, needs_lock

    if needs_lock():
        text = f"{SQLITE} can corrupt a database when two processes checkpoint at once; Listener serialises writes with a lock file beside it."
        return Finding("ok", "SQLite", text)
    return Finding("ok", "SQLite", SQLITE)


def _config(desk: Desk) -> Iterator[Finding]:
    try:
        config = desk.config
    except ListenerError as error:
        yield Finding("failed", "Configuration", str(error))
        return
    if not desk.config_path.exists():
        yield Finding("warning", "Configuration", f"none at {desk.config_path}; `listener init` writes one, `listener demo` needs none.")
        return
    yield Finding("ok", "Configuration", f"{desk.config_path}: {len(config.topics)} topics, {len(config.sources)} sources, {len(config.rules)} rules")
    if not config.brands():
        yield Finding("warning", "Topics", 'no topic has role = "brand": share of voice and paging need one.')
    yield from _sources(config)
    yield from _secrets(config)


def _sources(config: Config) -> Iterator[Finding]:
    """Networks that do not exist and keys that they do not have: only opening a source would show them otherwise."""
    from listener.config.secrets import Secret
    from sources.catalogue import networks, read_options

    for setting in config.sources:
        try:
            network = networks().get(setting.kind)
            if network is None:
                raise setting.place.at("kind").error(f"there is no network {setting.kind!r}", hint=f"There are: {', '.join(sorted(networks()))}.")
            read_options(network.options(), {key: "" if isinstance(value, Secret) else value for key, value in setting.options.items()}, setting)
        except ListenerError as error:
            yield Finding("failed", "Source", str(error))


def _secrets(config: object) -> Iterator[Finding]:
    from listener.config.check import secrets
    from listener.config.tree import Config

    assert isinstance(config, Config)
    for secret in secrets(config):
        try:
            secret.reveal()
        except ListenerError as error:
            yield Finding("failed", "Secret", str(error))


def _database(desk: Desk, full: bool) -> Iterator[Finding]:
    path = desk.db_path
    if not path.exists():
        yield Finding("warning", "Database", f"none at {path} yet; it is made by the first poll or import.")
        return
    try:
        store = desk.store
        verdict = store.check(full=full)
        total = desk.mentions.newest_id()
    except ListenerError as error:
        yield Finding("failed", "Database", f"{error} A backup made by `listener doctor --backup FILE` can be put in its place.")
        return
    yield Finding("ok" if verdict == "ok" else "failed", "Database", f"{path}: {total} mentions, {path.stat().st_size / 1e6:.1f} MB, integrity: {verdict}")
    for part in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if part.exists() and stat.S_IMODE(part.stat().st_mode) & 0o077:
            yield Finding("failed", "Privacy", f"{part} can be read by others: chmod 600 {part}")
    free = shutil.disk_usage(path.parent).free
    if free < 200e6:
        yield Finding("failed" if free < 20e6 else "warning", "Disk", f"{free / 1e6:.0f} MB left beside the database")
    from listener.store.checkpoints import Leases

    holder = Leases(store).holder("collector")
    yield Finding("ok", "Collector", f"{holder[0]} is collecting." if holder else "nobody is collecting; the desk starts one, or `listener poll`.")


def _keyring() -> Finding:
    import keyring

    name = type(keyring.get_keyring()).__name__
    if "fail" in type(keyring.get_keyring()).__module__ or "null" in type(keyring.get_keyring()).__module__:
        return Finding("warning", "Keyring", "this machine has none; tokens go to files of mode 0600 (`listener sources add`) or to the environment.")
    return Finding("ok", "Keyring", f"{name}, user {os.environ.get('USER', '?')}")
