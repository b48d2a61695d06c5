"""Every setting, with values as people and tools write them: understood, or refused in a sentence that names it."""

import pytest

from shared.contract.errors import SettingsError
from shared.process.settings import Settings, get_settings
from shared.process.spelling import CLIENT, misspelled

ODD = [
    "",
    " ",
    "\n",
    "1.8s",
    "1Mi",
    "-1",
    "inf",
    "-inf",
    "nan",
    '"1"',
    "'1'",
    "null",
    "None",
    "a,b",
    "\u0661",
    "on\r\n",
]


def read(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> Settings:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    try:
        return get_settings()
    finally:
        get_settings.cache_clear()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_value_works_or_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    variable = f"SENTIMENT_{name.upper()}"
    for value in ODD:
        refusal = ""
        try:
            number = getattr(read(monkeypatch, variable, value), name)
        except SettingsError as error:
            number, refusal = 0, str(error)
        assert variable in refusal or not refusal
        assert "\n" not in refusal
        assert not isinstance(number, float) or 0 <= number < 1e9


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"path_prefix"}))
def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for value in ("", " ", "\r\n"):
        assert getattr(read(monkeypatch, f"SENTIMENT_{name.upper()}", value), name) == getattr(Settings(), name)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("max_texts", "5\n", 5),
        ("deadline", " 1.5\r\n", 1.5),
        ("page", "False\n", False),
        ("page", "no", False),
        ("allow_anonymous", "YES", True),
        ("log_level", "debug", "DEBUG"),
        ("log_format", "Text", "text"),
        ("env", "PRODUCTION", "production"),
        ("api_host", "::1\n", "::1"),
        ("worker_lanes", "bulk, bulk ,", ("bulk",)),
        ("cors_origins", "https://a.example, http://b.example:8080", ("https://a.example", "http://b.example:8080")),
    ],
)
def test_usual_spellings_are_understood(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    assert getattr(read(monkeypatch, f"SENTIMENT_{name.upper()}", value), name) == expected


def test_a_secrets_line_end_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, "SENTIMENT_API_KEYS", "one,two\n").api_key_list == ["one", "two"]
    password = read(monkeypatch, "SENTIMENT_FLOWER_PASSWORD", "hush\n").flower_password
    assert password is not None
    assert password.get_secret_value() == "hush"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_keys", '"key"'),
        ("api_keys", "k\u00e9y"),
        ("api_keys", "a key"),
        ("api_keys", "a\nb"),
        ("cors_origins", "https://a.example/"),
        ("cors_origins", "a.example"),
        ("otlp_endpoint", "collector:4317"),
        ("flower_user", "a:b"),
        ("worker_lanes", "interactive,fast"),
        ("deadline", "inf"),
    ],
)
def test_values_that_would_fail_later_are_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=f"SENTIMENT_{name.upper()}") as refused:
        read(monkeypatch, f"SENTIMENT_{name.upper()}", value)
    assert "k\u00e9y" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("SENTIMENT_RATE_LIMT", "SENTIMENT_RATE_LIMIT"),
        ("SENTIMENT_APIKEYS", "SENTIMENT_API_KEYS"),
        ("SENTIMENT_BROKER_URI", "SENTIMENT_BROKER_URL"),
        ("sentiment_max_text", "SENTIMENT_MAX_TEXTS"),
        ("SENTIMENT_TRUSTED_PROXY", "SENTIMENT_TRUSTED_PROXIES"),
    ],
)
def test_a_misspelled_setting_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable.upper()} is no setting: {meant} is meant"):
        read(monkeypatch, variable, "1")


def test_other_variables_are_left_alone() -> None:
    others = ["SENTIMENT_BROKER_SERVICE_HOST", "SENTIMENT_COLOUR", "PATH", *(f"SENTIMENT_{name}" for name in CLIENT)]
    assert misspelled(others, Settings.model_fields) == {}
    assert misspelled([f"SENTIMENT_{name.upper()}" for name in Settings.model_fields], Settings.model_fields) == {}
