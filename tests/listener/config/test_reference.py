from __future__ import annotations

import tomllib
from pathlib import Path

from docs.write_reference import with_reference
from listener.config import Config, loads
from listener.config.check import check_holidays, check_queries
from listener.config.reference import markdown, sections
from listener.config.template import template
from listener.domain.query import parse

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "configuration.md"


def test_the_page_is_in_step_with_the_tree() -> None:
    """`python -m docs.write_reference` mends it."""
    page = PAGE.read_text("utf-8")
    assert with_reference(page) == page


def test_every_setting_is_explained() -> None:
    """A field without a text below it would be an empty cell."""
    bare = [f"{section.header} {one.key}" for section in sections() for one in section.settings if not one.text or not one.type]
    assert bare == []
    headers = {section.header for section in sections()}
    assert {"[desk]", "[[topics]]", "[[sources]]", "[[streams]]", "[[rules]]", "[keys]", "[[sla]]", "[incidents]", "[[incidents.rota]]"} <= headers
    assert {"[notify]", "[[notify.channels]]", "[replies]", "[replies.acknowledge]", "[playbooks]", "[sentiment]", "[retention]"} <= headers
    assert "| `hours` | opening hours | `\"mon-fri 09:00-17:00\"` |" in markdown()


def test_the_defaults_in_the_reference_are_the_ones_that_count() -> None:
    """Each default, written into a file as the page shows it, changes nothing."""
    for section in sections():
        if not section.header.startswith(("[[", "[rules", "[incidents.topics")):
            written = [f"{one.key} = {one.default}" for one in section.settings if one.default]
            assert loads("\n".join([section.header, *written])) == Config()


def test_the_example_is_right() -> None:
    """The desk in thirty lines loads, and so do its queries and those of the template."""
    example = PAGE.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(example)
    config = loads(example)
    assert config.rules[0].then.due == "next opening"
    assert check_queries(config, parse) == []
    assert check_queries(loads(template("Aurora Air", ["Borealis"])), parse) == []


def test_a_country_without_holidays_is_named() -> None:
    """The shape of the code is checked at each start, whether anybody knows its holidays only by the doctor."""
    assert check_holidays(loads('[desk]\nholidays = "GR"\n')) == []
    assert "desk.holidays: The public holidays of 'ZZ' are not known." in str(check_holidays(loads('[desk]\nholidays = "ZZ"\n'))[0])


def test_a_wrong_query_is_named_with_its_line_and_column() -> None:
    """`listener doctor` and the start of a collector ask this; loading a grammar at each start would be too slow."""
    config = loads('[[topics]]\nname = "a"\nquery = "a AND (b"\n[[streams]]\nname = "s"\nquery = "lang:klingon"\n')
    problems = [str(problem) for problem in check_queries(config, parse)]
    assert len(problems) == 2
    assert "topics[0].query: " in problems[0]
    assert "column" in problems[0]
    assert "streams[0].query: " in problems[1]
