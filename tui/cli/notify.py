"""`notify`: which channels there are, whether they work, and what was told."""

from __future__ import annotations

import click

from listener.errors import ListenerError
from tui.cli.desk import Desk
from tui.cli.rows import echo_json, iso


@click.group("notify")
def notify_command() -> None:
    """How people are told of incidents: channels, a test of them, and the log of what arrived."""


@notify_command.command("test")
@click.argument("names", metavar="[CHANNEL...]", nargs=-1)
@click.pass_obj
def test_command(desk: Desk, names: tuple[str, ...]) -> int:
    """Send a test by the named channels, or by all of them. Exit code 1 when one does not work."""
    from listener.engine.notify import test_channel

    wanted = names or tuple(channel.name for channel in desk.config.notify.channels)
    failed = 0
    for name in wanted:
        try:
            signal = test_channel(desk.config, name)
        except ListenerError as error:
            click.echo(f"{name}: {error}", err=True)
            failed += 1
            continue
        if signal:
            click.echo(signal, nl=False)
        click.echo(f"{name}: " + ("this terminal was asked to ring." if signal else "it took the test."))
    if not wanted:
        click.echo("No channels are configured: [[notify.channels]] in the configuration.", err=True)
    return 1 if failed or not wanted else 0


@notify_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def list_command(desk: Desk, as_json: bool) -> None:
    """The configured channels."""
    rows = [
        {"name": c.name, "kind": c.kind, "severity": c.severity, "topics": list(c.topics), "people": list(c.people)} for c in desk.config.notify.channels
    ]  # fmt: skip
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        to = ", ".join(map(str, row["people"])) or "everybody"
        click.echo(f"{row['name']:16} {row['kind']:8} {row['severity']} and worse, to {to}")


@notify_command.command("log")
@click.option("--limit", "-n", type=click.IntRange(1), default=50, show_default=True)
@click.option("--failed", is_flag=True, help="Only what did not arrive.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a line.")
@click.pass_obj
def log_command(desk: Desk, limit: int, failed: bool, as_json: bool) -> int:
    """What was told, by which channel, and whether it arrived; the newest first. With --failed, exit code 1 when there is something."""
    from listener.store.notices import Notices
    from tui.format import clean

    notices = Notices(desk.existing_store)
    rows = notices.troubles(0)[:limit] if failed else notices.log(limit=limit)
    if as_json:
        echo_json(
            {
                "id": n.id, "incident": n.incident_id, "channel": n.channel, "reason": n.reason, "people": list(n.people), "state": n.state, "made_at": iso(n.made_at),
                "sent_at": iso(n.sent_at), "attempts": n.attempts, "error": n.error or None, "title": n.title, "text": n.text,
            }
            for n in rows
        )  # fmt: skip
    else:
        for n in rows:
            click.echo(f"{iso(n.made_at)}  {n.state:8} {clean(n.channel, 20):12} {clean(n.title, 160)}" + (f"  [{clean(n.error, 200)}]" if n.error else ""))
        if not rows:
            click.echo("Everything arrived." if failed else "Nothing was told yet.", err=True)
    return 1 if failed and rows else 0
