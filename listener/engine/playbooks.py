"""The folder of playbooks, and the boxes that are ticked in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from listener.domain import playbook
from listener.domain.playbook import Playbook
from listener.engine.saved_replies import SavedReplies
from listener.errors import InputError
from listener.store.steps import Steps, Ticked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from listener.config import Config
    from listener.domain.incident import Incident
    from listener.domain.mention import Entry
    from listener.store.connection import Store
    from listener.store.steps import Subject

LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Box:
    """A step as it stands for one mention or incident."""

    step: str
    done: Ticked | None


class Playbooks:
    """Markdown files, read again when they change."""

    def __init__(self, config: Config) -> None:
        self.folder = config.path(config.playbooks.folder)
        self._config = config
        self._kept: dict[Path, tuple[tuple[int, int], Playbook | str]] = {}

    def all(self) -> list[Playbook]:
        """Every file that can be read, by name."""
        return [one for one in self._read() if isinstance(one, Playbook)]

    def get(self, name: str) -> Playbook:
        """By its file's name or one of its tags. Raises InputError."""
        every = self.all()
        found = next((one for one in every if one.name == name), None) or next((one for one in every if name in one.tags), None)
        if found is None:
            raise InputError(f"There is no playbook for {name!r}.", hint=f"There are: {', '.join(one.name for one in every) or f'none in {self.folder}'}.")
        return found

    def for_mention(self, mention: Entry) -> list[Playbook]:
        """What its tags mean, then what its likely kinds do."""
        return playbook.fitting(self.all(), mention.tags, [kind for kind, confidence in mention.kinds if confidence >= 0.5])

    def for_incident(self, incident: Incident) -> list[Playbook]:
        """By its family, then the one for crises in general."""
        return playbook.fitting(self.all(), (), (), [incident.family, *_OF_FAMILY.get(incident.family, ()), "crisis"])

    def problems(self, *, used: Sequence[str] = ()) -> list[tuple[str, str]]:
        """(playbook or empty, what is wrong): files that cannot be read, then what can be read and does not add up."""
        read = self._read()
        broken = [("", one) for one in read if isinstance(one, str)]
        if not self.folder.is_dir():
            broken.append(("", f"The folder {self.folder} does not exist."))
        people = {one.name for one in self._config.operators()} | set(self._config.teams())
        replies = {one.name for one in SavedReplies(self._config.path(self._config.replies.saved)).all()}
        return broken + list(playbook.lint([one for one in read if isinstance(one, Playbook)], people=people, replies=replies, used=used))

    def _read(self) -> list[Playbook | str]:
        try:
            paths = sorted(path for path in self.folder.glob("*.md") if path.is_file() and path.name.casefold() != "readme.md")
        except OSError:
            paths = []
        fresh: dict[Path, tuple[tuple[int, int], Playbook | str]] = {}
        for path in paths:
            try:
                status = path.stat()
            except OSError:
                continue
            stamp = (status.st_mtime_ns, status.st_size)
            known = self._kept.get(path)
            fresh[path] = known if known and known[0] == stamp else (stamp, _load(path, status.st_size))
        self._kept = fresh
        return [one for _, one in fresh.values()]


_OF_FAMILY = {"operational": ("technical-issue",), "coordination": ("coordinated",)}
"""Tags that stand for an incident's family besides its own name."""


def boxes(store: Store, subject: Subject, subject_id: int, book: Playbook) -> list[Box]:
    """The steps of a playbook as they stand."""
    ticked = Steps(store).of(subject, subject_id, book.name)
    return [Box(step, ticked.get((book.name, step))) for step in book.steps]


def tick(store: Store, subject: Subject, subject_id: int, book: Playbook, number: int, operator: str, done: bool = True) -> Box:
    """Tick a step by its number, counted from 1. Raises InputError: it has no such step."""
    if not 1 <= number <= len(book.steps):
        raise InputError(f"{book.name} has no step {number}.", hint=f"It has {len(book.steps)}.")
    Steps(store).tick(subject, subject_id, book.name, book.steps[number - 1], operator, done)
    return boxes(store, subject, subject_id, book)[number - 1]


def _load(path: Path, size: int) -> Playbook | str:
    if size > LARGEST:
        return f"{path.name} is too long for a playbook ({size} bytes)."
    try:
        return playbook.parse(path.read_text("utf-8"), path.stem, where=path.name)
    except (OSError, UnicodeDecodeError, InputError) as error:
        return error.message if isinstance(error, InputError) else f"{path.name} cannot be read: {error}."
