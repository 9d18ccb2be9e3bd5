"""Quantizers to compare: ours by its command line, onnxruntime's; and who runs what they make."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from oracle import ROOT

BUILD = ["cargo", "run", "--quiet", "--features", "engine", "--bin", "fieldtest", "--"]


def session(model):
    file = model if isinstance(model, (str, pathlib.Path)) else model.SerializeToString()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Threads that wait for each other by spinning take minutes on a busy machine.
    options.intra_op_num_threads = 1
    # Without it, processors that have AVX2 but no VNNI saturate sums of two 8-bit products at 16 bits.
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(file if isinstance(file, bytes) else str(file), options, providers=["CPUExecutionProvider"])


def run(model, x):
    s = session(model)
    return np.concatenate([s.run(None, {s.get_inputs()[0].name: one[None]})[0] for one in x])


class Reader(CalibrationDataReader):
    def __init__(self, name, x):
        self.rest = iter({name: one[None]} for one in x)

    def get_next(self):
        return next(self.rest, None)


class Workshop(unittest.TestCase):
    """A folder, and the tools in it."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def fieldtest(self, *arguments):
        command = [str(c) for c in (*self.binary(), *arguments)]
        ran = subprocess.run(command, cwd=self.path, capture_output=True, text=True, env={**os.environ})
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran

    def ours(self, model, x, arguments=()):
        """Our quantizer's file for a float model, calibrated on x."""
        onnx.save(model, self.path / "float.onnx")
        shutil.rmtree(self.path / "cal", ignore_errors=True)
        (self.path / "cal").mkdir()
        for at, one in enumerate(x):
            np.save(self.path / "cal" / f"{at:03}.npy", one[None])
        out = self.path / "ours.onnx"
        self.fieldtest("quantize", "float.onnx", "--images", "cal", "--out", out, *arguments)
        done = onnx.load(out)
        onnx.checker.check_model(done, full_check=True)
        return done

    def integers(self, file, x, arguments=()):
        """What our engine says of x in integers, and its report."""
        (self.path / "asked").mkdir(exist_ok=True)
        np.save(self.path / "asked" / "x.npy", np.ascontiguousarray(x))
        self.fieldtest("run", file, "--images", "asked", "--out", "scores.npy", "--report", "ran.json", *arguments)
        return np.load(self.path / "scores.npy"), (self.path / "ran.json").read_text()

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
