import pytest

from client.connection import KEY_VARIABLE, SERVICE_VARIABLE, URL_VARIABLE, Connection
from shared.process.settings import Settings


def test_its_variables_are_no_settings_of_the_service() -> None:
    settings = {f"SENTIMENT_{name}".upper() for name in Settings.model_fields}
    assert not settings & {KEY_VARIABLE, SERVICE_VARIABLE, URL_VARIABLE}


def test_arguments_before_the_environment_before_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (KEY_VARIABLE, SERVICE_VARIABLE, URL_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    usual = Connection.choose(None, None, None)
    assert (usual.url, usual.service, "Authorization" in usual.headers) == ("http://127.0.0.1:8000", "project", False)
    monkeypatch.setenv(URL_VARIABLE, "https://example.test/behind/")
    monkeypatch.setenv(KEY_VARIABLE, "hush")
    monkeypatch.setenv(SERVICE_VARIABLE, "lab")
    found = Connection.choose(None, None, None)
    assert (found.url, found.service) == ("https://example.test/behind", "lab")
    assert found.headers["Authorization"] == "Bearer hush"
    assert "hush" not in repr(found)
    given = Connection.choose("http://[::1]:8000", "", "")
    assert (given.url, given.service, "Authorization" in given.headers) == ("http://[::1]:8000", "", False)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host", "http://", "/project", "http://[::1"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"no URL|Invalid IPv6"):
        Connection.choose(url, None, None)


@pytest.mark.parametrize("key", ["two\nlines", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="the API key holds characters that no key has") as caught:
        Connection.choose(None, key, None)
    assert key not in str(caught.value)
