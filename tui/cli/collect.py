"""`poll` and `watch`: collecting without a screen, and a desk for a name without any configuration."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.engine.collector import Collector
    from listener.engine.poller import Poller


@click.command("poll")
@click.option("--once", is_flag=True, help="One round over everything that is due, replies among it, then stop; exit code 1 when every source failed.")
@click.option("--all", "everything", is_flag=True, help="With --once: poll every channel, due or not.")
@click.option("--wait", is_flag=True, help="Stand by while another collector runs, and take over when it ends.")
@click.option("--json", "as_json", is_flag=True, help="With --once: what it brought, as JSON.")
@click.option("--child-of", type=int, hidden=True, help="End when the desk with this process id is gone.")
@click.option("--sandbox", type=click.Path(file_okay=False, path_type=Path), hidden=True, help="Answer from the sandbox whose desk is in this folder.")
@click.pass_obj
def poll_command(desk: Desk, once: bool, everything: bool, wait: bool, as_json: bool, child_of: int | None, sandbox: Path | None) -> int:
    """Collect without a screen: poll, score, watch for incidents, send replies. For servers; see docs/server.md for a systemd unit."""
    from tui.cli.collecting import build, watch_over

    collector, poller = build(desk.config, desk.store, sandbox=sandbox, failed=lambda text: click.echo(f"listener: {text}", err=True))
    if once:
        code = asyncio.run(_once(desk, collector, poller, everything, as_json))
        watch_over(desk.config, desk.store)
        return code

    async def run() -> bool:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        watcher = asyncio.create_task(_end_with(child_of, stop)) if child_of else None
        try:
            return await collector.run(stop, wait=wait)
        finally:
            if watcher is not None:
                watcher.cancel()

    if not asyncio.run(run()):
        from listener.store.checkpoints import Leases

        holder = Leases(desk.store).holder("collector")
        click.echo(f"listener: {holder[0] if holder else 'somebody'} collects for this database already; --wait stands by.", err=True)
        return 3
    return 0


async def _end_with(parent: int, stop: asyncio.Event) -> None:
    """A desk that was killed could not end its collector: it ends by itself, and another desk starts its own."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells of a parent's end but looking
        await asyncio.sleep(1)
    stop.set()


async def _once(desk: Desk, collector: Collector, poller: Poller, everything: bool, as_json: bool) -> int:
    result = await poller.once(everything=everything)
    while result.more:
        further = await poller.once()
        result += further
        if not further.more:
            break
    from listener.domain.reply import ReplyState
    from listener.store.outbox import Outbox
    from tui.format import plural

    replies = Outbox(desk.store)
    before = replies.counts().get(ReplyState.SENT, 0)
    await collector.errand()
    await poller.aclose()
    sent = replies.counts().get(ReplyState.SENT, 0) - before
    if as_json:
        click.echo(json.dumps({"polled": result.polled, "pages": result.pages, "new": result.new, "failed": result.failed, "sent": sent}))
    elif not result.polled:
        click.echo("No channel is due yet; --all polls every one." + (f" {plural(sent, 'reply', 'replies')} sent." if sent else ""))
    else:
        went = f", {plural(sent, 'reply', 'replies')} sent" if sent else ""
        click.echo(f"{result.polled} channels polled, {result.pages} pages, {result.new} new mentions, {result.failed} failed{went}." + (" `listener sources check` says why." if result.failed else ""))
    return 1 if result.polled and result.failed == result.polled else 0


@click.command("watch")
@click.argument("brand")
@click.option("--vs", "rivals", metavar="NAME", multiple=True, help="A competitor; may be given more than once.")
@click.option("--once", is_flag=True, help="Poll once, print what came, and stop.")
@click.option("--json", "as_json", is_flag=True, help="With --once: the mentions as JSON.")
@click.pass_obj
def watch_command(desk: Desk, brand: str, rivals: tuple[str, ...], once: bool, as_json: bool) -> int:
    """Listen for a brand at once: keyless sources, a temporary database unless --db names one."""
    import tempfile

    from listener.config import loads
    from listener.config.template import template
    from listener.store.connection import Store
    from listener.store.names import Topics

    config = loads(template(brand, rivals))
    with tempfile.TemporaryDirectory(prefix="listener-") as folder:
        path = desk.named_db or Path(folder) / "watch.db"
        if not once:
            from tui.cli.terminal import open_desk

            text = Path(folder) / "watch.toml"
            text.write_text(template(brand, rivals), encoding="utf-8")
            open_desk(text, path, desk.operator)
            return 0
        from listener.store.filters import Filter
        from listener.store.mentions import Mentions
        from tui.cli.collecting import build
        from tui.cli.rows import echo_json, line, mention_row

        with Store(path) as store:
            Topics(store).put(list(config.topics))
            _, poller = build(config, store)
            result = asyncio.run(_once_quietly(poller))
            rows = Mentions(store).page(Filter(order="newest"), limit=200).entries
            if as_json:
                echo_json(mention_row(row) for row in rows)
            else:
                for row in rows:
                    click.echo(line(row, store.clock()))
                click.echo(f"{result.new} mentions from {result.polled} channels, {result.failed} of which failed.", err=True)
            return 1 if result.polled and result.failed == result.polled else 0


async def _once_quietly(poller: Poller):  # type: ignore[no-untyped-def]
    try:
        return await poller.once(everything=True)
    finally:
        await poller.aclose()
