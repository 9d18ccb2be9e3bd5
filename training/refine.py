"""Refines the shipped supervised backbone for pictures as it meets them: whole, and at their own size.

    python training/refine.py --data DIR [--teacher DIR/teacher.npz] --out training/runs/refined --minutes 60

Random resized crops show things larger than whole pictures do (Touvron et al. 2019, FixRes), and softer, because
they are interpolated: the network is better at a softly enlarged copy of a picture than at the picture. So this goes
on from the shipped file with whole pictures among the views. Its teacher is the shipped network itself, looking at
such copies and a mirror image of them (Hinton et al. 2015; Furlanello et al. 2018). Batch normalisation stays
folded: the steps are small.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

import augment
import data
from loop import Processes, adamw, limits, run, start
from network import Backbone, folded
from supervised import Student, soft_loss, top1, unlike

ASSETS, CLASSIFIERS = Path(__file__).parent.parent / "assets" / "models", Path(__file__).parent / "classifiers"


def shipped(file: Path) -> Backbone:
    """The backbone of an exported file."""
    values = {t.name.removesuffix(".f16"): torch.from_numpy(numpy_helper.to_array(t).astype(np.float32))
              for t in onnx.load(file).graph.initializer}
    backbone = folded(Backbone())
    for name, module in backbone.named_modules():
        if isinstance(module, nn.Conv2d):
            key = "layer" + name.removesuffix(".0").removeprefix("layers.").replace(".body", "")
            module.weight.data, module.bias.data = values[f"{key}.weight"], values[f"{key}.bias"]
    return backbone


@torch.no_grad()
def wanted(student: Student, train: data.Images, sides: list[int], file: Path, processes: Processes) -> torch.Tensor:
    """Half-precision logits [N,classes] of the shipped network: the mean over enlarged copies of each whole picture,
    every other one mirrored. Kept in `file`."""
    if file.exists():
        return torch.load(file, weights_only=True)
    student = student.eval().to(processes.device, memory_format=torch.channels_last)
    parts = []
    for index in torch.arange(len(train)).split(200):
        images, total = train.batch(index, processes.device)[0].float(), 0.0
        for at, side in enumerate(sides):
            view = F.interpolate(images, (side, side), mode="bilinear", align_corners=False)
            view = view.flip(3) if at % 2 else view
            with processes.autocast():
                total = total + student(view.contiguous(memory_format=torch.channels_last))[0].float()
        parts.append((total / len(sides)).half().cpu())
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(torch.cat(parts), file)
    return torch.cat(parts)


def views(pixels: torch.Tensor, whole: float, smallest: float) -> torch.Tensor:
    """The share `whole` of the pictures moved by at most four pixels and perhaps mirrored, so as sharp as they are;
    of the rest a random resized crop. uint8 [N,3,S,S] to float of the same shape."""
    images, side = augment.crop(pixels, pixels.shape[-1], smallest), pixels.shape[-1]
    sharp = torch.rand(len(pixels)) < whole
    padded = F.pad(pixels[sharp].float(), (4, 4, 4, 4), mode="reflect")
    down, right = torch.randint(0, 9, (2, len(padded)))
    moved = torch.stack([p[:, y : y + side, x : x + side] for p, y, x in zip(padded, down, right, strict=True)])
    mirror = torch.rand(len(padded), 1, 1, 1) < 0.5
    images[sharp] = torch.where(mirror.to(moved.device), moved.flip(3), moved)
    return images


def begin(backbone: Path, classifier: Path, codes: int = 0) -> Student:
    """The shipped file with its classification layer, and a layer to imitate `codes` that is drawn anew."""
    layer = np.load(classifier)
    student = Student(shipped(backbone), len(layer["bias"]), codes)
    for name in ("weight", "bias"):
        getattr(student.classifier, name).data = torch.from_numpy(layer[name].astype(np.float32))
    return student


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--teacher")
    parser.add_argument("--out", default="training/runs/refined")
    parser.add_argument("--backbone", type=Path, default=ASSETS / "backbone-supervised.onnx")
    parser.add_argument("--classifier", type=Path, default=CLASSIFIERS / "supervised.npz")
    limits(parser, 12)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=6e-4, help="peak learning rate of Adam for 256 pictures a step")
    parser.add_argument("--decay", type=float, default=1e-2)
    parser.add_argument("--whole", type=float, default=0.6, help="share of views that are whole pictures")
    parser.add_argument("--crop", type=float, default=0.45, help="smallest share of a picture's area in the others")
    parser.add_argument("--colour", type=float, default=0.2)
    parser.add_argument("--sides", type=int, nargs="+", default=[80, 96], help="enlarged copies the teacher looks at")
    parser.add_argument("--soft", type=float, default=0.8, help="share of the teacher's probabilities in the loss")
    parser.add_argument("--temperature", type=float, default=1.5)
    parser.add_argument("--imitate", type=float, default=1.5, help="weight of the stored features' loss")
    args = parser.parse_args()
    processes = start(args)
    train, val = (data.load(args.data, split).to(processes.device) for split in ("train", "val"))
    codes = data.teacher(args.teacher, len(train))
    student = begin(args.backbone, args.classifier, 0 if codes is None else codes.shape[1])
    targets = wanted(begin(args.backbone, args.classifier), train, args.sides, Path(args.out, "wanted.pt"), processes)

    def loss(model, index, done):
        pixels, labels = train.batch(index, processes.device)
        images = augment.colour(views(pixels, args.whole, args.crop), args.colour)
        target = targets[index.cpu()].float().to(processes.device)
        with processes.autocast():
            logits, imitation, _ = model(images.contiguous(memory_format=torch.channels_last))
        logits = logits.float()
        soft = soft_loss(logits, target, args.temperature)
        value = (1 - args.soft) * F.cross_entropy(logits, labels) + args.soft * soft
        if codes is not None:
            value = value + args.imitate * unlike(imitation, codes[index.cpu()].float().to(processes.device))
        return value

    run(processes, student, args, len(train), 0.998, loss,
        lambda average: {"val_top1": top1(average, val, processes.device)}, adamw)


if __name__ == "__main__":
    main()
