"""The adapter that docs/writing-a-source.md shows is a whole one: it is installed, opened, polled, answered through and found again."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from docs.write_sources import PAGE, with_options
from listener.config.tree import SourceSetting
from listener.domain.mention import Mention
from listener.domain.topic import Topic
from listener.errors import ConfigError, Malformed
from listener.source import Replier, Source
from sources import catalogue
from tests.sources.specimens import stamp
from tests.sources.wire import DRAFT, Wire, context, entry, sent

DOC = Path(__file__).parents[2] / "docs" / "writing-a-source.md"


def example() -> str:
    found = re.search(r"<!-- listener_gitlab -->\n```python\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    assert found
    return found.group(1)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if a package with that entry point were installed."""
    module = ModuleType("listener_gitlab")
    monkeypatch.setitem(sys.modules, "listener_gitlab", module)
    exec(compile(example(), "listener_gitlab.py", "exec"), module.__dict__)
    real = importlib.metadata.entry_points
    entry_point = importlib.metadata.EntryPoint("gitlab", "listener_gitlab", catalogue.GROUP)
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda **given: [entry_point] if given == {"group": catalogue.GROUP} else real(**given)
    )
    catalogue.networks.cache_clear()
    yield
    catalogue.networks.cache_clear()


def issue(number: int) -> dict[str, Any]:
    return {
        "id": 100 + number,
        "iid": number,
        "project_id": 5,
        "title": "Title",
        "description": f"post {number}",
        "created_at": stamp(number),
        "web_url": f"https://gitlab.example/a/b/-/issues/{number}",
        "author": {"id": 7, "username": "nora", "name": "Nora"},
        "upvotes": 2,
    }


def opened(routes: dict[str, object]) -> tuple[Source, Wire]:
    wire = Wire(routes)
    setting = SourceSetting("gitlab", options={"instance": "https://gitlab.example", "token": "secret"})
    return catalogue.open_source(setting, context(wire)), wire


def test_it_is_short() -> None:
    """A network in an afternoon: under a hundred lines, besides its documentation and its imports' blank lines."""
    assert len([line for line in example().splitlines() if line.strip()]) < 100


async def test_it_reads_every_page(installed: None) -> None:
    """Found by its entry point, opened by its options, walked back to what is known."""
    issues = [issue(number) for number in range(120)]

    def listed(request: httpx.Request) -> object:
        page = int(request.url.params.get("page", 1))
        return list(reversed(issues))[(page - 1) * 50 : page * 50]

    source, wire = opened({"/api/v4/issues": listed})
    assert isinstance(source, Replier)
    [channel] = source.channels([Topic("t", queries=("post",))])
    read: list[Mention] = []
    cursor, more = "", True
    while more:
        page = await source.fetch(channel, cursor)
        read, cursor, more = [*read, *page.mentions], page.cursor, page.more
    assert {mention.text for mention in read} == {f"post {number}" for number in range(120)}
    assert wire.asked[0].headers["private-token"] == "secret"
    assert read[0].source == "gitlab"
    with pytest.raises(Malformed):
        await opened({"/api/v4/issues": {"message": "no"}})[0].fetch(channel, "")


async def test_it_answers_and_finds_its_answer(installed: None) -> None:
    """The half that has to be right the first time."""

    def notes(request: httpx.Request) -> object:
        return {"id": 9} if request.method == "POST" else [{"id": 9, "body": DRAFT.text}]

    source, wire = opened({"/api/v4/issues": [issue(3)], "/api/v4/projects/5/issues/3/notes": notes})
    assert isinstance(source, Replier)
    [channel] = source.channels([Topic("t", queries=("post",))])
    [mention] = (await source.fetch(channel, "")).mentions
    receipt = await source.reply(entry(mention), DRAFT)
    assert sent(wire.asked[-1]) == {"body": DRAFT.text}
    assert receipt.permalink == "https://gitlab.example/a/b/-/issues/3#note_9"
    assert await source.find_reply(entry(mention), DRAFT) == receipt
    assert (await source.check())[0].state == "failed"


def test_mistakes_in_the_configuration_name_the_key(installed: None) -> None:
    """And never repeat a value, which may be a secret."""
    with pytest.raises(ConfigError, match="unknown field `tokn`") as caught:
        catalogue.open_source(SourceSetting("gitlab", options={"tokn": "canary"}), context(Wire({})))
    assert "canary" not in str(caught.value)
    assert "instance, token" in str(caught.value)
    with pytest.raises(ConfigError, match="str"):
        catalogue.open_source(SourceSetting("gitlab", options={"instance": 5}), context(Wire({})))
    with pytest.raises(ConfigError, match="no network"):
        catalogue.open_source(SourceSetting("myspace"), context(Wire({})))


def test_a_broken_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad third party must not stop the desk with a traceback."""
    broken = catalogue.Network("broken", "Broken", "no_such_module_anywhere", keyless=False)
    monkeypatch.setattr(catalogue, "networks", lambda: {"broken": broken})
    with pytest.raises(ConfigError, match="no_such_module_anywhere"):
        catalogue.open_source(SourceSetting("broken"), context(Wire({})))


def test_the_sources_page_is_complete() -> None:
    """Every network has its section, and its options are those of the code."""
    page = PAGE.read_text("utf-8")
    assert with_options(page) == page, "run: python -m docs.write_sources"
    for network in catalogue.TABLE:
        assert f"\n## {network.kind}\n" in page
        assert f"| [{network.kind}](#{network.kind}) |" in page
        assert f"<!-- options: {network.kind} -->" in page
