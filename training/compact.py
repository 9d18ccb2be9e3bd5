"""Store an ONNX model's float weights in half precision.

Each float32 initializer of two or more dimensions becomes a float16 initializer behind a
Cast to float32 (ONNX opset 13 or later). The file is standard ONNX: runtimes expand the
weights when they load it and compute in float32 as before. Biases stay float32.

Of the ten bits of a half-precision mantissa the first `mantissa` are kept, the rest become zero: the file
is as large, but what travels (scripts/pack-models.mjs) is a third smaller at five, whose rounding error is
less than that of int8 weights with a scale for each channel.

    python training/compact.py model.onnx model-f16.onnx [MANTISSA]
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LARGEST_HALF = float(np.finfo(np.float16).max)
MANTISSA = 10


def rounded(half: np.ndarray, mantissa: int) -> np.ndarray:
    """The nearest halves of so many explicit bits; ties to even, as IEEE 754 rounds."""
    dropped = MANTISSA - mantissa
    if dropped == 0:
        return half
    bits = half.view(np.uint16).astype(np.uint32)
    bits += (1 << (dropped - 1)) - 1 + (bits >> dropped & 1)
    return (bits >> dropped << dropped).astype(np.uint16).view(np.float16)


def compact(model: onnx.ModelProto, mantissa: int = MANTISSA) -> onnx.ModelProto:
    graph = model.graph
    casts = []
    for index, tensor in enumerate(graph.initializer):
        if tensor.data_type == TensorProto.FLOAT16:
            half = rounded(numpy_helper.to_array(tensor), mantissa)
            tensor.CopyFrom(numpy_helper.from_array(half, tensor.name))
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        weights = numpy_helper.to_array(tensor)
        if np.abs(weights).max() > LARGEST_HALF:
            raise SystemExit(f"{tensor.name} does not fit half precision")
        name = tensor.name
        graph.initializer[index].CopyFrom(numpy_helper.from_array(rounded(weights.astype(np.float16), mantissa), name + ".f16"))
        casts.append(helper.make_node("Cast", [name + ".f16"], [name], name=name + ".expand", to=TensorProto.FLOAT))
    for at, cast in enumerate(casts):
        graph.node.insert(at, cast)
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    source, target, *digits = sys.argv[1:]
    onnx.save(compact(onnx.load(source), *map(int, digits)), target)
