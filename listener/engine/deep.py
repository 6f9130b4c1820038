"""Scoring again with a transformer of the user's own, in the background: slow, so the small model answers first and this one corrects it.

Off unless the configuration names a folder. Works through what arrives, newest batch last, and remembers how far it got.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from listener.errors import InputError
from listener.store.checkpoints import Settings
from listener.store.verdicts import Flips, Verdict, Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from listener.analysis.language import Guess
    from listener.analysis.understand import Understanding
    from listener.domain.sentiment import Sentiment
    from listener.engine.rescore import Reads
    from listener.store.connection import Store
    from listener.store.mentions import Mentions

BATCH = 16
EVERY = 2.0
MARK = "transformer-read"
"""Setting that holds the id of the last mention that was read, and of the newest, as `done/newest`."""


class Scores(Protocol):
    def score_many(self, texts: Sequence[str]) -> Sequence[Sentiment]: ...


def open_transformer(folder: str) -> Scores:
    """Load the model. Raises InputError: the extra or a file is missing, in one line."""
    from listener.analysis.transformer import Transformer

    return Transformer(Path(folder))


class DeepScoring:
    """The collector's part that reads mentions with a transformer.

    Args:  failed: told once, in one line, when the model cannot be loaded; the desk goes on without it.
    """

    def __init__(self, store: Store, mentions: Mentions, folder: str, failed: Callable[[str], None], opened: Callable[[str], Scores] = open_transformer) -> None:
        self._store, self._mentions, self._folder, self._failed, self._open = store, mentions, folder, failed, opened
        self._settings, self._verdicts = Settings(store), Verdicts(store)
        self._model: Scores | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Read what arrives until told to stop."""
        while not stop.is_set():
            try:
                done = await asyncio.to_thread(self.step)
            except InputError as error:
                self._failed(str(error))
                return
            if done:
                continue
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue

    def step(self) -> int:
        """Read the next few mentions. How many. Raises InputError: the model cannot be loaded."""
        newest = self._mentions.newest_id()
        start = self._read_mark(newest)
        ids = list(range(start + 1, min(start + BATCH, newest) + 1))
        if not ids:
            return 0
        if self._model is None:
            self._model = self._open(self._folder)
        self._take(ids)
        self._settings.put(MARK, f"{ids[-1]}/{newest}")
        return len(ids)

    def _read_mark(self, newest: int) -> int:
        """Where it stands; what was there before the model was switched on is `rescore`'s business."""
        kept = self._settings.get(MARK)
        if not kept:
            self._settings.put(MARK, f"{newest}/{newest}")
            return newest
        return int(kept.split("/")[0])

    def _take(self, ids: Sequence[int]) -> Flips:
        assert self._model is not None
        entries = [entry for entry in self._mentions.many(ids) if entry.deleted_at is None]
        verdicts = self._model.score_many([f"{entry.title}\n{entry.text}" if entry.title else entry.text for entry in entries])
        fresh = [
            Verdict(entry.id, entry.lang, entry.lang_confidence, verdict, entry.kinds)
            for entry, verdict in zip(entries, verdicts, strict=True)
            if verdict.label != "unscored"
        ]
        return self._verdicts.replace(fresh, None)


class Deepened:
    """A reader whose verdicts are the transformer's wherever it has one."""

    def __init__(self, reader: Reads, model: Scores) -> None:
        self._reader, self._model = reader, model

    @property
    def version(self) -> str:
        return f"{self._reader.version} and a transformer"

    def understand(self, texts: Sequence[tuple[str, str]]) -> list[Understanding]:
        return self._over([text for text, _ in texts], self._reader.understand(texts))

    def understand_in(self, texts: Sequence[tuple[str, Guess]]) -> list[Understanding]:
        return self._over([text for text, _ in texts], self._reader.understand_in(texts))

    def _over(self, texts: Sequence[str], first: Sequence[Understanding]) -> list[Understanding]:
        deep = self._model.score_many(texts)
        return [replace(one, sentiment=verdict) if verdict.label != "unscored" else one for one, verdict in zip(first, deep, strict=True)]


def progress(store: Store) -> tuple[int, int]:
    """(how far it has read, the newest mention), as ids; equal when there is nothing to do."""
    kept = Settings(store).get(MARK)
    done, _, newest = kept.partition("/")
    return (int(done), int(newest)) if newest else (0, 0)
