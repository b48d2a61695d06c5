"""The contents of the images."""

import pytest

from tests.compose.conftest import PYTHON_IMAGE
from tests.compose.docker import Compose, docker, image, own_megabytes

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]

LIMITS = {"sentiment-api:test": 120, "sentiment-worker:test": 350}
HARD = ("--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp")  # noqa: S108


@pytest.mark.parametrize("name", LIMITS)
def test_our_layers_are_small(compose: Compose, name: str) -> None:
    size = own_megabytes(name, PYTHON_IMAGE)
    print(f"\n{name} adds {size:.0f} MB to {PYTHON_IMAGE}")
    assert size <= LIMITS[name]


@pytest.mark.parametrize("name", LIMITS)
def test_it_is_nobody_says_what_it_is_and_gets_signals_itself(compose: Compose, name: str) -> None:
    config = image(name)["Config"]
    assert config["User"] == "10001:10001"
    assert config["Labels"]["org.opencontainers.image.revision"] == "abc123"
    assert config["Labels"]["org.opencontainers.image.title"] == name.partition(":")[0]
    assert config["Entrypoint"][0] == "python"
    assert config["Healthcheck"]["Test"][0] == "CMD"


@pytest.mark.parametrize("name", LIMITS)
def test_our_layers_hold_no_installer_and_no_cache(compose: Compose, name: str) -> None:
    code = (
        "import importlib.util as u, pathlib;"
        "assert not [m for m in ('pip', 'setuptools', 'wheel') if u.find_spec(m)];"
        "assert not list(pathlib.Path('/opt').rglob('sentiment*.whl')) and not pathlib.Path('/src').exists()"
    )
    _python(name, code)


def test_the_api_has_neither_model_nor_ml(compose: Compose) -> None:
    code = (
        "import importlib.util as u, pathlib;"
        "found = [m for m in ('numpy', 'onnxruntime', 'tokenizers', 'torch', 'celery', 'worker') if u.find_spec(m)];"
        "found += [str(p) for p in pathlib.Path('/opt').rglob('*.onnx')]; assert not found, found"
    )
    _python("sentiment-api:test", code)


def test_the_worker_has_no_torch_and_one_model(compose: Compose) -> None:
    code = (
        "import importlib.util as u, pathlib;"
        "assert not [m for m in ('torch', 'transformers', 'onnx', 'worker.modelling') if u.find_spec(m)];"
        "assert [str(p) for p in pathlib.Path('/opt').rglob('model.onnx')] == ['/opt/model/model.onnx']"
    )
    _python("sentiment-worker:test", code)


def test_the_worker_proves_its_model_without_network_on_a_read_only_root(compose: Compose) -> None:
    said = docker("run", *HARD, "sentiment-worker:test", "check").stdout
    print(f"\n{said.strip()}")
    assert "same label as the reference on" in said


def _python(name: str, code: str) -> None:
    """Run code in a container of an image; what it asserts is what is tested."""
    docker("run", *HARD, "--entrypoint", "python", name, "-c", code)
