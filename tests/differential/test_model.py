"""The backbone, the resize rule and the exported classifier against onnxruntime and Pillow."""

import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

import numpy as np
import onnx
import onnxruntime
from PIL import Image

import pictures
from oracle import CIFAR, ROOT, Oracle

BACKBONE = ROOT / "assets" / "models" / "backbone-supervised.onnx"


def contract(image, side=64):
    square = min(image.size)
    left, top = (image.width - square) // 2, (image.height - square) // 2
    box = (left, top, left + square, top + square)
    return np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR, box=box))


class Model(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle()
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.oracle.close()
        cls.folder.cleanup()

    def test_the_resize_rule_is_pillows_within_one_step(self):
        for size in [(64, 64), (32, 32), (200, 90), (91, 377), (1000, 700), (65, 64), (7, 5)]:
            with self.subTest(size=size):
                image = pictures.drawn(1, 3, size)
                image.save(self.path / "seen.png")
                ours = self.oracle.ask("seen", file=str(self.path / "seen.png"), side=64)["pixels"]
                difference = np.abs(np.reshape(ours, (64, 64, 3)).astype(int) - contract(image))
                self.assertLessEqual(difference.max(), 1)

    def test_embeddings_agree_with_onnxruntime(self):
        session = onnxruntime.InferenceSession(str(BACKBONE), providers=["CPUExecutionProvider"])
        for variant in range(4):
            image = pictures.drawn(variant, variant, (64, 64))
            image.save(self.path / "embed.png")
            ours = self.oracle.ask("embed", file=str(self.path / "embed.png"))
            planes = np.asarray(image, np.float32).transpose(2, 0, 1)[None]
            embedding, features = session.run(["embedding", "features"], {"image": planes})
            np.testing.assert_allclose(ours["embedding"], embedding[0], atol=2e-4)
            np.testing.assert_allclose(ours["features"], features.ravel(), atol=5e-4)

    def export(self, paths, labels, names):
        out = self.path / "download.zip"
        answer = self.oracle.ask("export", files=paths, labels=labels, classes=names, out=str(out))
        target = self.path / "download"
        with zipfile.ZipFile(out) as z:
            z.extractall(target)
        return answer, target

    def check_download(self, target, path):
        model = onnx.load(target / "classifier.onnx")
        onnx.checker.check_model(model, full_check=True)
        run = [sys.executable, str(target / "verify.py")]
        check = subprocess.run(run, capture_output=True, text=True)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        self.assertIn("examples agree", check.stdout)
        own = subprocess.run([*run, path], capture_output=True, text=True)
        self.assertEqual(own.returncode, 0, own.stdout + own.stderr)
        return {p.key: p.value for p in model.metadata_props}

    def test_the_download_runs_in_onnxruntime_and_says_the_same(self):
        paths, labels = pictures.save_drawn(self.path, 3, 12)
        answer, target = self.export(paths, labels, ["fine", "<b>coarse</b>", "\u05d0 \"q\""])
        self.assertGreater(answer["accuracy"]["value"], 0.6)
        metadata = self.check_download(target, paths[0])
        self.assertIn("<b>coarse</b>", metadata["labels"])
        self.assertIn("centred square", metadata["resize_rule"])

    def test_a_tampered_download_fails_its_own_check(self):
        paths, labels = pictures.save_drawn(self.path, 2, 6)
        _, target = self.export(paths, labels, ["a", "b"])
        Image.new("RGB", (64, 64), "red").save(target / "example-1.png")
        check = subprocess.run([sys.executable, str(target / "verify.py")], capture_output=True, text=True)
        self.assertNotEqual(check.returncode, 0)

    @unittest.skipUnless(CIFAR.exists(), "needs ../shared/data/cifar10-few/images.zip")
    def test_real_photographs_are_told_apart(self):
        paths, labels, names = pictures.save_from_zip(CIFAR, self.path, 5, 40)
        answer, target = self.export(paths, labels, names)
        accuracy = answer["accuracy"]
        # Chance is 20 %; scikit-learn's logistic regression reaches about 70 % on these.
        self.assertGreater(accuracy["low"], 0.5)
        self.check_download(target, paths[0])


if __name__ == "__main__":
    unittest.main()
