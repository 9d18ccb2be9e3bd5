"""Trains the supervised twin: labels, and optionally a teacher's features to imitate.

    python training/supervised.py --data DIR [--teacher DIR/teacher.npz] --out training/runs/supervised
    torchrun --nproc-per-node 8 training/supervised.py --data IMAGENET --batch 128 --epochs 90 ...

Cross-entropy with label smoothing (Szegedy et al. 2016) and CutMix; one-cycle SGD (Smith 2018);
pictures grow during training (Howard 2018; Touvron et al. 2019), which saves a third of the time;
the average of the weights is what is kept. With a teacher, three times (1 - cosine) between a linear
layer of the embedding and its features is added (feature distillation, Romero et al. 2015).
"""

import argparse

import torch
import torch.nn.functional as F
from torch import nn

import augment
import data
from loop import Processes, run
from network import EMBEDDING, Backbone, embed


class Student(nn.Module):
    """A backbone, a classifier, and the linear layer that imitates the teacher."""

    def __init__(self, classes: int, teacher_size: int):
        super().__init__()
        self.backbone = Backbone()
        self.classifier = nn.Linear(EMBEDDING, classes)
        self.imitation = nn.Linear(EMBEDDING, teacher_size) if teacher_size else None

    def forward(self, images: torch.Tensor):
        embedding = embed(self.backbone(images))
        return self.classifier(embedding), self.imitation(embedding) if self.imitation else None


def side(done: float, smallest: int, full: int) -> int:
    """Pictures' side at the share `done` of training: grows in steps of 8, full for the last third."""
    grown = smallest + (full - smallest) * min(done / 0.67, 1)
    return int(grown // 8 * 8)


def loss_of(student, images, labels, codes, smoothing: float, weight: float, mix: bool):
    own, partner = 1.0, None
    if mix:
        images, partner, own = augment.cutmix(images)
    logits, imitation = student(images.contiguous(memory_format=torch.channels_last))
    logits = logits.float()
    loss = F.cross_entropy(logits, labels, label_smoothing=smoothing) * own
    if partner is not None:
        loss = loss + F.cross_entropy(logits, labels[partner], label_smoothing=smoothing) * (1 - own)
    if codes is not None:
        target = codes if partner is None else own * codes + (1 - own) * codes[partner]
        loss = loss + weight * (1 - F.cosine_similarity(imitation.float(), target).mean())
    return loss


@torch.no_grad()
def top1(model: nn.Module, images: data.Images, device, batch: int = 500) -> float:
    model.eval()
    right = 0
    for at in range(0, len(images), batch):
        pixels = images.pixels[at : at + batch].to(device).float().contiguous(memory_format=torch.channels_last)
        right += int((model(pixels)[0].argmax(1).cpu() == images.labels[at : at + batch]).sum())
    return right / len(images)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--teacher")
    parser.add_argument("--out", default="training/runs/supervised")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--smallest", type=int, default=40, help="side of the first epochs' pictures")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch", type=int, default=256, help="pictures per process and step")
    parser.add_argument("--rate", type=float, default=0.4, help="peak learning rate for 256 pictures a step")
    parser.add_argument("--decay", type=float, default=2e-4)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--imitate", type=float, default=3.0, help="weight of the teacher's loss")
    parser.add_argument("--cutmix", type=float, default=0.25, help="share of steps; none in the last sixth")
    parser.add_argument("--erase", type=float, default=0.15)
    parser.add_argument("--crop", type=float, default=0.35, help="smallest share of a picture's area in a crop")
    parser.add_argument("--colour", type=float, default=0.3)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)

    processes = Processes()
    torch.manual_seed(processes.rank)
    train, val = data.load(args.data, "train", args.size), data.load(args.data, "val", args.size)
    codes = data.teacher(args.teacher, len(train))
    student = Student(int(train.labels.max()) + 1, 0 if codes is None else codes.shape[1])

    def loss(model, index, done):
        images = augment.crop(train.pixels[index], side(done, args.smallest, args.size), args.crop)
        images = augment.erase(augment.colour(images, args.colour), args.erase).to(processes.device)
        target = None if codes is None else codes[index].float().to(processes.device)
        mix = done < 5 / 6 and float(torch.rand(())) < args.cutmix
        labels = train.labels[index].to(processes.device)
        with processes.autocast():
            return loss_of(model, images, labels, target, args.smoothing, args.imitate, mix)

    run(processes, student, args, len(train), 0.999, loss,
        lambda average: {"val_top1": top1(average, val, processes.device)})


if __name__ == "__main__":
    main()
