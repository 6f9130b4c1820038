"""The configuration of a desk: one frozen tree, read from a TOML file.

`load` reads it; `Config()` is a usable desk without a file. Secrets stay where they are kept until somebody reveals one.
"""

from __future__ import annotations

from listener.config.alarms import Channel, Incidents, Notify, TopicTuning, Window
from listener.config.answers import Acknowledge, Replies, SlaPolicy
from listener.config.place import Place
from listener.config.read import load, loads
from listener.config.secrets import Secret, store_secret
from listener.config.tree import Config, Desk, Playbooks, Retention, RuleSetting, SentimentSetting, SourceSetting, StreamSetting, Then

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
