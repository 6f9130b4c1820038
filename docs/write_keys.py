"""Put the table of all keys into README.md: `python -m docs.write_keys`; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from tui.commands import table

PAGE = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- keys: made by docs/write_keys.py -->\n", "<!-- end of keys -->\n"


def with_keys(page: str) -> str:
    """The page with everything between its two marks made anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table()}\n\n{END}{tail}"


def main() -> int:
    page = PAGE.read_text("utf-8")
    fresh = with_keys(page)
    if "--check" in sys.argv[1:]:
        return int(fresh != page)
    PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
