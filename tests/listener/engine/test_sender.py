"""The sender: what each answer of a network makes of a reply, and that nothing goes out twice."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.reply import ReplyState
from listener.domain.sentiment import UNSCORED
from listener.engine.collector import Collector
from listener.engine.sender import Sender, stops_of
from listener.errors import Ambiguous, AuthFailed, RateLimited, Rejected, Unreachable, Unsupported
from listener.source import Capabilities, Receipt
from listener.store.checkpoints import Leases
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.mentions import Mentions
from listener.store.outbox import Outbox

NOW = 1_774_000_000_000
LEASE = "collector"


@dataclass
class Network:
    """Publishes what it is given, except that first it raises what stands in `wrong`; `late` publishes before raising."""

    name: str = "net"
    kind: str = "fake"
    idempotent: str = "no"
    wrong: list[Exception] = field(default_factory=list)
    late: bool = False
    honours: bool = True
    posts: list[tuple[str, str]] = field(default_factory=list)
    blind: list[Exception] = field(default_factory=list)
    asked: int = 0
    parent_kept: bool = True

    @property
    def capabilities(self):
        return Capabilities(reply=True, idempotent_reply=self.idempotent, thread=True)

    async def reply(self, mention, draft):
        self.asked += 1
        if self.wrong:
            error = self.wrong.pop(0)
            if self.late:
                self._publish(draft)
            raise error
        self._publish(draft)
        return Receipt(f"id-{draft.key}", "https://net.example/1", self.parent_kept)

    def _publish(self, draft):
        if not self.honours or all(key != draft.key for key, _ in self.posts):
            self.posts.append((draft.key, draft.text))

    async def find_reply(self, mention, draft):
        if self.blind:
            raise self.blind.pop(0)
        found = [key for key, text in self.posts if text == draft.text]
        return Receipt(f"id-{found[0]}") if found else None

    def measure(self, text):
        return len(text), 500


@pytest.fixture
def store(tmp_path):
    now = [NOW]
    with Store(tmp_path / "desk.db", clock=lambda: now[0]) as opened:
        opened.now = now
        Leases(opened).take(LEASE, "here", 10**9)
        intake = Intake(opened)
        posts = [Filing(Mention("net", str(n), f"help {n}", NOW - n, Author("a", "ann")), ("Aurora",), "en", 0.9, UNSCORED) for n in range(1, 6)]
        opened.write(lambda connection: intake.add(connection, posts))
        yield opened


def queue(store, text="We look into it.", mention=1):
    outbox = Outbox(store)
    draft = outbox.open(mention, "nora")
    outbox.save(draft.id, text)
    return outbox.freeze(draft.id, ReplyState.QUEUED, "nora", 0).id


def sender(store, *networks, **more):
    return Sender(store, Mentions(store), networks, 1, rng=random.Random(1), **more)


async def turn(store, one, *, passes_ms=0):
    """One look around, after some time."""
    store.now[0] += passes_ms
    await one.step()
    await one.idle()
    if one._broken:
        raise one._broken.pop()


async def test_what_is_due_goes_out_once_with_its_receipt(store):
    network, id_ = Network(), queue(store)
    one = sender(store, network)
    await turn(store, one)
    await turn(store, one)
    reply = Outbox(store).get(id_)
    assert (reply.state, reply.permalink, network.asked) == (ReplyState.SENT, "https://net.example/1", 1)


async def test_nothing_goes_out_before_its_time(store):
    """The moment in which a reply can be taken back is kept."""
    network, outbox = Network(), Outbox(store)
    draft = outbox.open(1, "nora")
    outbox.freeze(draft.id, ReplyState.QUEUED, "nora", NOW + 10_000, text="Hello")
    one = sender(store, network)
    await turn(store, one, passes_ms=9_999)
    assert network.asked == 0
    await turn(store, one, passes_ms=1)
    assert network.asked == 1


@pytest.mark.parametrize("error", [Rejected("too rude"), Unsupported("no replies here")])
async def test_a_refusal_is_failed_with_its_reason(store, error):
    network, id_ = Network(wrong=[error]), queue(store)
    await turn(store, sender(store, network))
    reply = Outbox(store).get(id_)
    assert (reply.state, reply.error) == (ReplyState.FAILED, str(error))


async def test_a_pause_is_kept_and_then_it_goes_out(store):
    network, id_ = Network(wrong=[RateLimited("slow down", retry_after=60)]), queue(store)
    one = sender(store, network)
    await turn(store, one)
    assert Outbox(store).get(id_).not_before >= NOW + 60_000
    await turn(store, one, passes_ms=59_000)
    assert network.asked == 1
    await turn(store, one, passes_ms=10_000)
    assert Outbox(store).get(id_).state is ReplyState.SENT


async def test_no_connection_is_tried_again_later_and_later_but_not_for_ever(store):
    network, id_ = Network(wrong=[Unreachable("no route")] * 500), queue(store)
    one = sender(store, network)
    for _ in range(400):
        await turn(store, one, passes_ms=900_000)
        if Outbox(store).get(id_).state is ReplyState.FAILED:
            break
    reply = Outbox(store).get(id_)
    assert reply.state is ReplyState.FAILED and "Given up" in reply.error
    assert 5 < network.asked < 100


async def test_wrong_credentials_stop_that_account_and_no_other(store):
    """Every further attempt with a bad token makes it worse; the other networks go on."""
    bad, good = Network(wrong=[AuthFailed("the token is invalid")] * 9), Network(name="other")
    intake = Intake(store)
    filed = [Filing(Mention("other", "1", "help", NOW, Author("b", "bob")), ("Aurora",), "en", 0.9, UNSCORED)]
    (elsewhere,) = store.write(lambda connection: intake.add(connection, filed)).new
    first, second, third = queue(store), queue(store, mention=2), queue(store, mention=elsewhere)
    one = sender(store, bad, good)
    await turn(store, one)
    held = {id_ for id_ in (first, second) if Outbox(store).get(id_).state is ReplyState.QUEUED}
    for _ in range(3):
        await turn(store, one, passes_ms=60_000)
    assert bad.asked == 2 - len(held)
    assert stops_of(store) == {"net": "the token is invalid"}
    assert Outbox(store).get(third).state is ReplyState.SENT


@pytest.mark.parametrize("error", [Ambiguous("no answer in time"), ValueError("a bug"), KeyError("x")])
async def test_doubt_settles_then_is_read_back_and_never_sent_blindly(store, error):
    """It was published and the answer was lost: it must not stand there twice."""
    network, id_ = Network(wrong=[error], late=True, honours=False), queue(store)
    one = sender(store, network)
    await turn(store, one)
    assert Outbox(store).get(id_).state is ReplyState.UNKNOWN
    await turn(store, one, passes_ms=1_500)
    assert Outbox(store).get(id_).state is ReplyState.UNKNOWN, "a server may still be publishing it"
    await turn(store, one, passes_ms=600)
    assert Outbox(store).get(id_).state is ReplyState.SENT
    assert len(network.posts) == 1


async def test_where_nothing_keeps_a_repeat_from_being_a_second_post_a_person_decides(store):
    network, id_ = Network(wrong=[Ambiguous("?")]), queue(store)
    one = sender(store, network)
    await turn(store, one)
    for _ in range(12):
        await turn(store, one, passes_ms=7_300_000)
    reply = Outbox(store).get(id_)
    assert (reply.state, reply.look_at, network.asked) == (ReplyState.UNKNOWN, None, 1)
    assert "not there" in reply.error


async def test_a_record_of_our_own_key_is_put_again_after_one_empty_reading(store):
    network, id_ = Network(idempotent="record", wrong=[Ambiguous("?")]), queue(store)
    one = sender(store, network)
    await turn(store, one)
    await turn(store, one, passes_ms=2_100)
    await turn(store, one)
    assert Outbox(store).get(id_).state is ReplyState.SENT
    assert len(network.posts) == 1


async def test_a_key_is_used_again_only_after_two_empty_readings_within_its_hour(store):
    network, id_ = Network(idempotent="key", wrong=[Ambiguous("?")]), queue(store)
    one = sender(store, network)
    await turn(store, one)
    await turn(store, one, passes_ms=2_100)
    assert (Outbox(store).get(id_).state, network.asked) == (ReplyState.UNKNOWN, 1)
    await turn(store, one, passes_ms=6_000)
    await turn(store, one)
    assert (Outbox(store).get(id_).state, network.asked) == (ReplyState.SENT, 2)

    late, other = Network(idempotent="key", wrong=[Ambiguous("?")]), queue(store, "Something else.", 2)
    two = sender(store, late)
    await turn(store, two)
    for _ in range(12):
        await turn(store, two, passes_ms=3_600_000)
    assert (Outbox(store).get(other).state, late.asked) == (ReplyState.UNKNOWN, 1)


async def test_a_thread_that_cannot_be_read_teaches_nothing(store):
    """Only an empty reading counts as one."""
    network, id_ = Network(idempotent="key", wrong=[Ambiguous("?")], late=True, honours=False, blind=[Unreachable("down")] * 5), queue(store)
    one = sender(store, network)
    await turn(store, one)
    for _ in range(30):
        await turn(store, one, passes_ms=600_000)
    assert Outbox(store).get(id_).state is ReplyState.SENT
    assert len(network.posts) == 1


@pytest.mark.parametrize("error", [Unsupported("threads cannot be read here"), Unreachable("down")])
async def test_where_a_thread_can_never_be_read_a_person_decides(store, error):
    """It must not be asked for ever, and it must not be sent again."""
    network, id_ = Network(idempotent="record", wrong=[Ambiguous("?")], blind=[error] * 500), queue(store)
    one = sender(store, network)
    await turn(store, one)
    for _ in range(200):
        await turn(store, one, passes_ms=3_600_000)
    reply = Outbox(store).get(id_)
    assert (reply.state, reply.look_at, network.asked) == (ReplyState.UNKNOWN, None, 1)
    assert len(network.blind) > 400


async def test_another_reply_with_the_same_words_is_not_taken_for_this_one(store):
    """Falsely "sent" is silently lost."""
    network = Network()
    first = queue(store, "Thank you!")
    one = sender(store, network)
    await turn(store, one)
    network.wrong = [Ambiguous("?")]
    second = queue(store, "Thank you!", 2)
    await turn(store, one)
    await turn(store, one, passes_ms=2_100)
    assert Outbox(store).get(first).state is ReplyState.SENT
    assert Outbox(store).get(second).state is ReplyState.UNKNOWN


async def test_what_a_dead_collector_left_is_read_back_by_the_next(store):
    network, id_ = Network(honours=False), queue(store)
    Outbox(store).begin(id_, 1, LEASE)
    network.posts.append(("k", "We look into it."))
    Leases(store).release(LEASE, "here")
    fence = Leases(store).take(LEASE, "there", 10**9)
    one = Sender(store, Mentions(store), [network], fence, settle_ms=100)
    stop = asyncio.Event()
    running = asyncio.create_task(one.run(stop))
    while Outbox(store).get(id_).state is not ReplyState.SENT:
        store.now[0] += 50
        await asyncio.sleep(0.02)
    stop.set()
    await running
    assert len(network.posts) == 1


@pytest.mark.parametrize("answers", [[False], [True, False]])
async def test_a_lost_lease_sends_nothing(store, answers):
    """Asked by a clock that nobody sets, when looking around and again right before the bytes go out."""
    network, id_ = Network(), queue(store)
    await turn(store, sender(store, network, holds=lambda: answers.pop(0)))
    assert (network.asked, Outbox(store).get(id_).state) == (0, ReplyState.QUEUED)


async def test_a_single_round_sends_what_is_due_and_lets_go_of_the_lease(store):
    """A desk that is polled by cron has no collector that stays."""
    network, id_ = Network(), queue(store)
    Leases(store).release(LEASE, "here")

    async def errand(fence):
        await Sender(store, Mentions(store), [network], fence, holds=collector.holds).once()

    collector = Collector(store, Leases(store), None, errand=errand)
    assert await collector.errand()
    assert Outbox(store).get(id_).state is ReplyState.SENT
    assert Leases(store).holder(LEASE) is None
    Leases(store).take(LEASE, "somebody", 10**9)
    assert not await collector.errand()


async def test_a_stop_in_the_middle_of_a_send_is_doubt(store):
    class Slow(Network):
        async def reply(self, mention, draft):
            self._publish(draft)
            await asyncio.sleep(3600)

    network, id_ = Slow(), queue(store)
    one = sender(store, network)
    await one.step()
    while not network.posts:
        await asyncio.sleep(0.01)
    for task in list(one._active.values()):
        task.cancel()
    await one.idle()
    assert Outbox(store).get(id_).state is ReplyState.UNKNOWN


async def test_out_of_the_thread_is_said(store):
    network, id_ = Network(parent_kept=False), queue(store)
    await turn(store, sender(store, network))
    reply = Outbox(store).get(id_)
    assert reply.state is ReplyState.SENT and not reply.parent_kept and "outside" in reply.error
