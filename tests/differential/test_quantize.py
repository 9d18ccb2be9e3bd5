"""Our quantizer against onnxruntime: valid files, top-1 as in float, no worse than its own quantizer."""

import subprocess
import sys
import unittest

import numpy as np
import onnx

import architectures
from oracle import SHARED
from workshop import Workshop, run

MODES = {
    "static": [],
    "per-tensor": ["--per-tensor"],
    "int8": ["--activations", "int8"],
    "percentile": ["--method", "percentile"],
    "entropy": ["--method", "entropy"],
    "mse": ["--method", "mse"],
    "seven bits": ["--reduce-range"],
    "corrected": ["--bias-correction"],
    "equalized": ["--equalize", "--per-tensor"],
    "dynamic": ["--mode", "dynamic"],
    "weights": ["--mode", "weights-only"],
    "half": ["--mode", "half"],
}


def sqnr(float_, rounded):
    return 10 * np.log10((float_**2).sum() / max(((float_ - rounded) ** 2).sum(), 1e-20))


class Quantize(Workshop):
    def compare(self, name, model, calibration, x):
        expected = run(model, x)
        top = expected.argmax(1)
        figures, right = {}, {}
        for mode, arguments in MODES.items():
            with self.subTest(model=name, mode=mode):
                # The mode that is compared with onnxruntime's is asked more.
                count = len(x) if mode == "static" else 300
                got = run(self.ours(model, calibration, arguments), x[:count])
                right[mode] = got.argmax(1) == top[:count]
                figures[mode] = (right[mode].mean(), sqnr(expected[:count], got))
        got = run(self.theirs(model, calibration), x)
        right["onnxruntime"] = got.argmax(1) == top
        figures["onnxruntime"] = (right["onnxruntime"].mean(), sqnr(expected, got))
        for mode, (agree, db) in figures.items():
            print(f"{name:12} {mode:12} top-1 {agree * 100:6.2f} %  {db:5.1f} dB")
        # On the same inputs, one-sided (McNemar 1947): some inputs of a random network differ either way, and not
        # the same ones on every processor.
        lost = int((right["onnxruntime"] & ~right["static"]).sum())
        won = int((right["static"] & ~right["onnxruntime"]).sum())
        self.assertLessEqual(lost - won, 1 + 2.6 * (lost + won) ** 0.5, f"lost {lost}, won {won}")
        self.assertGreater(figures["static"][1], figures["onnxruntime"][1] - 1)
        self.assertGreaterEqual(figures["half"][0], 0.99)
        return figures

    def test_many_architectures(self):
        for name, make in architectures.ALL.items():
            model = architectures.with_fitted_head(make(), run)
            calibration, x = architectures.inputs(model, 32, 100), architectures.inputs(model, 1000, 200)
            with self.subTest(model=name):
                self.compare(name, model, calibration, x)

    def test_padding_of_its_own_does_not_leave_float_between_layers(self):
        model = architectures.mobilenet(same=True)
        x = architectures.inputs(model, 50, 100)
        ours = self.ours(model, x[:8], [])
        left = {n.op_type for n in ours.graph.node}
        layers = {"Conv", "Clip", "Gemm", "GlobalAveragePool", "Flatten"}
        self.assertEqual(left, layers | {"QuantizeLinear", "DequantizeLinear"})
        # In half precision nothing else is rounded: the padding is where it was.
        self.assertGreater(sqnr(run(model, x), run(self.ours(model, x[:8], ["--mode", "half"]), x)), 45)

    @unittest.skipUnless((SHARED / "models").exists(), "needs ../shared/models")
    def test_mobilenet_at_224(self):
        model = onnx.load(SHARED / "models" / "mobilenetv2-1.0-224.onnx")
        draw = np.random.default_rng(5)
        x = draw.normal(0, 1, (12, 3, 224, 224)).astype(np.float32)
        expected = run(model, x[8:])
        got, theirs = run(self.ours(model, x[:8], []), x[8:]), run(self.theirs(model, x[:8]), x[8:])
        print(f"mobilenetv2 ours {sqnr(expected, got):.1f} dB, onnxruntime {sqnr(expected, theirs):.1f} dB")
        self.assertGreater(sqnr(expected, got), sqnr(expected, theirs) - 1)

    def test_a_refusal_is_a_sentence(self):
        (self.path / "bad.onnx").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
        command = [*self.binary(), "quantize", str(self.path / "bad.onnx"), "--out", str(self.path / "o.onnx")]
        ran = subprocess.run(command, capture_output=True, text=True)
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("Git LFS", ran.stderr)


def figures(count=1000):
    """Accuracy that our static int8 loses beyond onnxruntime's, in points, on the same models and pictures."""
    quantize = Quantize()
    quantize.setUp()
    worst = -100.0
    for name, make in architectures.ALL.items():
        model = architectures.with_fitted_head(make(), run)
        calibration, x = architectures.inputs(model, 32, 100), architectures.inputs(model, count, 200)
        # The class of an input is what the float model says, so float is always right.
        truth = run(model, x).argmax(1)
        ours = (run(quantize.ours(model, calibration, []), x).argmax(1) == truth).mean()
        theirs = (run(quantize.theirs(model, calibration), x).argmax(1) == truth).mean()
        print(f"{name:12} loses {(1 - ours) * 100:.2f} points, onnxruntime's {(1 - theirs) * 100:.2f}")
        worst = max(worst, (theirs - ours) * 100)
    quantize.tearDown()
    print(f"shrink.accuracy_loss_vs_ort_pp_max {worst:.2f} points")


if __name__ == "__main__":
    figures() if sys.argv[1:] == ["figures"] else unittest.main()
