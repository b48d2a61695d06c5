import pytest

from worker.modelling.bake.measures.speed import Pass, attention_tokens


def test_attention_is_found_from_the_times_of_two_lengths() -> None:
    def seconds(tokens: int) -> float:
        return 0.001 * (tokens + tokens**2 / 1200)

    assert attention_tokens([Pass(n, seconds(n)) for n in (26, 128, 512)]) == pytest.approx(1200, abs=1)


@pytest.mark.parametrize(
    "passes",
    [
        [Pass(26, 0.026), Pass(128, 0.128), Pass(512, 0.512)],
        [Pass(26, 0.026), Pass(128, 0.128), Pass(512, 0.4)],
        [Pass(26, 0.026), Pass(40, 0.080)],
    ],
    ids=["linear", "faster", "too short"],
)
def test_attention_that_cannot_be_seen_is_left_out(passes: list[Pass]) -> None:
    assert attention_tokens(passes) == 0
