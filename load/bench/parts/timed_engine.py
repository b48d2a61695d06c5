"""An engine that records the CPU time of its passes: ``SENTIMENT_ENGINE=load.bench.parts.timed_engine:load``.

It is the engine that `auto` chooses. Each model process appends a record for each of its calls to a file in the folder
that BENCH_PASSES names: the time at its end, the thread's CPU time, and the number of texts. A call begins with the
tokens and ends with the logits, so tokenising is no part of it.
"""

import os
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from shared.contract.errors import ModelError
from worker.engines import onnx
from worker.engines.native import engine as native

FOLDER: Final = "BENCH_PASSES"
SPEC: Final = f"{__name__}:load"
_RECORD: Final = struct.Struct("<ddI")
_FIELDS: Final = np.dtype([("end", "<f8"), ("cpu", "<f8"), ("texts", "<u4")])


def load(model_dir: Path, threads: int) -> Any:
    """Load the native engine, or ONNX Runtime's where that cannot serve, with a method `logits` that records.

    Raises:
        ModelError: neither can be loaded.
    """
    try:
        engine: Any = native.load(model_dir, threads)
    except ModelError:
        engine = onnx.load(model_dir, threads)
    compute = engine.logits
    file = os.open(Path(os.environ[FOLDER], str(os.getpid())), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def logits(texts: Sequence[Sequence[int]]) -> list[list[float]]:
        began = time.thread_time()
        rows: list[list[float]] = compute(texts)
        os.write(file, _RECORD.pack(time.monotonic(), time.thread_time() - began, len(texts)))
        return rows

    engine.logits = logits
    return engine


def passes(folder: Path, began: float, seconds: float) -> tuple[float, int]:
    """Return the CPU seconds and the number of texts of all calls that ended in a window of the monotonic clock."""
    records = np.concatenate([np.fromfile(file, _FIELDS) for file in folder.iterdir()])
    within = records[(records["end"] >= began) & (records["end"] < began + seconds)]
    return float(within["cpu"].sum()), int(within["texts"].sum())
