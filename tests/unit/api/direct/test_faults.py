"""Refusals that are made from a kept one have the bytes of those that are built."""

import json

import pytest

from api.direct.faults import Faults
from api.kinds import protocols_of, shapes_of
from shared.contract.errors import DeadlineExceededError, OverloadedError
from shared.process.settings import Settings

PATHS = ("/project/predict", "/project/hf/models/sentiment", "/project/v2/models/sentiment/infer")
IDS = (b"0" * 32, b"3f2b8c1e-0000-4abc-9def-0123456789ab", b"short", b"~" * 40, b'with"quotes\\and-more', b"x" * 128)


def make() -> Faults:
    return Faults("/project", shapes_of(protocols_of(Settings())))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("identity", IDS, ids=range(len(IDS)))
def test_a_kept_refusal_is_as_one_that_is_built(path: str, identity: bytes) -> None:
    kept = make()
    for others in (b"a" * len(identity), b"~" * len(identity)):
        kept.failure(path, OverloadedError(2), others)
    failure = kept.failure(path, OverloadedError(2), identity)
    assert failure == make()._build(path, OverloadedError(2), identity)
    assert identity.decode() in json.loads(failure.answer.body).values()
    assert b"x-request-id: %b\r\n" % identity in failure.answer.head


def test_the_time_until_a_retry_is_the_error_s() -> None:
    faults = make()
    for seconds in (1, 2, 1):
        failure = faults.failure(PATHS[0], OverloadedError(seconds), IDS[0])
        assert b"retry-after: %d\r\n" % seconds in failure.answer.head


def test_other_errors_are_not_mixed_with_refusals() -> None:
    faults = make()
    faults.failure(PATHS[0], OverloadedError(1), IDS[0])
    assert faults.failure(PATHS[0], DeadlineExceededError(), IDS[0]).code == "deadline-exceeded"


def test_callers_cannot_make_it_keep_more_and_more() -> None:
    faults = make()
    for length in range(1, 129):
        for seconds in (1, 2, 3):
            faults.failure(PATHS[0], OverloadedError(seconds), b"x" * length)
    assert len(faults._kept) <= 256
