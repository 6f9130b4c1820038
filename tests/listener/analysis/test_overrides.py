from __future__ import annotations

from listener.analysis.overrides import Overridden, agreement, training_lines
from listener.domain.sentiment import UNSCORED, Sentiment

GOOD, BAD = Sentiment("positive", 0.6, 1.0, "operator"), Sentiment("negative", -0.6, 0.7, "tiny-1")
ENTRIES = [
    Overridden("Nice\tupdate,\nnow nothing opens", "en", Sentiment("negative", -0.5, 1.0, "operator"), GOOD),
    Overridden("ganz gut", "de", GOOD, BAD),
    Overridden("ganz  gut", "de", GOOD, BAD),
    Overridden("???", "", UNSCORED, BAD),
    Overridden("so so", "en", Sentiment("neutral", 0.0, 1.0, "operator"), Sentiment("neutral", 0.0)),
]


def test_lines_are_what_the_trainer_reads() -> None:
    """One text a line whatever it contains; no repeats; what nobody could judge teaches nothing."""
    assert list(training_lines(ENTRIES)) == ["-1\tNice update, now nothing opens", "1\tganz gut", "0\tso so"]
    assert list(training_lines(ENTRIES, lang="de")) == ["1\tganz gut"]


def test_agreement_counts_what_was_judged() -> None:
    assert agreement(ENTRIES) == (1, 4)
