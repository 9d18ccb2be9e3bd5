"""Seconds that onnxruntime's static quantizer takes: quantize_ort.py MODEL.onnx PICTURES."""

import pathlib
import sys
import tempfile
import time

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static


class Reader(CalibrationDataReader):
    def __init__(self, name, x):
        self.rest = iter({name: one[None]} for one in x)

    def get_next(self):
        return next(self.rest, None)


def main(path, count):
    name = onnx.load(path).graph.input[0].name
    x = np.random.default_rng(5).normal(0, 1, (count, 3, 224, 224)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        quantize_static(path, pathlib.Path(folder) / "int8.onnx", Reader(name, x), quant_format=QuantFormat.QDQ,
                        per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
        print(f"{time.perf_counter() - begun:.3f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
