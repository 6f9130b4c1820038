"""One post, two topics, two verdicts; the numbers of each topic follow its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from listener.errors import InputError
from listener.store.cases import Cases
from listener.store.journal import Journal
from listener.store.polarity import Polarities

from .conftest import BAD, filing


def counts(store):
    names = dict(store.read().execute("SELECT id, name FROM topic"))
    return {names[topic]: (n, negative, positive) for topic, n, negative, positive in store.read().execute("SELECT topic_id, n, negative, positive FROM volume")}


def test_a_verdict_for_one_topic_moves_only_that_topics_numbers(store, add):
    (id_,) = add(filing(1, sentiment=BAD, topics=("Aurora", "Borealis"))).new
    polarities = Polarities(store)
    polarities.put(id_, "borealis", "positive", "nora")
    assert counts(store) == {"Aurora": (1, 1, 0), "Borealis": (1, 0, 1)}
    assert polarities.of(id_) == {"Borealis": "positive"}
    assert Journal(store).of("mention", id_)[-1].action == "polarity"
    polarities.put(id_, "Borealis", "", "nora")
    assert counts(store) == {"Aurora": (1, 1, 0), "Borealis": (1, 1, 0)}


def test_an_override_counts_for_every_topic_without_a_verdict_of_its_own(store, add):
    (id_,) = add(filing(1, sentiment=BAD, topics=("Aurora", "Borealis", "Zephyr"))).new
    Polarities(store).put(id_, "Zephyr", "neutral", "nora")
    cases = Cases(store)
    cases.change([id_], "nora", "sentiment", lambda work: replace(work, sentiment="positive"))
    assert counts(store) == {"Aurora": (1, 0, 1), "Borealis": (1, 0, 1), "Zephyr": (1, 0, 0)}
    cases.undo("nora")
    assert counts(store) == {"Aurora": (1, 1, 0), "Borealis": (1, 1, 0), "Zephyr": (1, 0, 0)}


def test_what_makes_no_sense_is_refused(store, add):
    (id_,) = add(filing(1, topics=("Aurora", "Borealis"))).new
    for topic, label in (("Aurora", "positive"), ("Nobody", "positive"), ("Borealis", "splendid")):
        with pytest.raises(InputError):
            Polarities(store).put(id_, topic, label, "nora")
