import pytest
from pydantic import SecretStr, ValidationError

from shared.contract.errors import SettingsError
from shared.process.settings import Settings, get_settings


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_MAX_TEXTS", "5")
    monkeypatch.setenv("SENTIMENT_BROKER_URL", "redis://:secret@elsewhere:6379/0")
    settings = Settings()
    assert settings.max_texts == 5
    assert settings.broker_url.get_secret_value() == "redis://:secret@elsewhere:6379/0"


def test_secrets_stay_out_of_a_repr() -> None:
    assert "hush" not in repr(Settings(broker_url="redis://:hush@host/0"))


@pytest.mark.parametrize(
    "values",
    [
        {"deadline": 0},
        {"path_prefix": "project"},
        {"path_prefix": "/project/"},
        {"namespace": "has space"},
        {"api_port": 0},
        {"log_level": "LOUD"},
        {"broker_url": "sentinel://host"},
        {"cache_url": "redis://host?socket_timeout=1"},
        {"job_replicas": -1},
        {"job_replicas": 1, "job_replicas_timeout": 0.4},
        {"job_replicas": 1, "broker_timeout": 0.2},
        {"redis_ca_file": "/nowhere"},
        {"redis_ca_file": __file__},
    ],
)
def test_values_that_cannot_work_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**values)  # type: ignore[arg-type]


def test_the_refusal_names_every_setting_and_quotes_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_BROKER_URL", "rediss://:hush@host/0?ssl_cert_reqs=none")
    monkeypatch.setenv("SENTIMENT_API_KEYS", "hush")
    monkeypatch.setenv("SENTIMENT_API_PORT", "99999")
    get_settings.cache_clear()
    with pytest.raises(
        SettingsError, match=r"SENTIMENT_BROKER_URL: .*'ssl_cert_reqs'.*; SENTIMENT_API_PORT: "
    ) as caught:
        get_settings()
    assert "hush" not in str(caught.value)
    with pytest.raises(ValidationError) as raw:
        Settings()
    assert "hush" not in str(raw.value)
    get_settings.cache_clear()


def test_replicas_are_required_where_sentinels_name_the_broker() -> None:
    sentinels = "redis+sentinel://host?master=m"
    assert Settings(broker_url=SecretStr("redis://host"), broker_timeout=0.1).required_replicas == 0
    assert Settings(broker_url=SecretStr(sentinels)).required_replicas == 1
    assert Settings(broker_url=SecretStr(sentinels), job_replicas=0).required_replicas == 0
    assert Settings(broker_url=SecretStr("redis://host"), job_replicas=2).required_replicas == 2
