"""The README is a promise: its tables come from the code, its links lead somewhere, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

from docs.write_keys import with_keys

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_keys_are_those_of_the_code():
    assert with_keys(README) == README, "run: python -m docs.write_keys"


def test_every_command_it_names_exists():
    from tui.cli import COMMANDS

    named = set(re.findall(r"(?:\$ |&& |`)listener ([a-z][a-z-]*)", README))
    assert named <= set(COMMANDS), named - set(COMMANDS)
    assert len(named) > 8


def test_every_link_leads_to_a_file():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []
