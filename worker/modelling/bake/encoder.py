"""The files of an encoder that both engines compute: our own graph, and quantised weights."""

from pathlib import Path

import onnx

from shared.contract.errors import ModelError
from worker.engines.manifest import SCHEME, SCHEME_FP32, WEIGHTS_FILE
from worker.engines.onnx import MODEL_FILE, OnnxEngine
from worker.engines.tensors import tensors
from worker.engines.text.handling import Handling
from worker.engines.weights import Form, read_weights, write_weights
from worker.modelling.bake.graph import plain_graph, scheme_graph
from worker.modelling.bake.parameters import parameters, quantise
from worker.modelling.bake.trained.families import Names
from worker.modelling.bake.trained.reference import Reference


class EncoderFiles:
    """Writes a model of the BERT family, and loads what it has written.

    Args:
        reference: the trained model.
        names: of its parameters.
        form: of its encoder.

    Raises:
        ModelError: a parameter is missing.
    """

    def __init__(self, reference: Reference, names: Names, form: Form) -> None:
        try:
            self._named = parameters(reference.state(), names, form)
        except KeyError as error:
            raise ModelError(f"the weights of {reference.name} lack {error.args[0]}") from None
        self._form = form

    def fp32(self, folder: Path, handling: Handling) -> OnnxEngine:
        """Write the fp32 graph, with its weights beside it, and load it."""
        location = f"{MODEL_FILE}.data"
        graph = plain_graph(self._named, self._form)
        onnx.save(graph, str(folder / MODEL_FILE), save_as_external_data=True, location=location)
        return OnnxEngine(folder, 1, handling=handling, scheme=SCHEME_FP32)

    def int8(self, folder: Path, handling: Handling) -> OnnxEngine:
        """Write the quantised weights and the graph that reads them, and load both."""
        weights = quantise(self._named, self._form)
        write_weights(folder / WEIGHTS_FILE, weights)
        onnx.save(scheme_graph(weights), str(folder / MODEL_FILE))
        return OnnxEngine(folder, 1, handling=handling, weights=tensors(read_weights(folder / WEIGHTS_FILE)))

    scheme = SCHEME
    """Of the int8 files."""
