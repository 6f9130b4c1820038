"""Put the table of all keys into README.md: `python -m docs.write_keys`; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.pages import between, renew
from tui.commands import table

PAGE = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- keys: made by docs/write_keys.py -->\n", "<!-- end of keys -->\n"


def with_keys(page: str) -> str:
    """The page with everything between its two marks made anew."""
    return between(page, BEGIN, END, table())


if __name__ == "__main__":
    sys.exit(renew(PAGE, with_keys))
