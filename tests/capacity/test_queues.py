"""The two kinds of queues against theory: processes with a queue each, and one queue for all model processes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from load.capacity.inputs.model import Costs, Product
from load.capacity.simulate.api_queue import ApiQueue
from load.capacity.simulate.outbox import Outbox
from load.capacity.simulate.pool import LATE, REFUSED, Pool
from load.capacity.simulate.texts import Text
from tests.capacity.plans import COSTS
from tests.capacity.theory import erlang_c, mg1_wait, mmc_wait, mmc_wait_quantile

PATIENT = Product(deadline=1e9, queue_share=1e9, chunk_tokens=1, ahead=10**9, worth=0)
"""Nothing is refused, late or held back, and each message carries one text."""
TEXTS = 150_000


def texts(arrivals: NDArray[np.float64], seconds: NDArray[np.float64], deadline: float = 1e9) -> list[Text]:
    moments = arrivals.tolist()
    return [Text(at, 0, at, at + deadline, 30, work, 0.0) for at, work in zip(moments, seconds.tolist(), strict=True)]


def waits(servers: int, load: float, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the waits of texts that take these seconds (mean 1) at a load in erlangs, without the first tenth."""
    random = np.random.default_rng(7)
    arrivals = np.cumsum(random.exponential(1 / load, len(seconds)))
    pool = Pool(servers, PATIENT, message_seconds=0.0, token_seconds=1.0)
    pool.offer(texts(arrivals, seconds))
    pool.advance(np.inf)
    by_arrival = np.argsort(np.frombuffer(pool.arrived))
    found: NDArray[np.float64] = np.frombuffer(pool.outcome)[by_arrival] - seconds
    return found[len(found) // 10 :]


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (4, 3.2), (20, 17.0)])
def test_pooled_queue_is_erlangs(servers: int, load: float) -> None:
    found = waits(servers, load, np.random.default_rng(1).exponential(1.0, TEXTS))
    assert found.mean() == pytest.approx(mmc_wait(servers, load, 1.0), rel=0.04)
    assert (found > 1e-9).mean() == pytest.approx(erlang_c(servers, load), rel=0.04)
    assert np.quantile(found, 0.99) == pytest.approx(mmc_wait_quantile(servers, load, 1.0, 0.99), rel=0.08)


def test_pooled_queue_of_one_server_with_equal_texts_is_pollaczek_khinchines() -> None:
    found = waits(1, 0.8, np.full(TEXTS, 1.0))
    assert found.mean() == pytest.approx(mg1_wait(0.8, 1.0, 1.0), rel=0.03)


def test_many_servers_of_one_queue_wait_less_than_many_queues() -> None:
    assert mmc_wait(20, 17.0, 1.0) < mmc_wait(1, 17 / 20, 1.0) / 10
    seconds = np.random.default_rng(1).exponential(1.0, TEXTS)
    assert waits(20, 17.0, seconds).mean() < waits(1, 17 / 20, seconds).mean() / 10


@pytest.mark.parametrize(("hits", "misses"), [(7000.0, 0.0), (5000.0, 600.0)])
def test_api_process_is_pollaczek_khinchines(hits: float, misses: float) -> None:
    costs = Costs.model_validate(COSTS)
    queue = ApiQueue(costs, np.random.default_rng(3))
    ticks = [queue.advance(hits, misses, 1.0) for _ in range(200)]
    bursts = np.array([costs.hit_cpu, costs.miss_cpu / 2, costs.miss_cpu / 2])
    rates = np.array([hits, misses, misses])
    mean, second = (rates @ bursts**power / rates.sum() for power in (1, 2))
    found = np.concatenate([tick.waits for tick in ticks]).mean()
    assert found == pytest.approx(mg1_wait(rates.sum(), float(mean), float(second)), rel=0.03)
    assert np.mean([tick.busy for tick in ticks]) == pytest.approx(rates @ bursts, rel=0.01)


def test_an_overloaded_api_process_carries_its_queue_on() -> None:
    queue = ApiQueue(Costs.model_validate(COSTS), np.random.default_rng(3))
    last = [float(queue.advance(20_000.0, 0.0, 1.0).waits[-1]) for _ in range(3)]
    assert last == pytest.approx([1.0, 2.0, 3.0], rel=0.05)  # twice what it can do


def test_admission_lets_in_what_the_share_of_the_deadline_can_do() -> None:
    # One process, 10 tokens a second, half of 8 seconds: 40 tokens, which are four texts; the first runs at once.
    product = Product(deadline=8.0, queue_share=0.5, chunk_tokens=1, ahead=10**9)
    pool = Pool(1, product, message_seconds=0.0, token_seconds=0.1)
    pool.offer([Text(0.0, 0, 0.0, 8.0, 10, 1.0, 0.0) for _ in range(6)])
    pool.advance(np.inf)
    assert sorted(pool.outcome) == [REFUSED, REFUSED, 1.0, 2.0, 3.0, 4.0]


