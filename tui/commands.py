"""Every action of an operator, once. Bindings, footer, palette, help, the keymap and the table in README come from here.

A screen takes its keys with `BINDINGS = bindings("inbox")` and writes one `action_…` method for each action of its rooms. The
keys of a room may be the keys of another, as long as no screen shows both at a time: `conflicts` says where they collide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.binding import BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """Something that an operator can do."""

    id: str
    """Stable: the configuration's keymap and recorded macros name it. `close-next` calls `action_close_next`."""
    keys: str
    """Textual's names of keys, with commas between; empty when only the palette offers it."""
    name: str
    help: str
    group: str
    rooms: tuple[str, ...]
    """Where it applies, see ROOMS."""
    footer: bool = False
    """Shown in the footer of its rooms: for the few that a newcomer needs."""
    repeats: bool = False
    """A change of a mention, which `.` does again and a macro records."""

    @property
    def method(self) -> str:
        """The name after `action_`."""
        return self.id.replace("-", "_")


ROOMS: dict[str, str] = {
    "desk": "everywhere",
    "rows": "in any list",
    "list": "in a list of mentions",
    "mention": "on a mention, in the list or opened",
    "filter": "in the filter bar",
    "streams": "in the stream columns",
    "board": "on the incident board",
    "outbox": "in the outbox",
    "sources": "on the sources screen",
    "composer": "while writing a reply",
    "panel": "in a panel of figures",
}
"""A room is a part of a screen with keys of its own."""

SCREENS: dict[str, tuple[str, ...]] = {
    "inbox": ("desk", "rows", "list", "mention"),
    "streams": ("desk", "rows", "list", "mention", "streams"),
    "incidents": ("desk", "rows", "board"),
    "outbox": ("desk", "rows", "outbox"),
    "sources": ("desk", "rows", "sources"),
    "composer": ("composer",),
    "compare": ("desk", "panel"),
    "metrics": ("desk", "panel"),
    "handover": ("desk", "panel"),
    "playbook": ("desk", "rows"),
    "help": ("desk", "panel"),
}
"""Which rooms a screen shows at the same time: within one screen a key has one meaning."""

_LIST, _MENTION, _DESK = ("list",), ("mention",), ("desk",)
_ROWS = ("rows",)

