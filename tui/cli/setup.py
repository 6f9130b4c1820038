"""`init`: a first configuration."""

from __future__ import annotations

import click

from listener.errors import InputError
from tui.cli.desk import Desk


@click.command("init")
@click.option("--brand", default="", help="The brand to listen for; asked for when it is not given.")
@click.option("--vs", "rivals", metavar="NAME", multiple=True, help="A competitor; may be given more than once.")
@click.option("--handle", "handles", metavar="@NAME", multiple=True, help="An account of the brand.")
@click.option("--hashtag", "hashtags", metavar="#TAG", multiple=True, help="A hashtag of the brand.")
@click.option("--time-zone", default="", help="The desk's clock, such as Europe/Athens; otherwise this machine's.")
@click.option("--force", is_flag=True, help="Replace a configuration that exists; the old one is kept beside it.")
@click.option("--stdout", is_flag=True, help="Print it instead of writing it.")
@click.pass_obj
def init_command(desk: Desk, brand: str, rivals: tuple[str, ...], handles: tuple[str, ...], hashtags: tuple[str, ...], time_zone: str, force: bool, stdout: bool) -> None:
    """Write a commented configuration with a brand, its competitors and sources that need no account."""
    from listener.config.paths import write_private
    from listener.config.template import template, topic_for

    path = desk.config_path
    if path.exists() and not force and not stdout:
        raise InputError(f"{path} exists already.", hint="--force replaces it and keeps the old one beside it; --config FILE writes elsewhere.")
    brand = brand.strip() or _asked()

    text = template(topic_for(brand, handles=handles, hashtags=hashtags), rivals, time_zone=time_zone or _local_zone(), operator=desk.operator)
    if stdout:
        click.echo(text, nl=False)
        return
    if path.exists():
        path.replace(path.with_name(f"{path.name}.old"))
    write_private(path, text)
    click.echo(f"{path} written. Next: `listener poll --once` collects, `listener` opens the desk; every key is explained in the file.")


def _asked() -> str:
    """The brand, from whoever sits there. Raises InputError: nobody does."""
    import sys

    if not sys.stdin.isatty():
        raise InputError("Nobody is there to be asked for the brand.", hint='Name it: listener init --brand "Acme".')
    answer: str = click.prompt("The brand to listen for", type=str)
    return answer


def _local_zone() -> str:
    """This machine's time zone by its IANA name; UTC where it cannot be told."""
    import os
    from pathlib import Path

    named = os.environ.get("TZ", "").lstrip(":")
    link = Path("/etc/localtime")
    target = str(link.resolve()) if link.exists() else ""
    name = named or (target.split("zoneinfo/", 1)[1] if "zoneinfo/" in target else "UTC")
    try:
        from zoneinfo import ZoneInfo

        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return "UTC"
    return name
