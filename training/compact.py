"""Store an ONNX model's float weights in half precision.

Each float32 initializer of two or more dimensions becomes a float16 initializer behind a
Cast to float32 (ONNX opset 13 or later). The file is standard ONNX: runtimes expand the
weights when they load it and compute in float32 as before. Biases stay float32.

    python training/compact.py model.onnx model-f16.onnx
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LARGEST_HALF = float(np.finfo(np.float16).max)


def compact(model: onnx.ModelProto) -> onnx.ModelProto:
    graph = model.graph
    casts = []
    for index, tensor in enumerate(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        weights = numpy_helper.to_array(tensor)
        if np.abs(weights).max() > LARGEST_HALF:
            raise SystemExit(f"{tensor.name} does not fit half precision")
        name = tensor.name
        graph.initializer[index].CopyFrom(numpy_helper.from_array(weights.astype(np.float16), name + ".f16"))
        casts.append(helper.make_node("Cast", [name + ".f16"], [name], name=name + ".expand", to=TensorProto.FLOAT))
    for at, cast in enumerate(casts):
        graph.node.insert(at, cast)
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    source, target = sys.argv[1:]
    onnx.save(compact(onnx.load(source)), target)
