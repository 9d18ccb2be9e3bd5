"""Trains the supervised twin: labels, and optionally a teacher's features to imitate.

    python training/supervised.py --data DIR [--teacher DIR/teacher.npz] --out training/runs/supervised
    torchrun --nproc-per-node 8 training/supervised.py --data IMAGENET --batch 128 --epochs 90 ...

Cross-entropy with label smoothing (Szegedy et al. 2016) and CutMix; one-cycle SGD (Smith 2018);
pictures grow during training (Howard 2018; Touvron et al. 2019), which saves a third of the time;
the average of the weights is what is kept. With a teacher, three times (1 - cosine) between a linear
layer of the embedding and its features is added (feature distillation, Romero et al. 2015).

`--large` trains a network eleven times as expensive in the same way, and `--distil CHECKPOINT` has the
small one learn from it: the same view is shown to both, and the small one is to give the large one's
probabilities (Hinton et al. 2015) and to let its embedding be read from its own (Beyer et al. 2022 show
that the same views and patience are what matters).
"""

import argparse

import torch
import torch.nn.functional as F
from torch import nn

import augment
import data
from loop import limits, run, start
from network import Backbone, Large, embed


class Student(nn.Module):
    """A backbone, a classifier, and linear layers that read the teachers' features from the embedding."""

    def __init__(self, backbone: Backbone, classes: int, codes: int = 0, large: int = 0):
        super().__init__()
        self.backbone = backbone
        self.classifier = nn.Linear(backbone.width, classes)
        self.imitation = nn.Linear(backbone.width, codes) if codes else None
        self.likeness = nn.Linear(backbone.width, large) if large else None

    def forward(self, images: torch.Tensor):
        embedding = embed(self.backbone(images))
        readings = [layer(embedding) if layer else None for layer in (self.imitation, self.likeness)]
        return self.classifier(embedding), *readings


class Teacher:
    """A trained large network: its logits, and its embedding standardised within the batch."""

    def __init__(self, file: str, classes: int, device: torch.device):
        state = torch.load(file, map_location="cpu", weights_only=True)["average"]
        kept = {k: v for k, v in state.items() if not k.startswith(("imitation", "likeness"))}
        self.model = Student(Large(), classes).eval().requires_grad_(False)
        self.model.load_state_dict(kept)
        self.model.to(device, memory_format=torch.channels_last)

    @torch.no_grad()
    def __call__(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        embedding = embed(self.model.backbone(images))
        logits = self.model.classifier(embedding).float()
        embedding = embedding.float()
        return logits, (embedding - embedding.mean(0)) / (embedding.std(0) + 1e-4)


def side(done: float, smallest: int, full: int) -> int:
    """Pictures' side at the share `done` of training: grows in steps of 8, full for the last third."""
    grown = smallest + (full - smallest) * min(done / 0.67, 1)
    return int(grown // 8 * 8)


def unlike(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return 1 - F.cosine_similarity(one.float(), other.float()).mean()


def soft_loss(logits: torch.Tensor, wanted: torch.Tensor, heat: float) -> torch.Tensor:
    """Distance from a teacher's probabilities at the temperature `heat` (Hinton et al. 2015)."""
    told, want = F.log_softmax(logits / heat, 1), F.softmax(wanted / heat, 1)
    return heat**2 * F.kl_div(told, want, reduction="batchmean")


def loss_of(model, images, labels, codes, teacher: Teacher | None, args, mix: bool):
    """`codes` are the stored features of the unmixed pictures, or None."""
    own, partner = 1.0, None
    if mix:
        images, partner, own = augment.cutmix(images)
    images = images.contiguous(memory_format=torch.channels_last)
    logits, imitation, likeness = model(images)
    logits = logits.float()
    smoothing = 0.0 if teacher else args.smoothing
    loss = F.cross_entropy(logits, labels, label_smoothing=smoothing) * own
    if partner is not None:
        loss = loss + F.cross_entropy(logits, labels[partner], label_smoothing=smoothing) * (1 - own)
    if teacher is not None:
        wanted, features = teacher(images)
        soft = soft_loss(logits, wanted, args.temperature)
        loss = (1 - args.soft) * loss + args.soft * soft + args.liken * unlike(likeness, features)
    if codes is not None:
        target = codes if partner is None else own * codes + (1 - own) * codes[partner]
        loss = loss + args.imitate * unlike(imitation, target)
    return loss


@torch.no_grad()
def top1(model: nn.Module, images: data.Images, device, batch: int = 500) -> float:
    model.eval()
    right = 0
    for index in torch.arange(len(images)).split(batch):
        pixels, labels = images.batch(index, device)
        pixels = pixels.float().contiguous(memory_format=torch.channels_last)
        right += int((model(pixels)[0].argmax(1) == labels).sum())
    return right / len(images)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--teacher")
    parser.add_argument("--out", default="training/runs/supervised")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--smallest", type=int, default=40, help="side of the first epochs' pictures")
    limits(parser, 60)
    parser.add_argument("--large", action="store_true", help="train the large network")
    parser.add_argument("--distil", help="checkpoint of a large network to learn from")
    parser.add_argument("--soft", type=float, default=0.8, help="share of the large network's probabilities in the loss")
    parser.add_argument("--temperature", type=float, default=2.0)
    parser.add_argument("--liken", type=float, default=1.5, help="weight of reading the large network's embedding")
    parser.add_argument("--batch", type=int, default=256, help="pictures per process and step")
    parser.add_argument("--rate", type=float, default=0.4, help="peak learning rate for 256 pictures a step")
    parser.add_argument("--decay", type=float, default=2e-4)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--imitate", type=float, default=3.0, help="weight of the teacher's loss")
    parser.add_argument("--cutmix", type=float, default=0.25, help="share of steps; none in the last sixth")
    parser.add_argument("--erase", type=float, default=0.15)
    parser.add_argument("--crop", type=float, default=0.35, help="smallest share of a picture's area in a crop")
    parser.add_argument("--colour", type=float, default=0.3)
    args = parser.parse_args()
    processes = start(args)
    train, val = (data.load(args.data, split, args.size).to(processes.device) for split in ("train", "val"))
    codes, classes = data.teacher(args.teacher, len(train)), int(train.labels.max()) + 1
    codes = None if codes is None else codes.to(processes.device)
    teacher = Teacher(args.distil, classes, processes.device) if args.distil else None
    student = Student(Large() if args.large else Backbone(), classes, 0 if codes is None else codes.shape[1],
                      Large.width if teacher else 0)

    def loss(model, index, done):
        pixels, labels = train.batch(index, train.pixels.device)
        images = augment.crop(pixels, side(done, args.smallest, args.size), args.crop)
        images = augment.erase(augment.colour(images, args.colour), args.erase).to(processes.device)
        target = None if codes is None else codes[index].float()
        mix = done < 5 / 6 and float(torch.rand(())) < args.cutmix
        with processes.autocast():
            return loss_of(model, images, labels.to(processes.device), target, teacher, args, mix)

    run(processes, student, args, len(train), 0.999, loss,
        lambda average: {"val_top1": top1(average, val, processes.device)})


if __name__ == "__main__":
    main()
