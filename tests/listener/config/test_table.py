from __future__ import annotations

import copy
import pickle

import pytest

from listener.config import Config, Desk, Place, SourceSetting, StreamSetting


def test_a_table_is_a_frozen_value() -> None:
    """What a dataclass would give: equality, a readable repr, copies with changes, no assignment."""
    stream = StreamSetting("Leads", query="kind:lead")
    assert stream == StreamSetting(name="Leads", query="kind:lead")
    assert hash(stream) == hash(StreamSetting("Leads", "kind:lead"))
    assert stream != StreamSetting("Leads")
    assert stream.changed(key="1") == StreamSetting("Leads", "kind:lead", key="1")
    assert repr(stream).startswith("StreamSetting(name='Leads', query='kind:lead', order='newest'")
    with pytest.raises(AttributeError, match="frozen"):
        stream.name = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del stream.name


def test_wrong_fields_are_refused() -> None:
    """A misspelt field in our own code fails where it is written."""
    for arguments in ({}, {"name": "x", "qery": "y"}):
        with pytest.raises(TypeError, match="StreamSetting takes name, query"):
            StreamSetting(**arguments)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        StreamSetting("x", name="y")  # type: ignore[misc]


def test_where_it_stands_is_no_part_of_what_it_says() -> None:
    """The same setting on another line is the same setting."""
    assert SourceSetting("feed", place=Place(None, ("sources", 1))) == SourceSetting("feed")


def test_defaults_are_shared_and_cannot_be_spoilt() -> None:
    """One desk's defaults are another's: nothing in them can be written to."""
    assert Config().desk is Config().desk
    with pytest.raises(TypeError):
        Desk().teams["x"] = ()  # type: ignore[index]


def test_copies() -> None:
    """The tree goes to worker processes."""
    config = Config(streams=(StreamSetting("a"),))
    assert copy.deepcopy(config) == config
    assert pickle.loads(pickle.dumps(config)) == config
