"""A page goes in exactly once, whatever the networks repeat."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.domain.query.parse import parse
from listener.store.connection import Store
from listener.store.filters import Filter
from listener.store.intake import Intake, canonical_key
from listener.store.mentions import Mentions

from .conftest import BAD, GOOD, filing


def test_the_same_page_twice_changes_nothing(store, add):
    """Overlap re-reads are the rule, not the exception."""
    page = [filing(n) for n in range(5)]
    assert len(add(*page).new) == 5
    again = add(*page)
    assert (again.new, again.known) == ((), 5)
    assert store.read().execute("SELECT sum(n) FROM volume").fetchone()[0] == 5


def test_an_edit_is_a_revision_and_is_found_by_its_new_words_only(store, add):
    """What the customer wrote first is evidence; what she writes now is what is searched."""
    (id_,) = add(filing(1, "my bag is lost")).new
    assert add(filing(1, "my suitcase is lost", edited_at=5)).edited == (id_,)
    mentions = Mentions(store)
    assert mentions.revisions(id_)[0][1] == "my bag is lost"
    assert [e.id for e in mentions.page(Filter(parse("suitcase"))).entries] == [id_]
    assert not mentions.page(Filter(parse("bag"))).entries


def test_one_post_by_two_roads_is_one_mention_with_two_permalinks(store, add):
    """Federation, bridges and feeds bring the same post again under another key."""
    add(filing(1, source="mastodon", url="https://social.example/@ann/1"))
    bridged = filing(77, source="feed", url="http://www.social.example/@ann/1/")
    assert add(bridged).merged == 1
    assert add(bridged).known == 1
    entry = Mentions(store).page(Filter()).entries[0]
    assert len(entry.permalinks) == 2


def test_two_posts_of_one_network_are_never_merged_by_their_address(store, add):
    """A network that gives every comment the address of its page must not lose comments."""
    assert len(add(filing(1, url="https://x.example/page"), filing(2, url="https://x.example/page")).new) == 2


def test_near_duplicates_fold_under_their_leader(store, add):
    """Forty-one copies are one row with a number."""
    add(filing(1), *[filing(n, leader="1", created_at=1) for n in range(2, 5)])
    rows = Mentions(store).page(Filter()).entries
    assert [(row.native_id, row.duplicates) for row in rows] == [("1", 3)]
    assert Mentions(store).count(Filter(parse("state:open"))).n == 1
    assert store.read().execute("SELECT sum(n) FROM volume").fetchone()[0] == 4


def test_lone_surrogates_and_nul_go_in(store, add):
    """A hostile post must not stop the page that it came with."""
    (id_,) = add(filing(1, "a\ud800b\x00c")).new
    assert Mentions(store).get(id_).text == "a\ufffdb\x00c"


def test_what_was_erased_does_not_come_back(store, add):
    """An erasure that the next poll undoes is none."""
    from listener.store.erasure import erase

    (id_,) = add(filing(1, "delete me please")).new
    erase(store, [id_], "nora")
    assert add(filing(1, "delete me please")).erased + add(filing(1)).known >= 1
    assert "delete me" not in Mentions(store).get(id_).text


def test_canonical_keys_ignore_what_says_nothing():
    assert canonical_key("https://www.a.example/x/#top") == canonical_key("http://a.example/x")
    assert canonical_key("https://a.example/x?id=1") != canonical_key("https://a.example/x?id=2")
    assert canonical_key("https://a.example/") is None
    assert canonical_key("http://[::1") is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["", "0", "3"]), st.booleans()), max_size=8), max_size=5))
def test_counters_and_roll_ups_are_what_a_recount_gives(tmp_path_factory, pages):
    """Numbers on the screen come from counters: they must be those of a full count after any history of pages."""
    with Store(tmp_path_factory.mktemp("recount") / "desk.db", clock=lambda: 1_774_000_000_000) as store:
        intake = Intake(store)
        for page in pages:
            filings = [
                filing(n, leader=leader, sentiment=BAD if bad else GOOD, kinds=(("complaint", 0.9),) if bad else ())
                for n, leader, bad in page
            ]
            store.write(lambda connection, filings=filings: intake.add(connection, filings))
        read = store.read()
        assert (
            read.execute("SELECT topic_id, urgency, state, n FROM counter WHERE n <> 0 ORDER BY 1, 2, 3").fetchall()
            == read.execute(
                "SELECT topic_id, urgency, state, count(*) FROM mention WHERE leader_id IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            ).fetchall()
        )
        assert (
            read.execute("SELECT topic_id, bucket, n, negative, positive FROM volume ORDER BY 1, 2").fetchall()
            == read.execute(
                "SELECT topic_id, created_at / 300000, count(*), sum(label = 1), sum(label = 3) FROM mention GROUP BY 1, 2 ORDER BY 1, 2"
            ).fetchall()
        )


def test_a_copy_finds_its_leader_in_an_earlier_page_and_through_another_copy(store, add):
    """Storms last for hours: most copies arrive long after their leader."""
    add(filing(1), filing(2, leader="1"))
    add(filing(3, leader="1"), filing(4, leader="2"))
    rows = Mentions(store).page(Filter()).entries
    assert [(row.native_id, row.duplicates) for row in rows] == [("1", 3)]


def test_erased_words_and_people_are_in_no_byte_of_the_files(tmp_path):
    """A deletion that leaves copies in the file, the log or the index is none: `grep` must find nothing."""
    from listener.store.erasure import erase

    path = tmp_path / "erase.db"
    with Store(path, clock=lambda: 1_774_000_000_000) as store:
        intake = Intake(store)
        pages = [[filing(n, f"zanzibarquux{n} complains", author=f"wombatperson{n}") for n in range(part, part + 20)] for part in range(0, 200, 20)]
        for page in pages:
            store.write(lambda connection, page=page: intake.add(connection, page))
        erase(store, [4, 5, 150], "nora")
        assert Mentions(store).count(Filter(parse("zanzibarquux7"))).n == 1
    raw = b"".join(file.read_bytes() for file in tmp_path.glob("erase.db*"))
    gone = [word for n in (3, 4, 149) for word in (f"zanzibarquux{n} ".encode(), f"wombatperson{n}@".encode(), f"wombatperson{n}\x00".encode(), f"Wombatperson{n} ".encode()) if word in raw]
    assert gone == []
    assert b"quux149" not in raw and b"wombatperson149" not in raw and b"Wombatperson149" not in raw
    assert b"wombatperson7" in raw
