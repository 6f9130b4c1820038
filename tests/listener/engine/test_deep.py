"""The transformer corrects the small model in the background, never an operator, and its absence is one line."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import UNSCORED, Sentiment
from listener.engine.deep import DeepScoring, open_transformer, progress
from listener.errors import InputError
from listener.store.cases import Cases
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.mentions import Mentions

DEEP = Sentiment("negative", -0.9, 0.95, "transformer:mine", "A")


class Model:
    def score_many(self, texts):
        return [UNSCORED if "silent" in text else DEEP for text in texts]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "desk.db") as opened:
        yield opened


def add(store, *texts):
    first = Mentions(store).newest_id()
    filings = [Filing(Mention("m", str(first + n), text, 1_773_000_000_000, Author("a", "a")), ("A",), "en", 1, UNSCORED) for n, text in enumerate(texts)]
    return store.write(lambda connection: Intake(store).add(connection, filings)).new


def test_it_reads_what_arrives_after_it_was_switched_on(store):
    add(store, "old")
    deep = DeepScoring(store, Mentions(store), "folder", lambda text: None, lambda folder: Model())
    assert deep.step() == 0
    add(store, "new", "silent", "by hand")
    Cases(store).change([4], "nora", "sentiment", lambda work: replace(work, sentiment="positive"))
    assert deep.step() == 3
    old, new, silent, by_hand = Mentions(store).many([1, 2, 3, 4])
    assert (old.sentiment, new.sentiment, silent.sentiment) == (UNSCORED, DEEP, UNSCORED)
    assert (by_hand.sentiment.label, by_hand.machine) == ("positive", DEEP)
    assert progress(store) == (4, 4)
    assert store.read().execute("SELECT n, negative, positive FROM volume").fetchone() == (4, 1, 1)


async def test_a_missing_model_is_told_once_and_ends_the_part(store):
    told = []
    deep = DeepScoring(store, Mentions(store), "/nowhere/at/all", told.append)
    deep.step()
    add(store, "new")
    await asyncio.wait_for(deep.run(asyncio.Event()), 10)
    assert len(told) == 1 and "/nowhere/at/all" in told[0] and "\n" not in told[0]


def test_a_folder_that_is_none_is_named():
    with pytest.raises(InputError, match="There is no folder"):
        open_transformer("/nowhere/at/all")
