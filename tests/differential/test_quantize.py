"""Our quantizer against onnxruntime: valid files, top-1 as in float, no worse than its own quantizer."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

import architectures
from oracle import ROOT, SHARED

BUILD = ["cargo", "run", "--quiet", "--features", "engine", "--bin", "fieldtest", "--"]
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


def session(model):
    file = model if isinstance(model, (str, pathlib.Path)) else model.SerializeToString()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(file if isinstance(file, bytes) else str(file), options, providers=["CPUExecutionProvider"])


def run(model, x):
    s = session(model)
    return np.concatenate([s.run(None, {s.get_inputs()[0].name: one[None]})[0] for one in x])


def sqnr(float_, rounded):
    return 10 * np.log10((float_**2).sum() / max(((float_ - rounded) ** 2).sum(), 1e-20))


class Reader(CalibrationDataReader):
    def __init__(self, name, x):
        self.rest = iter({name: one[None]} for one in x)

    def get_next(self):
        return next(self.rest, None)


class Quantize(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def ours(self, model, x, arguments):
        onnx.save(model, self.path / "float.onnx")
        (self.path / "cal").mkdir(exist_ok=True)
        for at, one in enumerate(x):
            np.save(self.path / "cal" / f"{at:03}.npy", one[None])
        out = self.path / "ours.onnx"
        command = [*self.binary(), "quantize", "float.onnx", "--images", "cal", "--out", out, *arguments]
        ran = subprocess.run([str(c) for c in command], cwd=self.path, capture_output=True, text=True, env={**os.environ})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        done = onnx.load(out)
        onnx.checker.check_model(done, full_check=True)
        return done

    @staticmethod
    def binary():
        if "FIELDTEST" in os.environ:
            return [os.environ["FIELDTEST"]]
        return [*BUILD[:2], "--manifest-path", str(ROOT / "Cargo.toml"), *BUILD[2:]]

    def theirs(self, model, x, **options):
        onnx.save(model, self.path / "float.onnx")
        out = self.path / "theirs.onnx"
        reader = Reader(model.graph.input[0].name, x)
        settings = {"per_channel": True, "activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
        quantize_static(self.path / "float.onnx", out, reader, quant_format=QuantFormat.QDQ, **{**settings, **options})
        return out

    def compare(self, name, model, calibration, x):
        expected = run(model, x)
        top = expected.argmax(1)
        figures, right = {}, {}
        for mode, arguments in MODES.items():
            with self.subTest(model=name, mode=mode):
                got = run(self.ours(model, calibration, arguments), x)
                right[mode] = got.argmax(1) == top
                figures[mode] = (right[mode].mean(), sqnr(expected, got))
        got = run(self.theirs(model, calibration), x)
        right["onnxruntime"] = got.argmax(1) == top
        figures["onnxruntime"] = (right["onnxruntime"].mean(), sqnr(expected, got))
        for mode, (agree, db) in figures.items():
            print(f"{name:12} {mode:12} top-1 {agree * 100:6.2f} %  {db:5.1f} dB")
        # On the same inputs, one-sided (McNemar 1947): 300 inputs of a random network differ by some either way,
        # and not by the same ones on every processor.
        lost = int((right["onnxruntime"] & ~right["static"]).sum())
        won = int((right["static"] & ~right["onnxruntime"]).sum())
        self.assertLessEqual(lost - won, 1 + 2.6 * (lost + won) ** 0.5, f"lost {lost}, won {won}")
        self.assertGreaterEqual(figures["half"][0], 0.99)
        return figures

    def test_many_architectures(self):
        for name, make in architectures.ALL.items():
            model = architectures.with_fitted_head(make(), run)
            calibration, x = architectures.inputs(model, 32, 100), architectures.inputs(model, 300, 200)
            with self.subTest(model=name):
                self.compare(name, model, calibration, x)

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


if __name__ == "__main__":
    unittest.main()