def test_a_text_larger_than_the_limit_is_let_in_where_nothing_waits() -> None:
    pool = Pool(1, Product(deadline=8.0, queue_share=0.5), message_seconds=0.0, token_seconds=1.0)
    pool.offer([Text(0.0, 0, 0.0, 8.0, 100, 2.0, 0.0)])
    pool.advance(np.inf)
    assert list(pool.outcome) == [2.0]


def test_what_is_late_is_dropped_and_frees_its_process() -> None:
    product = Product(deadline=1.5, queue_share=1e9, chunk_tokens=1, ahead=10**9)
    pool = Pool(1, product, message_seconds=0.0, token_seconds=1.0)
    # The first takes 2 s and is late when it ends; the second is late before it could begin; the third is in time.
    pool.offer([Text(at, 0, at, at + 1.5, 10, work, 0.0) for at, work in ((0.0, 2.0), (0.1, 0.5), (1.0, 0.4))])
    pool.advance(np.inf)
    assert list(pool.outcome) == [LATE, LATE, pytest.approx(1.4)]
    assert pool.busy_seconds == pytest.approx(2.4)
    assert pool.texts == 0


def test_texts_of_a_pass_end_together() -> None:
    product = Product(deadline=1e9, queue_share=1e9, shared_pass=20, message_work=1e9, ahead=1)
    pool = Pool(1, product, message_seconds=0.5, token_seconds=1.0)
    pool.offer([Text(0.0, 0, 0.0, 1e9, 10, 1.0, 0.0) for _ in range(4)])
    pool.advance(np.inf)
    assert list(pool.outcome) == [1.5, 4.0, 4.0, 5.0]
    assert pool.texts == 0


def test_a_small_message_is_not_sent_ahead() -> None:
    outbox: Outbox[Text] = Outbox(Product(ahead=2, worth=60))
    text = Text(0.0, 0, 0.0, 9.0, 30, 1.0, 0.0)
    outbox.put([text])
    (first,) = outbox.send(0.0, processes=1, token_seconds=1e-4)
    outbox.put([text])
    assert outbox.send(0.0, processes=1, token_seconds=1e-4) == []
    outbox.put([text])
    assert [len(message.texts) for message in outbox.send(0.0, processes=1, token_seconds=1e-4)] == [2]
    outbox.put([text] * 9)
    outbox.close(first)
    (slow,) = outbox.send(0.0, processes=1, token_seconds=1e-3)
    assert len(slow.texts) == 1, "20 ms of work, or one text"


def test_more_processes_take_over_what_waits() -> None:
    pool = Pool(1, PATIENT, message_seconds=0.0, token_seconds=1.0)
    pool.offer([Text(0.0, 0, 0.0, 1e9, 10, 10.0, 0.0) for _ in range(3)])
    pool.resize(3, now=1.0)
    pool.advance(np.inf)
    assert list(pool.outcome) == [10.0, 11.0, 11.0]


def test_fewer_processes_finish_what_they_run() -> None:
    pool = Pool(3, PATIENT, message_seconds=0.0, token_seconds=1.0)
    pool.offer([Text(0.0, 0, 0.0, 1e9, 10, 10.0, 0.0) for _ in range(4)])
    pool.resize(1, now=1.0)
    pool.advance(np.inf)
    assert list(pool.outcome) == [10.0, 10.0, 10.0, 20.0]


def test_an_outbox_holds_back_what_leaves_together() -> None:
    outbox: Outbox[Text] = Outbox(Product(chunk_tokens=100, ahead=2, worth=0, patience=0.25))
    waiting = [Text(0.0, 0, 0.0, 9.0, 30, 1.0, 0.0)] * 9
    outbox.put(waiting[:1])
    first = outbox.send(0.0, processes=1, token_seconds=1e-4)
    outbox.put(waiting[1:2])
    second = outbox.send(0.0, processes=1, token_seconds=1e-4)
    outbox.put(waiting[2:])
    assert [len(message.texts) for message in (*first, *second)] == [1, 1]
    assert outbox.send(0.1, processes=1, token_seconds=1e-4) == []
    outbox.close(first[0])
    assert [len(message.texts) for message in outbox.send(0.1, processes=1, token_seconds=1e-4)] == [3]  # 100 tokens
    # Patience with the second message ends a quarter of a second after it was sent; the third is younger.
    assert [len(message.texts) for message in outbox.send(0.3, processes=1, token_seconds=1e-4)] == [3]
    # With two processes there is room for more, and the rest is shared out among them.
    assert [len(message.texts) for message in outbox.send(0.3, processes=2, token_seconds=1e-4)] == [1]
