"""The one place where an engine is chosen, adapted and proven."""

import logging
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from shared.contract.errors import ModelError
from worker.engines.base import PROBE, Engine, reason
from worker.engines.checked import CheckedEngine, SingleTextEngine
from worker.engines.manifest import Manifest, load_manifest
from worker.engines.proof import few, prove, read_reference

logger = logging.getLogger(__name__)

AUTO: Final = "auto"
NATIVE: Final = "native"
ONNX: Final = "onnx"
_ENGINES: Final = {
    NATIVE: "worker.engines.native.engine:load",
    ONNX: "worker.engines.onnx:load",
    "torch": "worker.engines.torch:TorchEngine",
}


def load_engine(spec: str, model_dir: Path, threads: int) -> Engine:
    """Load an engine with a baked model, and prove it: by one sentence, and by the bake's scores where it has them.

    Args:
        spec: ``auto``, ``native``, ``onnx``, ``torch``, or ``package.module:factory``; the factory is called with the
            other two. Its engine has ``classify(texts)``, as `worker.engines.base.Engine` says, or ``scores(text)``,
            which returns one score for each label of the manifest.
        model_dir: folder of the baked model.
        threads: threads of one forward pass.

    Raises:
        ModelError: there is no such engine, it cannot load this model, or its answers are not those of the model.
    """
    manifest = load_manifest(model_dir)
    if spec == AUTO:
        spec, made = _choose(manifest, model_dir, threads)
    else:
        made = _make(spec, manifest, model_dir, threads)
    engine = CheckedEngine(_adapt(made, spec), len(manifest.labels), spec)
    try:
        engine.classify([PROBE])
        if runs_scheme(spec, manifest):
            prove(engine, few(read_reference(model_dir)))
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"the engine {spec!r} cannot classify a sentence: {_named(error)}") from error
    return engine


def runs_scheme(spec: str, manifest: Manifest) -> bool:
    """Whether an engine computes the scores that the bake of this model has written down."""
    return manifest.scheme is not None and spec in {AUTO, NATIVE, ONNX}


def advice(spec: str, manifest: Manifest) -> str:
    """Return a sentence about a model that our engines would serve better if it were baked again; empty for others."""
    if manifest.schema_version > 1 or spec not in {AUTO, NATIVE, ONNX}:
        return ""
    return (
        f"the model {manifest.name} was baked by an earlier release (schema_version 1): it runs on ONNX Runtime as it "
        "did there; bake it again with python -m worker bake, and every engine of this release can serve it"
    )


def _choose(manifest: Manifest, model_dir: Path, threads: int) -> tuple[str, Any]:
    """Return the native engine, or ONNX Runtime's where that cannot serve, behind its name."""
    try:
        return NATIVE, _make(NATIVE, manifest, model_dir, threads)
    except ModelError as error:
        logger.info("ONNX Runtime serves, not the native engine", extra={"reason": str(error)})
    return ONNX, _make(ONNX, manifest, model_dir, threads)


def _make(spec: str, manifest: Manifest, model_dir: Path, threads: int) -> Any:
    module, colon, attribute = _ENGINES.get(spec, spec).partition(":")
    if not colon:
        raise ModelError(f"no engine is called {spec!r}: use auto, native, onnx, torch, or package.module:factory")
    if spec == NATIVE:
        _require_native(manifest, threads)
    try:
        factory = getattr(import_module(module), attribute)
        return factory(model_dir, threads)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"the engine {spec!r} cannot be loaded: {_named(error)}") from error


def _require_native(manifest: Manifest, threads: int) -> None:
    if threads > 1:
        raise ModelError(f"the native engine computes with one thread, and SENTIMENT_ENGINE_THREADS is {threads}")
    if manifest.scheme is None:
        raise ModelError("the native engine cannot read a model of schema 1: bake it again")
    if NATIVE not in manifest.engines:
        numbers = "in fp32" if manifest.precision == "fp32" else "by a traced graph"
        raise ModelError(f"the native engine cannot run {manifest.name} ({manifest.architecture}), baked {numbers}")


def _adapt(made: Any, spec: str) -> Engine:
    """Return an engine as it is if it takes texts, else one that asks it for each text."""
    if callable(getattr(made, "classify", None)):
        engine: Engine = made
        return engine
    if callable(getattr(made, "scores", None)):
        return SingleTextEngine(made)
    raise ModelError(f"the engine {spec!r} has neither classify(texts) nor scores(text)")


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {reason(error)}"
