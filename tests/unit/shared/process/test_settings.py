import pytest
from pydantic import ValidationError

from shared.process.settings import Settings


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
    ],
)
def test_values_that_cannot_work_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**values)  # type: ignore[arg-type]
