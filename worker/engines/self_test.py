"""``python -m worker check``: prove that the baked model loads and answers here, with neither Redis nor network."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypedDict

from shared.contract.errors import ModelError
from shared.process.settings import Settings
from worker.engines.manifest import Manifest, load_manifest, model_dir, verify

_REFERENCE: Final = "reference.json"
_TOLERANCE: Final = 0.03
"""Share of reference texts that may have another label than when the model was baked: processors round differently."""


class _Entry(TypedDict):
    text: str
    scores: list[float]


def check(settings: Settings) -> int:
    """Verify the files, load the engine, and compare its labels with those of the model before it was quantised.

    Raises:
        ModelError: a file is not the one that was baked, the engine cannot load it, or its labels are others.
    """
    from worker.engines.loading import load_engine  # noqa: PLC0415

    began = time.perf_counter()
    folder = model_dir(settings)
    manifest = load_manifest(folder)
    verify(folder, manifest, settings.engine)
    engine = load_engine(settings.engine, folder, settings.engine_threads)
    loaded = time.perf_counter()
    entries = _reference(folder)
    records = engine.classify([entry["text"] for entry in entries])
    pairs = zip(records, entries, strict=True)
    agreement = sum(_label(record.scores) == _label(entry["scores"]) for record, entry in pairs) / len(entries)
    ms = (time.perf_counter() - loaded) / len(entries) * 1000
    sys.stdout.write(
        f"{manifest.name}, version {manifest.version}, {engine.name}: loaded in {loaded - began:.2f} s; "
        f"same label as the reference on {agreement:.1%} of {len(entries)} texts, {ms:.1f} ms each\n"
    )
    if agreement < _expected(manifest) - _TOLERANCE:
        raise ModelError(f"the model in {folder} answers otherwise than when it was baked")
    return 0


def _reference(folder: Path) -> list[_Entry]:
    try:
        entries: list[_Entry] = json.loads((folder / _REFERENCE).read_text("utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"{folder / _REFERENCE} cannot be read") from None
    return entries


def _expected(manifest: Manifest) -> float:
    return manifest.parity.int8_agreement if manifest.parity else 1.0


def _label(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=scores.__getitem__)
