"""The files of a model that ONNX Runtime alone serves: a graph of transformers' own code."""

import warnings
from pathlib import Path
from typing import Any, Final

import onnx
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from shared.contract.errors import ModelError
from worker.engines.base import reason
from worker.engines.manifest import SCHEME_EXPORTED, SCHEME_FP32
from worker.engines.onnx import MODEL_FILE, OnnxEngine
from worker.engines.text.handling import Handling
from worker.modelling.bake.trained.reference import Reference

DATA_FILE: Final = f"{MODEL_FILE}.data"
"""Weights in fp32, which processes share because they are mapped; one file of ONNX cannot hold more than 2 GB."""
_OPSET: Final = 17
_TRACED_TOKENS: Final = 17
"""Length of the text that is traced; parity is checked at others."""


class TracedFiles:
    """Exports a model with torch, and loads what it has written.

    Args:
        reference: the trained model.
        scratch: a folder for the export.

    Raises:
        ModelError: torch cannot export it.
    """

    scheme = SCHEME_EXPORTED
    """Of the int8 files."""

    def __init__(self, reference: Reference, scratch: Path) -> None:
        path = scratch / "traced.onnx"
        try:
            _export(reference, path)
        except Exception as error:
            raise ModelError(f"torch cannot export {reference.name}: {reason(error)}") from error
        self._graph = onnx.load(path)

    def fp32(self, folder: Path, handling: Handling) -> OnnxEngine:
        """Write the fp32 graph, with its weights beside it, and load it."""
        copy = onnx.ModelProto()
        copy.CopyFrom(self._graph)
        onnx.save(copy, folder / MODEL_FILE, save_as_external_data=True, location=DATA_FILE)
        return OnnxEngine(folder, 1, handling=handling, scheme=SCHEME_FP32)

    def int8(self, folder: Path, handling: Handling) -> OnnxEngine:
        """Write the graph with int8 matrices, a scale a column, and load it; tables of embeddings stay in fp32."""
        # Its advice to run the pre-processor is for graphs with convolutions.
        add_pre_process_metadata(self._graph)
        quantize_dynamic(
            self._graph,
            folder / MODEL_FILE,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
        return OnnxEngine(folder, 1, handling=handling, scheme=self.scheme)


def _export(reference: Reference, path: Path) -> None:
    """Trace the model from ``input_ids`` (int32, [1, tokens]) to ``logits`` ([1, labels])."""
    import torch  # noqa: PLC0415

    class Alone(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
        """The model on one text without padding."""

        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any) -> Any:
            whole = ids.long()
            return self.model(input_ids=whole, attention_mask=torch.ones_like(whole)).logits

    ids = torch.arange(_TRACED_TOKENS, dtype=torch.int32)[None] % reference.config.vocab_size
    with reference.traceable() as model, warnings.catch_warnings(), torch.no_grad():
        # The traced branches depend on settings alone; parity at many lengths shows it.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Alone(model).eval(),
            (ids,),
            str(path),
            input_names=["input_ids"],
            output_names=["logits"],
            dynamic_axes={"input_ids": {1: "tokens"}},
            opset_version=_OPSET,
            dynamo=False,
        )
