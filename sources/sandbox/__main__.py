"""`python -m sources.sandbox --port N`: one sandbox world on a loopback port, for several processes or any client."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sources.sandbox", description="Mastodon, Bluesky, Hacker News, news and a forum on loopback; all invented."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than the clock on the wall its time runs")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--zone", default="Europe/Athens", help="the time zone whose nights are quiet")
    parser.add_argument("--scenario", default="demo", help="a shipped story or a .toml file")
    parser.add_argument("--state", type=Path, help="a file that keeps what is published, so that a restart goes on in the same world")
    asked = parser.parse_args()
    from listener.errors import InputError

    try:
        asyncio.run(_run(asked))
    except InputError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's own words
        return 2
    except OSError as error:
        print(f"Port {asked.port} cannot be used: {error.strerror}.", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        pass
    return 0


async def _run(asked: argparse.Namespace) -> None:
    from sources.sandbox.opening import open_world
    from sources.sandbox.server import port_of, serve

    internet = open_world(seed=asked.seed, zone=asked.zone, scenario=asked.scenario, speed=asked.speed, state=asked.state)
    server = await serve(internet, asked.port)
    print(f"http://127.0.0.1:{port_of(server)}", flush=True)  # noqa: T201 - the caller reads the port from here
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    raise SystemExit(main())