ACTIONS: tuple[Action, ...] = (
    Action("up", "up,k", "Up", "Go to the row above", "Move", _ROWS),
    Action("down", "down,j", "Down", "Go to the row below", "Move", _ROWS),
    Action("page-up", "pageup", "Page up", "Go up by a page", "Move", _ROWS),
    Action("page-down", "pagedown", "Page down", "Go down by a page", "Move", _ROWS),
    Action("first", "home", "First", "Go to the first row", "Move", _ROWS),
    Action("last", "end,G", "Last", "Go to the last row", "Move", _ROWS),
    Action("newest", "g", "New ones", "Take in what has arrived since, and go to the top", "Move", _LIST, footer=True),
    Action("open", "enter", "Open", "Open the mention, the incident or the row", "Move", _ROWS, footer=True),
    Action("next-pane", "tab", "Next pane", "Go to the next pane", "Move", _DESK),
    Action("back", "escape", "Back", "Close what is open, or go back", "Move", _DESK),
    Action("mark", "space", "Mark", "Mark or unmark the row, and go to the next", "Mark", _ROWS, footer=True),
    Action("mark-range", "v", "Mark a range", "Mark from here to where you go; again to end it", "Mark", _ROWS),
    Action("mark-all", "ctrl+a", "Mark all shown", "Mark everything that the stream and the filter show", "Mark", _ROWS),
    Action("unmark", "V", "Unmark all", "Take all marks away", "Mark", _ROWS),
    Action("reply", "r", "Reply", "Answer in the network's own thread", "Work", _MENTION, footer=True, repeats=True),
    Action("tag", "t", "Tag", "Add or take away tags; a new word makes a new tag", "Work", _MENTION, footer=True, repeats=True),
    Action("assign", "a", "Assign", "Give it to a person or a team", "Work", _MENTION, footer=True, repeats=True),
    Action("take", "i", "Take it", "Assign it to yourself", "Work", _MENTION, repeats=True),
    Action("note", "n", "Note", "Write a note for the team", "Work", _MENTION, repeats=True),
    Action("snooze", "s", "Snooze", "Put it away until a time: tomorrow 9, mon 08:30, in 2h", "Work", _MENTION, footer=True, repeats=True),
    Action("close-next", "d", "Done", "Close it and go to the next", "Work", _MENTION, footer=True, repeats=True),
    Action("reopen", "D", "Reopen", "Open it again", "Work", _MENTION, repeats=True),
    Action("confirm-kind", "y", "Confirm kind", "Take the suggested kind of message as a tag", "Work", _MENTION, repeats=True),
    Action("task-kind", "K", "Task kind", "Support, question, feedback, lead or crisis", "Work", _MENTION, repeats=True),
    Action("steps", "B", "Steps", "Tick the steps of its playbook", "Work", ("mention", "board")),
    Action("severity-1", "1", "SEV1", "Set the severity to SEV1, the worst", "Judge", _MENTION, repeats=True),
    Action("severity-2", "2", "SEV2", "Set the severity to SEV2", "Judge", _MENTION, repeats=True),
    Action("severity-3", "3", "SEV3", "Set the severity to SEV3", "Judge", _MENTION, repeats=True),
    Action("severity-4", "4", "SEV4", "Set the severity to SEV4", "Judge", _MENTION, repeats=True),
    Action("severity-0", "0", "No severity", "Take the severity away", "Judge", _MENTION, repeats=True),
    Action("sentiment", "=", "Sentiment", "Say yourself whether it is positive, neutral or negative", "Judge", _MENTION, repeats=True),
    Action("language", "L", "Language", "Correct the language", "Judge", _MENTION, repeats=True),
    Action("explain", "e,w", "Why?", "Show which words made the sentiment and the severity", "Judge", _MENTION),
    Action("person", "p", "Person", "Everything of this author on every network, and linked identities", "Look", _MENTION),
    Action("thread", "h", "Thread", "Show the whole conversation", "Look", _MENTION),
    Action("browse", "o", "Browser", "Open the post in the browser", "Look", _MENTION),
    Action("copy-link", "c", "Copy link", "Put the address on the clipboard", "Look", _MENTION),
    Action("expand", "x", "Duplicates", "Show or fold the near-duplicates of the row", "Look", _LIST),
    Action("search", "/", "Search", "Search the whole archive", "Find", _DESK, footer=True),
    Action("filter", "f", "Filter", "Narrow what is shown with a query", "Find", _LIST, footer=True),
    Action("sort", "S", "Sort", "Most urgent, newest, oldest, widest reach or most negative first", "Find", _LIST),
    Action("stream", "b", "Stream", "Switch to another stream", "Find", _LIST),
    Action("previous-stream", "[", "Previous stream", "Switch to the stream above", "Find", _LIST),
    Action("next-stream", "]", "Next stream", "Switch to the stream below", "Find", _LIST),
    Action("topic", "T", "Topic", "Show one topic, or all", "Find", _DESK),
    Action("as-of", "A", "As of", "Show the inbox as it was at a time: 03:00, yesterday 18:00", "Find", _LIST),
    Action("earlier", "less_than_sign", "Earlier", "Move the shown time back by a quarter of an hour", "Find", _LIST),
    Action("later", "greater_than_sign", "Later", "Move the shown time on by a quarter of an hour", "Find", _LIST),
    Action("repeat", "full_stop", "Repeat", "Do the last change again, here or on all marked", "Again", _MENTION),
    Action("undo", "u", "Undo", "Undo the last change, with all that it touched", "Again", _DESK, footer=True),
    Action("history", "U", "History", "What was done, newest first, to undo any of it", "Again", _DESK),
    Action("macro-record", "M", "Record macro", "Record what you do; again to end and name it", "Again", _MENTION),
    Action("macro-play", "at", "Play macro", "Play a macro, after a list of what it would do", "Again", _MENTION),
    Action("pipe", "vertical_line", "Pipe", "Give the marked mentions as JSON to a command of yours", "Again", _MENTION),
    Action("export", "X", "Export", "Write what is shown to CSV, JSONL or XLSX", "Again", _LIST),
    Action("incident-ack", "a", "Acknowledge", "I have seen it and I am on it", "Incident", ("board",), footer=True),
    Action("incident-resolve", "d", "Resolve", "It is over: say why, and whether it was real", "Incident", ("board",), footer=True),
    Action("incident-reopen", "D", "Reopen", "It is not over", "Incident", ("board",)),
    Action("incident-owner", "o", "Owner", "Give the incident to somebody", "Incident", ("board",), footer=True),
    Action("incident-mute", "m", "Mute", "Raise nothing like it for a while", "Incident", ("board",), footer=True),
    Action("incident-merge", "M", "Merge", "Make one incident of the marked ones", "Incident", ("board",)),
    Action("incident-split", "S", "Split", "Take a part out into an incident of its own", "Incident", ("board",)),
    Action("incident-note", "n", "Note", "Write into the incident's timeline", "Incident", ("board",)),
    Action("incident-severity", "=", "Severity", "Say yourself how bad it is", "Incident", ("board",)),
    Action("take-back", "z", "Take back", "Stop a reply that has not gone out yet", "Outbox", ("outbox",), footer=True),
    Action("read-again", "r", "Read again", "Read the thread again and look for our reply", "Outbox", ("outbox",), footer=True),
    Action("mark-sent", "m", "Mark as sent", "I have seen it published: never send it again", "Outbox", ("outbox",)),
    Action("send-again", "S", "Send again", "I have seen that it is not there: send it once more", "Outbox", ("outbox",)),
    Action("edit-reply", "e", "Edit", "Change a draft", "Outbox", ("outbox",), footer=True),
    Action("approve", "y", "Approve", "Let it go out", "Outbox", ("outbox",), footer=True),
    Action("reject", "n", "Reject", "Give it back with a note", "Outbox", ("outbox",), footer=True),
    Action(
        "source-check", "c", "Check", "Try the source for real: reach, credentials, search, reply", "Sources", ("sources",), footer=True
    ),
    Action("source-poll", "r", "Poll now", "Ask the network now", "Sources", ("sources",), footer=True),
    Action("source-pause", "s", "Pause", "Stop or go on polling", "Sources", ("sources",), footer=True),
    Action("column-add", "plus", "Add column", "Put another stream beside these", "Streams", ("streams",), footer=True),
    Action("column-remove", "minus", "Remove column", "Take this column away", "Streams", ("streams",)),
    Action("column-left", "left", "Column left", "Go to the column on the left", "Streams", ("streams",)),
    Action("column-right", "right", "Column right", "Go to the column on the right", "Streams", ("streams",)),
    Action("column-edit", "E", "Edit stream", "Change the name and the query of this stream", "Streams", ("streams",)),
    Action("send", "ctrl+s", "Send", "Queue the reply; it can be taken back for a moment", "Compose", ("composer",), footer=True),
    Action("editor", "ctrl+e", "Editor", "Write in your own $EDITOR", "Compose", ("composer",), footer=True),
    Action("saved-reply", "ctrl+r", "Saved reply", "Search the saved replies", "Compose", ("composer",), footer=True),
    Action("keep-draft", "escape", "Keep draft", "Leave; the draft is kept", "Compose", ("composer",), footer=True),
    Action("discard-draft", "ctrl+x", "Discard", "Throw the draft away", "Compose", ("composer",)),
    Action("rows-behind", "enter", "Rows behind", "Open the mentions behind the figure", "Figures", ("panel",), footer=True),
    Action("period", "P", "Period", "Today, 7 days, 30 days, or dates", "Figures", ("panel",), footer=True),
    Action("formula", "w", "Formula", "How the figure is computed", "Figures", ("panel",)),
    Action("sign-on", "y", "Sign on", "Take over the shift", "Figures", ("panel",)),
    Action("show-inbox", "f2", "Inbox", "Mentions that wait for somebody", "Screens", _DESK),
    Action("show-incidents", "f3", "Incidents", "What is going wrong, the worst first", "Screens", _DESK),
    Action("show-streams", "f4", "Streams", "Streams side by side", "Screens", _DESK),
    Action("show-compare", "f5", "Compare", "The brand against its competitors", "Screens", _DESK),
    Action("show-metrics", "f6", "Metrics", "Response times, SLA, volume, sentiment", "Screens", _DESK),
    Action("show-handover", "f7", "Handover", "The brief for the next shift", "Screens", _DESK),
    Action("show-outbox", "f8", "Outbox", "Replies on their way", "Screens", _DESK),
    Action("show-sources", "f9", "Sources", "The health of each network", "Screens", _DESK),
    Action("show-playbook", "f12", "Playbook", "What to do for each tag", "Screens", _DESK),
    Action("help", "question_mark,f1", "Help", "The keys of this screen", "Desk", _DESK, footer=True),
    Action("palette", "colon,ctrl+p", "Commands", "Find any action by its name", "Desk", _DESK, footer=True),
    Action("details", "f10", "Details", "What went wrong, in full", "Desk", ("list", "mention", "board", "panel", "sources")),
    Action("stop", "ctrl+g", "Stop", "Stop the long work that is running", "Desk", _DESK),
    Action("theme", "ctrl+t", "Theme", "Change the colours", "Desk", _DESK),
    Action("density", "ctrl+d", "Density", "One line a mention or two", "Desk", _LIST),
    Action("quit", "ctrl+q", "Quit", "Leave the desk; collecting goes on", "Desk", _DESK),
)

