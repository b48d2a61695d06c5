"""What an engine is, and how one is chosen."""

from importlib import import_module
from pathlib import Path
from typing import Protocol

from shared.contract.errors import ModelError


class Engine(Protocol):
    """Computes the scores of one text in one forward pass.

    Never of several texts at once: dynamic int8 scales span a whole batch, so batch-mates would change an answer.
    """

    name: str

    def scores(self, text: str) -> tuple[float, ...]:
        """Return one softmax score for each label, in the order of `shared.contract.names.LABELS`."""


def reason(error: BaseException) -> str:
    """Return the first line of what a library says; the rest is seldom for readers."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


_ENGINES = {"onnx": "worker.engines.onnx:load", "torch": "worker.engines.torch:TorchEngine"}


def load_engine(spec: str, model_dir: Path, threads: int) -> Engine:
    """Load an engine with a model.

    Args:
        spec: ``onnx``, ``torch``, or ``package.module:factory``; the factory is called with the other two.
        model_dir: folder of the baked model.
        threads: threads of one forward pass.

    Raises:
        ModelError: there is no such engine, or it cannot load this model.
    """
    module, colon, attribute = _ENGINES.get(spec, spec).partition(":")
    if not colon:
        raise ModelError(f"no engine is called {spec!r}: use onnx, torch, or package.module:factory")
    try:
        factory = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelError(f"the engine {spec!r} cannot be loaded: {error}") from error
    engine: Engine = factory(model_dir, threads)
    return engine
