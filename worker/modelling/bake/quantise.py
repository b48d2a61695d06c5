"""From fp32 to dynamic int8."""

from pathlib import Path
from typing import Final

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

QUANTISATION: Final = "dynamic int8, weights per channel"
_OPERATORS: Final = ["MatMul", "Attention", "EmbedLayerNormalization"]
"""Every product and both tables; the head's two Gemm become MatMul on the way."""


def quantise(fp32: Path, int8: Path) -> None:
    """Write a graph whose weights are int8 and whose activations are quantised as they come."""
    model = onnx.load(fp32)
    # Its advice to run the pre-processor does not concern a graph that was written in its final form.
    add_pre_process_metadata(model)
    quantize_dynamic(
        model,
        int8,
        op_types_to_quantize=_OPERATORS,
        per_channel=True,
        weight_type=QuantType.QInt8,
        # Shape inference does not know the contributed operators' outputs.
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
