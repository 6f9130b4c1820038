"""Put the reference of all settings into docs/configuration.md: `python -m docs.write_reference`; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.pages import between, renew
from listener.config.reference import markdown

PAGE = Path(__file__).with_name("configuration.md")
BEGIN, END = "<!-- reference: made by docs/write_reference.py -->\n", "<!-- end of reference -->\n"


def with_reference(page: str) -> str:
    """The page with everything between its two marks made anew."""
    return between(page, BEGIN, END, markdown())


if __name__ == "__main__":
    sys.exit(renew(PAGE, with_reference))
