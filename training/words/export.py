"""Writes the trained masked-word model as ONNX opset 17, in int8 and in float16, and verifies both.

    python training/words/export.py --checkpoint training/runs/words/checkpoint.pt \
        --data training/cache/words.npz --out assets/models

Input `words` [1,T] int64, T up to 64, 0 = nothing there (at the end only). Outputs `states` [1,T,width], what was read around each
word and not the word itself, and `logits` [1,T,vocabulary]. The vocabulary is in the metadata, a word a line.
Matrices are int8 with a scale for each output (for each word in the table) behind DequantizeLinear, or float16
behind Cast; what is small stays float. `training/words/evaluate.py` measures what that costs.
"""

import argparse
import copy
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).parent.parent))
from words.network import FAR, LENGTH, Words  # noqa: E402

OPSET = 17


class Graph:
    """Nodes and initializers under readable names. `kind`: float32, float16 or int8 matrices."""

    def __init__(self, kind: str):
        self.kind, self.nodes, self.weights, self.count = kind, [], [], 0

    def constant(self, values: np.ndarray, name: str) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def vector(self, values: torch.Tensor, name: str) -> str:
        return self.constant(values.detach().numpy().astype(np.float32), name)

    def matrix(self, values: np.ndarray, name: str, axis: int) -> str:
        """A scale for each place along `axis`."""
        if self.kind == "float32":
            return self.constant(values.astype(np.float32), name)
        if self.kind == "float16":
            return self.node("Cast", [self.constant(values.astype(np.float16), name)], f"{name}.real", to=TensorProto.FLOAT)
        scale = np.maximum(np.abs(values).max(1 - axis), 1e-8).astype(np.float32) / 127
        steps = np.clip(np.rint(values / np.expand_dims(scale, 1 - axis)), -127, 127).astype(np.int8)
        inputs = [self.constant(steps, name), self.constant(scale, f"{name}.scale")]
        return self.node("DequantizeLinear", inputs, f"{name}.real", axis=axis)

    def node(self, op: str, inputs: list[str], name: str = "", **attributes) -> str:
        self.count += 1
        name = name or f"{op.lower()}{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def number(self, value: float) -> str:
        name = f"number{value:g}"
        return name if any(w.name == name for w in self.weights) else self.constant(np.float32(value), name)

    def axes(self, *values: int) -> str:
        name = "axes" + "_".join(map(str, values))
        return name if any(w.name == name for w in self.weights) else self.constant(np.array(values, np.int64), name)

    def linear(self, x: str, layer: torch.nn.Linear, name: str) -> str:
        weight = self.matrix(layer.weight.detach().numpy().T, f"{name}.weight", 1)
        return self.node("Add", [self.node("MatMul", [x, weight]), self.vector(layer.bias, f"{name}.bias")])

    def norm(self, x: str, layer: torch.nn.LayerNorm, name: str) -> str:
        centred = self.node("Sub", [x, self.node("ReduceMean", [x], axes=[-1])])
        spread = self.node("ReduceMean", [self.node("Mul", [centred, centred])], axes=[-1])
        spread = self.node("Sqrt", [self.node("Add", [spread, self.number(layer.eps)])])
        scaled = self.node("Mul", [self.node("Div", [centred, spread]), self.vector(layer.weight, f"{name}.gain")])
        return self.node("Add", [scaled, self.vector(layer.bias, f"{name}.bias")])

    def attention(self, asking: str, told: str, layer, bias: str, name: str) -> str:
        heads, width = layer.heads, layer.ask.in_features
        split = self.axes(0, 0, heads, width // heads)
        tell = layer.tell.weight.view(2, width, width), layer.tell.bias.view(2, width)
        parts = []
        for source, which, weight, offset in [(asking, "ask", layer.ask.weight * (width // heads) ** -0.5,
                                               layer.ask.bias * (width // heads) ** -0.5),
                                              (told, "key", tell[0][0], tell[1][0]), (told, "value", tell[0][1], tell[1][1])]:
            weight = self.matrix(weight.detach().numpy().T, f"{name}.{which}.weight", 1)
            y = self.node("Add", [self.node("MatMul", [source, weight]), self.vector(offset, f"{name}.{which}.bias")])
            y = self.node("Reshape", [y, split])
            parts.append(self.node("Transpose", [y], perm=[0, 2, 3, 1] if which == "key" else [0, 2, 1, 3]))
        weights = self.node("Softmax", [self.node("Add", [self.node("MatMul", parts[:2]), bias])], axis=-1)
        seen = self.node("Transpose", [self.node("MatMul", [weights, parts[2]])], perm=[0, 2, 1, 3])
        return self.linear(self.node("Reshape", [seen, self.axes(0, 0, width)]), layer.write, f"{name}.write")

    def block(self, x: str, block, bias: str, name: str, told: str | None = None) -> str:
        asking = self.norm(x, block.norms[0], f"{name}.norm0")
        x = self.node("Add", [x, self.attention(asking, told or asking, block.attention, bias, f"{name}.attention")])
        inner = self.linear(self.norm(x, block.norms[1], f"{name}.norm1"), block.inner, f"{name}.inner")
        inner = self.node("Relu", [inner])
        return self.node("Add", [x, self.linear(self.node("Mul", [inner, inner]), block.outer, f"{name}.outer")])


def to_onnx(model: Words, vocabulary: list[str], kind: str) -> onnx.ModelProto:
    graph = Graph(kind)
    table = graph.matrix(model.table.weight.detach().numpy(), "table", 0)
    # Where there is a word, [1,T]; how far a key is from a query, [T,T], and on which side.
    some = graph.node("Cast", [graph.node("Cast", ["words"], to=TensorProto.BOOL)], to=TensorProto.FLOAT)
    length = graph.node("Slice", [graph.node("Shape", ["words"]), graph.axes(1), graph.axes(2)])
    places = graph.node("Slice", [graph.constant(np.arange(LENGTH, dtype=np.int64), "places"), graph.axes(0), length])
    away = graph.node("Sub", [graph.node("Unsqueeze", [places, graph.axes(0)]), graph.node("Unsqueeze", [places, graph.axes(1)])])
    apart = graph.node("Abs", [away])
    one, far, none = graph.constant(np.int64(1), "one"), graph.number(FAR), graph.number(0)
    never = {
        "left": graph.node("Where", [graph.node("Less", [away, one]), none, far]),
        "right": graph.node("Where", [graph.node("Less", [graph.node("Neg", [away]), one]), none, far]),
    }
    hidden = graph.node("Mul", [graph.node("Sub", [graph.number(1), some]), far])
    hidden = graph.node("Unsqueeze", [hidden, graph.axes(1, 2)])

    def bias(distance: torch.Tensor, side: str, name: str, hidden: str | None) -> str:
        liked = graph.node("Gather", [graph.vector(distance, f"{name}.distance"), apart], axis=1)
        liked = graph.node("Add", [liked, never[side]])
        return graph.node("Add", [liked, hidden]) if hidden else graph.node("Unsqueeze", [liked, graph.axes(0)])

    start = graph.linear(graph.node("Gather", [table, "words"], axis=0), model.widen, "widen")
    start = graph.norm(start, model.first, "first")
    here = graph.node("Unsqueeze", [some, graph.axes(2)])
    gone = graph.node("Sub", [graph.number(1), here])
    told, nothing = [], []
    for side, (name, blocks) in enumerate((("left", model.left), ("right", model.right))):
        x = start
        for at, block in enumerate(blocks):
            x = graph.block(x, block, bias(block.distance, name, f"{name}{at}", hidden), f"{name}{at}")
        nothing.append(graph.vector(model.nothing[side].view(1, 1, -1), f"{name}.nothing"))
        x = graph.node("Mul", [graph.norm(x, model.ends[side], f"{name}.end"), here])
        told.append(graph.node("Add", [x, graph.node("Mul", [nothing[side], gone])]))
    before = graph.node("Slice", [graph.node("Concat", [nothing[0], told[0]], axis=1), graph.axes(0), length, graph.axes(1)])
    after = graph.node("Concat", [told[1], nothing[1]], axis=1)
    after = graph.node("Slice", [after, graph.axes(1), graph.node("Add", [length, graph.axes(1)]), graph.axes(1)])
    x = graph.linear(graph.node("Concat", [before, after], axis=2), model.join, "join")
    # Key k of the left side is word k - 1, of the right side word k + 1: seen if word k is one, or the first gap.
    sides = [bias(model.top.distance, "left", "top", None), bias(model.sides, "right", "sides", hidden)]
    x = graph.block(x, model.top, graph.node("Concat", sides, axis=3), "top", graph.node("Concat", [before, after], axis=1))
    graph.node("Identity", [x], "states")
    read = graph.norm(graph.linear(graph.norm("states", model.last, "last"), model.narrow, "narrow"), model.read, "read")
    read = graph.node("Mul", [read, graph.number(4 / model.table.weight.shape[1] ** 0.5)])
    logits = graph.node("MatMul", [read, graph.node("Transpose", [table], perm=[1, 0])])
    graph.node("Add", [logits, graph.vector(model.often, "often")], "logits")
    tensor = helper.make_tensor_value_info
    proto = helper.make_graph(graph.nodes, "words", [tensor("words", TensorProto.INT64, [1, "T"])],
                              [tensor("states", TensorProto.FLOAT, [1, "T", model.join.out_features]),
                               tensor("logits", TensorProto.FLOAT, [1, "T", len(vocabulary)])], graph.weights)
    made = helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8,
                             producer_name="fieldtest training")
    helper.set_model_props(made, {"words": "\n".join(vocabulary)})
    return made


def verify(file: bytes, model: Words, stream: np.ndarray) -> float:
    """Largest difference from PyTorch in a logit, over text of several lengths, padded and not."""
    onnx.checker.check_model(onnx.load_from_string(file), full_check=True)
    # Its optimiser would replace int8 matrices by approximate integer arithmetic, 0.02 away in a logit.
    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(file, plain, providers=["CPUExecutionProvider"])
    most = 0.0
    for at, length, pad in [(0, 64, 0), (1000, 64, 20), (2000, 16, 0), (3000, 7, 9), (4000, 1, 0)]:
        words = stream[at : at + length].astype(np.int64)[None]
        words = np.pad(words, ((0, 0), (0, min(pad, 64 - length) if length < 64 else 0)))
        if length == 64 and pad:
            words[:, -pad:] = 0
        padded = np.pad(words, ((0, 0), (0, LENGTH - words.shape[1])))
        with torch.no_grad():
            want = model.logits(model(torch.from_numpy(padded)))[:, : words.shape[1]].numpy()
        got = session.run(["logits"], {"words": words})[0]
        most = max(most, float(np.abs(got - want)[words > 0].max()))
    return most


def recorded(file: bytes, model: Words, stream: np.ndarray) -> list[dict]:
    """What PyTorch computes with the matrices as stored, at some places of some texts, for tests/differential."""
    graph = onnx.load_from_string(file).graph
    stored = {w.name: numpy_helper.to_array(w) for w in graph.initializer}

    def real(name: str) -> torch.Tensor:
        scale = stored[f"{name}.scale"]
        return torch.from_numpy(stored[name] * (scale[:, None] if name == "table" else scale[None]).astype(np.float32))

    same = copy.deepcopy(model)
    same.table.weight.data = real("table")
    layers = {"widen": same.widen, "join": same.join, "narrow": same.narrow}
    blocks = {"top": same.top} | {f"{side}{i}": b for side in ("left", "right") for i, b in enumerate(getattr(same, side))}
    for name, block in blocks.items():
        layers |= {f"{name}.inner": block.inner, f"{name}.outer": block.outer, f"{name}.attention.write": block.attention.write}
        ask, tell = block.attention.ask, block.attention.tell
        ask.weight.data = real(f"{name}.attention.ask.weight").T * (len(ask.bias) // block.attention.heads) ** 0.5
        tell.weight.data = torch.cat([real(f"{name}.attention.{part}.weight").T for part in ("key", "value")])
    for name, layer in layers.items():
        layer.weight.data = real(f"{name}.weight").T
    kept = []
    for at, length in [(500, 64), (5000, 20), (9000, 7)]:
        words = stream[at : at + length].astype(np.int64)
        padded = torch.from_numpy(np.pad(words, (0, LENGTH - length)))[None]
        with torch.no_grad():
            logits = same.logits(same(padded))[0].numpy()
        for place in (0, length // 2, length - 1):
            asked = list(range(20, len(logits[0]), 500))
            kept.append({"words": words.tolist(), "place": place, "asked": asked,
                         "logits": [round(float(v), 5) for v in logits[place, asked]]})
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=Path, default=Path("assets/models"))
    parser.add_argument("--record", type=Path, default=Path("tests/differential/words.json"))
    args = parser.parse_args()
    archive = np.load(args.data)
    vocabulary = archive["vocabulary"].tolist()
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)["module"]
    width = len(state["first.weight"])
    model = Words(len(vocabulary), width=width, heads=width // 32).eval()
    model.load_state_dict(state)
    exact = verify(to_onnx(model, vocabulary, "float32").SerializeToString(), model, archive["val"])
    print(f"as float32 a logit differs from PyTorch by {exact:.2e} at most")
    if exact > 1e-3:
        raise SystemExit("The exported file does not compute what PyTorch does.")
    record = recorded(to_onnx(model, vocabulary, "int8").SerializeToString(), model, archive["val"])
    args.record.write_text(json.dumps(record) + "\n")
    for kind, name in (("int8", "words.onnx"), ("float16", "words-float.onnx")):
        file = to_onnx(model, vocabulary, kind).SerializeToString()
        (args.out / name).write_bytes(file)
        print(f"{name}: {len(file) / 1e6:.2f} MB, a logit differs by {verify(file, model, archive['val']):.2e} at most")


if __name__ == "__main__":
    main()
