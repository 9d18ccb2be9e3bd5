"""What labels buy: components, spread labels and laws against scikit-learn and SciPy."""

import unittest

import numpy as np
from scipy.optimize import curve_fit
from sklearn.decomposition import PCA
from sklearn.semi_supervised import LabelSpreading

from oracle import Oracle


class Budget(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle()

    @classmethod
    def tearDownClass(cls):
        cls.oracle.close()

    def test_principal_components_agree_with_scikit_learn(self):
        random = np.random.default_rng(1)
        for n, dim in [(50, 8), (200, 64), (20, 40)]:
            with self.subTest(n=n, dim=dim):
                rows = (random.normal(size=(n, dim)) * np.geomspace(4, 0.2, dim) + 3).astype(np.float32)
                ours = self.oracle.ask("pca", rows=rows.ravel().tolist(), dim=dim, components=4)
                theirs = PCA(4, svd_solver="full").fit(rows)
                np.testing.assert_allclose(ours["variances"], theirs.explained_variance_, rtol=1e-4)
                mine = np.reshape(ours["scores"], (n, 4))
                scores = theirs.transform(rows)
                # Up to the sign of each component.
                scores *= np.sign((mine * scores).sum(0))
                np.testing.assert_allclose(mine, scores, atol=2e-2 * np.abs(scores).max())

    def test_spread_labels_agree_with_scikit_learn(self):
        random = np.random.default_rng(2)
        for n, classes, alpha in [(30, 2, 0.5), (60, 4, 0.9)]:
            with self.subTest(n=n, classes=classes):
                points = random.normal(size=(n, 3)) + 2 * np.eye(3)[random.integers(0, 3, n)]
                distance = ((points[:, None] - points[None]) ** 2).sum(-1)
                weights = np.exp(-distance)
                np.fill_diagonal(weights, 0)
                labels = np.where(np.arange(n) < 3 * classes, np.arange(n) % classes, -1)
                ours = self.oracle.ask(
                    "spread", weights=weights.ravel().tolist(), labels=labels.tolist(), classes=classes, alpha=alpha
                )["shares"]
                theirs = LabelSpreading(kernel=lambda a, b: weights, alpha=alpha, max_iter=5000, tol=1e-9)
                theirs.fit(points, labels)
                np.testing.assert_allclose(
                    np.reshape(ours, (n, classes)), theirs.label_distributions_, atol=2e-3
                )

    def test_a_power_law_agrees_with_scipy(self):
        random = np.random.default_rng(3)
        sizes = np.array([1, 2, 5, 10, 20, 50])
        law = lambda n, floor, scale, rate: floor + scale * n ** -rate
        for floor, scale, rate in [(0.1, 0.5, 0.5), (0.2, 0.4, 1.0), (0.05, 0.6, 0.3)]:
            errors = law(sizes, floor, scale, rate) + random.normal(size=6) * 0.003
            ours = self.oracle.ask("law", sizes=sizes.tolist(), errors=errors.tolist())
            theirs, _ = curve_fit(law, sizes, errors, p0=[0.1, 0.5, 0.5], bounds=([0, 0, 0.05], [1, 2, 2]))
            mine = law(sizes, ours["floor"], ours["scale"], ours["rate"])
            residual = lambda fitted: ((fitted - errors) ** 2).sum()
            self.assertLess(residual(mine), residual(law(sizes, *theirs)) * 1.01 + 1e-9)


if __name__ == "__main__":
    unittest.main()
