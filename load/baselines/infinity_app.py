"""``python -m load.baselines.infinity_app``: a model behind Infinity's server.

It answers POST /project/classify and caches no answers. It sends telemetry by default, which this module turns off. It
is installed in an environment of its own, so this module imports nothing of the product.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

_VARIABLES: Final = {"DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}


def main() -> int:
    """Replace this process by Infinity's server."""
    parser = argparse.ArgumentParser(prog="python -m load.baselines.infinity_app")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model-dir", type=Path, required=True, help="folder that transformers loads")
    parser.add_argument("--engine", choices=("optimum", "torch"), required=True, help="optimum: the folder's ONNX file")
    options = parser.parse_args()
    # Infinity gives the graph's path to optimum, which expects a path relative to the folder: here both are the same.
    os.chdir(options.model_dir)
    command = [str(Path(sys.executable).with_name("infinity_emb")), "v2", "--model-id", "."]
    command += ["--served-model-name", "sentiment", "--engine", options.engine, "--device", "cpu"]
    # Its warm-up sends a text of 514 tokens, which the ONNX engine does not truncate, and this model has 512 positions.
    command += ["--no-model-warmup", "--url-prefix", "/project", "--log-level", "warning"]
    command += ["--host", "127.0.0.1", "--port", str(options.port)]
    os.execve(command[0], command, os.environ | _VARIABLES)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main())
