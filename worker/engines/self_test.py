"""``python -m worker check``: prove that the baked model loads and answers here, with neither Redis nor network."""

import sys
import time
from typing import Final

from shared.contract.errors import ModelError
from shared.process.settings import Settings
from worker.engines.manifest import Manifest, load_manifest, model_dir, verify
from worker.engines.proof import compare, decisions, read_reference

_TOLERANCE: Final = 0.03
"""Share of reference texts that may have another label than when the model was baked, where the engine's scores are not
written down: processors round differently."""


def check(settings: Settings) -> int:
    """Verify the files, load the engine, and compare its answers to the built-in texts with those of the bake.

    Raises:
        ModelError: a file is not the one that was baked, the engine cannot load it, or its answers are others.
    """
    from worker.engines.loading import advice, load_engine, runs_scheme  # noqa: PLC0415

    began = time.perf_counter()
    folder = model_dir(settings)
    manifest = load_manifest(folder)
    verify(folder, manifest, settings.engine)
    engine = load_engine(settings.engine, folder, settings.engine_threads)
    loaded = time.perf_counter()
    entries = read_reference(folder)
    records = engine.classify([entry.text for entry in entries])
    ms = (time.perf_counter() - loaded) / len(entries) * 1000
    pairs = zip(records, entries, strict=True)
    rule = manifest.deciding
    same = sum(decisions(record.scores, rule) == decisions(entry.pipeline, rule) for record, entry in pairs)
    agreement = same / len(entries)
    sys.stdout.write(
        f"{manifest.name}, version {manifest.version}, {' '.join(filter(None, (engine.name, engine.variant)))}: "
        f"loaded in {loaded - began:.2f} s; "
        f"same label as the reference on {agreement:.1%} of {len(entries)} texts, {ms:.1f} ms each\n"
    )
    if advised := advice(settings.engine, manifest):
        sys.stderr.write(f"warning: {advised}\n")
    if runs_scheme(settings.engine, manifest):
        compare(engine, entries, records)
    elif agreement < _expected(manifest) - _TOLERANCE:
        raise ModelError(f"the model in {folder} answers otherwise than when it was baked")
    return 0


def _expected(manifest: Manifest) -> float:
    return manifest.parity.int8_agreement if manifest.parity else 1.0
