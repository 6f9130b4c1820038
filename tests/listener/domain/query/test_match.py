"""What matches what: the languages people write in, the operators, the fields, and the laws that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.domain.author import Author
from listener.domain.case import Severity, State
from listener.domain.mention import Engagement, Entry, Mention
from listener.domain.query import Context, Matcher, Query, Term, all_of, any_of, collectable, negate, parse
from listener.domain.query.ast import Everything
from listener.domain.sentiment import UNSCORED, Sentiment
from tests.listener.domain.query.strategies import bare, leaves, nodes

NOON = 1_763_812_800_000
"""2025-11-22 12:00 UTC, a Saturday."""
NORA = Author("7", "nora@mastodon.example", "Nora Bâ", followers=1_200)


def mention(text: str = "hello", **more: object) -> Mention:
    return replace(Mention("mastodon:social", "1", text, NOON, NORA), **more)  # type: ignore[arg-type]


def entry(**more: object) -> Entry:
    base = Entry(
        id=41, source="hackernews", native_id="n41", text="The crew was kind", created_at=NOON, received_at=NOON, author_id=1, author=NORA, url="",
        title="", lang="en", lang_confidence=1.0, parent_id="", thread_id="n1", visibility="public", engagement=Engagement(), edited_at=None,
        deleted_at=None, reply_ref="", own=False, topic="Aurora Air", topics=("Aurora Air",), sentiment=Sentiment("positive", 0.6), machine=UNSCORED,
        kinds=(("praise", 0.9),), tags=("crew",), state=State.OPEN, severity=Severity.NONE, assignee="", task_kind=None, due_at=None,
        snoozed_until=None, duplicates=0, leader_id=None, permalinks=(), version=1,
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def matches(query: str | Query, document: Mention | Entry | str, context: Context | None = None) -> bool:
    parsed = parse(query) if isinstance(query, str) else query
    return Matcher({"q": parsed}, context).match(mention(document) if isinstance(document, str) else document) == ("q",)


YES = [
    # English
    ("aurora", "Aurora's crew, again."),
    ("aurora", "#aurora is late"),
    ("auroraair", "thanks @AuroraAir!"),
    ("aurora", "AURORA™ lounge"),
    ("aurora", "𝓐𝓾𝓻𝓸𝓻𝓪 is down"),
    ("refund*", "Where are my refunds?"),
    ('"aurora air"', "Aurora  Air\nlost my bag"),
    ('"aurora air"', "the aurora-air app"),
    ("C++", "written in C++, they say"),
    ("don't", "I don’t think so"),
    ("cafe", "the Café lounge"),
    ('"café"', "the CAFÉ lounge"),
    ('"café"', "the cafe\u0301 lounge"),
    ("ﬁne", "a fine flight"),
    # Greek: accents, capitals without accents, final sigma
    ("πτήσεις", "ΑΚΥΡΩΘΗΚΑΝ ΟΙ ΠΤΗΣΕΙΣ ΜΑΣ"),
    ("πτησεισ", "Ακυρώθηκαν οι πτήσεις μας στη Θεσσαλονίκη"),
    ("καθυστέρηση", "Πάλι καθυστερηση τεσσάρων ωρών!"),
    ('"χάλια εξυπηρέτηση"', "Χάλια εξυπηρέτηση, δεν ξαναπετάω"),
    # Romanian: cedilla and comma are one letter; diacritics are often left out
    ("întârziere", "Iar intarziere la zborul spre Cluj"),
    ("bagaj* NEAR/3 pierdut*", "Mi-au pierdut iar bagajele la Otopeni"),
    ("şosea", "blocaj pe șosea spre aeroport"),
    ('"șofer"', "un şofer foarte amabil"),
    # Uzbek, both scripts, every apostrophe
    ("oʻzbekiston", "O'zbekiston havo yo'llari reysi kechikdi"),
    ("o'zbekiston", "O‘zbekiston havo yo‘llari"),
    ("yoʻqol*", "Bagajim yo`qolgan, kim javob beradi?"),
    ("ўзбекистон", "ЎЗБЕКИСТОН ҳаво йўллари рейси кечикди"),
    ("кечикди", "Рейс яна уч соат кечикди."),
    # Filipino
    ("naantala", "Grabe, naantala na naman ang flight namin sa NAIA"),
    ('"ang tagal"', "Ang tagal-tagal ng refund, ang  tagal talaga"),
    ("mañana", "sa manana pa raw"),
    # Thai, Lao, Khmer, Burmese: no spaces
    ("เที่ยวบิน", "วันนี้เที่ยวบินล่าช้าสามชั่วโมง"),
    ("ล่าช้า", "เที่ยวบินล่าช้ามาก"),
    ("ຖ້ຽວບິນ", "ມື້ນີ້ຖ້ຽວບິນຊ້າ"),
    ("ជើងហោះហើរ", "ថ្ងៃនេះជើងហោះហើរយឺត"),
    ("လေယာဉ်", "ဒီနေ့လေယာဉ်နောက်ကျတယ်"),
    # Chinese, Japanese, Korean
    ("航班", "今天的航班又延误了"),
    ("曙光航空 延误", "曙光航空的航班又延误了三个小时"),
    ("aurora", "今天坐Aurora航空"),
    ("オーロラ", "またｵｰﾛﾗ航空が遅れた"),
    ("ガイド", "ｶﾞｲﾄﾞさん"),
    ("오로라항공", "오로라항공은 또 지연"),
    # Arabic: tashkeel, alef, tatweel, particles written together; Persian letters
    ("الطيران", "خدمة الطّيران سيّئة"),
    ("أحمد", "سافرت مع احمد"),
    ("تأخير", "تأخـــير كبير في المطار"),
    ("طيران", "شكرا لطيران بلادي، والطيران ممتاز"),
    ("پشتيبانى", "پشتیبانی خوب"),
    # Hebrew, Hindi, Turkish
    ("שלום", "שָׁלוֹם לכולם"),
    ("हिन्दी", "यह हिन्दी है"),
    ("ığdır", "IĞDIR uçağı"),
    ("istanbul", "İSTANBUL uçuşu"),
    # emoji
    ("✈️", "late again ✈ 😡"),
    ("👍", "great👍🏽!"),
    ("👩‍✈️", "our pilot 👩🏾‍✈️ rocks"),
    ("🇬🇷", "to 🇬🇷🇷🇴"),
    ("😡", "noooo😡😡😡"),
    # tags and handles
    ("#AuroraAir", "why #auroraair why"),
    ("#曙光航空", "又延误 #曙光航空"),
    ("#aurora*", "#AuroraAirFail"),
    ("#ζημιά", "#ΖΗΜΙΑ"),
    ("@auroraair", "hey @AuroraAir@social.example help"),
    ("@auroraair", ".@auroraair.bsky.example: hello?"),
    ("@nora@mastodon.example", "cc @nora@mastodon.example."),
    # operators
    ("borealis NEAR/5 (flight* OR airline)", "flights of the worst airline ever: Borealis"),
    ("a NEAR/1 b NEAR/1 c", "a x b c"),
    ("a NEAR/0 b", "b a"),
    ("航班 NEAR/2 延误", "航班又延误了"),
    ('"aurora air" OR @auroraair OR #auroraair NOT "aurora airport"', "Aurora Air is late"),
    ("NOT refund", "all is well"),
    ("", "anything"),
]
NO = [
    ("aurora", "auroras everywhere"),
    ("air", "the airport"),
    ("refund*", "prefund"),
    ('"aurora air"', "air aurora"),
    ('"aurora air"', "aurora airport"),
    ('"café"', "the cafe lounge"),
    ('"resume"', "my résumé"),
    ("πτήση", "πτήσεις"),
    ("мой", "мои рейсы"),
    ("ўзбек", "ўзбекистон"),
    ("zbor", "zboruri"),
    ("ک", "کتاب"),
    ("ก", "ก่อน"),
    ("طير", "طيران"),
    ("항공", "오로라항공은"),
    ("👩", "👩‍✈️"),
    ("🇬🇷", "🇦🇬🇷🇴"),
    ('"👍"', "great 👍🏽"),
    ("#aurora", "aurora"),
    ("#aurora", "#aurora_air"),
    ("#aurora", "x#aurora https://a.example/#aurora"),
    ("#曙光", "#曙光航空"),
    ("@auroraair", "auroraair"),
    ("@auroraair", "mail me at me@auroraair.example"),
    ("@auroraair", "@auroraair_fan @auroraair-fan"),
    ("@nora@mastodon.example", "@nora@mastodon.example.org"),
    ("a NEAR/1 b", "a x y b"),
    ("a NEAR/3 a", "only one a"),
    ('"aurora air" OR @auroraair NOT "aurora airport"', "@auroraair at the aurora airport"),
    ("aurora -late", "Aurora is late"),
    ("flight AND late", "the flight"),
]


@pytest.mark.parametrize(("query", "text"), YES)
def test_matches(query: str, text: str) -> None:
    """Posts as people write them, found."""
    assert matches(query, text)


@pytest.mark.parametrize(("query", "text"), NO)
def test_does_not_match(query: str, text: str) -> None:
    """Posts that only look alike, left alone."""
    assert not matches(query, text)


EARLY = [
    ("lang:el", {"lang": "el"}, {"lang": "en"}),
    ("lang:none", {"lang": ""}, {"lang": "en"}),
    ("source:mastodon", {}, {"source": "mastodonia"}),
    ("author:nora", {}, {"author": Author("1", "noras")}),
    ('author:"nora ba"', {}, {"author": Author("1", "nb", "Nora")}),
    ("followers:>1000", {}, {"author": Author("1", "x", followers=None)}),
    ("followers:<=1.2k", {}, {"author": Author("1", "x", followers=1_201)}),
    ("has:link", {"text": "see https://a.example"}, {"text": "no link"}),
    ("is:question", {"text": "Why is it late?"}, {"text": "see https://a.example/?q=1"}),
    ("is:question", {"text": "Γιατί άργησε;", "lang": "el"}, {"text": "late; again", "lang": "en"}),
    ("is:question", {"text": "لماذا تأخرت الرحلة؟"}, {"text": "تأخرت"}),
    ("is:reply", {"parent_id": "9"}, {}),
    ("is:own", {"own": True}, {}),
    ("is:direct", {"visibility": "direct"}, {}),
    ("since:24h", {}, {"created_at": NOON - 100_000_000}),
    ("until:2025-11-22", {}, {"created_at": NOON + 86_400_000}),
    ("thread:1", {}, {"native_id": "2"}),
]


@pytest.mark.parametrize(("query", "good", "bad"), EARLY)
def test_fields_that_a_source_brings(query: str, good: dict[str, object], bad: dict[str, object]) -> None:
    """These may collect: they hold for what a network hands over."""
    context = Context(clock=lambda: NOON)
    assert collectable(parse(query)) is None
    assert matches(query, mention(**good), context)  # type: ignore[arg-type]
    assert not matches(query, mention(**bad), context)  # type: ignore[arg-type]


LATE = [
    ("sentiment:positive", {}, {"sentiment": UNSCORED}),
    ("sentiment:unscored", {"sentiment": UNSCORED}, {}),
    ("sentiment:<-0.3", {"sentiment": Sentiment("negative", -0.5)}, {"sentiment": UNSCORED}),
    ("tag:Crew", {}, {"tags": ()}),
    ("tag:none", {"tags": ()}, {}),
    ('topic:"aurora air"', {}, {"topics": ("Borealis",)}),
    ("kind:praise", {}, {"kinds": ()}),
    ("state:open", {}, {"state": State.RESOLVED}),
    ("assignee:me", {"assignee": "Dana"}, {"assignee": "Kim"}),
    ("assignee:none", {}, {"assignee": "Kim"}),
    ("is:unassigned", {}, {"assignee": "Kim"}),
    ("assignee:kim", {"assignee": "Kim"}, {}),
    ("severity:<=2", {"severity": Severity.SEV1}, {"severity": Severity.NONE}),
    ("severity:none", {}, {"severity": Severity.SEV4}),
    ("is:contested", {"topics": ("a", "b")}, {}),
    ("is:duplicate", {"leader_id": 7}, {}),
    ("outside:hours", {"created_at": NOON + 1}, {}),
    ("id:41", {}, {"id": 42}),
    ("has:note", {"id": 1}, {"id": 2}),
    ("segment:regular", {"segments": ("regular", "promoter")}, {"segments": ("promoter",)}),
    ("segment:none", {}, {"segments": ("promoter",)}),
]


@pytest.mark.parametrize(("query", "good", "bad"), LATE)
def test_fields_that_the_desk_adds(query: str, good: dict[str, object], bad: dict[str, object]) -> None:
    """Rules and streams may use these; a collecting query that does is refused with its column."""
    context = Context(
        clock=lambda: NOON, me="dana", is_open=lambda at: at != NOON + 1, ask=lambda field, document: getattr(document, "id", 0) == 1
    )
    assert matches(query, entry(**good), context)
    assert not matches(query, entry(**bad), context)
    assert not matches(query, "a mention that has just arrived", context)
    error = collectable(parse(f"aurora {query}"))
    assert error is not None
    assert error.column == 8


def test_days_are_the_desks_days() -> None:
    """`today` in Athens begins two hours before it does in London."""
    context = Context(clock=lambda: NOON, zone=ZoneInfo("Europe/Athens"))
    assert matches("since:today", mention("x", created_at=NOON - 14 * 3_600_000), context)
    assert not matches("since:today", mention("x", created_at=NOON - 14 * 3_600_000 - 1), context)
    assert matches("until:yesterday", mention("x", created_at=NOON - 14 * 3_600_000 - 1), context)


def test_a_title_counts_but_no_phrase_reaches_from_it_into_the_text() -> None:
    """Feeds carry titles; the last word of one and the first of the text are strangers."""
    post = mention("Air traffic", title="Aurora")
    assert matches("aurora air", post)
    assert not matches('"aurora air"', post)
    assert not matches("aurora NEAR/5 air", post)


def test_every_query_that_matches_is_named_in_order() -> None:
    """A post about two brands belongs to both topics."""
    matcher = Matcher({name: parse(text) for name, text in [("z", "aurora"), ("a", "borealis*"), ("m", "nothing"), ("all", "")]})
    assert matcher.match_many([mention("Borealis or Aurora?"), mention("x")]) == [("z", "a", "all"), ("all",)]


def test_a_hostile_text_does_not_take_seconds() -> None:
    """A post of one word ten thousand times costs what its length costs."""
    assert matches("a NEAR/50 b", "a b " * 5_000)
    assert not matches("a NEAR/5 (b NEAR/5 c)", "a b " * 5_000)


texts = st.lists(
    st.one_of(bare, st.sampled_from(["aurora", "air", "#auroraair", "@nora", "カフェ", "กาแฟ", "قهوة", "\u0301", "✈️", "\n"])), max_size=12
).map(" ".join)


@given(st.lists(nodes, min_size=1, max_size=6), texts)
@settings(max_examples=200, deadline=None)
def test_many_at_once_is_the_same_as_one_by_one(roots: list[object], text: str) -> None:
    """The automaton and its shortcuts decide nothing: they only save looking."""
    queries = {index: Query(root) for index, root in enumerate(roots)}  # type: ignore[arg-type]
    context = Context(clock=lambda: NOON)
    alone = tuple(
        key for key, query in queries.items() if Matcher({0: query, 1: Query(Everything())}, context).match(mention(text)) == (0, 1)
    )
    assert Matcher(queries, context).match(mention(text)) == alone


@given(nodes, nodes, texts)
@settings(max_examples=200, deadline=None)
def test_operators_mean_what_logic_says(left: object, right: object, text: str) -> None:
    """AND, OR and NOT over whatever stands below them."""

    def holds(node: object) -> bool:
        return matches(Query(node), text, Context(clock=lambda: NOON))  # type: ignore[arg-type]

    assert holds(all_of([left, right])) == (holds(left) and holds(right))  # type: ignore[list-item]
    assert holds(any_of([left, right])) == (holds(left) or holds(right))  # type: ignore[list-item]
    assert holds(negate(left)) != holds(left)  # type: ignore[arg-type]


@given(leaves, texts)
@settings(max_examples=200, deadline=None)
def test_a_term_finds_itself_and_a_prefix_finds_more(leaf: object, text: str) -> None:
    """Whatever is written is found as it is written; adding a * never loses anything."""
    if isinstance(leaf, Term):
        assert matches(Query(leaf), leaf.text)
        if not leaf.quoted and matches(Query(replace(leaf, prefix=False)), text):
            assert matches(Query(replace(leaf, prefix=True)), text)
