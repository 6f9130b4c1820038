"""A rescore changes what the machine says, never what an operator said, and can be taken back whole."""

from __future__ import annotations

from dataclasses import replace

from listener.analysis.understand import Understanding
from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import Sentiment
from listener.engine.rescore import preview, rescore
from listener.store.cases import Cases
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.mentions import Mentions
from listener.store.verdicts import Verdicts

OLD = Sentiment("neutral", 0.0, 0.5, "old-1", "A", 0.0)
NEW = Sentiment("negative", -0.5, 0.7, "new-1", "A", 0.0)


class Reader:
    version = "new-1"

    def understand(self, texts):
        return [Understanding("en", 0.9, NEW if "refund" in text else OLD, (("complaint", 0.8),) if "refund" in text else ()) for text, _ in texts]

    def understand_in(self, texts):
        return self.understand([(text, guess.lang) for text, guess in texts])


def filled(path):
    store = Store(path, clock=lambda: 1_774_000_000_000)
    texts = ["refund now", "hello", "refund again", "bye"]
    filings = [Filing(Mention("m", str(n), text, 1_773_000_000_000 + n, Author("a", "a")), ("Aurora",), "en", 0.9, OLD) for n, text in enumerate(texts)]
    store.write(lambda connection: Intake(store).add(connection, filings))
    return store


def facts(store):
    tables = ("SELECT id, label, compound, kinds, lang, machine FROM mention ORDER BY id", "SELECT n, negative, neutral, complaints FROM volume", "SELECT n, negative, neutral, compound, complaints FROM rollup")
    return [store.read().execute(statement).fetchall() for statement in tables]


def test_it_flips_counts_and_comes_back(tmp_path):
    with filled(tmp_path / "a.db") as store:
        before = facts(store)
        assert preview(store, Reader()).flipped == 2
        assert facts(store) == before
        batch, flips = rescore(store, Reader(), "nora")
        assert (flips.looked_at, flips.changed, flips.flipped) == (4, 2, 2)
        assert store.read().execute("SELECT n, negative, neutral, complaints FROM volume").fetchall() == [(4, 2, 2, 2)]
        Verdicts(store).undo(batch, "nora")
        assert facts(store) == before


def test_an_operators_verdict_stays_in_front(tmp_path):
    with filled(tmp_path / "a.db") as store:
        Cases(store).change([1], "nora", "sentiment", lambda work: replace(work, sentiment="positive"))
        rescore(store, Reader(), "nora")
        entry = Mentions(store).get(1)
        assert (entry.sentiment.label, entry.machine) == ("positive", NEW)
        assert list(Verdicts(store).overrides()) == [("en", "refund now", "positive")]


def test_it_stops_when_told_to(tmp_path):
    with filled(tmp_path / "a.db") as store:
        _, flips = rescore(store, Reader(), "nora", stop=lambda: True)
        assert flips.looked_at == 4, "what one batch holds"
