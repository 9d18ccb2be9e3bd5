"""The head against scikit-learn, the interval against statsmodels' formula."""

import unittest

import numpy as np
from sklearn.linear_model import LogisticRegression

from oracle import Oracle


class Head(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle()

    @classmethod
    def tearDownClass(cls):
        cls.oracle.close()

    def test_softmax_regression_agrees_with_scikit_learn(self):
        for seed, (n, dim, classes, strength) in enumerate(
            [(60, 8, 2, 1.0), (90, 16, 3, 0.1), (200, 32, 5, 0.01), (50, 64, 4, 3.0), (300, 5, 7, 0.3)]
        ):
            with self.subTest(n=n, dim=dim, classes=classes, strength=strength):
                random = np.random.default_rng(seed)
                labels = np.concatenate([np.arange(classes), random.integers(0, classes, n - classes)])
                z = random.normal(size=(n, dim)) + np.eye(classes, dim)[labels] * 1.5
                z = z.astype(np.float32)
                ours = self.oracle.ask(
                    "fit", z=z.ravel().tolist(), labels=labels.tolist(), dim=dim, classes=classes, **{"lambda": strength}
                )["parameters"]
                weights = np.reshape(ours[: classes * dim], (classes, dim))
                logits = z @ weights.T + ours[classes * dim :]
                mine = np.exp(logits - logits.max(1, keepdims=True))
                mine /= mine.sum(1, keepdims=True)
                # scikit-learn minimises C * sum(loss) + |w|^2 / 2. For two classes it fits one
                # vector w = w1 - w0, whose penalty is half that of the symmetric pair.
                pair = 0.5 if classes == 2 else 1.0
                theirs = LogisticRegression(C=1 / (strength * pair * n), tol=1e-8, max_iter=5000).fit(z, labels)
                difference = np.abs(mine - theirs.predict_proba(z)).max()
                self.assertLess(difference, 2e-3)
                self.assertGreater(len(set(mine.argmax(1))), 1)

    def test_wilson_interval_agrees_with_its_definition(self):
        # The interval holds exactly the p for which |hits/n - p| <= z * sqrt(p (1 - p) / n).
        z = 1.959963984540054
        for hits, n in [(0, 5), (3, 7), (50, 100), (100, 100), (7.5, 10)]:
            interval = self.oracle.ask("wilson", hits=hits, n=n)
            for edge in (interval["low"], interval["high"]):
                if 0 < edge < 1:
                    distance = abs(hits / n - edge) - z * np.sqrt(edge * (1 - edge) / n)
                    self.assertAlmostEqual(distance, 0, places=5)


if __name__ == "__main__":
    unittest.main()
