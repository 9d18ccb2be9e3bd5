"""Pictures the tests make themselves, and real ones where they are at hand."""

import io
import zipfile

import numpy as np
from PIL import Image


def drawn(kind, variant, size=(120, 90)):
    """A smooth random texture; `kind` sets its scale and hue."""
    random = np.random.default_rng(1000 * kind + variant)
    coarse = random.uniform(0, 255, (4 + 5 * kind, 5 + 5 * kind, 3))
    coarse[..., kind % 3] *= 0.3
    return Image.fromarray(coarse.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)


def save_drawn(folder, kinds, per_kind):
    """Writes PNG files; returns paths and labels."""
    paths, labels = [], []
    for kind in range(kinds):
        for variant in range(per_kind):
            path = folder / f"{kind}-{variant}.png"
            drawn(kind, variant).save(path)
            paths.append(str(path))
            labels.append(kind)
    return paths, labels


def save_from_zip(archive, folder, classes, per_class):
    """Unpacks the first pictures of the first classes; returns paths, labels and names."""
    paths, labels, names = [], [], []
    with zipfile.ZipFile(archive) as z:
        entries = sorted(n for n in z.namelist() if not n.endswith("/"))
        for label, name in enumerate(sorted({e.split("/")[-2] for e in entries})[:classes]):
            names.append(name)
            for entry in [e for e in entries if e.split("/")[-2] == name][:per_class]:
                path = folder / entry.replace("/", "-")
                Image.open(io.BytesIO(z.read(entry))).save(path)
                paths.append(str(path))
                labels.append(label)
    return paths, labels, names
