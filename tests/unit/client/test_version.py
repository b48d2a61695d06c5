import tomllib
from pathlib import Path

import pytest

from api.main import create_app
from client import version
from shared.process.settings import Settings


def test_one_version_for_the_product_and_its_client() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    assert version.VERSION == project["version"] == create_app(Settings()).version


def test_the_client_alone_is_the_same_client() -> None:
    root = Path(__file__).parents[3]
    alone = tomllib.loads((root / "client" / "pyproject.toml").read_text("utf-8"))
    packages = {".".join(path.parent.relative_to(root).parts) for path in (root / "client").rglob("__init__.py")}
    assert set(alone["tool"]["setuptools"]["packages"]) == packages
    assert alone["project"]["version"] == version.VERSION
    extra = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["client"]
    assert [name.partition(">")[0] for name in alone["project"]["dependencies"]] == [
        name.partition("==")[0] for name in extra
    ]


@pytest.mark.parametrize(
    ("ours", "service", "fit"),
    [
        ("0.1.0", "0.1.7", True),
        ("0.1.0", "0.2.0", False),
        ("0.1.0", "1.1.0", False),
        ("1.4.0", "1.0.2", True),
        ("1.4.0", "2.4.0", False),
        ("0.1.0", "nonsense", False),
    ],
)
def test_which_versions_fit(monkeypatch: pytest.MonkeyPatch, ours: str, service: str, fit: bool) -> None:
    monkeypatch.setattr(version, "VERSION", ours)
    assert version.fits(service) is fit