PRESETS: dict[str, dict[str, str]] = {
    "listener": {},
    "vim": {
        "page-up": "ctrl+b,pageup",
        "page-down": "ctrl+f,pagedown",
        "newest": "g",
        "last": "G,end",
        "mark": "v,space",
        "mark-range": "V",
        "unmark": "ctrl+u",
        "macro-record": "q",
        "details": "E",
        "column-edit": "ctrl+o",
        "column-left": "h,left",
        "column-right": "l,right",
        "thread": "H",
        "palette": "colon",
    },
    "emacs": {
        "up": "up,ctrl+p",
        "down": "down,ctrl+n",
        "page-up": "pageup,alt+v",
        "page-down": "pagedown,ctrl+v",
        "first": "home,alt+less_than_sign",
        "last": "end,alt+greater_than_sign",
        "search": "ctrl+s,slash",
        "undo": "ctrl+underscore,u",
        "back": "ctrl+g,escape",
        "stop": "ctrl+c",
        "palette": "alt+x,colon",
        "next-pane": "tab,ctrl+o",
        "mark": "space,ctrl+at",
        "send": "alt+enter,ctrl+s",
    },
}
"""Keymaps by name; the configuration's own keymap is laid over one of them."""

_BY_ID = {action.id: action for action in ACTIONS}


