from hypothesis import given
from hypothesis import strategies as st

from api.jobs.ids import issued_at, make_id

SECRET = b"s" * 32


@given(st.integers(0, 2**48 - 1), st.text(max_size=40))
def test_an_id_says_when_it_was_given_to_whom(now: int, owner: str) -> None:
    job_id = make_id(SECRET, owner, now)
    assert len(job_id) == 32
    assert issued_at(SECRET, owner, job_id) == now
    assert issued_at(SECRET, owner + "x", job_id) is None
    assert issued_at(b"t" * 32, owner, job_id) is None


def test_no_two_are_alike() -> None:
    assert len({make_id(SECRET, "", 1) for _ in range(1000)}) == 1000


@given(st.text(max_size=40))
def test_anything_else_was_never_given(job_id: str) -> None:
    assert issued_at(SECRET, "", job_id) is None


def test_a_changed_one_was_never_given() -> None:
    job_id = make_id(SECRET, "", 1)
    for index, letter in enumerate(job_id):
        other = "a" if letter != "a" else "b"
        assert issued_at(SECRET, "", job_id[:index] + other + job_id[index + 1 :]) is None
    assert issued_at(SECRET, "", job_id.upper()) is None
