"""The options of a bake."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worker.engines.facts import Task

Report = Callable[[str], None]
"""Tells a line of progress."""


@dataclass(frozen=True)
class Order:
    """One bake.

    Args:
        source: ``owner/name@revision``, or a folder.
        output: where the baked model goes; its model files are replaced only when all has gone well.
        name: what to call it.
        data: folder with ``dev.tsv`` to measure accuracy and calibration on.
        expected_digest: SHA-256 that the weights must have.
        keep_weights: keep the fp32 weights too, for the torch engine.
        labels: names of the outputs, separated by commas, instead of those of the configuration.
        task: whether one label or several apply to a text, instead of the configuration's.
        threshold: score from which a label of a multi-label model applies.
        precision: of the weights that are served.
        max_tokens: where to truncate texts; None is the model's own greatest length.
        languages: ISO 639 codes.
        preparation: names of the changes to a text before it is tokenized.
        description: one sentence for people.
        calibrate: fit a temperature on the data.
    """

    source: str
    output: Path
    name: str
    data: Path | None = None
    expected_digest: str | None = None
    keep_weights: bool = False
    labels: str | None = None
    task: Task | None = None
    threshold: float = 0.5
    precision: Literal["int8", "fp32"] = "int8"
    max_tokens: int | None = None
    languages: tuple[str, ...] = ()
    preparation: tuple[str, ...] = ()
    description: str = ""
    calibrate: bool = False
