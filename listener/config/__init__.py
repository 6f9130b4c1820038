"""The configuration of a desk: one frozen tree, read from a TOML file.

`load` reads it; `Config()` is a usable desk without a file. Secrets stay where they are kept until somebody reveals one.
Names are imported when they are first asked for: a command that only wants to know where the database is pays for no reader.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from listener.config.alarms import Channel, Incidents, Notify, TopicTuning, Window
    from listener.config.answers import Acknowledge, Replies, SlaPolicy
    from listener.config.place import Place
    from listener.config.read import load, loads
    from listener.config.secrets import Secret, store_secret
    from listener.config.tree import Config, Desk, Playbooks, Retention, RuleSetting, SentimentSetting, SourceSetting, StreamSetting, Then

_ROOMS = {
    "alarms": ("Channel", "Incidents", "Notify", "TopicTuning", "Window"),
    "answers": ("Acknowledge", "Replies", "SlaPolicy"),
    "place": ("Place",),
    "read": ("load", "loads"),
    "secrets": ("Secret", "store_secret"),
    "tree": ("Config", "Desk", "Playbooks", "Retention", "RuleSetting", "SentimentSetting", "SourceSetting", "StreamSetting", "Then"),
}
_WHERE = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


__all__ = [
    "Acknowledge",
    "Channel",
    "Config",
    "Desk",
    "Incidents",
    "Notify",
    "Place",
    "Playbooks",
    "Replies",
    "Retention",
    "RuleSetting",
    "Secret",
    "SentimentSetting",
    "SlaPolicy",
    "SourceSetting",
    "StreamSetting",
    "Then",
    "TopicTuning",
    "Window",
    "load",
    "loads",
    "store_secret",
]
