"""The wheels, installed into empty environments and run from an empty folder."""

import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from api.version import VERSION
from deploy.release.environments import API_EXTRAS, WORKER_EXTRAS, install, installed, make
from deploy.release.step import StepError, call, clean_environment, require
from deploy.release.wheels import CLIENT, SERVICE
from shared.stack.ports import free_port

_ML: Final = {"numpy", "onnx", "onnxruntime", "tokenizers", "torch", "transformers"}
_START_SECONDS: Final = 60
_PATHS: Final = ("/livez", "/openapi.json", "/")
"""Paths that the API answers without Redis: a probe, the description, and the page."""


def run_client() -> str:
    """Run the client's wheel: the command, and the import with its types.

    Raises:
        StepError: it does not run.
    """
    python = make("client")
    install(python, CLIENT)
    with TemporaryDirectory() as empty:
        said = call(python.parent / "sentiment", "--version", cwd=Path(empty)).strip()
        where = call(python, "-I", "-c", "import client; print(client.__file__)", cwd=Path(empty)).strip()
    require(VERSION in said, f"sentiment --version says {said!r}")
    require((Path(where).parent / "py.typed").exists(), "the client's wheel has no py.typed")
    return f"sentiment --version says {said!r}; {len(installed(python))} packages"


def run_api() -> str:
    """Run the API of the service's wheel with the packages of its image, and ask it without a Redis.

    Raises:
        StepError: it does not answer, or an ML package is there.
    """
    python = make("api")
    install(python, SERVICE, API_EXTRAS)
    packages = installed(python)
    require(not _ML & packages.keys(), f"the API's environment has {_ML & packages.keys()}")
    port = free_port()
    settings = {"SENTIMENT_API_PORT": str(port), "SENTIMENT_API_HOST": "127.0.0.1"}
    with TemporaryDirectory() as empty, (Path(empty) / "log").open("w+") as log:
        process = subprocess.Popen(
            [python, "-m", "api"], cwd=empty, env=clean_environment(settings), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            for path in _PATHS:
                _ask(f"http://127.0.0.1:{port}{path}", process, Path(log.name))
        finally:
            process.terminate()
            code = process.wait(60)
    require(code == 0, f"the API ended with code {code}")
    return f"{', '.join(_PATHS)} answer 200; {len(packages)} packages, none for ML"


def _ask(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310 - http to this machine
                require(answer.status == 200, f"{url}: {answer.status}")  # noqa: PLR2004
            return
        except URLError as error:
            if process.poll() is not None or time.monotonic() > give_up:
                raise StepError(f"{url}: {error}\n{log.read_text()[-2000:]}") from None
            time.sleep(0.1)


def run_product() -> str:
    """Run the demonstration from the service's wheel: Redis, API, worker and Flower, with real requests.

    Raises:
        StepError: an answer is wrong.
    """
    python = make("worker")
    install(python, SERVICE, WORKER_EXTRAS)
    worker = len(installed(python))
    product = make("product")
    install(product, SERVICE, f"{API_EXTRAS},{WORKER_EXTRAS},stack,client")
    with TemporaryDirectory() as empty:
        call(product, "-m", "shared.stack", "demo", cwd=Path(empty))
    return f"the demonstration's answers are right, by ONNX Runtime; {worker} packages in the worker's environment"
