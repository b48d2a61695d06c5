"""``python -m load.baselines.litserve_app``: a baked model behind LitServe, on ONNX Runtime or on the native engine.

LitServe caches no answers, and sends no telemetry.
"""

import argparse
import signal
import sys
from pathlib import Path
from typing import Final

import litserve

from load.baselines.contract import Prediction, Text, prediction
from worker.engines.base import Engine
from worker.engines.loading import NATIVE, ONNX, load_engine

PATH: Final = "/project/predict"
BATCH: Final = 4
"""Most texts of a batch."""
BATCH_TIMEOUT: Final = 0.001
"""Seconds for which a batch waits for more texts."""


class SentimentApi(litserve.LitAPI):  # type: ignore[misc]
    """Gives a batch to an engine of the product; with ONNX Runtime, each text has a pass of its own.

    Args:
        model_dir: folder of a baked model.
        engine: name of the engine.
    """

    _engine: Engine

    def __init__(self, model_dir: Path, engine: str) -> None:
        super().__init__(max_batch_size=BATCH, batch_timeout=BATCH_TIMEOUT, api_path=PATH)
        self._model_dir = model_dir
        self._engine_name = engine

    def setup(self, device: str) -> None:  # noqa: ARG002
        """Load the model, in each worker process."""
        self._engine = load_engine(self._engine_name, self._model_dir, threads=1)

    def decode_request(self, request: Text) -> str:
        """Return the text of a valid body."""
        return request.text

    def predict(self, texts: list[str]) -> list[tuple[float, ...]]:
        """Return the scores of each text."""
        return [record.scores for record in self._engine.classify(texts)]

    def encode_response(self, scores: tuple[float, ...]) -> Prediction:
        """Return the prediction for the scores of one text."""
        return prediction(scores)


def main() -> int:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m load.baselines.litserve_app")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model-dir", type=Path, required=True, help="folder of a baked model")
    parser.add_argument("--workers", type=int, default=2, help="model processes (2)")
    parser.add_argument("--engine", choices=(ONNX, NATIVE), default=ONNX, help=f"engine of the product ({ONNX})")
    options = parser.parse_args()
    # LitServe ends its processes only after Ctrl-C; after SIGTERM they would continue to run.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    api = SentimentApi(options.model_dir, options.engine)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=options.workers)
    server.run(host="127.0.0.1", port=options.port, generate_client_file=False, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
