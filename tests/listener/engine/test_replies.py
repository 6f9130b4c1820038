"""From a draft to the outbox: claims, lint, approval, taking back, and what a person decides about one in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from listener.config import loads
from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.reply import ReplyState
from listener.domain.sentiment import UNSCORED
from listener.engine.follow import Follower
from listener.engine.ingest import Ingest
from listener.engine.poller import Poller
from listener.engine.replies import Replies
from listener.engine.sender import stop_source
from listener.errors import Conflict, InputError, Unreachable, Unsupported
from listener.source import Capabilities
from listener.store.checkpoints import Checkpoints, Leases
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.mentions import Mentions
from listener.store.outbox import Sent

NOW = 1_774_000_000_000
CONFIG = """
[desk]
teams = { duty = ["nora", "theo"] }
[[desk.operators]]
name = "iris"
can_approve = true
[[desk.operators]]
name = "newcomer"
needs_approval = true
[[topics]]
name = "Aurora"
queries = ["aurora"]
[[streams]]
name = "Delicate"
query = "lawyer"
[replies]
approval = ["Delicate"]
banned = ["calm down"]
"""


class Network:
    name, kind, account = "net", "fake", "auroradesk"

    def __init__(self, answers=True, idempotent="no", posts=()):
        self.capabilities = Capabilities(reply=answers, thread=True, length_unit="graphemes", idempotent_reply=idempotent, pace=60)
        self.posts = list(posts)
        self.wrong = None

    async def reply(self, mention, draft): ...

    async def find_reply(self, mention, draft): ...

    def measure(self, text):
        return len(text), 40

    async def thread(self, mention):
        if self.wrong:
            raise self.wrong
        return self.posts

    def channels(self, topics):
        return []

    async def aclose(self): ...


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def store(tmp_path, clock):
    with Store(tmp_path / "desk.db", clock=lambda: clock[0]) as opened:
        intake = Intake(opened)
        texts = ("aurora, where is my bag?", "my lawyer will write to aurora", "aurora on the news")
        posts = [
            Filing(Mention(source, str(n), text, NOW - n, Author("a", "ann", "Ann"), url=f"https://net.example/{n}", reply_ref="{}"), ("Aurora",), "en", 0.9, UNSCORED)
            for n, (source, text) in enumerate(zip(("net", "net", "news"), texts, strict=True), start=1)
        ]
        opened.write(lambda connection: intake.add(connection, posts))
        Leases(opened).take("collector", "here", 10**12)
        yield opened


def hands(store, who="nora", **more):
    networks = {"net": Network(**more)}
    return Replies(store, who, loads(CONFIG), networks.get)


def test_a_reply_waits_for_its_moment_and_can_be_taken_back_until_then(store, clock):
    nora = hands(store)
    draft = nora.open_draft(1)
    nora.save_draft(draft.id, "Hello Ann, sorry.")
    queued = nora.submit(draft.id)
    assert (queued.state, queued.not_before) == (ReplyState.QUEUED, NOW + 10_000)
    back = nora.undo_send(queued.id)
    assert (back.state, back.text) == (ReplyState.DRAFT, "Hello Ann, sorry.")
    again = nora.submit(back.id, now=True)
    assert again.not_before == NOW
    nora.outbox.begin(again.id, 1, "collector")
    with pytest.raises(InputError, match="cannot be taken back"):
        nora.undo_send(again.id)


def test_a_draft_survives_and_is_where_its_author_left_it(store):
    nora = hands(store)
    nora.save_draft(nora.open_draft(1).id, "half a sen")
    assert hands(store).open_draft(1).text == "half a sen"
    assert [one.text for one in hands(store).listing((ReplyState.DRAFT,), mine=True)] == ["half a sen"]


def test_a_draft_on_which_nothing_was_written_leaves_no_trace(store):
    """Opening the composer by mistake is no work on a mention."""
    nora = hands(store)
    nora.close_draft(nora.open_draft(1).id)
    assert store.read().execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert hands(store, "theo").around(1) == []
    written = nora.save_draft(nora.open_draft(1).id, "Hello")
    nora.close_draft(written.id)
    assert nora.outbox.get(written.id).text == "Hello"
    nora.discard(written.id)
    assert nora.outbox.get(written.id).state is ReplyState.CANCELLED


def test_whoever_replies_holds_the_case_until_it_is_sent(store):
    nora, theo = hands(store), hands(store, "theo")
    draft = nora.open_draft(1)
    with pytest.raises(Conflict, match="nora"):
        theo.open_draft(1)
    assert [(one.operator, one.doing) for one in theo.around(1)] == [("nora", "replying")]
    nora.submit(draft.id, text="Sorry, Ann.")
    theo.open_draft(1)


def test_a_case_that_was_taken_over_is_not_taken_back_by_autosave(store):
    nora, theo = hands(store), hands(store, "theo")
    draft = nora.open_draft(1)
    theo.open_draft(1, take=True)
    nora.save_draft(draft.id, "Sorry, Ann.")
    assert [(one.operator, one.doing) for one in nora.around(1)] == [("theo", "replying")]
    with pytest.raises(Conflict, match="theo"):
        nora.submit(draft.id)
    assert nora.submit(draft.id, force=True).state is ReplyState.QUEUED


@pytest.mark.parametrize(("text", "why"), [("", "nothing"), ("x" * 41, "Too long by 1"), ("Hello {name}", "Not filled"), ("Calm down, Ann", "does not say")])
def test_lint_stops_what_must_not_go_out(store, text, why):
    nora = hands(store)
    draft = nora.open_draft(1)
    with pytest.raises(InputError, match=why):
        nora.submit(draft.id, text=text)
    assert nora.outbox.get(draft.id).state is ReplyState.DRAFT


def test_the_same_words_do_not_go_to_the_same_person_twice(store):
    nora = hands(store)
    nora.submit(nora.open_draft(1).id, text="Sorry, Ann.")
    with pytest.raises(InputError, match="told exactly this"):
        nora.submit(nora.open_draft(1).id, text="sorry  ann")


def test_a_network_without_replies_gives_an_address_and_the_text(store):
    nora = hands(store)
    mention = Mentions(store).get(3)
    assert not nora.can_reply(mention)
    assert nora.in_browser(mention, " Hello ") == ("https://net.example/3", "Hello")
    with pytest.raises(Unsupported):
        nora.submit(nora.open_draft(3).id, text="Hello")
    with pytest.raises(InputError):
        nora.in_browser(replace(mention, url=""), "x")


def test_counting_is_the_networks(store):
    mention = Mentions(store).get(1)
    length = hands(store).measure(mention, "héllo")
    assert (length.used, length.allowed, length.unit) == (5, 40, "graphemes")
    assert hands(store).account(mention) == "@auroradesk on net"


@pytest.mark.parametrize(("who", "mention", "waits"), [("nora", 1, False), ("nora", 2, True), ("newcomer", 1, True)])
def test_approval_is_asked_by_stream_and_by_operator(store, who, mention, waits):
    one = hands(store, who)
    sent = one.submit(one.open_draft(mention).id, text="Hello")
    assert sent.state is (ReplyState.APPROVAL if waits else ReplyState.QUEUED)


def test_an_approver_lets_it_go_out_edits_it_or_gives_it_back(store):
    nora, iris = hands(store), hands(store, "iris")
    waiting = nora.submit(nora.open_draft(2).id, text="We wil see.")
    for who in ("nora", "theo"):
        with pytest.raises(InputError):
            hands(store, who).approve(waiting.id)
    with pytest.raises(InputError, match="Say why"):
        iris.reject(waiting.id, " ")
    back = iris.reject(waiting.id, "a typo")
    assert (back.state, back.note) == (ReplyState.DRAFT, "a typo")
    again = nora.submit(back.id, text="We shall see.")
    assert iris.differences(again) == [("same", "We "), ("gone", "wil"), ("new", "shall"), ("same", " see.")]
    sent = iris.approve(again.id, text="We shall see, Ann.")
    assert (sent.state, sent.text, sent.approver) == (ReplyState.QUEUED, "We shall see, Ann.", "iris")


def test_an_edited_text_is_linted_as_well(store):
    nora, iris = hands(store), hands(store, "iris")
    waiting = nora.submit(nora.open_draft(2).id, text="Hello")
    with pytest.raises(InputError, match="does not say"):
        iris.approve(waiting.id, text="Calm down")


def in_doubt(store, nora, text="Sorry, Ann."):
    sent = nora.submit(nora.open_draft(1).id, text=text, now=True)
    nora.outbox.begin(sent.id, 1, "collector")
    return nora.outbox.end(sent.id, 1, ReplyState.UNKNOWN, "?", look_at=None)


def test_one_in_doubt_offers_three_ways_and_says_what_each_does(store):
    nora = hands(store)
    reply = in_doubt(store, nora)
    assert list(nora.choices(reply)) == ["read", "sent", "again"]
    assert "twice" in nora.choices(reply)["again"]
    assert "same record" in hands(store, idempotent="record").choices(reply)["again"]
    assert nora.resolve_unknown(reply.id, "read").look_at == NOW
    marked = nora.resolve_unknown(reply.id, "sent", permalink="https://net.example/r")
    assert (marked.state, marked.permalink) == (ReplyState.SENT, "https://net.example/r")
    with pytest.raises(InputError):
        nora.resolve_unknown(reply.id, "again")


def test_sending_again_keeps_the_key(store):
    nora = hands(store)
    reply = in_doubt(store, nora)
    again = nora.resolve_unknown(reply.id, "again")
    assert (again.state, again.key, again.frozen_at) == (ReplyState.QUEUED, reply.key, reply.frozen_at)


def test_retry_lifts_the_stop_of_an_account(store):
    nora = hands(store)
    waiting = nora.submit(nora.open_draft(1).id, text="Sorry")
    stop_source(store, "net", "the token is invalid")
    assert nora.stopped() == {"net": "the token is invalid"}
    assert nora.retry(waiting.id).not_before == NOW
    assert nora.stopped() == {}


def test_what_failed_is_tried_again_or_edited(store):
    nora = hands(store)
    sent = nora.submit(nora.open_draft(1).id, text="Sorry", now=True)
    nora.outbox.begin(sent.id, 1, "collector")
    nora.outbox.end(sent.id, 1, ReplyState.FAILED, "refused")
    assert nora.retry(sent.id).state is ReplyState.QUEUED
    nora.outbox.hasten(sent.id)
    nora.outbox.begin(sent.id, 1, "collector")
    nora.outbox.end(sent.id, 1, ReplyState.FAILED, "refused")
    assert nora.edit(sent.id).state is ReplyState.DRAFT


def follower(store, network):
    poller = Poller(store, Checkpoints(store), Ingest(store, loads(CONFIG).topics, None), [network], loads(CONFIG).topics, arrived=lambda ids: network.arrived.extend(ids))
    network.arrived = []
    return Follower(store, Mentions(store), [network], poller.take)


def published(store):
    nora = hands(store)
    sent = nora.submit(nora.open_draft(1).id, text="Sorry, Ann.", now=True)
    nora.outbox.begin(sent.id, 1, "collector")
    return nora.outbox.published(sent.id, "desk", Sent("r1"), NOW, fence=1)


def post(native, text, author, parent):
    return Mention("net", native, text, NOW, Author(author, author), parent_id=parent)


async def test_the_thread_is_read_again_and_the_customers_answer_stands_under_ours(store):
    """Our words and the customer's come in; what strangers say to each other stays out of the inbox."""
    published(store)
    posts = [post("1", "aurora, where is my bag?", "a", ""), post("r1", "Sorry, Ann.", "desk", "1"), post("x", "thank you", "a", "r1"), post("y", "lol", "zed", "1"), post("z", "me too!", "zoe", "r1")]
    network = Network(posts=posts)
    assert await follower(store, network).follow(1) == 3
    thread = {one.native_id: one for one in Mentions(store).thread(Mentions(store).get(1))}
    assert set(thread) == {"1", "r1", "x", "z"}
    assert thread["r1"].own and not thread["x"].own
    assert len(network.arrived) == 3
    assert hands(store).account(Mentions(store).get(1)) == "@desk on net"


async def test_a_thread_is_read_less_and_less_often_and_then_no_more(store, clock):
    published(store)
    network, waits = Network(), []
    one = follower(store, network)
    while due := store.read().execute("SELECT next_at, reads FROM follow").fetchone():
        waits.append(max(due[0] - clock[0], 0))
        clock[0] = max(due[0], clock[0])
        await one.follow(1, due[1])
    assert waits == sorted(waits) and len(waits) > 5


async def test_a_network_that_is_down_is_asked_again_later(store, clock):
    published(store)
    network = Network()
    network.wrong = Unreachable("down")
    await follower(store, network).follow(1)
    assert store.read().execute("SELECT next_at FROM follow").fetchone()[0] > clock[0]
