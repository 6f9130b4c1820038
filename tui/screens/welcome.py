"""The first run: who you are, what to listen for, where; each network is tried before it is taken. Ends in the inbox."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, Static

from listener.errors import ConfigError, ListenerError
from tui import format as shown
from tui.screens.base import DeskScreen
from tui.widgets.row_list import Row, RowList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listener.config import SourceSetting
    from listener.source import Check
    from tui.screens.session import Session

FIELDS = (
    ("brand", "The brand to listen for", "Aurora Air"),
    ("handles", "Its accounts, as people name them", "@auroraair @auroraair.example"),
    ("hashtags", "Its hashtags", "#auroraair"),
    ("rivals", "Competitors, with commas between", "Borealis, Zephyr Jet"),
    ("zone", "The desk's time zone", "Europe/Athens"),
    ("operator", "Your name on the desk", "nora"),
)
ANSWER_WITHIN = 15.0
"""Seconds that a network has to answer the first try."""


class WelcomeScreen(DeskScreen):
    """Two pages: a form, then the networks that need no account with what each of them answered just now."""

    ROOM: ClassVar[str] = "welcome"
    CSS_PATH = "welcome.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "next", "Go on", priority=True),
        Binding("escape", "back", "Back"),
        Binding("ctrl+q", "quit", "Leave"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._chosen: set[str] = set()
        self._answers: dict[str, tuple[str, str]] = {}
        self._offers: dict[str, SourceSetting] = {}

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="form", can_focus=False):
            yield Static("Listener: what shall this desk listen for?", classes="title", id="title")
            yield Static("Everything stands in one file afterwards and can be changed there. Tab goes on, ^s takes the page.", classes="said", id="about")
            for name, label, example in FIELDS:
                yield Label(label)
                yield Input(self._guess(name), placeholder=example, id=name, compact=True, select_on_focus=False)
        yield Static("", id="wrong")
        yield Static("^s  Go on to the networks", id="next")

    def _guess(self, name: str) -> str:
        return {"operator": self.session.operator, "zone": local_zone()}.get(name, "")

    def on_mount(self) -> None:
        self.query_one("#brand", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == FIELDS[-1][0]:
            self.action_next()
        else:
            self.focus_next()

    def _typed(self, name: str) -> str:
        return " ".join(self.query_one(f"#{name}", Input).value.split())

    def _wrong(self, text: str) -> None:
        self.query_one("#wrong", Static).update(Content(shown.one_line(text, 300)))

    def action_next(self) -> asyncio.Future[None] | None:
        if self.query(RowList):
            self._finish()
            return None
        if not self._typed("brand"):
            self._wrong("A desk listens for something: type the name of a brand.")
            self.query_one("#brand", Input).focus()
            return None
        try:
            self._text(())
        except ListenerError as error:
            self._wrong(str(error))
            return None
        self._wrong("")
        return self.talk(self._show_networks())

    def action_back(self) -> None:
        """From the networks to the form; what was typed stays."""
        for listing in self.query(RowList):
            listing.remove()
            self._turn(form=True)

    def action_quit(self) -> None:
        self.app.exit()

    def _turn(self, *, form: bool) -> None:
        for widget in (*self.query(Label), *self.query(Input)):
            widget.display = form
        self.query_one("#title", Static).update("Listener: what shall this desk listen for?" if form else "Listener: where shall it listen?")
        self.query_one("#next", Static).update("^s  Go on to the networks" if form else "^s  Open the inbox with these networks     esc  Back")
        if form:
            self.query_one("#brand", Input).focus()

    # The networks

    async def _show_networks(self) -> None:
        from listener.config.template import KEYLESS

        self._offers = {setting.kind: setting for setting in KEYLESS}
        self._chosen = self._chosen or set(self._offers)
        self._answers = dict.fromkeys(self._offers, ("…", "is being tried"))
        self._turn(form=False)
        self.query_one("#about", Static).update(
            "These need no account. Each was asked a moment ago; space chooses. Those with an account come later: `listener sources add`."
        )
        listing = RowList("Networks without an account: space takes or leaves one", "There is none.")
        await self.query_one("#form").mount(listing)
        listing.focus()
        self._list_networks()
        for name, setting in self._offers.items():
            self.run_worker(self._try(name, setting))

    async def _try(self, name: str, setting: SourceSetting) -> None:
        self._answers[name] = await asyncio.to_thread(try_out, self.session, setting)
        if self._answers[name][0] == "✗":
            self._chosen.discard(name)
        self._list_networks()

    def _list_networks(self) -> None:
        from sources.catalogue import networks

        titles = {kind: network.title for kind, network in networks().items()}
        for listing in self.query(RowList):
            rows = []
            for name in self._offers:
                sign, said = self._answers[name]
                tone = {"✓": "$good", "✗": "$bad", "!": "$notice"}.get(sign, "$muted")
                box = "[x] " if name in self._chosen else "[ ] "
                head = Content.assemble((box, "bold $accent"), (titles.get(name, name), "bold"))
                rows.append(Row(name, Content("\n").join([head, Content.styled(f"    {sign} {shown.one_line(said, 200)}", tone)])))
            listing.show(rows)

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        self._chosen ^= {str(event.id)}
        self._list_networks()

    def on_row_list_marked(self, event: RowList.Marked) -> None:
        event.list.forget_marks()
        self._chosen ^= {str(event.id)}
        self._list_networks()

    # The end

    def _text(self, sources: Sequence[SourceSetting]) -> str:
        """The configuration. Raises ConfigError."""
        from listener.config.template import template, topic_for

        zone = self._typed("zone") or "UTC"
        check_zone(zone)
        words = {name: self._typed(name).replace(",", " ").split() for name in ("handles", "hashtags")}
        brand = topic_for(self._typed("brand"), handles=words["handles"], hashtags=words["hashtags"])
        rivals = [rival.strip() for rival in self._typed("rivals").split(",") if rival.strip()]
        return template(brand, rivals, sources, time_zone=zone, operator=self._typed("operator"))

    def _finish(self) -> None:
        from listener.config.paths import write_private

        session = self.session
        if not self._chosen:
            self._wrong("Choose at least one network with space; one that did not answer just now is asked again later.")
            return
        try:
            text = self._text([self._offers[name] for name in self._offers if name in self._chosen])
            if session.config_path.exists():
                raise ConfigError(f"{session.config_path} exists by now.", hint="Somebody wrote it meanwhile; start again with it.")
            write_private(session.config_path, text)
            session.read_again()
        except (ListenerError, OSError) as error:
            self._wrong(str(error))
            return
        session.operator = self._typed("operator") or session.operator
        for name in ("triage", "replies", "incidents"):
            session.__dict__.pop(name, None)
        self.app.switch_mode("inbox")


def try_out(session: Session, setting: SourceSetting) -> tuple[str, str]:
    """Ask a network for real: a sign, and what to say about it."""
    from sources.catalogue import open_source
    from sources.http import Http
    from sources.opening import Context

    async def run() -> list[Check]:
        source = open_source(setting, Context("", Http(allow_hosts=session.config.desk.allow_hosts)))
        try:
            return list(await asyncio.wait_for(source.check(), ANSWER_WITHIN))
        finally:
            await source.aclose()

    began = time.monotonic()
    try:
        found = asyncio.run(run())
    except TimeoutError:
        return "✗", f"no answer within {ANSWER_WITHIN:.0f} s; it can be added later"
    except ListenerError as error:
        return "✗", str(error)
    failed = next((check for check in found if check.state == "failed"), None)
    warned = next((check for check in found if check.state == "warning"), None)
    if failed:
        return "✗", failed.text
    return ("!", warned.text) if warned else ("✓", f"answers, {time.monotonic() - began:.1f} s")


def local_zone() -> str:
    """This machine's time zone by its IANA name; UTC where it cannot be told."""
    import os
    from pathlib import Path

    link = Path("/etc/localtime")
    target = str(link.resolve()) if link.exists() else ""
    name = os.environ.get("TZ", "").lstrip(":") or (target.split("zoneinfo/", 1)[1] if "zoneinfo/" in target else "UTC")
    try:
        check_zone(name)
    except ConfigError:
        return "UTC"
    return name


def check_zone(name: str) -> None:
    """Raises ConfigError: there is no such time zone."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ConfigError(f"There is no time zone {name!r}.", hint="Such as Europe/Athens, America/New_York or UTC.") from None


