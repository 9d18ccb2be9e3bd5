"""Writes a trained backbone as ONNX opset 17 and verifies the file.

    python training/export.py --checkpoint training/runs/supervised/checkpoint.pt \
        --out assets/models/backbone-supervised.onnx [--classifier training/classifiers/supervised.npz]

Batch normalisation is folded into the convolutions, weights become half precision behind Cast, rounded to
five bits of mantissa (training/compact.py). The file's outputs are compared with PyTorch's on noise; tract is compared
with onnxruntime by tests/differential.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from compact import compact
from network import EMBEDDING, Backbone, Residual, embed, folded

OPSET, SIDE = 17, 64
# Bits of mantissa, of half precision's ten: top-1 and transfer are those of all ten (assets/models/README.md).
KEPT = 5


class Graph:
    """Nodes and initializers under readable names, in the order they are added."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def weight(self, name: str, values) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def node(self, op: str, inputs: list[str], name: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name


def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d | nn.Identity) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias of the convolution that does both."""
    if isinstance(norm, nn.Identity):
        return conv.weight.detach().numpy(), conv.bias.detach().numpy()
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weights = conv.weight * scale.view(-1, 1, 1, 1)
    return weights.detach().numpy(), (norm.bias - norm.running_mean * scale).detach().numpy()


def write(graph: Graph, layers: nn.Sequential, x: str, prefix: str) -> str:
    for index, layer in enumerate(layers):
        name = f"{prefix}{index}"
        if isinstance(layer, nn.ReLU):
            x = graph.node("Relu", [x], f"{name}.relu")
        elif isinstance(layer, Residual):
            inner = write(graph, layer.body, x, f"{name}.")
            x = graph.node("Relu", [graph.node("Add", [x, inner], f"{name}.add")], f"{name}.relu")
        else:
            weights, bias = fold(*layer)
            kernel, pad = weights.shape[2], layer[0].padding[0]
            names = [graph.weight(f"{name}.weight", weights), graph.weight(f"{name}.bias", bias)]
            x = graph.node("Conv", [x, *names], f"{name}.conv", kernel_shape=[kernel, kernel],
                           strides=list(layer[0].stride), pads=[pad] * 4)
    return x


def to_onnx(backbone: Backbone) -> onnx.ModelProto:
    graph = Graph()
    mean = graph.weight("mean", backbone.mean.view(3, 1, 1))
    scale = graph.weight("scale", backbone.scale.view(3, 1, 1))
    x = graph.node("Mul", [graph.node("Sub", ["image", mean], "centred"), scale], "normalised")
    last = write(graph, backbone.layers, x, "layer")
    graph.nodes[-1].output[0] = "features"
    assert graph.nodes[-1].name == last
    graph.node("Flatten", [graph.node("GlobalAveragePool", ["features"], "pooled")], "embedding", axis=1)
    tensor = helper.make_tensor_value_info
    side = SIDE // 16
    proto = helper.make_graph(
        graph.nodes, "backbone",
        [tensor("image", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])],
        [tensor("embedding", TensorProto.FLOAT, ["N", EMBEDDING]),
         tensor("features", TensorProto.FLOAT, ["N", EMBEDDING, side, side])],
        graph.weights)
    # IR 8 is what opset 17 came with.
    return helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8,
                             producer_name="fieldtest training")


def verify(model: onnx.ModelProto, backbone: Backbone) -> float:
    """Largest difference from PyTorch in the embedding, relative to the largest value."""
    onnx.checker.check_model(model, full_check=True)
    noise = np.random.default_rng(0).integers(0, 256, (4, 3, SIDE, SIDE)).astype(np.float32)
    got = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(["embedding"], {"image": noise})[0]
    with torch.no_grad():
        want = embed(backbone(torch.from_numpy(noise))).numpy()
    return float(np.abs(got - want).max() / np.abs(want).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--classifier", type=Path, help="also keep the classification layer here (float16 npz)")
    args = parser.parse_args()
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)["average"]
    weights = {k.removeprefix("backbone."): v for k, v in state.items() if k.startswith("backbone.")}
    # refine.py goes on from a file, in which normalisations are folded already.
    normalised = any(name.endswith("running_mean") for name in weights)
    backbone = (Backbone() if normalised else folded(Backbone())).eval()
    backbone.load_state_dict(weights)
    # What the file computes is judged before the rounding, which differs by design.
    difference = verify(compact(to_onnx(backbone)), backbone)
    rounded = compact(to_onnx(backbone), KEPT)
    onnx.save(rounded, args.out)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB, differs from PyTorch by {difference:.2e}, "
          f"with rounded weights by {verify(rounded, backbone):.2e}")
    if difference > 5e-3:
        raise SystemExit("The exported file does not compute what PyTorch does.")
    if args.classifier:
        args.classifier.parent.mkdir(parents=True, exist_ok=True)
        half = {k: state[f"classifier.{k}"].numpy().astype(np.float16) for k in ("weight", "bias")}
        np.savez_compressed(args.classifier, **half)


if __name__ == "__main__":
    main()
