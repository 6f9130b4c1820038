"""Roll-ups and facts against a full recount: whatever people, networks and clocks do, both say the same."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.domain.author import Author
from listener.domain.mention import Engagement, Filing, Mention
from listener.domain.sentiment import UNSCORED
from listener.errors import ListenerError
from listener.store.comparing import Comparing
from listener.store.facts import Facts
from listener.store.figures import Figures, Scope, days
from listener.store.intake import Intake
from listener.store.tally import kinds_of
from listener.store.verdicts import Verdict, Verdicts

from .conftest import BAD, FLAT, GOOD, HOUR, MINUTE, ADesk

SENTIMENTS = (UNSCORED, GOOD, BAD, FLAT)
ACTS = ("arrive", "arrive", "arrive", "follow", "copy", "seen-again", "tag", "close", "reopen", "snooze", "verdict", "topic", "language", "answer", "automatic", "undo", "rescore", "read")
step = st.tuples(st.sampled_from(ACTS), st.integers(0, 30), st.integers(0, 5))


def play(desk: ADesk, act: str, which: int, how: int) -> None:
    desk.time += (1 + which) * 7 * MINUTE
    ids = [row[0] for row in desk.store.read().execute("SELECT id FROM mention ORDER BY id")]
    if act == "arrive" or not ids:
        topics = (("Aurora",), ("Borealis",), ("Aurora", "Borealis"))[how % 3]
        desk.native += 1
        mention = Mention(
            ("mastodon", "news")[which % 2], f"n{desk.native}", f"post {desk.native}", desk.time - which * HOUR, Author(f"a{how}", f"a{how}", followers=how * 10 or None),
            engagement=Engagement(how, None, which), own=which == 30,
        )  # fmt: skip
        desk.store.write(lambda c: Intake(desk.store).add(c, [Filing(mention, topics, ("en", "el")[how % 2], 0.9, SENTIMENTS[how % 4], (("complaint", 0.3 + how / 6),))]))
        return
    id_ = ids[which % len(ids)]
    native, source = desk.store.read().execute("SELECT native_id, s.name FROM mention m JOIN source s ON s.id = m.source_id WHERE m.id = ?", (id_,)).fetchone()
    hands = desk.hands(("nora", "sam")[how % 2])
    if act == "follow":
        desk.arrive(parent=native, source=source, author=f"a{how}", likes=how)
    elif act == "copy":
        desk.arrive(leader=native, source=source, author=f"b{how}", sentiment=SENTIMENTS[how % 4])
    elif act == "seen-again":
        mention = Mention(source, native, f"edited {which}", desk.time, Author("a0", "a0"), engagement=Engagement(which * how, how, None), edited_at=desk.time if how % 2 else None)
        desk.store.write(lambda c: Intake(desk.store).add(c, [Filing(mention, ("Aurora",), "en", 0.9, GOOD)]))
    elif act == "tag":
        hands.tag([id_], f"t{how}")
    elif act == "close":
        hands.close([id_])
    elif act == "reopen":
        hands.reopen([id_])
    elif act == "snooze":
        hands.snooze([id_], desk.time + HOUR)
    elif act == "verdict":
        hands.sentiment([id_], ("", "negative", "neutral", "positive", "", "negative")[how])
    elif act == "topic":
        hands.topic([id_], ("Aurora", "Borealis")[how % 2])
    elif act == "language":
        hands.language([id_], ("en", "el", "")[how % 3])
    elif act in ("answer", "automatic"):
        desk.answer(id_, who=hands.operator, automatic=act == "automatic", purpose="reply" if act == "answer" else "acknowledgement")
    elif act == "undo":
        hands.undo()
    elif act == "rescore":
        Verdicts(desk.store).replace([Verdict(id_, "en", 0.9, replace(BAD, scorer="other-1"), (("complaint", 0.9),))], f"b{which}-{how}")
    elif act == "read":
        Facts(desk.store).catch_up()


def facts_of(desk: ADesk) -> list[tuple[object, ...]]:
    return desk.store.read().execute("SELECT * FROM fact ORDER BY mention_id").fetchall()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, min_size=1, max_size=25), st.integers(0, 6 * HOUR), st.integers(1, 60 * HOUR))
def test_roll_ups_and_facts_equal_a_full_recount(steps, after, length):
    """One law for all figures: what is kept up by small changes is what counting everything would give."""
    with tempfile.TemporaryDirectory() as folder:
        desk = ADesk(Path(folder) / "desk.db")
        began = desk.at("2026-03-28 20:00")
        for act, which, how in steps:
            try:
                play(desk, act, which, how)
            except ListenerError:
                continue  # an action that makes no sense there is refused, and must leave everything as it was
        Facts(desk.store).catch_up()
        kept = facts_of(desk)
        Facts(desk.store).recount()
        assert kept == facts_of(desk)
        figures = Figures(desk.store)
        for scope in (Scope(began - 48 * HOUR + after, began - 48 * HOUR + after + length), Scope(0, began + 9_999 * HOUR), Scope(began + 1, began + 2)):
            voices = {key: voice for key, voice in figures.voices(scope).items() if voice.n}
            assert voices == {key: voice for key, voice in figures.counted(scope).items() if voice.n}
            kinds: dict[int, dict[str, int]] = {}
            for topic, packed in figures._mentions(replace(scope, topics=tuple(figures.topics())), "m.kinds"):
                for kind in kinds_of(packed):
                    kinds.setdefault(topic, {})[kind] = kinds.get(topic, {}).get(kind, 0) + 1
            rolled = Comparing(desk.store).kinds(replace(scope, topics=tuple(figures.topics())))
            assert {topic: found for topic, found in rolled.items() if found} == kinds
            hours = days(figures.by_bucket(scope), lambda at: at // HOUR)
            again: dict[int, int] = {}
            for _, at in figures._mentions(scope, "m.created_at"):
                again[at // HOUR] = again.get(at // HOUR, 0) + 1
            assert {hour: voice.n for hour, voice in hours.items() if voice.n} == again
        desk.store.close()
