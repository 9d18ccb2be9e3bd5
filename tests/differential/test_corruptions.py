"""Our corruptions beside those of the imagecorruptions package (Michaelis et al. 2019, after the code of
Hendrycks and Dietterich 2019), run with the parameters of the paper's 64-pixel variant, Tiny ImageNet-C.

Deterministic ones must agree within 2/255 mean absolute difference. Random ones draw other numbers, so
their mean, standard deviation and PSNR over many draws must agree within the stated tolerances.

Not compared, because ours are another drawing (stated in src/shift/corruption/mod.rs): frost, whose
photographs are not ours to ship; the water of spatter; elastic, which is another algorithm in the
package.
"""

import inspect
import io
import re
import sys
import types
import unittest

import numpy as np
import scipy.ndimage
import skimage.filters
from PIL import Image

from oracle import Oracle
from pictures import drawn

# The package is older than today's NumPy, SciPy, scikit-image and setuptools: the names it misses.
np.float_ = np.float64
sys.modules.setdefault("scipy.ndimage.interpolation", types.SimpleNamespace(map_coordinates=scipy.ndimage.map_coordinates))
sys.modules.setdefault("pkg_resources", types.SimpleNamespace(resource_filename=lambda package, path: path))
_gaussian = skimage.filters.gaussian
skimage.filters.gaussian = lambda x, sigma, multichannel=False: _gaussian(x, sigma=sigma, channel_axis=-1 if multichannel else None)
from imagecorruptions import corruptions as theirs  # noqa: E402

# Parameters of Tiny ImageNet-C, severity by severity, as the authors' make_tinyimagenet_c.py has them.
PARAMETERS = {
    "GaussianNoise": ("gaussian_noise", "[.04, .08, .12, .15, .18]"),
    "ShotNoise": ("shot_noise", "[250, 100, 50, 30, 15]"),
    "ImpulseNoise": ("impulse_noise", "[.01, .02, .05, .08, .14]"),
    "SpeckleNoise": ("speckle_noise", "[.15, .2, 0.25, 0.3, 0.35]"),
    "DefocusBlur": ("defocus_blur", "[(0.5, 0.6), (1, 0.1), (1.5, 0.1), (2.5, 0.01), (3, 0.1)]"),
    "GlassBlur": ("glass_blur", "[(0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)]"),
    "MotionBlur": ("motion_blur", "[(10, 1), (10, 1.5), (10, 2), (10, 2.5), (12, 3)]"),
    "ZoomBlur": ("zoom_blur", "[np.arange(1, 1.06 + 0.05 * i, 0.01)[:6 + 5 * i] for i in range(5)]"),
    "GaussianBlur": ("gaussian_blur", "[.5, .75, 1, 1.25, 1.5]"),
    "Snow": ("snow", "[(0.1, 0.2, 1, 0.6, 8, 3, 0.8), (0.1, 0.2, 1, 0.5, 10, 4, 0.8), (0.15, 0.3, 1.75, 0.55, 10, 4, 0.7),"
             " (0.25, 0.3, 2.25, 0.6, 12, 6, 0.65), (0.3, 0.3, 1.25, 0.65, 14, 12, 0.6)]"),
    "Fog": ("fog", "[(.4, 3), (.7, 3), (1, 2.5), (1.5, 2), (2, 1.75)]"),
    "Brightness": ("brightness", "[.1, .2, .3, .4, .5]"),
    "Contrast": ("contrast", "[.4, .3, .2, .1, .05]"),
    "Pixelate": ("pixelate", "[0.9, 0.8, 0.7, 0.6, 0.5]"),
    "Jpeg": ("jpeg_compression", "[65, 58, 50, 40, 25]"),
    "Saturate": ("saturate", "[(0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (30, 0.2)]"),
}
DETERMINISTIC = ["DefocusBlur", "ZoomBlur", "GaussianBlur", "Brightness", "Contrast", "Pixelate", "Jpeg", "Saturate"]
# Mean and deviation over pixels (of 255), PSNR (dB), each over draws.
RANDOM = {
    "GaussianNoise": (1.0, 1.0, 0.5), "ShotNoise": (1.0, 1.0, 0.5), "ImpulseNoise": (1.0, 1.0, 0.7), "SpeckleNoise": (1.0, 1.0, 0.5),
    "GlassBlur": (1.0, 2.0, 1.5), "MotionBlur": (2.0, 3.0, 2.0), "Snow": (8.0, 6.0, 1.5), "Fog": (8.0, 6.0, 2.0),
}


def at_our_parameters(name):
    """The package's function with its list of parameters replaced, and nothing else."""
    function, parameters = PARAMETERS[name]
    source = inspect.getsource(getattr(theirs, function))
    source, replaced = re.subn(r"c = \[.*?\]\[\s*severity - 1\s*\]", f"c = {parameters}[severity - 1]", source, count=1, flags=re.S)
    assert replaced == 1, name
    scope = dict(vars(theirs))
    exec(source, scope)
    return scope[function]


def pictures():
    """Textures and a photograph-like gradient, 64 pixels square."""
    made = [drawn(kind, 1, (64, 64)) for kind in range(3)]
    y, x = np.mgrid[0:64, 0:64]
    scene = np.stack([120 + 80 * np.sin(x / 9), 90 + y, 200 - 1.5 * y], -1)
    scene[20:44, 20:44] = [200, 30, 40]
    return made + [Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))]


def psnr(a, b):
    return 10 * np.log10(255**2 / max(1e-9, np.mean((a - b) ** 2)))


class Corruptions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.oracle = Oracle()

    @classmethod
    def tearDownClass(cls):
        cls.oracle.close()

    def ours(self, name, picture, severity, seed=1):
        pixels = np.asarray(picture)
        answer = self.oracle.ask("corrupt", corruption=name, severity=severity, seed=seed, side=64, pixels=pixels.flatten().tolist())
        return np.array(answer["pixels"], dtype=np.float64).reshape(64, 64, 3)

    def test_deterministic_ones_agree(self):
        worst = {}
        for name in DETERMINISTIC:
            function = at_our_parameters(name)
            for picture in pictures():
                for severity in range(1, 6):
                    reference = np.asarray(function(picture, severity), dtype=np.float64)
                    difference = np.abs(self.ours(name, picture, severity) - reference).mean()
                    worst[name] = max(worst.get(name, 0), difference)
        print({name: round(value, 2) for name, value in worst.items()})
        self.assertEqual({name: value for name, value in worst.items() if value > 2}, {})

    def test_random_ones_have_the_same_statistics(self):
        np.random.seed(1)
        draws, off = 12, {}
        for name, tolerances in RANDOM.items():
            function = at_our_parameters(name)
            for severity in (1, 3, 5):
                found = []
                for corrupt in (lambda p, _: np.asarray(function(p.copy(), severity), np.float64), lambda p, s: self.ours(name, p, severity, s)):
                    rows = []
                    for picture in pictures():
                        clean = np.asarray(picture, np.float64)
                        for seed in range(draws):
                            got = corrupt(picture, seed)
                            rows.append((got.mean(), got.std(), psnr(got, clean)))
                    found.append(np.mean(rows, axis=0))
                for what, gap, tolerance in zip(("mean", "deviation", "PSNR"), np.abs(found[0] - found[1]), tolerances):
                    if gap > tolerance:
                        off[f"{name} {severity} {what}"] = round(float(gap), 2)
        print(off)
        self.assertEqual(off, {})


if __name__ == "__main__":
    unittest.main()
