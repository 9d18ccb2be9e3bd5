"""Image sets as one flat array of pixels, read once and cached.

`load(path, split)` understands three layouts and returns `Images`:

* Tiny ImageNet as published: `train/<wnid>/images/*.JPEG`, `val/images` with `val_annotations.txt`;
* any folder of class folders, `train/<class>/*` and `val/<class>/*` (ImageNet);
* the same images re-encoded as `train-*.npz` and `val-*.npz`: `webp` (all files end to end),
  `offsets`, `labels`.

Pictures are centre-cropped to a square and area-resized to `size` pixels, as the page does. The
cache is one file of raw bytes, memory-mapped: 1.3 GB for Tiny ImageNet, 16 GB for ImageNet at 64.
"""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image


@dataclass
class Images:
    """`pixels` uint8 [N,3,size,size], RGB; `labels` int64 [N]."""

    pixels: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device) -> "Images":
        """On a GPU if they fit there with room to work; on the cores they stay in the mapped file."""
        if device.type == "cpu" or self.pixels.numel() > torch.cuda.mem_get_info(device)[0] // 3:
            return self
        return Images(self.pixels.to(device), self.labels.to(device))

    def batch(self, index: torch.Tensor, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Pixels and labels at `index`, on `device`."""
        at = index.to(self.pixels.device)
        return self.pixels[at].to(device), self.labels[at].to(device)


def load(path: str, split: str, size: int = 64, cache: str = "training/cache") -> Images:
    root = Path(path).resolve()
    name = hashlib.sha1(f"{root}|{split}|{size}".encode()).hexdigest()[:12]
    folder = Path(cache)
    folder.mkdir(parents=True, exist_ok=True)
    pixels_at, labels_at = folder / f"{name}.u8", folder / f"{name}.labels.npy"
    if not labels_at.exists():
        _decode(root, split, size, pixels_at, labels_at)
    labels = np.load(labels_at)
    pixels = np.memmap(pixels_at, np.uint8, "c", shape=(len(labels), 3, size, size))
    return Images(torch.from_numpy(pixels), torch.from_numpy(labels.astype(np.int64)))


def _decode(root: Path, split: str, size: int, pixels_at: Path, labels_at: Path) -> None:
    entries = list(_entries(root, split))
    if not entries:
        raise SystemExit(f"{root}: no images of split {split!r} in a layout this program knows (see training/data.py)")
    print(f"decoding {len(entries)} images of {root.name}/{split}", flush=True)
    out = np.memmap(pixels_at, np.uint8, "w+", shape=(len(entries), 3, size, size))

    def one(index: int) -> None:
        source = entries[index][0]
        data = io.BytesIO(source) if isinstance(source, bytes) else source
        out[index] = np.asarray(square(Image.open(data), size)).transpose(2, 0, 1)

    with ThreadPoolExecutor() as pool:
        for _ in pool.map(one, range(len(entries)), chunksize=64):
            pass
    out.flush()
    np.save(labels_at, np.array([label for _, label in entries], np.int32))


def square(image: Image.Image, size: int) -> Image.Image:
    """The page's preprocessing contract: centre square, antialiased bilinear."""
    image = image.convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    if image.size == (size, size):
        return image
    return image.resize((size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side))


def _entries(root: Path, split: str):
    packed = sorted(root.glob(f"{split}-*.npz"))
    if packed:
        for part in packed:
            archive = np.load(part)
            data, offsets, labels = archive["webp"].tobytes(), archive["offsets"], archive["labels"]
            for i, label in enumerate(labels):
                yield data[offsets[i] : offsets[i + 1]], int(label)
        return
    classes = sorted(p.name for p in (root / "train").iterdir() if p.is_dir())
    annotations = root / split / "val_annotations.txt"
    if annotations.exists():
        for line in annotations.read_text().splitlines():
            file, wnid = line.split("\t")[:2]
            yield root / split / "images" / file, classes.index(wnid)
        return
    for label, name in enumerate(classes):
        for file in sorted((root / split / name).rglob("*")):
            if file.suffix.lower() in {".jpeg", ".jpg", ".png", ".webp"}:
                yield file, label


def teacher(path: str | None, count: int) -> torch.Tensor | None:
    """Unit-length teacher features [count,D] in the order of the training images, or None."""
    if not path:
        return None
    archive = np.load(path)
    codes = archive["codes"].astype(np.float32) * archive["scale"]
    if len(codes) != count:
        raise SystemExit(f"{path}: {len(codes)} codes for {count} training images")
    return torch.nn.functional.normalize(torch.from_numpy(codes), dim=1).half()
