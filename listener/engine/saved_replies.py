"""The folder of saved replies, read when it is asked for and kept while its files stay as they are."""

from __future__ import annotations

from pathlib import Path

from listener.domain.front_matter import parse
from listener.domain.saved_replies import SavedReply
from listener.errors import InputError

LARGEST = 20_000


class SavedReplies:
    """Markdown files with front matter: `title`, `tags`, `topics`, `lang`, `words`; the text is the reply."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[Path, tuple[tuple[int, int], SavedReply | str]] = {}

    def all(self) -> list[SavedReply]:
        """Every file that can be read, by title."""
        return sorted((one for one in self._read() if isinstance(one, SavedReply)), key=lambda one: one.title.casefold())

    def problems(self) -> list[str]:
        """What cannot be read, in words."""
        return [one for one in self._read() if isinstance(one, str)]

    def _read(self) -> list[SavedReply | str]:
        try:
            paths = sorted(path for path in self.folder.glob("*.md") if path.is_file())
        except OSError:
            paths = []
        fresh: dict[Path, tuple[tuple[int, int], SavedReply | str]] = {}
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


def _load(path: Path, size: int) -> SavedReply | str:
    if size > LARGEST:
        return f"{path.name} is too long for a reply ({size} bytes)."
    try:
        document = parse(path.read_text("utf-8"), where=path.name)
    except (OSError, UnicodeDecodeError, InputError) as error:
        return error.message if isinstance(error, InputError) else f"{path.name} cannot be read: {error}."
    if not document.text:
        return f"{path.name} holds no text."
    tags = tuple(tag.casefold() for tag in (*document.words("tags"), *document.words("tag")))
    title = document.get("title") or path.stem.replace("-", " ")
    return SavedReply(path.stem, title, document.text, tags, document.words("topics"), document.get("lang").casefold()[:2], document.words("words"))
