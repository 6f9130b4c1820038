"""The front door: `listener` and `python -m tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; without a command, the terminal."""
    from tui.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
