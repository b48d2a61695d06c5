"""tritonclient: ``triton.py (binary | json) URL TOKEN``."""

import sys
from typing import Any

import numpy as np
import tritonclient.http as triton
from calls import run

MODE, URL, TOKEN = sys.argv[1:]
CLIENT = triton.InferenceServerClient(f"{URL.removeprefix('http://')}/project")
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def classify(texts: list[str], top_k: int | None) -> Any:
    binary = MODE == "binary"
    array = np.array(texts, dtype=object)
    tensor = triton.InferInput("text", array.shape, "BYTES")
    tensor.set_data_from_numpy(array, binary_data=binary)
    output = triton.InferRequestedOutput("probabilities", binary_data=binary, class_count=top_k or 2)
    answer = CLIENT.infer(
        "sentiment", [tensor], outputs=[output], headers=dict(HEADERS), request_compression_algorithm="gzip"
    )
    rows = answer.as_numpy("probabilities")
    return [[_pair(value) for value in row] for row in rows]


def _pair(value: Any) -> tuple[str, float]:
    score, _, label = (value.decode() if isinstance(value, bytes) else value).split(":")
    return label, float(score)


run(classify)
