"""The word model: tokeniser against training/words/text.py, logits against onnxruntime and what PyTorch said."""

import json
import random
import sys
import unittest

import numpy as np
import onnx
import onnxruntime

from oracle import ROOT, Oracle

sys.path.insert(0, str(ROOT / "training"))
from words import text as trained_with  # noqa: E402

INT8, FLOAT = (str(ROOT / "assets" / "models" / name) for name in ("words.onnx", "words-float.onnx"))
TEXTS = [
    "Patricia is ____ a French novel.",
    "\u201cDon\u2019t!\u201d cried Zanzibarian\u2014\u201cit\u2019s 1,000.50 o'clock.\u201d He zorked, zorkingly; the Zorkness",
    "caf\u00e9 na\u00efve \u0130stanbul \u01c5 \u00d7 \u00df \u0391\u03b8\u03ae\u03bd\u03b1 \u05e9\u05dc\u05d5\u05dd \u202eabc \U0001f600 \u00b2 \u00bd \u0663 x_y __ _ '' a''b a'b'c '",
    "", " \t\n\r\0\x07\x1b", "____" * 3, "a" * 5000, "1.2.3,4,,5", "\ufeffThe \u00adsoft e\u0301 \ud7ff\ue000\U0010ffff",
]
ALPHABET = list("aAbE'\u2019.,!?-_ 019\u00e9\u0130\u01c5\u03b1\u05e9\u00d7\n\"") + ["ing", "ed", "Qzx", "the "]


class WordModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle()
        # Its optimiser would replace int8 matrices by approximate integer arithmetic, 0.02 away in a logit.
        plain = onnxruntime.SessionOptions()
        plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        cls.sessions = {path: onnxruntime.InferenceSession(path, plain, providers=["CPUExecutionProvider"]) for path in (INT8, FLOAT)}
        props = {p.key: p.value for p in onnx.load(INT8).metadata_props}
        cls.vocabulary = props["words"].split("\n")
        cls.known = {w: i for i, w in enumerate(cls.vocabulary)}

    @classmethod
    def tearDownClass(cls):
        cls.oracle.close()

    def test_the_tokeniser_is_that_of_training(self):
        dice = random.Random(0)
        drawn = ["".join(dice.choices(ALPHABET, k=60)) for _ in range(60)]
        for text in TEXTS + drawn:
            with self.subTest(text=text):
                want = [trained_with.number(w, c, self.known) for w, c in trained_with.words(text)]
                self.assertEqual(self.oracle.ask("tokens", model=INT8, text=text)["numbers"], want)

    def test_logits_agree_with_onnxruntime(self):
        dice = np.random.default_rng(1)
        for path in (INT8, FLOAT):
            for length in (1, 5, 16, 17, 40, 64):
                words = dice.integers(1, len(self.vocabulary), length)
                want = self.sessions[path].run(["logits"], {"words": words[None]})[0][0]
                places = sorted({0, length // 3, length - 1})
                ours = self.oracle.ask("logits", model=path, words=words.tolist(), places=places)["logits"]
                for place, logits in zip(places, ours, strict=True):
                    guessed = [i for i, v in enumerate(logits) if v is not None]
                    self.assertGreater(len(guessed), len(self.vocabulary) - 40)
                    np.testing.assert_allclose(np.array(logits)[guessed].astype(np.float32), want[place][guessed], atol=1e-3)

    def test_logits_agree_with_what_pytorch_computed(self):
        for record in json.loads((ROOT / "tests" / "differential" / "words.json").read_text()):
            words = np.array(record["words"])
            got = self.sessions[INT8].run(["logits"], {"words": words[None]})[0][0, record["place"], record["asked"]]
            np.testing.assert_allclose(got, record["logits"], atol=1e-3)

    def test_a_guess_does_not_depend_on_the_word_it_is_for_nor_on_what_is_empty(self):
        words = np.random.default_rng(2).integers(20, 10000, 30)
        run = lambda w: self.sessions[INT8].run(["logits"], {"words": w[None]})[0][0]  # noqa: E731
        want = run(words)
        for place in (0, 13, 29):
            changed = words.copy()
            changed[place] = 7
            np.testing.assert_allclose(run(changed)[place], want[place], atol=1e-4)
        np.testing.assert_allclose(run(np.pad(words, (0, 20)))[:30], want, atol=1e-3)


if __name__ == "__main__":
    unittest.main()