def get(identity: str) -> Action:
    """The action of that id. Raises KeyError."""
    return _BY_ID[identity]


def of(*rooms: str) -> list[Action]:
    """The actions of these rooms, in the order of the table."""
    return [action for action in ACTIONS if any(room in action.rooms for room in rooms)]


def bindings(*rooms: str, footer: bool = True) -> list[BindingType]:
    """What a screen or a widget that is these rooms puts into its BINDINGS."""
    from textual.binding import Binding

    return [
        Binding(action.keys, action.method, action.name, show=footer and action.footer, tooltip=action.help, id=action.id)
        for action in of(*rooms)
        if action.keys
    ]


def keymap(preset: str = "", own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Keys by action id, for Textual's `set_keymap`: a preset with the configuration's own keys laid over it.

    Raises:  ConfigError: there is no such preset, or no such action.
    """
    from listener.errors import ConfigError

    if preset and preset not in PRESETS:
        raise ConfigError(f"There is no keymap called {preset!r}.", hint=f"Choose one of: {', '.join(PRESETS)}.")
    strange = [identity for identity in own or {} if identity not in _BY_ID]
    if strange:
        raise ConfigError(f"The keymap names {strange[0]!r}, which is no action.", hint=_nearest(strange[0]))
    return {**PRESETS.get(preset, {}), **{identity: normal(keys) for identity, keys in (own or {}).items()}}


def _nearest(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, _BY_ID, n=1)
    return f"Did you mean {near[0]!r}?" if near else "`listener keys` lists them all."


def normal(keys: str) -> str:
    """Keys as people write them (`?`, `ctrl+/`, `g`) in Textual's names, so that two spellings of one key are one key."""
    from textual.keys import _character_to_key

    def one(key: str) -> str:
        *modifiers, last = (part or "+" for part in key.split("+")) if key != "+" else ("+",)
        return "+".join([*(part.lower() for part in modifiers), _character_to_key(last) if len(last) == 1 else last.lower()])

    return ",".join(one(key.strip()) for key in keys.split(",") if key.strip()) if keys.strip() != "," else "comma"


@dataclass(frozen=True, slots=True)
class Clash:
    """One key that means two things on one screen."""

    screen: str
    key: str
    actions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{shown_key(self.key)} on the {self.screen} screen means both {' and '.join(self.actions)}"


def conflicts(keys: Mapping[str, str]) -> list[Clash]:
    """Where a keymap gives one key two meanings on one screen."""
    clashes = []
    for screen, rooms in SCREENS.items():
        meanings: dict[str, list[str]] = {}
        for action in of(*rooms):
            for key in dict.fromkeys(normal(keys.get(action.id, action.keys)).split(",")):
                if key:
                    meanings.setdefault(key, []).append(action.id)
        clashes += [Clash(screen, key, tuple(ids)) for key, ids in meanings.items() if len(ids) > 1]
    return clashes


_PICTURES = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "enter": "⏎", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn",
    "question_mark": "?", "full_stop": ".", "at": "@", "vertical_line": "|", "colon": ":", "slash": "/", "plus": "+", "minus": "-",
    "less_than_sign": "<", "greater_than_sign": ">", "underscore": "_", "comma": ",", "equals_sign": "=",
    "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip


def shown_key(key: str) -> str:
    """A key as it stands on a keyboard: `?`, `^s`, `F3`."""
    *modifiers, last = key.strip().split("+")
    picture = _PICTURES.get(last, last.upper() if last[:1] == "f" and last[1:].isdigit() else last)
    return "".join({"ctrl": "^", "alt": "alt-", "shift": "shift-"}.get(part, part + "+") for part in modifiers) + picture


def shown_keys(action: Action, keys: Mapping[str, str] | None = None) -> str:
    """All keys of an action, as on a keyboard."""
    return " ".join(shown_key(key) for key in (keys or {}).get(action.id, action.keys).split(",") if key)


def groups(actions: Iterable[Action]) -> dict[str, list[Action]]:
    """The actions under the titles of their groups, both in the order of the table."""
    found: dict[str, list[Action]] = {}
    for action in actions:
        found.setdefault(action.group, []).append(action)
    return found


def table(keys: Mapping[str, str] | None = None) -> str:
    """The keys as a table in Markdown, for README."""
    lines = ["| key | action | where | id |", "|---|---|---|---|"]
    for action in ACTIONS:
        picture = shown_keys(action, keys).replace("|", "\\|")
        where = "; ".join(ROOMS[room] for room in action.rooms) if len(action.rooms) < 3 else "nearly everywhere"
        lines.append(f"| `{picture}` | {action.name}: {action.help[:1].lower() + action.help[1:]} | {where} | `{action.id}` |")
    return "\n".join(lines)


if __name__ == "__main__":
    import sys

    sys.stdout.write(table() + "\n")
