import pytest

from api.security.auth import Authenticator

KEYS = Authenticator(["first", "second"])


def test_each_key_has_an_owner_of_its_own() -> None:
    first, second = KEYS.owner_of(b"Bearer first"), KEYS.owner_of(b"bearer  second ")
    assert first
    assert second
    assert first != second
    assert "first" not in first


@pytest.mark.parametrize(
    "header", [b"", b"Bearer", b"Bearer ", b"Bearer firs", b"Bearer firstx", b"Basic first", b"first"]
)
def test_strangers(header: bytes) -> None:
    assert KEYS.owner_of(header) is None


def test_without_keys_nobody_is_asked() -> None:
    assert not Authenticator([]).active
    assert KEYS.active
