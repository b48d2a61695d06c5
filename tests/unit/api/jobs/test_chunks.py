import asyncio

from hypothesis import given
from hypothesis import strategies as st

from api.jobs.chunks import chunk_limit, cut
from shared.broker.fleet import Fleet, RegisteredProcess
from shared.contract.jobs import Chunk
from shared.contract.tokens import Cost

RESULT = 300


def chunks(texts: list[str], most: int) -> list[Chunk]:
    async def collect() -> list[Chunk]:
        return [chunk async for chunk in cut(texts, most, Cost(), RESULT)]

    return asyncio.run(collect())


def worker(rate: float, lanes: str = "interactive,bulk") -> RegisteredProcess:
    return RegisteredProcess(id="w", version="v", built=1, beat=0, inferred=0, rate=rate, lanes=lanes)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=40), st.integers(1, 200))
def test_nothing_is_lost_and_only_a_single_text_may_be_too_large(texts: list[str], most: int) -> None:
    cut_texts = chunks(texts, most)
    assert [text for chunk in cut_texts for text in chunk.texts] == texts
    position = 0
    for chunk in cut_texts:
        assert chunk.first == position
        position += len(chunk.texts)
        assert chunk.tokens == sum(map(Cost().estimate, chunk.texts))
        assert chunk.weight == sum(len(text.encode()) + RESULT for text in chunk.texts)
        assert chunk.tokens <= most or len(chunk.texts) == 1
        assert Chunk.decode(chunk.encode()) == chunk


def test_the_slowest_process_of_the_lane_decides() -> None:
    fleet = Fleet(processes=(worker(10_000), worker(2_000), worker(10, lanes="interactive"), worker(0)))
    assert chunk_limit(fleet, 0.05) == 80
    assert chunk_limit(Fleet(), 0.05) == 128
    assert chunk_limit(Fleet(processes=(worker(10**9),)), 0.05) == 4096
