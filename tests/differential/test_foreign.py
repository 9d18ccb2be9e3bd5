"""Backbones made of other people's models against onnxruntime running those models."""

import pathlib
import tempfile
import unittest

import numpy as np
import onnx
import onnxruntime

import architectures
from oracle import SHARED, Oracle

MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)
PIXELS = {
    "Bytes": lambda x: x,
    "Unit": lambda x: x / 255,
    "Signed": lambda x: x / 127.5 - 1,
    "ImageNet": lambda x: (x / 255 - MEAN) / DEVIATION,
}


def session(file):
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])


class Foreign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle()
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.oracle.close()
        cls.folder.cleanup()

    def check(self, model, side, pixels, bgr):
        """The backbone of `model` and the model itself, on three pictures; gives what was guessed."""
        onnx.save(model, self.path / "model.onnx")
        out = str(self.path / "backbone.onnx")
        said = self.oracle.ask("adapt", file=str(self.path / "model.onnx"), bgr=bgr, pixels=pixels, out=out)
        self.assertNotIn("error", said)
        made = onnx.load(out)
        onnx.checker.check_model(made, full_check=True)
        inner = onnx.ModelProto()
        inner.CopyFrom(model)
        if said["tensor"] not in [o.name for o in inner.graph.output]:
            inner.graph.output.append(onnx.helper.make_empty_tensor_value_info(said["tensor"]))
        whole, backbone = session(inner.SerializeToString()), session(out)
        draw = np.random.default_rng(7)
        for _ in range(3):
            image = draw.integers(0, 256, (3, side, side)).astype(np.float32)
            entered = PIXELS[pixels](image)
            expected = whole.run([said["tensor"]], {model.graph.input[0].name: (entered[::-1] if bgr else entered)[None].copy()})[0]
            if expected.ndim == 4:
                expected = expected.mean((2, 3))
            elif expected.ndim == 3:
                expected = expected.mean(1)
            embedding, features = backbone.run(["embedding", "features"], {"image": image[None]})
            scale = max(np.abs(expected).max(), 1e-6)
            np.testing.assert_allclose(embedding / scale, expected / scale, atol=1e-4)
            np.testing.assert_allclose(features.mean((2, 3)) / scale, embedding / scale, atol=1e-4)
        return said

    def test_many_architectures(self):
        tried = 0
        for at, (name, make) in enumerate(architectures.ALL.items()):
            model = make()
            shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
            if len(shape) != 4 or shape[1] != 3 or shape[2] != shape[3]:
                continue
            with self.subTest(model=name):
                pixels = list(PIXELS)[at % len(PIXELS)]
                said = self.check(model, shape[2], pixels, bgr=at % 2 == 1)
                print(f"{name:12} {said['tensor']} {said['shape']} {said['grid']}")
                tried += 1
        self.assertGreaterEqual(tried, 4)

    @unittest.skipUnless((SHARED / "models").exists(), "needs ../shared/models")
    def test_a_public_mobile_backbone(self):
        said = self.check(onnx.load(SHARED / "models" / "mobilenetv2-0.35-224.onnx"), 224, "Signed", bgr=False)
        self.assertEqual(said["shape"][1], 1280)
        self.assertEqual(said["grid"], [7, 7])


if __name__ == "__main__":
    unittest.main()
