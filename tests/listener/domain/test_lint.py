"""Lint stops what must not go out and stays silent about what may: an alarm that cries wolf is switched off."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.domain.lint import Brand, Said, Surroundings, blocked, lint

BRANDS = (
    Brand("Aurora Air", ("@auroraair",), ours=True),
    Brand("Aurora Cargo", ("auroracargo",), ours=True),
    Brand("Borealis Airways", ("borealisair",)),
)
HERE = Surroundings(brand="Aurora Air", brands=BRANDS, banned=("calm down", "not our fault"), used=10, allowed=500)


def words(text, **around):
    from dataclasses import replace

    return [(finding.level, finding.text) for finding in lint(text, replace(HERE, **around))]


@pytest.mark.parametrize(
    "text",
    [
        "Hello Ann, we are sorry about this. Could you send us your booking code in a direct message? ^N",
        "Thank you for flying Aurora Air! See https://auroraair.example/help",
        "We fly to JFK and LHR at 10:45, gate B12. NASA uses 747s.",
        "Λυπούμαστε πολύ, το κοιτάμε αμέσως.",
        "申し訳ございません。",
        "OK!",
    ],
)
def test_a_good_reply_raises_nothing(text):
    assert words(text) == []


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_is_not_sent(text):
    assert words(text) == [("stop", "There is nothing to send.")]


@pytest.mark.parametrize("text", ["Hello {name}, sorry", "Hello {{first name}}", "See [[link]]", "Dear <name>, sorry", "We answer at TODO"])
def test_an_unfilled_placeholder_stops(text):
    assert words(text)[0][0] == "stop"


def test_too_long_by_the_networks_count_stops():
    assert words("Hello", used=512) == [("stop", "Too long by 12: the network counts 512 of 500 characters.")]


@pytest.mark.parametrize("text", ["Please CALM  DOWN.", "Calm down!", "This is not our fault…"])
def test_banned_phrases_stop_however_they_are_written(text):
    assert words(text)[0][0] == "stop"


def test_part_of_a_word_is_no_banned_phrase():
    assert words("We recalm downtown.") == []


def test_the_same_words_to_the_same_person_stop_and_to_many_others_warn():
    mine = Said("@ann Sorry about  this!", "ann", same_author=True)
    assert words("sorry about this", said=[mine])[0][0] == "stop"
    others = [Said("Sorry about this!", f"p{n}", same_author=False) for n in range(5)]
    assert words("Sorry about this", said=others[:4]) == []
    assert words("Sorry about this", said=others)[0] == ("warning", "The same words went to 5 others today.")


def test_a_private_message_is_not_answered_in_public():
    assert words("Hello", private=True, visibility="public")[0][0] == "stop"
    assert words("Hello", private=True, visibility="direct") == []
    assert words("Your code is AB12CD.", private=True) == []


def test_what_was_said_in_private_is_not_published():
    assert words("Found booking X7K2P9 for you.", author_confides=["my code is X7K2P9"])[0] == ("stop", "Would publish “X7K2P9”, which was said in private.")
    assert words("Found booking X7K2P9 for you.", author_says="help, X7K2P9 is gone", author_confides=["X7K2P9"]) == []
    assert words("Write to ann@example.org")[0][0] == "warning"
    assert words("Call +30 210 1234567")[0][0] == "warning"


def test_another_brand_is_named_and_a_rivals_link_stops():
    assert words("Aurora Cargo looks into it.")[0][0] == "warning"
    assert words("Try Borealis Airways instead.")[0] == ("warning", "Names Borealis Airways, a competitor; the post is about Aurora Air.")
    assert ("stop", "Links to Borealis Airways: borealisair.example.") in words("See https://borealisair.example/fares")
    assert words("See https://example.org/borealisair") == [], "an address may speak of somebody without being theirs"


def test_the_wrong_account_stops():
    assert words("Hello", account="auroracargo@social.example")[0][0] == "stop"
    assert words("Hello", account="auroraair@social.example") == []


def test_a_rivals_post_is_answered_as_a_guest():
    assert words("Hello", brand="Borealis Airways")[0][0] == "warning"


def test_capitals_warn_but_not_of_codes():
    assert words("WE ARE SO VERY SORRY")[0][0] == "warning"
    assert words("ETA LHR 10:45") == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=200), st.text(max_size=30), st.lists(st.text(max_size=30), max_size=2))
def test_no_text_breaks_it_and_what_stops_comes_first(text, banned, private):
    found = lint(text, Surroundings("Aurora Air", BRANDS, (banned,), author_confides=private))
    levels = [finding.level for finding in found]
    assert levels == sorted(levels, key=lambda level: level != "stop")
    assert blocked(found) == ("stop" in levels)
