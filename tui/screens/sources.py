"""The networks: how each does, how much it may still be asked, what went wrong, and what to do about it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from listener.errors import SourceError
from tui import commands
from tui import format as shown
from tui.screens.base import DeskScreen
from tui.widgets.row_list import Row, RowList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listener.source import Check
    from listener.store.checkpoints import Checkpoint, Health
    from tui.screens.session import Session

SIGNS = {"ok": ("✓", "$good"), "warning": ("!", "$notice"), "failed": ("✗", "$bad"), "skipped": ("·", "$muted")}


class SourcesScreen(DeskScreen):
    """One line a source; beside it all that is known of the one under the cursor."""

    ROOM: ClassVar[str] = "sources"
    CSS_PATH = "two_panes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("desk", "sources")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.rows = RowList("Sources", "No network is polled. `listener sources add` adds one and walks through its login.")
        self._health: dict[int | str, Health] = {}
        self._channels: list[Checkpoint] = []
        self._checks: dict[str, list[Check]] = {}

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.rows
            with VerticalScroll(id="reading", can_focus=True):
                yield Static(id="said")
        yield from self.foot()

    def on_mount(self) -> None:
        self.query_one("#reading").border_title = "Source"
        self.rows.focus()
        self.changed(worked=True)
        self.set_interval(5, lambda: self.changed(worked=False))

    def on_screen_resume(self) -> None:
        self.changed(worked=True)

    def changed(self, *, worked: bool) -> None:
        checkpoints = self.session.checkpoints
        self.beside(lambda: (checkpoints.health(), checkpoints.all()), lambda found: self._show(*found))

    def _show(self, health: list[Health], channels: list[Checkpoint]) -> None:
        configured = {one.name or one.kind for one in self.session.config.sources}
        health.sort(key=lambda one: (one.source not in configured, not one.failures, one.source))
        self._health, self._channels = {one.source: one for one in health}, channels
        down = sum(one.failures > 0 for one in health)
        self.rows.show([Row(one.source, self._line(one)) for one in health], f"Sources · {len(health)}" + (f" · {down} failing" if down else ""))

    def _line(self, one: Health) -> Content:
        now = self.session.clock()
        sign, tone = state_of(one, self.session)
        last = shown.ago(one.last_success, now) if one.last_success else "never"
        following = shown.until(one.next_poll, now) if one.next_poll and not one.paused else ""
        said = one.error or one.note
        head = Content.assemble(
            (f"{sign:<12}", tone), (f"{shown.one_line(one.source, 24):<24} ", "bold $title"), (f"{last:>9} ", ""), (f" next {following:<8}" if following else " " * 14, "$muted"),
            (f" {shown.short(one.received):>6} received", "$muted"),
        )  # fmt: skip
        meter = "  ".join(budget(one_budget, 10) for one_budget in one.budgets[:2])
        second = Content.styled(shown.one_line(said, 200), "$bad" if one.error else "$notice") if said else Content.styled(meter or "no limit is known", "$muted")
        return Content("\n").join([head, Content.assemble(" " * 12, second)])

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        one = self._health.get(event.id) if event.id is not None else None
        self.query_one("#said", Static).update(self._reading(one) if one else Content.styled("Nothing is here.", "$muted"))

    def _reading(self, one: Health) -> Content:
        now = self.session.clock()
        sign, tone = state_of(one, self.session)
        lines = [Content.assemble((shown.one_line(one.source, 60), "bold $title"), (f"  {one.kind}  ", "$muted"), (sign, tone)), Content("")]
        facts = (
            ("last success", shown.ago(one.last_success, now) if one.last_success else "never"),
            ("next poll", "paused" if one.paused else shown.until(one.next_poll, now) if one.next_poll else "not planned"),
            ("newest post", shown.ago(one.newest, now) if one.newest else "none yet"),
            ("received", shown.plural(one.received, "mention")),
            ("failures", f"{one.failures} in a row, last {shown.ago(one.last_error, now)}" if one.failures and one.last_error else "none"),
        )
        lines += [Content.assemble((f"{name:<13} ", "$muted"), text) for name, text in facts]
        if one.error:
            lines += [Content(""), Content.styled(shown.clean(one.error, 1000, lines=True), "$bad")]
        if one.note:
            lines += [Content(""), Content.styled(shown.clean(one.note, 1000, lines=True), "$notice")]
        if one.budgets:
            lines += [Content(""), Content.styled("── How much may still be asked ", "bold $muted")]
            lines += [Content(budget(held, 20) + (f"  full again {shown.until(held['resets_at'], now)}" if (held.get("resets_at") or 0) > now else "")) for held in one.budgets]
        channels = [channel for channel in self._channels if channel.source == one.source]
        if channels:
            lines += [Content(""), Content.styled("── Channels ", "bold $muted")]
            for channel in channels[:40]:
                when = "paused" if one.paused else shown.until(channel.next_check, now)
                said = channel.error or channel.note
                lines.append(Content.assemble((f"{'✗' if channel.error else '✓'} ", "$bad" if channel.error else "$good"), (shown.one_line(channel.channel, 50), ""), (f"  {when}", "$muted")))
                if said:
                    lines.append(Content.styled(f"  {shown.one_line(said, 200)}", "$bad" if channel.error else "$notice"))
        checks = self._checks.get(one.source)
        if checks is not None:
            lines += [Content(""), Content.styled("── Checked just now ", "bold $muted")]
            for check in checks:
                mark, colour = SIGNS[check.state]
                lines.append(Content.assemble((f"{mark} ", colour), (f"{check.what:<12} ", "$muted"), shown.one_line(check.text, 300)))
        return Content("\n").join(lines)

    # Acting

    def _act(self, act: Callable[[str], object], said: str) -> None:
        names = [str(one) for one in self.rows.subjects]

        def run() -> None:
            for name in names:
                act(name)

        def then(_: None) -> None:
            self.say(f"{said}: {', '.join(names)}")
            self.changed(worked=True)

        self.beside(run, then)

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        from listener.domain.query.ast import Field, Query
        from listener.store.filters import Filter

        self.show_mentions(f"From {event.id}", Filter(Query(Field("source", str(event.id))), "newest", self.session.operator))

    def action_source_pause(self) -> None:
        current = self._health.get(self.rows.current) if self.rows.current is not None else None
        if current:
            paused = not current.paused
            self._act(lambda name: self.session.checkpoints.pause(name, paused), "Paused" if paused else "Polled again")

    def action_source_poll(self) -> None:
        self._act(self.session.checkpoints.due_now, "Asked as soon as the collector gets there")

    def action_source_check(self) -> None:
        name = str(self.rows.current) if self.rows.current is not None else ""
        if not name:
            return
        self.say(f"Trying {name} for real …")

        def show(found: list[Check]) -> None:
            self._checks[name] = found
            if self.rows.current == name and name in self._health:
                self.query_one("#said", Static).update(self._reading(self._health[name]))

        self.beside(lambda: check(self.session, name), show)


def state_of(one: Health, session: Session) -> tuple[str, str]:
    """How a source does, in a word and a tone."""
    if one.paused:
        return "‖ paused", "$notice"
    if one.failures:
        return "✗ failing", "bold $bad"
    if one.source not in {setting.name or setting.kind for setting in session.config.sources}:
        return "· archive", "$muted"
    return ("✓ listening", "$good") if one.last_success else ("○ not yet", "$muted")


def budget(held: dict[str, object], width: int) -> str:
    """`requests ████▌      290 of 300`."""
    left, limit = float(str(held.get("left") or 0)), float(str(held.get("limit") or 0))
    meter = shown.bar(left / limit if limit else 0, width).replace(" ", "·")
    return f"{shown.one_line(str(held.get('name') or 'budget'), 20)} {meter} {left:g} of {limit:g}"


def check(session: Session, name: str) -> list[Check]:
    """Try a source for real. Raises ConfigError, SourceError."""

    async def run() -> list[Check]:
        source = session.network(name)
        if source is None:
            raise SourceError(f"{name} is in the archive, but not in the configuration.", hint="Nothing polls it; `listener sources add` adds one.")
        try:
            return list(await source.check())
        finally:
            await source.aclose()

    return asyncio.run(run())
