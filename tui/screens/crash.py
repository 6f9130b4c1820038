"""When the desk itself breaks: a report without secrets or posts, and a few words instead of a traceback."""

from __future__ import annotations

import platform
import traceback
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def report(error: BaseException) -> str:
    """What a developer needs. Neither the messages of errors nor the values of variables: posts and secrets stand in both."""
    lines = [f"Listener crash report, Python {platform.python_version()}, {platform.system()} {platform.release()}", ""]
    seen: BaseException | None = error
    while seen is not None:
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        lines += [f"  {_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(seen.__traceback__)]
        seen = seen.__cause__ or seen.__context__
        if seen is not None:
            lines.append("after")
    return "\n".join(lines) + "\n"


def _place(name: str) -> str:
    """A file without the folders that tell whose machine it is."""
    path = Path(name)
    if path.is_relative_to(ROOT):
        return path.relative_to(ROOT).as_posix()
    return "/".join(path.parts[-3:])


def write_report(error: BaseException, now: int) -> Path | None:
    """Write the report among the logs; None when even that fails."""
    from listener.config.paths import log_folder, write_private

    try:
        path = log_folder() / f"crash-{now}.txt"
        write_private(path, report(error))
    except OSError:
        return None
    return path


def words(error: BaseException, path: Path | None) -> str:
    """What the operator reads."""
    where = f"What a developer needs is in {path}; it holds no posts and no secrets." if path else "The report could not be written."
    return (
        f"Listener has stopped: it did not expect {type(error).__name__}.\n"
        "Nothing that you did is lost: every action was stored when it was done, and drafts are kept.\n"
        f"{where}\nStart it again with the same command."
    )
