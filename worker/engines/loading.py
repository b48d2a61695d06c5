"""The one place where an engine is chosen, adapted and proven."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from shared.contract.errors import ModelError
from worker.engines.base import PROBE, Engine, reason
from worker.engines.checked import CheckedEngine, SingleTextEngine
from worker.engines.manifest import load_manifest

_ENGINES: Final = {"onnx": "worker.engines.onnx:load", "torch": "worker.engines.torch:TorchEngine"}


def load_engine(spec: str, model_dir: Path, threads: int) -> Engine:
    """Load an engine with a baked model, and prove it by one sentence.

    Args:
        spec: ``onnx``, ``torch``, or ``package.module:factory``; the factory is called with the other two. Its engine
            has ``classify(texts)``, as `worker.engines.base.Engine` says, or ``scores(text)``, which returns one
            softmax score for each label of the manifest.
        model_dir: folder of the baked model.
        threads: threads of one forward pass.

    Raises:
        ModelError: there is no such engine, it cannot load this model, or its answer does not fit the manifest.
    """
    labels = load_manifest(model_dir).labels
    engine = CheckedEngine(_adapt(_make(spec, model_dir, threads), spec), len(labels), spec)
    try:
        engine.classify([PROBE])
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"the engine {spec!r} cannot classify a sentence: {_named(error)}") from error
    return engine


def _make(spec: str, model_dir: Path, threads: int) -> Any:
    module, colon, attribute = _ENGINES.get(spec, spec).partition(":")
    if not colon:
        raise ModelError(f"no engine is called {spec!r}: use onnx, torch, or package.module:factory")
    try:
        factory = getattr(import_module(module), attribute)
        return factory(model_dir, threads)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"the engine {spec!r} cannot be loaded: {_named(error)}") from error


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
