"""``python -m load.baselines.bentoml_app``: the worker's int8 model behind BentoML, with adaptive batching.

BentoML caches no answers. It sends telemetry by default, which this module turns off.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Annotated, Final

os.environ["BENTOML_DO_NOT_TRACK"] = "True"  # read at the first import

import bentoml
from pydantic import BeforeValidator, PlainSerializer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from load.baselines.contract import Prediction, prediction
from worker.engines.onnx import load

PATH: Final = "/project/predict"
BATCH: Final = 8
"""Most texts of a batch."""
_MODEL_DIR: Final = "BASELINE_MODEL_DIR"
_WORKERS: Final = "BASELINE_WORKERS"
# A batched endpoint takes and returns lists; these classes convert the body of one text and its answer.
_Texts = Annotated[list[str], BeforeValidator(lambda text: [text] if isinstance(text, str) else text)]
_Answers = Annotated[list[Prediction], PlainSerializer(lambda answers: answers[0])]


async def _health(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


@bentoml.service(
    workers=int(os.environ.get(_WORKERS, "2")),
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
@bentoml.asgi_app(Starlette(routes=[Route("/health", _health)]))  # BentoML's own path is /readyz
class Sentiment:
    """Runs each text of a batch in its own pass, as the graph has no padding mask and int8 scales span a batch."""

    def __init__(self) -> None:
        self._engine = load(Path(os.environ[_MODEL_DIR]), 1)

    @bentoml.api(route=PATH, batchable=True, max_batch_size=BATCH)  # type: ignore[untyped-decorator]
    def predict(self, text: _Texts) -> _Answers:
        """Return the ranked scores of each text."""
        return [prediction(record.scores) for record in self._engine.classify(text)]


def main() -> int:
    """Replace this process by BentoML's server, which loads this module again in each worker process."""
    parser = argparse.ArgumentParser(prog="python -m load.baselines.bentoml_app")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model-dir", type=Path, required=True, help="folder of a baked model")
    parser.add_argument("--workers", type=int, default=2, help="model processes (2)")
    options = parser.parse_args()
    variables = {_MODEL_DIR: str(options.model_dir.resolve()), _WORKERS: str(options.workers)}
    service = "load.baselines.bentoml_app:Sentiment"
    command = [sys.executable, "-m", "bentoml", "serve", service, "--host", "127.0.0.1", "--port", str(options.port)]
    os.execve(sys.executable, command, os.environ | variables)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
