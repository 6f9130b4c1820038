"""The list and the collector read one language: what a query finds in the store is what the matcher finds in the texts."""

from __future__ import annotations

import pytest

from listener.domain.query import Matcher, parse
from listener.store.filters import Filter
from listener.store.mentions import Mentions

from .conftest import BAD, GOOD, filing

TEXTS = (
    "My refund never came", "refunded at last!", "REFUND, please", "Where's the café?", "the cafe is closed", "η πτήση καθυστέρησε", "Η ΠΤΗΣΗ ακυρώθηκε", "航班取消了,退款!",
    "เที่ยวบินถูกยกเลิก", "O'zbekiston havo yo'llari", "Oʻzbekiston", "#AuroraAir lost my bag", "@auroraair hello", "thanks @auroraair@social.example", "delayed, and then delayed again",
    "delayed by a very long chain of unlucky events again", "zborul a fost întârziat", "zborul a fost intarziat", "رحلة ملغاة", "i-refund ninyo na", "flight 123", "😡😡 terrible", "nothing at all",
)  # fmt: skip
QUERIES = (
    "refund", "refund*", "café", '"café"', "cafe", "πτηση", "航班", "退款", "ยกเลิก", "o'zbekiston", "#auroraair", "@auroraair", "auroraair", "delayed NEAR/3 again", '"delayed again"', "intarziat",
    '"întârziat"', "ملغاة", "refund OR delayed", "-refund", "refund* -please", "(delayed again) OR café", "sentiment:negative refund*", "lang:en", "followers:>50 delayed", "author:ann", "NOT (refund* OR delayed)",
    "😡", "123", "NOT @auroraair", '"café" OR #auroraair',
)  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_the_store_finds_what_the_matcher_finds(store, add, query):
    add(*[filing(n, text, sentiment=(BAD, GOOD)[n % 2], lang=("en", "el")[n % 2]) for n, text in enumerate(TEXTS, 1)])
    mentions = Mentions(store)
    everything = mentions.page(Filter(order="newest"), limit=1000).entries
    matcher = Matcher({"q": parse(query)})
    by_matcher = {entry.text for entry in everything if matcher.match(entry)}
    by_store = {entry.text for entry in mentions.page(Filter(parse(query), "newest"), limit=1000).entries}
    assert by_store == by_matcher
