"""Points, floors, ceilings, and the sentence of why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.analysis.bursts import Burst
from listener.analysis.severity import Evidence, judge
from listener.analysis.shares import Share
from listener.analysis.spikes import Verdict
from listener.domain.case import Severity
from listener.domain.severity import Rules
from listener.domain.volume import Bucket, Voice

RECORD = Verdict(0, values=(0.0, 0.46, 0.2, 1.5, 0.0, 0.0), counts=(40, 412, 700), peaks=(30.0, 260.0, 600.0), usual=90.0, agreeing=3)
ANGRY = Share(31, 51, 0.34, 1e-9)


def burst(family: str, authors: int = 6) -> Burst:
    return Burst(family, 9, authors, 0.4, 1e-9)


def test_the_sentence_reads_like_a_colleagues() -> None:
    """The example that the whole design was argued with."""
    judgement = judge(Evidence(volume=RECORD, complaints=ANGRY, loudest=Voice(48_000, "x")))
    assert judgement.severity is Severity.SEV2
    assert judgement.why == (
        "SEV2 (5): 412 mentions in 1 h, peak of 14 days 260 (+2) · complaints 61 % against 34 % (+2) · @x 48 k followers (+1)"
    )
    assert judgement.pages


def test_every_signal_is_kept_with_value_threshold_and_points() -> None:
    """An operator asks what exactly fired; the points must add up to the sum."""
    judgement = judge(Evidence(volume=RECORD, complaints=ANGRY, bursts=(burst("operational"),), campaign="launch"))
    by_name = {signal.name: signal for signal in judgement.signals}
    assert {"volume", "record5", "record60", "record180", "hour15", "tail15", "deviation60"} <= by_name.keys()
    assert (by_name["record60"].value, by_name["record60"].threshold) == (0.46, 0.10)
    assert sum(signal.points for signal in judgement.signals) == judgement.points == 2 + 2 + 1 - 2
    assert "planned: launch (−2)" in judgement.why


@pytest.mark.parametrize("family", ["safety", "legal", "privacy"])
def test_a_grave_burst_is_at_least_sev2(family: str) -> None:
    """Two points alone would make it a SEV4, and somebody may be hurt."""
    assert judge(Evidence(bursts=(burst(family),))).severity is Severity.SEV2
    assert judge(Evidence(bursts=(burst(family, authors=4),))).severity is Severity.SEV4


def test_five_families_in_one_wave_count_once() -> None:
    """One outage makes people say down, refund and scam in the same breath."""
    alone, together = judge(Evidence(bursts=(burst("conduct"),))), judge(Evidence(bursts=(burst("conduct"), burst("operational"))))
    assert alone.points == together.points == 2


def test_a_single_post_with_reach_and_words_of_safety_is_a_sev3() -> None:
    """A rule, not points: one recall notice of a newspaper is enough to look."""
    judgement = judge(Evidence(single=frozenset({"safety"}), loudest=Voice(90_000, "paper")))
    assert judgement.severity is Severity.SEV3
    assert "by rule" in judgement.why


def test_a_competitors_crisis_is_news_and_never_pages() -> None:
    """Nobody gets up at night for a rival."""
    judgement = judge(Evidence(role="competitor", volume=RECORD, complaints=ANGRY, bursts=(burst("safety"),)))
    assert judgement.severity is Severity.SEV4
    assert not judgement.pages


def test_praise_is_sev4_at_most() -> None:
    """A viral compliment is worth a look, not a wake-up; one complaint signal ends the party."""
    happy = Bucket(0, n=400, positive=300, negative=20, neutral=80)
    praise = Evidence(volume=RECORD, loudest=Voice(48_000, "x"), lately=happy, praise=Share(45, 50, 0.3, 1e-9))
    assert judge(praise).severity is Severity.SEV4
    assert not judge(replace(praise, volume=replace(RECORD, agreeing=5))).pages
    assert judge(replace(praise, complaints=ANGRY)).severity is Severity.SEV2
    assert judge(replace(praise, praise=None)).severity is Severity.SEV3, "a scorer that calls everything positive proves nothing"


def test_four_agreeing_signals_page_whatever_the_points_say() -> None:
    """The paging tier that was measured: precise on labelled brands."""
    assert judge(Evidence(volume=replace(RECORD, agreeing=4))).pages
    assert not judge(Evidence(volume=RECORD)).pages


@given(
    agreeing=st.integers(2, 6),
    p=st.floats(1e-30, 1.0),
    loud=st.booleans(),
    families=st.sets(st.sampled_from(["operational", "safety", "legal", "privacy", "conduct"])),
)
def test_more_evidence_never_makes_it_milder(agreeing: int, p: float, loud: bool, families: set[str]) -> None:
    """In doubt, the more severe."""
    volume = replace(RECORD, agreeing=agreeing)
    some = Evidence(volume=volume)
    more = Evidence(
        volume=volume,
        complaints=Share(30, 50, 0.2, p),
        loudest=Voice(20_000, "a") if loud else None,
        bursts=tuple(burst(family) for family in families),
    )
    assert judge(more).severity.urgency >= judge(some).severity.urgency


def test_a_topics_own_rules_are_used() -> None:
    """The same evidence, told to page for SEV1 only, and to value reach at nothing."""
    evidence = Evidence(volume=RECORD, complaints=ANGRY, loudest=Voice(48_000, "x"))
    judgement = judge(evidence, Rules().tuned({"reach": 0}, {"page": 1}))
    assert (judgement.points, judgement.severity, judgement.pages) == (4, Severity.SEV3, False)


def test_what_runs_dry_is_noted_and_counts_for_nothing() -> None:
    """A rule is tried on live data before it may wake anybody."""
    rules = Rules().tuned(dry=("complaint-share", "burst:safety", "single-mention"))
    judgement = judge(Evidence(complaints=ANGRY, bursts=(burst("safety"),), single=frozenset({"safety"})), rules)
    assert (judgement.severity, judgement.points) == (Severity.NONE, 0)
    assert "complaints 61 % against 34 %, dry run of +2" in judgement.why
    assert judge(Evidence(volume=replace(RECORD, agreeing=5)), Rules().tuned(dry=("volume",))).pages is False
    assert judge(Evidence(volume=RECORD, complaints=ANGRY), Rules().tuned(page=False)).pages is False
