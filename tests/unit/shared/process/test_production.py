import re
from pathlib import Path
from typing import Any

import pytest

from shared.contract.errors import UnsafeSettingsError
from shared.process.production import require_safe
from shared.process.settings import Settings

SAFE: dict[str, Any] = {
    "env": "production",
    "api_keys": "a,b",
    "broker_url": "rediss://:p@redis/0",
    "cache_url": "redis://:p@127.0.0.1/0",
}


def test_safe_settings_and_any_outside_production() -> None:
    require_safe(Settings(**SAFE))
    require_safe(Settings())
    require_safe(Settings(**SAFE | {"broker_url": "redis://:p@localhost/0"}))
    require_safe(Settings(**SAFE | {"broker_url": "redis://:p@redis/0", "allow_plain_redis": True}))
    require_safe(Settings(**SAFE | {"api_keys": "", "allow_anonymous": True}))
    for engine in ("auto", "native", "onnx", "torch"):
        require_safe(Settings(**SAFE | {"engine": engine}))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"api_keys": " , "}, "API_KEYS"),
        ({"broker_url": "rediss://redis/0"}, "BROKER_URL has no password"),
        ({"cache_url": "redis://:p@redis/0"}, "CACHE_URL is not encrypted"),
        ({"cors_origins": "https://a.example,*"}, "CORS_ORIGINS"),
        ({"log_level": "DEBUG"}, "LOG_LEVEL"),
        ({"engine": "tests.support.engines:steered"}, "ENGINE"),
    ],
)
def test_each_flaw_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsafeSettingsError, match=re.escape(named)) as caught:
        require_safe(Settings(**SAFE | change))
    assert str(caught.value).count("\n  - ") == 1


def test_all_flaws_at_once_and_no_secret_among_them() -> None:
    with pytest.raises(UnsafeSettingsError) as caught:
        require_safe(Settings(env="production", broker_url="redis://:hush@far/0", model_dir=Path("m")))
    assert str(caught.value).count("\n  - ") == 3
    assert "hush" not in str(caught.value)
