"""Brand against rivals: like with like, and no claim without the mentions that make it."""

from __future__ import annotations

from listener.analysis.themes import count, distinctive, terms, unlike
from listener.domain.query.parse import parse
from listener.reports.compare import compare, document, headline
from listener.store.filters import Filter
from listener.store.mentions import Mentions

from .conftest import BAD, GOOD, HOUR


def filled(desk):
    for n in range(12):
        desk.arrive("2026-03-20 09:00", author=f"a{n}", text=f"lovely crew {n}", sentiment=GOOD, kinds=(("praise", 0.9),))
        desk.arrive(author=f"b{n}", text=f"lost luggage again {n}", sentiment=BAD, kinds=(("complaint", 0.9), ("question", 0.4)))
        desk.arrive(author=f"c{n}", topic="Borealis", text=f"endless queue at the counter {n}", sentiment=BAD)
        desk.arrive(author=f"d{n}", topic="Borealis", text=f"cheap tickets, great {n}", sentiment=GOOD)
    since, until = desk.at("2026-03-01 00:00"), desk.at("2026-04-01 00:00")
    return compare(desk.store, desk.config, since, until)


def test_strengths_weaknesses_opportunities_and_threats_open_their_mentions(desk):
    found = filled(desk)
    by_sort = {claim.sort: claim for claim in reversed(found.claims)}
    assert set(by_sort) == {"strength", "weakness", "opportunity", "threat"}
    assert {"lovely", "crew"} & set(by_sort["strength"].theme.split())
    assert "luggage" in " ".join(claim.theme for claim in found.claims if claim.sort == "weakness")
    for claim in found.claims:
        assert Mentions(desk.store).count(Filter(parse(claim.query), "newest", folded=False), patient=True).n == claim.n == 12


def test_figures_stand_side_by_side(desk):
    found = filled(desk)
    aurora, borealis = found.rivals
    assert (aurora.name, aurora.voice.n, aurora.share_of_voice, aurora.net.value) == ("Aurora", 24, 50.0, 0.0)
    assert aurora.kinds == {"praise": 12, "complaint": 12}, "of a question at 0.4 the machine is not sure"
    assert borealis.role == "competitor" and "queue" in {word for theme in borealis.rising for word in theme.term.split()}
    assert document(found)["topics"][0]["sampled"] == 24
    assert headline(found).startswith("Aurora 50.0 %")


def test_response_times_are_told_where_they_are_seen(desk):
    """A rival's answers are public: its handle answers a stored post an hour later."""
    from listener.domain.topic import Topic

    desk.config = desk.config.changed(topics=(Topic("Aurora"), Topic("Borealis", "competitor", handles=("@borealis",))))
    desk.arrive("2026-03-20 09:00", topic="Borealis", author="ann")
    desk.arrive("2026-03-20 10:00", topic="Borealis", author="Borealis", parent="n1")
    since, until = desk.at("2026-03-01 00:00"), desk.at("2026-04-01 00:00")
    aurora, borealis = compare(desk.store, desk.config, since, until).rivals
    assert (borealis.response.clock.median, borealis.response.n, aurora.response.n) == (HOUR, 1, 0)


def test_themes_are_what_one_side_says_more():
    """Both say "flight"; only one says "refund": the log-odds must tell them apart, and names and everyday words are none."""
    here, there = count(["flight refund please"] * 20 + ["flight"] * 20), count(["flight wifi"] * 40)
    ranked = distinctive(*here, *there)
    assert ranked[0].term in ("refund", "flight refund") and ranked[-1].score < -1.96
    assert abs(next(theme.score for theme in ranked if theme.term == "flight")) < 1
    assert "the" not in terms("the crew https://x.example/luggage @borealis") and "borealis" not in terms("@borealis crew")
    assert next(theme.term for theme in unlike(ranked, 2)) == ranked[0].term
    assert count(["aurora crew"], frozenset({"aurora"}))[0] == {"crew": 1}
