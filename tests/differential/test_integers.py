"""Our integer engine against onnxruntime: the same quantized files, the same answers.

`python tests/differential/test_integers.py figures` asks 500 inputs of every architecture and prints figures;
as a test it asks fewer.
"""

import json
import sys
import unittest

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.shape_inference import quant_pre_process

import architectures
from oracle import ROOT, SHARED
from workshop import Workshop, run

MOBILENET = SHARED / "models" / "mobilenetv2-1.0-224.onnx"
#: Operators that may stay float, and do in onnxruntime too. (A model may flatten its input before it is quantized.)
FLOAT = {"Flatten", "Softmax", "LayerNormalization", "ReduceMean", "Mul", "Sub", "Div", "ReduceL2", "ReduceMax", "Max"}
KINDS = {"U8S8": QuantType.QUInt8, "S8S8": QuantType.QInt8}


def pixels(model, count, seed):
    """Smooth random pictures of 0..255."""
    return np.clip(architectures.inputs(model, count, seed) * 50 + 128, 0, 255)


def classifier():
    """Our backbone with a head that tells ten pictures apart."""
    model = onnx.load(ROOT / "assets" / "models" / "backbone-supervised.onnx")
    graph = model.graph
    weights = np.zeros((10, 256), np.float32)
    graph.initializer.extend([numpy_helper.from_array(weights, "head.w"), numpy_helper.from_array(weights[:, 0].copy(), "head.b")])
    graph.node.append(helper.make_node("Gemm", ["embedding", "head.w", "head.b"], ["logits"], name="head", transB=1))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["N", 10]))
    return architectures.with_fitted_head(model, run, inputs=pixels)


def models():
    """Name, float model, how its inputs are drawn."""
    for name, make in architectures.ALL.items():
        yield name, architectures.with_fitted_head(make(), run), architectures.inputs
    yield "classifier", classifier(), pixels


def step(file, expected):
    """The output's quantization step; where the output is not quantized, 1/255 of its range."""
    nodes = {o: n for n in file.graph.node for o in n.output}
    last = nodes[file.graph.output[0].name]
    if last.op_type == "DequantizeLinear":
        constants = {t.name: numpy_helper.to_array(t) for t in file.graph.initializer}
        return float(constants[last.input[1]])
    return float(expected.max() - expected.min()) / 255


class Integers(Workshop):
    def compare(self, file, x):
        """Shares: the same top-1, a class within one step of the first counting as the first, because steps tie; outputs
        within one step. And what ran as float."""
        expected = run(file, x)
        got, report = self.integers(file, x)
        one = step(onnx.load(file), expected)
        near = (np.abs(got - expected) <= one * 1.001).mean()
        report = json.loads(report)
        self.assertGreater(len(report["integer"]), 0)
        chosen = expected[np.arange(len(expected)), got.argmax(1)]
        return (chosen >= expected.max(1) - one * 1.001).mean(), near, report

    def ours_agrees(self, name, model, calibration, x):
        onnx.save(self.ours(model, calibration), self.path / "asked.onnx")
        top, near, report = self.compare(self.path / "asked.onnx", x)
        floats = {f["op"] for f in report["float"]}
        print(f"{name:12} ours: {len(report['integer'])} integer, {len(report['float'])} float; top-1 {top * 100:.2f} %, within a step {near * 100:.3f} %")
        self.assertLessEqual(floats, FLOAT | {"Add", "MatMul", "Relu"} if name == "transformer" else FLOAT, report["float"])
        self.assertGreaterEqual(top, 0.995)
        self.assertGreaterEqual(near, 0.999)
        return top

    def test_our_files_say_the_same(self, count=120):
        worst = 1.0
        for name, model, draw in models():
            with self.subTest(model=name):
                worst = min(worst, self.ours_agrees(name, model, draw(model, 32, 100), draw(model, count, 200)))
        return worst

    @unittest.skipUnless(MOBILENET.exists(), "needs ../shared/models")
    def test_mobilenet_at_224_says_the_same(self, count=8):
        model = onnx.load(MOBILENET)
        model = architectures.with_fitted_head(model, run, classes=10) if count > 8 else model
        draw = architectures.inputs(model, 16 + count, 3)
        return self.ours_agrees("mobilenetv2", model, draw[:16], draw[16:])

    def imports(self, count):
        """Models that onnxruntime quantized: the share of the same top-1, by name."""
        answers = {}
        for name in ("resnet", "mobilenet", "inception", "grouped", "gemm_only", "transformer"):
            model = architectures.with_fitted_head(architectures.ALL[name](), run)
            onnx.save(model, self.path / "raw.onnx")
            # As onnxruntime's documentation asks: shapes are inferred and batch normalisation is folded first.
            quant_pre_process(self.path / "raw.onnx", self.path / "clean.onnx", skip_symbolic_shape=True)
            clean = onnx.load(self.path / "clean.onnx")
            calibration, x = architectures.inputs(model, 32, 100), architectures.inputs(model, count, 200)
            # onnxruntime itself cannot load its S8S8 transformer where it keeps sums from saturating.
            kinds = {"U8S8": QuantType.QUInt8} if name == "transformer" else KINDS
            for kind, activations in kinds.items():
                for per_channel in (False, True):
                    file = self.theirs(clean, calibration, activation_type=activations, per_channel=per_channel)
                    top, near, report = self.compare(file, x)
                    answers[f"{name} {kind} {'per-channel' if per_channel else 'per-tensor'}"] = top
                    what = f"{len(report['integer'])} integer, {len(report['float'])} float"
                    print(f"{name:12} onnxruntime's {kind} {per_channel=}: {what}; top-1 {top * 100:.2f} %, within a step {near * 100:.3f} %")
        return answers

    def test_imports_of_onnxruntimes_files_say_the_same(self):
        answers = self.imports(60)
        self.assertGreaterEqual(len(answers), 20)
        for name, top in answers.items():
            with self.subTest(model=name):
                self.assertGreaterEqual(top, 0.995)


def figures():
    integers = Integers()
    integers.setUp()
    worst = integers.test_our_files_say_the_same(500)
    if MOBILENET.exists():
        worst = min(worst, integers.test_mobilenet_at_224_says_the_same(60))
    print(f"shrink.top1_agreement_ort_min {worst:.4f} share")
    good = sum(top >= 0.995 for top in integers.imports(200).values())
    print(f"shrink.ort_imports_ok {good} models")
    integers.tearDown()


if __name__ == "__main__":
    figures() if sys.argv[1:] == ["figures"] else unittest.main()
